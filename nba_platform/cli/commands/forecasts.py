"""Commands about forecasts: tonight's card, any player at any line, the models behind them, and how good they were."""

from pathlib import Path
from typing import Annotated

import typer

from nba_platform.cli.common import AsJson, Debug, End, Start, date, date_range, finish, opened, tell


def predictions(
    day: Annotated[str | None, typer.Argument(metavar="DATE", help="Default: tonight.")] = None,
    system: Annotated[str | None, typer.Option(help="Whose forecasts; default: ensemble_v1.")] = None,
    all_systems: Annotated[bool, typer.Option("--all-systems", help="Every system's, side by side.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show tonight's card: each player with line, prediction, chance of over, price, value and why; picks first.

    It says whether the date may be published, and if not, why not.

    [bold]Example[/bold]: tonight, then a date of the past by another system:

        nba predictions

        nba predictions 2024-12-04 --system catboost_v8
    """
    with opened(as_json, debug) as session:
        from models.training.promotion import DEFAULT_SYSTEM
        from nba_platform.cli.arguments import system_named

        who = system_named(system) if system else DEFAULT_SYSTEM
        tell(session.card(date(day) if day else session.today, who, all_systems), as_json)


def publish(
    day: Annotated[str | None, typer.Argument(metavar="DATE", help="Default: tonight.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write the website's documents of a date from what is stored, and say whether it may be published.

    A date that may not be published has documents that say why, without a pick; that is no failure of the command.
    What has not changed is not written again, and a pick told once is never taken back.

    [bold]Example[/bold]: tonight, then a date of the past:

        nba publish

        nba publish 2024-12-04
    """
    with opened(as_json, debug) as session:
        tell(session.publish(date(day) if day else session.today), as_json)


def predict(
    player: Annotated[str, typer.Argument(metavar="PLAYER", help="As a bookmaker would write the name.")],
    day: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="When his team plays; default: tonight.")
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", metavar="POINTS", help="Any line, repeated for more; default: the market's."),
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what every system thinks of one player, also of one nobody offers, with chances and fair odds of any line.

    Computed on the spot by the models of the month. A name that could be two people is refused with who it could be.

    [bold]Example[/bold]: three lines at once:

        nba predict "Nikola Jokic" --date 2024-12-03 --line 25.5 --line 27.5 --line 30
    """
    with opened(as_json, debug) as session:
        from nba_platform.cli.arguments import lines_named

        lines = lines_named(line or [])
        tell(session.predict(player, date(day) if day else session.today, lines), as_json)


def train(
    months: Annotated[list[str], typer.Argument(metavar="MONTH", help="As 2024-11, or a range as 2024-11..2025-02.")],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Train the models of some months, each from what was known before it, and say how they did and who is in use.

    On the same data, code and settings nothing is trained twice. A month with too little history says so.

    [bold]Example[/bold]: one month, then a season's:

        nba train 2024-11

        nba train 2024-10..2025-06
    """
    with opened(as_json, debug) as session:
        from nba_platform.cli.arguments import months_named

        finish(session.train(months_named(months)), as_json)


def evaluate(
    start: Start,
    end: End = None,
    by: Annotated[str, typer.Option(help="system, month, tier or edge.")] = "system",
    png: Annotated[Path | None, typer.Option(help="Draw it into this file, too.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say how good the stored forecasts were, systems side by side on the same rows, and what the edge is and is not.

    Errors beside the season average's and the line's, chances beside the market's, picks beside their prices; each
    with its number of rows and its interval.

    [bold]Example[/bold]: a season, then its months with a picture:

        nba evaluate 2024-11-05 2025-04-13

        nba evaluate 2024-11-05 2025-04-13 --by month --png season.png
    """
    with opened(as_json, debug) as session:
        from nba_platform.cli.arguments import by_named

        tell(session.evaluate(date_range(start, end or start), by_named(by), png), as_json)

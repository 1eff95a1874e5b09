"""Commands about forecasts: the card of a date, any player at any line, training, evaluation."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from nba_platform.cli.command import Answer, command, progress
from nba_platform.cli.options import Day, Debug, Edition, End, Market, Start, date, date_range
from nba_platform.cli.private_files import files_for_others


@command
def predictions(
    day: Day = None,
    market: Market = "player_points",
    edition: Annotated[
        str | None, typer.Option(help="at_tip or at_line; default: at_tip for points, at_line for other markets.")
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(help="The system that forecasts; default: ensemble_v1, or market_blend_v1 in other markets."),
    ] = None,
    all_systems: Annotated[bool, typer.Option("--all-systems", help="All systems side by side.")] = False,
) -> Answer:
    """Show the card of a date: each player with line, prediction, chance of over, price, value and why; picks first.

    It says whether the date may be published, and if not, why not. In other markets than points, a player without a
    line or a timed price is forecast by rates_v1.

    [bold]Example[/bold]: tonight, a past date by another system, then rebounds:

        nba predictions

        nba predictions 2024-12-04 --system catboost_v8

        nba predictions 2024-12-04 --market reb
    """
    from nba_platform.cli.arguments import edition_named, market_named, system_named
    from nba_platform.cli.views.card import card_page, permission, read_card, why_no_card
    from nba_platform.cli.views.shown import Shown
    from nba_platform.config.environments import reader, tonight

    chosen = Shown.of(
        market_named(market),
        edition_named(edition) if edition else None,
        system_named(system) if system else None,
        all_systems,
    )
    store, today = reader(), tonight()
    with progress().status("reading the forecasts"):
        may_publish, shown = partial(permission, store, today), date(day) if day else today
        card = read_card(store, shown, may_publish, partial(why_no_card, today), chosen)
    return Answer(card, card_page(card))


@command
def publish(day: Day = None) -> Answer:
    """Write the website's documents of a date from what is stored, and say whether it may be published.

    The documents of a date that may not be published say why and hold no pick; that is no failure of the command.
    Unchanged documents are not written again, and a published pick is never taken back.

    [bold]Example[/bold]: tonight, then a past date:

        nba publish

        nba publish 2024-12-04
    """
    from nba_platform.cli.views.pages import publish_page
    from nba_platform.config.environments import objects, tonight, warehouse
    from nba_platform.definitions import EXPORTS, TABLES
    from nba_platform.orchestration.backfill.runs import existing_dates
    from nba_platform.orchestration.instance import open_instance
    from nba_platform.reports.export_assets import Publisher, publish_date
    from nba_resources.dates import DateRange

    today = tonight()
    chosen = date(day) if day else today
    existing_dates(DateRange(chosen, chosen))
    with progress().status(f"publishing {chosen}"), open_instance() as instance:
        result = publish_date(Publisher(warehouse(), objects(), TABLES, instance, today), EXPORTS, chosen)
    return Answer(result, publish_page(result))


@command
def predict(
    player: Annotated[
        str, typer.Argument(metavar="PLAYER", help="A name, or a surname that only one player of the season has.")
    ],
    day: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="The date of his game; default: tonight.")
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", metavar="POINTS", help="A line; repeat it for more. Default: the market's."),
    ] = None,
    market: Market = "player_points",
) -> Answer:
    """Forecast one player with every system, with chances and fair odds at any line, also without a market line.

    The models of the month compute it now; in other markets than points the stored forecasts are shown, at their own
    line or at those asked for. A name of several players is refused with the players it could be; if his
    team does not play on the date, the answer says when it plays next.

    [bold]Example[/bold]: three lines at once, a surname, then his rebounds:

        nba predict "Nikola Jokic" --date 2024-12-03 --line 25.5 --line 27.5 --line 30

        nba predict jokic

        nba predict jokic --market reb --line 11.5 --line 12.5
    """
    from rich.text import Text

    from models.markets import POINTS
    from nba_platform.cli.arguments import lines_named, market_named
    from nba_platform.cli.views.model_registry import model_registry
    from nba_platform.cli.views.player_quote import TABLES, quote_page, quote_player
    from nba_platform.cli.views.stored_quote import stored_quote, stored_quote_page
    from nba_platform.config.environments import tonight, warehouse

    lines, game_date, key = lines_named(line or []), date(day) if day else tonight(), market_named(market)
    looking = Text(f"looking for {player}")
    if key != POINTS:
        with progress().status(looking):
            stored = stored_quote(warehouse(), TABLES, player, game_date, key, lines)
        return Answer(stored, stored_quote_page(stored))
    with progress().status(looking):
        quote = quote_player(warehouse(), TABLES, model_registry().of_month, player, game_date, lines)
    return Answer(quote, quote_page(quote))


@command
def train(
    months: Annotated[list[str], typer.Argument(metavar="MONTH", help="2024-11, or a range 2024-11..2025-02.")],
    debug: Debug = False,
) -> Answer:
    """Train the models of some months, each on what was known before its month, and list them with their gates.

    A model of the same data, code and settings is not trained again. A month with too little history says so.

    [bold]Example[/bold]: one month, then a season's:

        nba train 2024-11

        nba train 2024-10..2025-06
    """
    from nba_platform.cli import runs
    from nba_platform.cli.arguments import months_named
    from nba_platform.config.settings import read_settings

    result = runs.train(read_settings(), months_named(months), progress(), debug)
    return Answer(result, runs.trained_page(result), result.outcome.warnings, result.outcome.error)


@command
def evaluate(
    start: Start,
    end: End = None,
    market: Market = "player_points",
    edition: Edition = "at_tip",
    by: Annotated[
        str, typer.Option(help="system, month, tier, edge; market, edition; or age (of the close).")
    ] = "system",
    png: Annotated[Path | None, typer.Option(help="Draw the evaluation into this file, too.")] = None,
) -> Answer:
    """Compare stored forecasts with results: systems side by side on the same rows, and what the edge is and is not.

    Errors stand beside those of the averages and the line, chances beside the market's, picks beside their prices; each
    with its number of rows and its interval. An evaluation is of one market and one edition. By market, each market has
    rows of its own; by edition, both stand beside each other; by age, picks are valued at the close.

    [bold]Example[/bold]: points of a season by month with a picture, rebounds at the line, then all markets:

        nba evaluate 2024-11-05 2025-04-13 --by month --png season.png

        nba evaluate 2024-11-05 2025-04-13 --market reb --edition at_line

        nba evaluate 2024-11-05 2025-04-13 --by market
    """
    from models.evaluation.graded_predictions import Overview
    from models.evaluation.subject import Subject
    from nba_platform.cli.arguments import by_named, edition_named, market_named
    from nba_platform.cli.views.evaluation import evaluation_page
    from nba_platform.cli.views.overviews import overview_page
    from nba_platform.config.environments import warehouse
    from nba_platform.definitions import TABLES
    from nba_platform.errors import NothingToDo
    from nba_platform.reports.evaluation import evaluate as evaluate_dates
    from nba_platform.reports.overviews import read_overview

    dates, shown, subject = date_range(start, end), by_named(by), Subject(market_named(market), edition_named(edition))
    if isinstance(shown, Overview):
        if png:
            raise NothingToDo(
                f"--by {shown} has no picture: draw one market and edition --by system, month, tier or edge."
            )
        with progress().status("reading what is graded"):
            overview = read_overview(warehouse(), TABLES, dates, subject, shown)
        return Answer(overview, overview_page(overview))
    with progress().status("reading what is graded"):
        evaluation = evaluate_dates(warehouse(), TABLES, dates, shown, subject)
    if png:
        try:
            with files_for_others():
                png.write_bytes(evaluation.png())
        except OSError as error:
            raise NothingToDo(f"{png} cannot be written ({error.strerror}): name another file.") from None
    return Answer(evaluation, evaluation_page(evaluation))

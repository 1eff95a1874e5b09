"""Commands about what is stored: compute it, look at it, ask before computing."""

import os
from typing import Annotated

import typer

from nba_platform.cli.common import AsJson, Debug, End, Start, date_range, finish, opened, tell


def backfill(
    start: Start,
    end: End = None,
    select: Annotated[
        str | None,
        typer.Option(help="Tables, comma-separated; +name adds what it needs, name+ what needs it. Default: all."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Compute what is done, too.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Compute tables for one date or a range of dates: what is not there, or no longer what its inputs and code make.

    A range is one run, recorded like any other: it shows up in the UI. What fails leaves the stored rows as they were,
    and the same command goes on from what is done. Months that have their models keep them: `nba train` trains again.

    [bold]Example[/bold]: every table for November, then one table and all it needs for a single date:

        nba backfill 2024-11-01 2024-11-30

        nba backfill 2024-11-05 --select +player_game_summary
    """
    with opened(as_json, debug) as session:
        finish(session.backfill(date_range(start, end or start), select, force=force), as_json)


def coverage(
    start: Annotated[
        str | None, typer.Argument(metavar="START", help="First date; default: the current season's.")
    ] = None,
    end: Annotated[str | None, typer.Argument(metavar="END", help="Last date; default: today.")] = None,
    calendar: Annotated[
        bool | None, typer.Option(help="Layer by date, a character each; default: for up to a season.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what is stored: per table its rows, its dates by state, the worst dates and what mends them; then a calendar.

    Counted against the schedule: a date is complete only if every game, team or player it owes is there.

    [bold]Example[/bold]: the current season, five seasons as a calendar, then one month for a program:

        nba coverage

        nba coverage 2021-10-19 2026-01-02 --calendar

        nba coverage 2024-11-01 2024-11-30 --json
    """
    with opened(as_json, debug) as session:
        dates = session.season() if start is None else date_range(start, end or session.today.isoformat())
        finish(session.coverage(dates, calendar), as_json)


def preflight(
    start: Start,
    end: End = None,
    select: Annotated[str | None, typer.Option(help="The tables of the backfill, as it takes them.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say GO or NO-GO before a backfill: is what it reads there, and is nobody else at work on the same dates?

    Each criterion is told with what was found, what is needed and what mends it. NO-GO ends with exit code 1, and so
    does anything that cannot be found out.

    [bold]Example[/bold]: before the features of a season are computed:

        nba preflight 2024-10-22 2025-06-22 --select ml_feature_store_v2
    """
    with opened(as_json, debug) as session:
        checked = session.preflight(date_range(start, end or start), select)
    tell(checked, as_json)
    if not checked.go:
        raise typer.Exit(1)


def demo(as_json: AsJson = False, debug: Debug = False) -> None:
    """Fill the warehouse with a simulated season and end with tonight's card: no account, no key, no download.

    The second time everything is there already, and it only says so.

    [bold]Example[/bold]: in a folder of its own, apart from real data:

        NBA_HOME=~/nba-demo nba demo
    """
    os.environ["NBA_SOURCE"] = "simulated"
    with opened(as_json, debug) as session:
        from nba_platform.cli.demo import demo as fill

        finish(fill(session), as_json)

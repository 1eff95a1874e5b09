"""Commands about live providers: fill seasons, replay stored responses, write an archive."""

import os
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from nba_platform.cli.command import Answer, command, progress
from nba_platform.cli.options import Debug, End, Start, date_range
from nba_platform.cli.private_files import files_for_others


@command
def ingest(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="First season, for instance 2021-22.")],
    last: Annotated[str | None, typer.Argument(metavar="LAST", help="Last season; default: FIRST alone.")] = None,
    credits: Annotated[float, typer.Option(help="Credits that paid history may spend; default: none.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the cost and send no request.")] = False,
    debug: Debug = False,
) -> Answer:
    """Fill seasons from live providers: bulk releases first, then what they lack, month by month within rate limits.

    A response that is stored is not requested again, so the same command goes on after a kill. It ends with a list of
    what is missing.

    [bold]Example[/bold]: what five seasons would cost, then the free part, then a season with its lines:

        nba ingest 2021-22 2025-26 --dry-run

        nba ingest 2021-22 2025-26

        nba ingest 2024-25 --credits 20000
    """
    from nba_platform.cli import runs
    from nba_platform.cli.views.pages import ingest_page
    from nba_platform.config.environments import tonight, warehouse
    from nba_platform.config.settings import read_settings
    from nba_platform.definitions import definitions_of
    from nba_platform.orchestration.backfill import ingest as seasons
    from nba_resources.dates import DateRange

    settings = read_settings({"NBA_SOURCE": "live", "NBA_HISTORY_CREDITS": f"{credits:f}"})
    store, today, console = warehouse(settings=settings), tonight(settings), progress()
    names = seasons.parse_seasons(first, last or first, today)
    estimates = tuple(seasons.estimate(store, names, settings.live.of_source))
    for one in estimates:
        console.print(f"paid history, {one}; --credits allows {credits:,.0f}", highlight=False, soft_wrap=True)
    if dry_run:
        result = seasons.IngestResult(0, {}, (), estimates, 0.0, dry_run=True)
        return Answer(result, ingest_page(result), result.warnings, result.error)
    definitions = definitions_of(settings)

    def backfill(month: DateRange) -> tuple[Sequence[str], str | None]:
        outcome = runs.backfill(settings, month, seasons.RAW, console, debug=debug, definitions=definitions)
        return outcome.warnings, outcome.error

    result = seasons.ingest(backfill, store, names, estimates, today, partial(console.print, highlight=False))
    return Answer(result, ingest_page(result), result.warnings, result.error)


@command
def replay(
    start: Start,
    end: End = None,
    known_by: Annotated[
        str, typer.Option(help="Use only what was received by then, with its zone: 2025-01-15T09:00-05:00.")
    ] = "now",
    debug: Debug = False,
) -> Answer:
    """Compute the raw tables of some dates again from stored responses, without a request.

    With --known-by a past morning has what was known then, box scores uncorrected. Lines are only ever added to, so use
    a home of its own for the past.

    [bold]Example[/bold]: after a mapping was mended; then what was known on one morning:

        nba replay 2025-01-01 2025-01-31

        NBA_HOME=~/then NBA_LANDING=~/nba/objects nba replay 2025-01-01 2025-01-15 --known-by 2025-01-15T09:00-05:00
    """
    from nba_platform.cli import runs
    from nba_platform.cli.views.outcome import outcome_answer
    from nba_platform.config.settings import read_settings
    from nba_platform.orchestration.backfill.ingest import RAW

    settings = read_settings({"NBA_SOURCE": "live", "NBA_KNOWN_BY": known_by})
    dates = date_range(start, end)
    return outcome_answer(runs.backfill(settings, dates, RAW, progress(), force=True, debug=debug))


@command
def archive(folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder or bucket to write to.")]) -> Answer:
    """Write the raw tables as an archive that others can read: a Parquet file for each kind of fact and season.

    [bold]Example[/bold]: write it, and build everything from it elsewhere:

        nba archive ~/nba-archive

        NBA_SOURCE=archive NBA_ARCHIVE_DIR=~/nba-archive NBA_HOME=~/copy nba backfill 2024-10-22 2025-06-22
    """
    from nba_platform.cli.views.pages import archive_page
    from nba_platform.config.environments import warehouse
    from nba_platform.definitions import TABLES
    from nba_platform.reports.archive import write_archive

    store = warehouse()
    with files_for_others():
        result = write_archive(store, TABLES, os.path.expanduser(folder))
    return Answer(result, archive_page(result))

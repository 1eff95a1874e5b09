"""Commands about live providers: fill seasons, replay what was landed, share what was fetched."""

import os
from typing import Annotated

import typer

from nba_platform.cli.common import AsJson, Debug, End, Start, date_range, finish, opened, tell

LIVE = "live"


def ingest(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="First season, for instance 2021-22.")],
    last: Annotated[str | None, typer.Argument(metavar="LAST", help="Last season; FIRST alone means that one.")] = None,
    credits: Annotated[float, typer.Option(help="What paid history may spend; default: nothing is asked of it.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would cost, and ask nobody.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Fill seasons from live providers: bulk releases first, then what they lack, month by month at a polite pace.

    What was answered once is not asked again, so the same command goes on after a kill. It ends with what is missing.

    [bold]Example[/bold]: what five seasons would cost, then the free part, then a season with its lines:

        nba ingest 2021-22 2025-26 --dry-run

        nba ingest 2021-22 2025-26

        nba ingest 2024-25 --credits 20000
    """
    os.environ |= {"NBA_SOURCE": LIVE, "NBA_HISTORY_CREDITS": f"{credits:f}"}
    with opened(as_json, debug) as session:
        from nba_platform.orchestration.backfill.ingest import ingest as fill

        finish(fill(session, first, last or first, credits, dry_run), as_json)


def replay(
    start: Start,
    end: End = None,
    known_by: Annotated[
        str, typer.Option(help="Only what was received by then, with its zone: 2025-01-15T09:00-05:00.")
    ] = "now",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make the raw tables of some dates again from the answers that were landed, without asking anybody.

    With --known-by a past morning sees what was known then, box scores uncorrected. Lines are a record and are only
    added to, so look at the past in a home of its own.

    [bold]Example[/bold]: after a mapping was mended; then what one morning knew:

        nba replay 2025-01-01 2025-01-31

        NBA_HOME=~/then NBA_LANDING=~/nba/objects nba replay 2025-01-01 2025-01-15 --known-by 2025-01-15T09:00-05:00
    """
    os.environ |= {"NBA_SOURCE": LIVE, "NBA_KNOWN_BY": known_by}
    with opened(as_json, debug) as session:
        from nba_platform.orchestration.backfill.ingest import RAW

        finish(session.backfill(date_range(start, end or start), RAW, force=True), as_json)


def archive(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder or bucket to write to.")],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write the raw tables as an archive, a Parquet file for each kind of fact and season, for others to read.

    [bold]Example[/bold]: write it, and build everything from it elsewhere:

        nba archive ~/nba-archive

        NBA_SOURCE=archive NBA_ARCHIVE_DIR=~/nba-archive NBA_HOME=~/copy nba backfill 2024-10-22 2025-06-22
    """
    with opened(as_json, debug) as session:
        from nba_platform.cli.views.archive import write_archive
        from nba_platform.definitions import TABLES

        tell(write_archive(session.warehouse, TABLES, os.path.expanduser(folder)), as_json)

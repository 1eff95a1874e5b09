"""Commands about stored tables: compute them, see what is stored, what ran, and whether a backfill can start."""

import re
import time
from typing import Annotated

import typer

from nba_platform.cli.command import Answer, command, progress
from nba_platform.cli.options import Debug, End, Start, date, date_range

_RUN = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}")  # the id of a run, or its beginning


@command
def backfill(
    start: Start,
    end: End = None,
    select: Annotated[
        str | None,
        typer.Option(help="Tables, comma-separated; +name adds what it needs, name+ what needs it. Default: all."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Compute dates that are up to date, too.")] = False,
    debug: Debug = False,
) -> Answer:
    """Compute missing or stale dates of tables, for one date or a range.

    A range is one run, recorded like any other: the UI shows it. A failure leaves the stored rows as they were, and the
    same command goes on from there. Months that have models keep them: `nba train` trains them again.

    [bold]Example[/bold]: every table for November, then one table and all it needs for a single date:

        nba backfill 2024-11-01 2024-11-30

        nba backfill 2024-11-05 --select +player_game_summary
    """
    from nba_platform.cli import runs
    from nba_platform.cli.views.outcome import outcome_answer
    from nba_platform.config.settings import read_settings

    dates = date_range(start, end)
    return outcome_answer(runs.backfill(read_settings(), dates, select, progress(), force=force, debug=debug))


@command
def coverage(
    start: Annotated[
        str | None, typer.Argument(metavar="START", help="First date; default: the current season's.")
    ] = None,
    end: Annotated[str | None, typer.Argument(metavar="END", help="Last date; default: today.")] = None,
    calendar: Annotated[
        bool | None, typer.Option(help="Show a calendar, one character a date; default: for up to a season.")
    ] = None,
) -> Answer:
    """Show what is stored: rows and states of each table, its worst dates and how to mend them, and a calendar.

    Coverage is measured against the schedule: a date is complete only if every expected game, team or player is there.

    [bold]Example[/bold]: the current season, five seasons as a calendar, then one month for a program:

        nba coverage

        nba coverage 2021-10-19 2026-01-02 --calendar

        nba coverage 2024-11-01 2024-11-30 --json
    """
    from nba_platform.cli.views.calendar import ONE_SEASON
    from nba_platform.cli.views.outcome import Outcome, outcome_answer
    from nba_platform.cli.views.stored_coverage import read_coverage
    from nba_platform.config.environments import tonight

    began, today = time.monotonic(), tonight()
    dates = date_range(start, end or str(today)) if start else None
    with progress().status("counting what is stored"):
        summary = read_coverage(dates, today)
    if calendar is None:
        calendar = (summary.dates.end - summary.dates.start).days < ONE_SEASON
    seconds = round(time.monotonic() - began, 1)
    return outcome_answer(Outcome(summary, seconds=seconds, with_calendar=calendar))


@command
def preflight(
    start: Start,
    end: End = None,
    select: Annotated[str | None, typer.Option(help="The tables of the backfill, written as for backfill.")] = None,
) -> Answer:
    """Say GO or NO-GO before a backfill: its inputs are stored, and no other run works on the same dates.

    Each criterion is shown with what was found, what is needed and what mends it. NO-GO, and anything that cannot be
    found out, ends with exit code 1.

    [bold]Example[/bold]: before the features of a season are computed:

        nba preflight 2024-10-22 2025-06-22 --select ml_feature_store_v2
    """
    from nba_platform.cli.views.pages import preflight_page
    from nba_platform.config.environments import tonight, warehouse
    from nba_platform.definitions import REPORT_KEYS, TABLES, platform
    from nba_platform.diagnostics.preflight import preflight as check
    from nba_platform.orchestration.backfill.runs import existing_dates, plan_runs
    from nba_platform.orchestration.backfill.selection import select as selection

    chosen, dates = selection(select, TABLES, REPORT_KEYS), existing_dates(date_range(start, end))
    with progress().status("looking at what is stored and what is running"):
        builds = {key.path[-1] for planned in plan_runs(platform(), chosen, dates) for key in planned.keys}
        checked = check(warehouse(), TABLES, dates, tonight(), builds)
    return Answer(checked, preflight_page(checked), failed=not checked.go)


@command
def history(
    table: Annotated[
        str | None, typer.Argument(metavar="[TABLE|RUN]", help="A table, or the id of a run; default: all runs.")
    ] = None,
    day: Annotated[str | None, typer.Argument(metavar="DATE", help="One date of the table.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The number of runs, the newest first.")] = 15,
) -> Answer:
    """Show the latest runs, those of one table or date with who started them and how they ended, or what one changed.

    Times are UTC. Runs of the UI and the daemon are shown like those of `nba`; a failed run with its error. Of one run,
    named by the beginning of its id, the rows it added, removed and changed are shown by table, with the dates.

    [bold]Example[/bold]: the latest runs, every attempt at one date of a table, then what one run changed:

        nba history

        nba history player_game_summary 2024-12-17

        nba history 7996e89f
    """
    from nba_platform.cli.views.pages import changes_page, history_page
    from nba_platform.diagnostics.history import RecordedTable, run_changes, run_history, stored_table, table_history
    from nba_platform.orchestration.instance import open_records
    from nba_platform.orchestration.processes import a_run_may_be_dead

    records = open_records()
    if a_run_may_be_dead(records):
        from nba_platform.orchestration.instance import open_instance
        from nba_platform.orchestration.run_health import fail_dead_runs

        with open_instance() as instance:
            fail_dead_runs(instance)
    if table and _RUN.fullmatch(table) and (changes := run_changes(records, table)):
        return Answer(changes, changes_page(changes))
    if table is None:
        runs = run_history(records, limit)
    else:
        named = stored_table(records, table)
        if named is None:  # it was never stored, or is misspelt
            from nba_platform.definitions import TABLES
            from nba_platform.orchestration.backfill.selection import table_named

            contract = table_named(table, TABLES).contract
            named = RecordedTable((contract.dataset, contract.name), contract.partition is not None)
        runs = table_history(records, named, date(day) if day else None, limit)
    return Answer(runs, history_page(runs))

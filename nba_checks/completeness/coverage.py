"""Give every date of every table one state: expected rows come from the schedule, actual rows from the table.

A table that lost a day cannot show it, and a run that skipped one has often ended as "success".
"""

import datetime as dt
from collections.abc import Collection, Mapping

import dagster as dg
import ibis.expr.types as ir

from nba_assets.kit.calendar import Scope, State, counted
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import ExpectedRows, Table, Tables
from nba_checks.completeness.date_state import DateState as DateState
from nba_checks.completeness.source_gaps import with_source_gaps
from nba_checks.framework.by_date import DateCheck, DateResult, DateResults
from nba_checks.framework.expected_counts import ExpectedCounts, expected_counts, refuse_before_the_schedule
from nba_checks.framework.stored_counts import StoredCounts, stored_counts
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

ENOUGH = 0.95  # one late scratch must not turn a date red; a lost game must
EVERY_ROW = (ExpectedRows.FORECASTS, ExpectedRows.GRADES, ExpectedRows.PERFORMANCE)  # a loss flatters the others
FINAL = (ExpectedRows.FINAL_GAMES, ExpectedRows.FINAL_TEAMS)
UNITS = {
    ExpectedRows.GAMES: "games",
    ExpectedRows.FINAL_GAMES: "finished games",
    ExpectedRows.TEAMS: "team rows",
    ExpectedRows.FINAL_TEAMS: "team rows of finished games",
    ExpectedRows.ROSTER_PLAYERS: "players on the rosters",
    ExpectedRows.PLAYERS_WITH_FIVE_GAMES: "players on the rosters with five played games",
    ExpectedRows.TEAMS_WITH_FIVE_GAMES: "teams with five finished games",
    ExpectedRows.FORECASTS: "forecasts of players who may be bet on",
    ExpectedRows.GRADES: "stored forecasts, graded where their game is over",
    ExpectedRows.PERFORMANCE: "systems and populations",
}
NOTHING_EXPECTED = {
    ExpectedRows.ROSTER_PLAYERS: "no earlier game of the two teams is stored: backfill the dates before",
    ExpectedRows.PLAYERS_WITH_FIVE_GAMES: "nobody on the two rosters has five stored games: backfill the dates before",
    ExpectedRows.TEAMS_WITH_FIVE_GAMES: (
        "no team has five finished games on the stored schedule: backfill the dates before"
    ),
    ExpectedRows.FORECASTS: "nobody on the stored features may be bet on",
    ExpectedRows.GRADES: "no forecast is stored",
    ExpectedRows.PERFORMANCE: "no forecast is stored",
}


def coverage(
    warehouse: Warehouse,
    tables: Tables,
    dates: DateRange,
    today: dt.date,
    of: Collection[Table] | None = None,
) -> list[DateState]:
    """Return the state of all tables partitioned by date, or of some, on every partition date as of `today`."""
    checked = [table for table in (tables.values() if of is None else of) if is_checked_by_date(table)]
    expected = expected_counts(warehouse, tables, dates, {table.expected_rows for table in checked})
    stored = stored_counts(warehouse, tables, checked, dates)
    return [
        _date_state(table, of_date, stored.get(table.contract.key), today) for table in checked for of_date in expected
    ]


def is_checked_by_date(table: Table) -> bool:
    """Return whether rows are expected on single dates: not for tables stored whole or by month, nor for reports."""
    is_counted = table.expected_rows is not ExpectedRows.NOT_COUNTED
    return is_counted and table.contract.partition is not None and not table.contract.monthly


def coverage_check(table: Table) -> DateCheck:
    """Return the coverage check of one table."""

    def check(
        warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date, instance: dg.DagsterInstance
    ) -> DateResults:
        """Compare the table with what the schedule says it should hold; dates left out by design must be empty."""
        states = coverage(warehouse, tables, dates, today, of=[table])
        return {state.date: _result(state) for state in with_source_gaps(states, instance, warehouse, tables)}

    return check


def schedule_gaps(warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date) -> list[str]:
    """Return a warning for each finished season of the range with fewer stored games than `seasons` says."""
    refuse_before_the_schedule(warehouse, tables)
    stored = warehouse.read(_games_by_season(tables)).set_index("season")["n"]
    seasons = warehouse.read(_seasons(tables))
    return [
        f"the schedule holds {stored.get(season, 0):,} of the {had:,} games of {season}: "
        f"a date without games may be one that was never loaded"
        for season, start, end, had in seasons[["season", "start_date", "end_date", "games"]].itertuples(index=False)
        if start.date() <= dates.end and dates.start <= end.date() < today and stored.get(season, 0) < had
    ]


@stored_query
def _games_by_season(tables: Tables, dates: DateRange) -> ir.Table:
    games = counted(tables["schedule"].contract.table())
    return games.group_by("season").aggregate(n=games.count())


@stored_query
def _seasons(tables: Tables, dates: DateRange) -> ir.Table:
    return tables["seasons"].contract.table().order_by("season_year")


def _result(state: DateState) -> DateResult:
    message = f"{state.state}: {state.reason or f'{state.rows} rows'}"
    numbers = {"state": state.state.value, "expected": state.expected, "actual": state.actual, "rows": state.rows}
    step = f"; run `{state.command}`" if state.command else ""
    return DateResult(not state.needs_work, message + step, numbers)


def _date_state(
    table: Table, counts: ExpectedCounts, stored: Mapping[dt.date, StoredCounts] | None, today: dt.date
) -> DateState:
    of_date = (stored or {}).get(counts.date, StoredCounts())
    left_out = table.scope is Scope.AFTER_BOOTSTRAP and counts.is_bootstrap
    expected = 0 if left_out else counts.expected(table.expected_rows)
    state, reason = _state(table, counts, expected, of_date, today, written=stored is not None)
    return DateState(table.contract.key, counts.date, state, expected, of_date.actual, of_date.rows, reason)


def _state(
    table: Table, counts: ExpectedCounts, expected: int, stored: StoredCounts, today: dt.date, written: bool
) -> tuple[State, str]:
    """Return the state and reason of the first rule that applies."""
    expected_rows = table.expected_rows
    share = f"{stored.actual} of {expected} {UNITS.get(expected_rows, 'rows')}"
    unfinished, enough = counts.games - counts.final, expected if expected_rows in EVERY_ROW else ENOUGH * expected
    if expected_rows is ExpectedRows.AS_DELIVERED and stored.rows:
        return State.COMPLETE, f"{stored.rows} rows were published"
    if not counts.games:
        return State.NO_GAMES, "no game on the schedule"
    if counts.is_bootstrap and table.scope is Scope.AFTER_BOOTSTRAP:
        day = f"day {counts.days_into_season} of the season is left out by design"
        return State.BOOTSTRAP, f"{day}, but {stored.rows} rows are stored" if stored.rows else day
    if counts.is_bootstrap and not expected and expected_rows is ExpectedRows.ROSTER_PLAYERS:
        return State.BOOTSTRAP, f"day {counts.days_into_season} of the season: no roster has been seen yet"
    if expected_rows in FINAL and unfinished and (counts.date >= today or not expected):
        return State.NOT_DUE, f"{unfinished} of {counts.games} games are not final on the stored schedule"
    if counts.date > today and (not stored.actual or stored.actual < enough):
        return State.NOT_DUE, f"after {today}"
    if not written:
        return State.MISSING, "the table was never written"
    if expected_rows is ExpectedRows.AS_DELIVERED:
        return State.NO_GAMES, "nothing was published"
    if not expected:
        return State.MISSING, NOTHING_EXPECTED.get(expected_rows, "nothing is expected")
    if not stored.actual:
        return State.MISSING, share
    return (State.PARTIAL if stored.actual < enough else State.COMPLETE), share

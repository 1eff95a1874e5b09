"""Give every date of every table one state: expected rows come from the schedule, actual rows from the table.

A table that lost a day cannot show it, and a run that skipped one has often ended as "success".
This module imports neither Ibis nor pandas: `nba coverage` uses it.
"""

import datetime as dt
from collections.abc import Collection, Mapping

from nba_assets.kit.calendar import Scope, State
from nba_assets.kit.expected_rows import ExpectedRows
from nba_checks.completeness.date_state import DateState
from nba_checks.framework.counts import (
    CountedTable,
    CountedTables,
    CountQueries,
    ExpectedCounts,
    StoredCounts,
    count_expected,
    count_stored,
    refuse_before_the_schedule,
)
from nba_resources.dates import DateRange

ENOUGH = 0.95  # one late scratch must not turn a date red; a lost game must
EVERY_ROW = (ExpectedRows.FORECASTS, ExpectedRows.GRADES, ExpectedRows.PERFORMANCE)  # a loss flatters the others
FINAL = (ExpectedRows.FINAL_GAMES, ExpectedRows.FINAL_TEAMS)
UNITS = {
    ExpectedRows.GAMES: "games",
    ExpectedRows.FINAL_GAMES: "finished games",
    ExpectedRows.TEAMS: "team rows",
    ExpectedRows.FINAL_TEAMS: "team rows of finished games",
    ExpectedRows.ROSTER_PLAYERS: "players on the rosters",
    ExpectedRows.ROSTER_EDITIONS: "editions of players on the rosters",
    ExpectedRows.ROSTER_STATISTICS: "statistics of players on the rosters",
    ExpectedRows.PLAYERS_WITH_FIVE_GAMES: "players on the rosters with five played games",
    ExpectedRows.TEAMS_WITH_FIVE_GAMES: "teams with five finished games",
    ExpectedRows.FORECASTS: "forecasts of players who may be bet on",
    ExpectedRows.GRADES: "stored forecasts, graded where their game is over",
    ExpectedRows.PERFORMANCE: "systems and populations",
}
NOTHING_EXPECTED = {
    ExpectedRows.ROSTER_PLAYERS: "no earlier game of the two teams is stored: backfill the dates before",
    ExpectedRows.ROSTER_EDITIONS: "no earlier game of the two teams is stored: backfill the dates before",
    ExpectedRows.ROSTER_STATISTICS: "no earlier game of the two teams is stored: backfill the dates before",
    ExpectedRows.PLAYERS_WITH_FIVE_GAMES: "nobody on the two rosters has five stored games: backfill the dates before",
    ExpectedRows.TEAMS_WITH_FIVE_GAMES: (
        "no team has five finished games on the stored schedule: backfill the dates before"
    ),
    ExpectedRows.FORECASTS: "nobody on the stored features may be bet on",
    ExpectedRows.GRADES: "no forecast is stored",
    ExpectedRows.PERFORMANCE: "no forecast is stored",
}


def states_of(
    queries: CountQueries, tables: CountedTables, of: Collection[CountedTable], dates: DateRange, today: dt.date
) -> list[DateState]:
    """Return the state of those tables that are partitioned by date on every partition date as of `today`."""
    checked = [table for table in of if table.by_date]
    expected = count_expected(queries, tables, dates, {table.expected_rows for table in checked})
    stored = count_stored(queries, checked, dates)
    return [_date_state(table, of_date, stored.get(table.key), today) for table in checked for of_date in expected]


def schedule_gaps(queries: CountQueries, dates: DateRange, today: dt.date) -> list[str]:
    """Return a warning for each finished season of the range with fewer stored games than `seasons` says."""
    refuse_before_the_schedule(queries)
    stored = dict(queries.rows("games_by_season"))
    return [
        f"the schedule holds {stored.get(season, 0):,} of the {had:,} games of {season}: "
        f"a date without games may be one that was never loaded"
        for season, start, end, had in queries.rows("seasons")
        if start <= dates.end and dates.start <= end < today and stored.get(season, 0) < had
    ]


def _date_state(
    table: CountedTable, counts: ExpectedCounts, stored: Mapping[dt.date, StoredCounts] | None, today: dt.date
) -> DateState:
    of_date = (stored or {}).get(counts.date, StoredCounts())
    left_out = table.scope is Scope.AFTER_BOOTSTRAP and counts.is_bootstrap
    expected = 0 if left_out else counts.expected(table.expected_rows)
    state, reason = _state(table, counts, expected, of_date, today, written=stored is not None)
    return DateState(table.key, counts.date, state, expected, of_date.actual, of_date.rows, reason)


def _state(
    table: CountedTable, counts: ExpectedCounts, expected: int, stored: StoredCounts, today: dt.date, written: bool
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

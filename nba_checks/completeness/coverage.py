"""What became of every date of every table, asked of the schedule and never of the table itself.

A table that lost a day cannot know it, and a run that skipped one has often said "success". So the expected rows are
counted in the schedule, the actual ones in the stored table, and every date gets exactly one state.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nba_assets.kit.calendar import Scope, State, counted
from nba_assets.kit.table import Owed, Table
from nba_checks.framework.by_date import DateCheck, DateResult
from nba_checks.framework.expected_counts import ExpectedCounts, expected_counts, refuse_before_the_schedule
from nba_checks.framework.stored_counts import StoredCounts, stored_counts
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

ENOUGH = 0.95  # one late scratch must not turn a date red; a lost game must
OWED_TO_THE_LAST = (Owed.EVERY_FORECAST, Owed.GRADES, Owed.PERFORMANCE)  # a row that vanished flatters the rest
AFTER_THE_GAMES = (Owed.FINAL_GAMES, Owed.FINAL_TEAMS)
UNITS = {
    Owed.GAMES: "games",
    Owed.FINAL_GAMES: "finished games",
    Owed.TEAMS: "team rows",
    Owed.FINAL_TEAMS: "team rows of finished games",
    Owed.UNIVERSE: "players on the rosters",
    Owed.VETERANS: "players on the rosters with five played games",
    Owed.SEASONED_TEAMS: "teams with five finished games",
    Owed.EVERY_FORECAST: "forecasts of players who may be bet on",
    Owed.GRADES: "stored forecasts, graded where their game is over",
    Owed.PERFORMANCE: "systems and populations",
}
NOTHING_OWED = {
    Owed.UNIVERSE: "no earlier game of the two teams is stored: backfill the dates before",
    Owed.VETERANS: "nobody on the two rosters has five stored games: backfill the dates before",
    Owed.SEASONED_TEAMS: "no team has five finished games on the stored schedule: backfill the dates before",
    Owed.EVERY_FORECAST: "nobody on the stored features may be bet on",
    Owed.GRADES: "no forecast is stored",
    Owed.PERFORMANCE: "no forecast is stored",
}


@dataclass(frozen=True)
class DateState:
    """One table on one date: what was expected of it, what is stored, and why it is called what it is called."""

    table: str
    date: dt.date
    state: State
    expected: int
    actual: int
    rows: int
    reason: str | None = None

    @property
    def needs_work(self) -> bool:
        """Whether someone should look at the date: in the other states it is as it should be.

        A date left out by design must be empty: what is stored there was made of almost nothing.
        """
        too_early = self.state is State.BOOTSTRAP and self.rows > 0
        return too_early or self.state in (State.MISSING, State.PARTIAL)

    @property
    def command(self) -> str | None:
        """What mends the date."""
        return f"nba backfill {self.date} --select {self.table.split('.')[-1]}" if self.needs_work else None


def coverage(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    dates: DateRange,
    today: dt.date,
    of: Collection[Table] | None = None,
) -> list[DateState]:
    """The state of every partitioned table, or of some, on every partition date of the range, as of `today`."""
    judged = [table for table in (tables.values() if of is None else of) if is_checked_by_date(table)]
    nights = expected_counts(warehouse, tables, dates, {table.owed for table in judged})
    stored = stored_counts(warehouse, tables, judged, dates)
    return [_judge(table, slate, stored.get(table.contract.key), today) for table in judged for slate in nights]


def is_checked_by_date(table: Table) -> bool:
    """What is stored whole or by month owes nothing to a date, and neither does what tells of the others."""
    contract = table.contract
    return contract.partition is not None and not contract.monthly and table.owed is not Owed.NOTHING


def coverage_check(table: Table) -> DateCheck:
    """The check of one table."""

    def judge(
        warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
    ) -> dict[dt.date, DateResult]:
        """Whether the table holds what the schedule says it owes; dates left out by design must be empty."""
        return {state.date: _verdict(state) for state in coverage(warehouse, tables, dates, today, of=[table])}

    return judge


def schedule_gaps(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date) -> list[str]:
    """Seasons of the range whose schedule is stored only in part: dates without a game may be dates never loaded.

    The stored schedule cannot know its own holes, but how many games a finished season had is known from `seasons`.
    """
    refuse_before_the_schedule(warehouse, tables)
    games = counted(tables["schedule"].contract.table())
    stored = warehouse.read(games.group_by("season").aggregate(n=games.count())).set_index("season")["n"]
    seasons = warehouse.read(tables["seasons"].contract.table().order_by("season_year"))
    return [
        f"the schedule holds {stored.get(season, 0):,} of the {had:,} games of {season}: "
        f"a date without games may be one that was never loaded"
        for season, start, end, had in seasons[["season", "start_date", "end_date", "games"]].itertuples(index=False)
        if start.date() <= dates.end and dates.start <= end.date() < today and stored.get(season, 0) < had
    ]


def _verdict(state: DateState) -> DateResult:
    said = state.reason or f"{state.rows} rows"
    numbers = {"state": state.state.value, "expected": state.expected, "actual": state.actual, "rows": state.rows}
    if not state.needs_work:
        return DateResult(True, f"{state.state}: {said}", numbers)
    return DateResult(False, f"{state.state}: {said}; run `{state.command}`", numbers)


def _judge(
    table: Table, slate: ExpectedCounts, stored: Mapping[dt.date, StoredCounts] | None, today: dt.date
) -> DateState:
    held = (stored or {}).get(slate.date, StoredCounts())
    left_out = table.scope is Scope.AFTER_BOOTSTRAP and slate.is_bootstrap
    expected = 0 if left_out else slate.expected(table.owed)
    state, reason = _state(table, slate, expected, held, today, written=stored is not None)
    return DateState(table.contract.key, slate.date, state, expected, held.actual, held.rows, reason)


def _state(
    table: Table, slate: ExpectedCounts, expected: int, held: StoredCounts, today: dt.date, written: bool
) -> tuple[State, str]:
    """The first rule that fits."""
    owed = table.owed
    found = f"{held.actual} of {expected} {UNITS.get(owed, 'rows')}"
    unfinished, enough = slate.games - slate.final, expected if owed in OWED_TO_THE_LAST else ENOUGH * expected
    if owed is Owed.WHAT_IS_PUBLISHED and held.rows:
        return State.COMPLETE, f"{held.rows} rows were published"
    if not slate.games:
        return State.NO_GAMES, "no game on the schedule"
    if slate.is_bootstrap and table.scope is Scope.AFTER_BOOTSTRAP:
        day = f"day {slate.days_into_season} of the season is left out by design"
        return State.BOOTSTRAP, f"{day}, but {held.rows} rows are stored" if held.rows else day
    if slate.is_bootstrap and not expected and owed is Owed.UNIVERSE:
        return State.BOOTSTRAP, f"day {slate.days_into_season} of the season: no roster has been seen yet"
    if owed in AFTER_THE_GAMES and unfinished and (slate.date >= today or not expected):
        return State.NOT_DUE, f"{unfinished} of {slate.games} games are not final on the stored schedule"
    if slate.date > today and (not held.actual or held.actual < enough):
        return State.NOT_DUE, f"after {today}"
    if not written:
        return State.MISSING, "the table was never written"
    if owed is Owed.WHAT_IS_PUBLISHED:
        return State.NO_GAMES, "nothing was published"
    if not expected:
        return State.MISSING, NOTHING_OWED.get(owed, "nothing is owed")
    if not held.actual:
        return State.MISSING, found
    if held.actual < enough:
        return State.PARTIAL, found
    return State.COMPLETE, found

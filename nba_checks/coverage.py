"""What became of every date of every table, asked of the schedule and never of the table itself.

A table that lost a day cannot know it, and a run that skipped one has often said "success". So the expected rows are
counted in the schedule, the actual ones in the stored table, and every date gets exactly one state.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from nba_assets.analytics.universe import seasoned_teams, universe_size
from nba_assets.kit.calendar import BOOTSTRAP_DAYS, FIRST_DAY, SUMMER, Scope, State, counted
from nba_assets.kit.table import Owed, Table
from nba_checks.by_date import Judge, Verdict
from nba_checks.tally import Stored, tally
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

ENOUGH = 0.95  # one late scratch must not turn a date red; a lost game must
AFTER_THE_GAMES = (Owed.FINAL_GAMES, Owed.FINAL_TEAMS)
UNITS = {
    Owed.GAMES: "games",
    Owed.FINAL_GAMES: "finished games",
    Owed.TEAMS: "team rows",
    Owed.FINAL_TEAMS: "team rows of finished games",
    Owed.UNIVERSE: "players on the rosters",
    Owed.VETERANS: "players on the rosters with five played games",
    Owed.SEASONED_TEAMS: "teams with five finished games",
}
NOTHING_OWED = {
    Owed.UNIVERSE: "no earlier game of the two teams is stored",
    Owed.VETERANS: "nobody on the two rosters has five stored games",
    Owed.SEASONED_TEAMS: "no team has five finished games on the stored schedule",
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
    def wants_work(self) -> bool:
        """Whether someone should look at the date: in the other states it is as it should be.

        A date left out by design must be empty: what is stored there was made of almost nothing.
        """
        too_early = self.state is State.BOOTSTRAP and self.rows > 0
        return too_early or self.state in (State.MISSING, State.PARTIAL)

    @property
    def command(self) -> str | None:
        """What mends the date."""
        return f"nba backfill {self.date} --select {self.table.split('.')[-1]}" if self.wants_work else None


@dataclass(frozen=True)
class Slate:
    """What the schedule says of one date, and what the rosters add to it."""

    date: dt.date
    games: int
    final: int
    days_into_season: int | None
    players: int = 0
    veterans: int = 0
    seasoned_teams: int = 0

    def expected(self, owed: Owed) -> int:
        """How many games or rows a table owes for the date."""
        owes = {Owed.GAMES: self.games, Owed.TEAMS: 2 * self.games}
        owes |= {Owed.FINAL_GAMES: self.final, Owed.FINAL_TEAMS: 2 * self.final}
        owes |= {Owed.UNIVERSE: self.players, Owed.VETERANS: self.veterans, Owed.SEASONED_TEAMS: self.seasoned_teams}
        return owes.get(owed, 0)

    @property
    def is_bootstrap(self) -> bool:
        """Within the first days of a season, when little or nothing has been played yet."""
        return self.days_into_season is not None and 0 <= self.days_into_season < BOOTSTRAP_DAYS


def coverage(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    dates: DateRange,
    today: dt.date,
    of: Collection[Table] | None = None,
) -> list[DateState]:
    """The state of every partitioned table, or of some, on every partition date of the range, as of `today`."""
    judged = [table for table in (tables.values() if of is None else of) if is_judged_by_date(table)]
    slates = _slates(warehouse, tables, dates, {table.owed for table in judged})
    stored = tally(warehouse, tables, judged, dates)
    return [_judge(table, slate, stored.get(table.contract.key), today) for table in judged for slate in slates]


def is_judged_by_date(table: Table) -> bool:
    """What is stored whole owes nothing to a date."""
    return table.contract.partition is not None and table.owed is not Owed.NOTHING


def coverage_of(table: Table) -> Judge:
    """The check that one table holds what the schedule says it owes; dates left out by design must be empty."""

    def judge(
        warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
    ) -> dict[dt.date, Verdict]:
        return {state.date: _verdict(state) for state in coverage(warehouse, tables, dates, today, of=[table])}

    return judge


def schedule_gaps(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date) -> list[str]:
    """Seasons of the range whose schedule is stored only in part: dates without a game may be dates never loaded.

    The stored schedule cannot know its own holes, but how many games a finished season had is known from `seasons`.
    """
    _refuse_before_the_schedule(warehouse, tables)
    games = counted(tables["schedule"].contract.table())
    stored = warehouse.read(games.group_by("season").aggregate(n=games.count())).set_index("season")["n"]
    seasons = warehouse.read(tables["seasons"].contract.table().order_by("season_year"))
    return [
        f"the schedule holds {stored.get(season, 0):,} of the {games:,} games of {season}: "
        f"a date without games may be one that was never loaded"
        for season, start, end, games in seasons[["season", "start_date", "end_date", "games"]].itertuples(index=False)
        if start.date() <= dates.end and dates.start <= end.date() < today and stored.get(season, 0) < games
    ]


def _verdict(state: DateState) -> Verdict:
    said = state.reason or f"{state.rows} rows"
    numbers = {"state": state.state.value, "expected": state.expected, "actual": state.actual, "rows": state.rows}
    if not state.wants_work:
        return Verdict(True, f"{state.state}: {said}", numbers)
    return Verdict(False, f"{state.state}: {said}; run `{state.command}`", numbers)


def _judge(table: Table, slate: Slate, stored: Mapping[dt.date, Stored] | None, today: dt.date) -> DateState:
    held = (stored or {}).get(slate.date, Stored())
    left_out = table.scope is Scope.AFTER_BOOTSTRAP and slate.is_bootstrap
    expected = 0 if left_out else slate.expected(table.owed)
    state, reason = _state(table, slate, expected, held, today, written=stored is not None)
    return DateState(table.contract.key, slate.date, state, expected, held.actual, held.rows, reason)


def _state(table: Table, slate: Slate, expected: int, held: Stored, today: dt.date, written: bool) -> tuple[State, str]:
    """The first rule that fits."""
    owed = table.owed
    found = f"{held.actual} of {expected} {UNITS.get(owed, 'rows')}"
    unfinished = slate.games - slate.final
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
    if slate.date > today and (not held.actual or held.actual < ENOUGH * expected):
        return State.NOT_DUE, f"after {today}"
    if not written:
        return State.MISSING, "the table was never written"
    if owed is Owed.WHAT_IS_PUBLISHED:
        return State.NO_GAMES, "nothing was published"
    if not expected:
        return State.MISSING, f"{NOTHING_OWED.get(owed, 'nothing is owed')}: backfill the dates before"
    if not held.actual:
        return State.MISSING, found
    if held.actual < ENOUGH * expected:
        return State.PARTIAL, found
    return State.COMPLETE, found


def _slates(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, owed: Collection[Owed]) -> list[Slate]:
    _refuse_before_the_schedule(warehouse, tables)
    games = counted(_between(tables["schedule"], dates))
    status: Any = games.status
    per_date = games.group_by("game_date").aggregate(games=games.count(), final=(status == "final").sum())
    counts = _by_date(warehouse.read(per_date))
    players = _players(warehouse, tables, dates) if {Owed.UNIVERSE, Owed.VETERANS} & set(owed) else {}
    teams = _by_date(warehouse.read(seasoned_teams(tables, dates))) if Owed.SEASONED_TEAMS in owed else {}
    seasons = tables["seasons"].contract.table()
    starts = sorted(start.date() for start in warehouse.read(seasons.select("start_date"))["start_date"])
    slates = []
    for day in dates:
        if day < FIRST_DAY or day.month in SUMMER:
            continue
        started = [start for start in starts if start <= day]
        into = (day - started[-1]).days if started else None
        count, roster = counts.get(day, {"games": 0, "final": 0}), players.get(day, {"expected": 0, "veterans": 0})
        seasoned = teams.get(day, {"teams": 0})["teams"]
        slates.append(
            Slate(day, count["games"], count["final"], into, roster["expected"], roster["veterans"], seasoned)
        )
    return slates


def _players(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange) -> dict[dt.date, dict[str, int]]:
    """Recomputed from games and schedule, not read from the context table: a table must not vouch for itself."""
    played = tables.get("player_game_summary")
    if played is None or not warehouse.holds(played.contract):
        return {}
    return _by_date(warehouse.read(universe_size(tables, dates)))


def _between(table: Table, dates: DateRange) -> ir.Table:
    rows = table.contract.table()
    day: Any = rows[table.contract.partition or ""]
    return rows.filter(day.between(dates.start, dates.end))


def _by_date(counts: pd.DataFrame) -> dict[dt.date, dict[str, int]]:
    days = pd.to_datetime(counts.pop("game_date")).dt.date
    return dict(zip(days, counts.astype(int).to_dict("records"), strict=True))


def _refuse_before_the_schedule(warehouse: Warehouse, tables: Mapping[str, Table]) -> None:
    needed = [tables[name].contract for name in ("schedule", "seasons")]
    held = warehouse.held(needed)
    absent = [contract.key for contract in needed if contract.key not in held]
    if absent:
        raise WarehouseUnavailable(
            f"{' and '.join(absent)} was never loaded, so nothing is known to be missing: "
            f"run `nba backfill START END` first."
        )

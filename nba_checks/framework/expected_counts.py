"""How much each date owes: counted in the schedule, or recounted in what lies upstream, never in the table judged.

Recounting costs more than looking up, so each count is made only when a table that owes it is judged.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.systems.base import SystemId
from nba_assets.analytics.universe import seasoned_teams, universe_size
from nba_assets.kit.calendar import BOOTSTRAP_DAYS, FIRST_DAY, SUMMER, counted
from nba_assets.kit.table import Owed, Table
from nba_assets.predictions.populations import POPULATIONS
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

ROWS_A_PERFORMANCE = len(SystemId) * len(POPULATIONS)
Counts = Mapping[dt.date, Mapping[Owed, int]]
Recount = Callable[[Warehouse, Mapping[str, Table], DateRange], Counts]


@dataclass(frozen=True)
class ExpectedCounts:
    """What the schedule says of one date, and what was recounted for it."""

    date: dt.date
    games: int
    final: int
    days_into_season: int | None
    recounted: Mapping[Owed, int] = field(default_factory=dict)

    def expected(self, owed: Owed) -> int:
        """How many games or rows a table owes for the date."""
        owes = {Owed.GAMES: self.games, Owed.TEAMS: 2 * self.games}
        owes |= {Owed.FINAL_GAMES: self.final, Owed.FINAL_TEAMS: 2 * self.final, **self.recounted}
        return owes.get(owed, 0)

    @property
    def is_bootstrap(self) -> bool:
        """Within the first days of a season, when little or nothing has been played yet."""
        return self.days_into_season is not None and 0 <= self.days_into_season < BOOTSTRAP_DAYS


def expected_counts(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, owed: Collection[Owed]
) -> list[ExpectedCounts]:
    """Every partition date of the range, with the counts that tables owing so much need."""
    refuse_before_the_schedule(warehouse, tables)
    games = counted(rows_between(tables["schedule"], dates))
    status: Any = games.status
    per_date = games.group_by("game_date").aggregate(games=games.count(), final=(status == "final").sum())
    counts = counts_by_date(warehouse.read(per_date))
    recounts = [recount(warehouse, tables, dates) for owes, recount in _RECOUNTS.items() if owes & {*owed}]
    seasons = tables["seasons"].contract.table()
    starts = sorted(start.date() for start in warehouse.read(seasons.select("start_date"))["start_date"])
    found = []
    for day in dates:
        if day < FIRST_DAY or day.month in SUMMER:
            continue
        started = [start for start in starts if start <= day]
        into = (day - started[-1]).days if started else None
        count = counts.get(day, {"games": 0, "final": 0})
        recounted = {owes: n for recount in recounts for owes, n in recount.get(day, {}).items()}
        found.append(ExpectedCounts(day, count["games"], count["final"], into, recounted))
    return found


def rows_between(table: Table, dates: DateRange) -> ir.Table:
    """The stored rows of the dates."""
    rows = table.contract.table()
    day: Any = rows[table.contract.partition or ""]
    return rows.filter(day.between(dates.start, dates.end))


def counts_by_date(counts: pd.DataFrame) -> dict[dt.date, dict[str, int]]:
    """Counts read from the warehouse, by their `game_date`."""
    days = pd.to_datetime(counts.pop("game_date")).dt.date
    return dict(zip(days, counts.astype(int).to_dict("records"), strict=True))


def refuse_before_the_schedule(warehouse: Warehouse, tables: Mapping[str, Table]) -> None:
    """Without a schedule nothing is known to be missing, which must not look like nothing missing."""
    needed = [tables[name].contract for name in ("schedule", "seasons")]
    held = warehouse.stored_keys(needed)
    absent = [contract.key for contract in needed if contract.key not in held]
    if absent:
        raise WarehouseUnavailable(
            f"{' and '.join(absent)} was never loaded, so nothing is known to be missing: "
            f"run `nba backfill START END` first."
        )


def _held(warehouse: Warehouse, tables: Mapping[str, Table], name: str) -> Table | None:
    table = tables.get(name)
    return table if table is not None and warehouse.holds(table.contract) else None


def _rosters(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange) -> Counts:
    """Recomputed from games and schedule, not read from the context table: a table must not vouch for itself."""
    if not _held(warehouse, tables, "player_game_summary"):
        return {}
    found = counts_by_date(warehouse.read(universe_size(tables, dates)))
    return {day: {Owed.UNIVERSE: n["expected"], Owed.VETERANS: n["veterans"]} for day, n in found.items()}


def _teams(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange) -> Counts:
    found = counts_by_date(warehouse.read(seasoned_teams(tables, dates)))
    return {day: {Owed.SEASONED_TEAMS: n["teams"]} for day, n in found.items()}


def _forecasts(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange) -> Counts:
    """Of players whose game was postponed since, no forecast is owed."""
    features = _held(warehouse, tables, "ml_feature_store_v2")
    if not features:
        return {}
    rows = rows_between(features, dates).filter("is_prop_eligible")
    rows = rows.semi_join(counted(rows_between(tables["schedule"], dates)), ["game_date", "game_id"])
    found = counts_by_date(warehouse.read(rows.group_by("game_date").aggregate(players=rows.count())))
    return {day: {Owed.EVERY_FORECAST: n["players"] * len(SystemId)} for day, n in found.items()}


def _predictions(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange) -> Counts:
    predictions = _held(warehouse, tables, "player_prop_predictions")
    if not predictions:
        return {}
    rows = rows_between(predictions, dates)
    found = counts_by_date(warehouse.read(rows.group_by("game_date").aggregate(rows=rows.count())))
    return {day: {Owed.GRADES: n["rows"], Owed.PERFORMANCE: ROWS_A_PERFORMANCE} for day, n in found.items()}


_RECOUNTS: Mapping[frozenset[Owed], Recount] = {
    frozenset((Owed.UNIVERSE, Owed.VETERANS)): _rosters,
    frozenset((Owed.SEASONED_TEAMS,)): _teams,
    frozenset((Owed.EVERY_FORECAST,)): _forecasts,
    frozenset((Owed.GRADES, Owed.PERFORMANCE)): _predictions,
}

"""Count the games or rows each date should have, in the schedule or the tables upstream, never in the checked table.

Counting upstream costs more than reading the schedule, so each such count runs only for tables that need it.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.systems.base import SystemId
from nba_assets.analytics.universe import seasoned_teams, universe_size
from nba_assets.kit.calendar import BOOTSTRAP_DAYS, FIRST_DAY, counted
from nba_assets.kit.stored_query import MakeQuery, stored_query
from nba_assets.kit.table import ExpectedRows, Table, Tables
from nba_assets.predictions.populations import POPULATIONS
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

ROWS_A_PERFORMANCE = len(SystemId) * len(POPULATIONS)


@dataclass(frozen=True)
class ExpectedCounts:
    """The games of one date on the schedule, and the rows counted in upstream tables."""

    date: dt.date
    games: int
    final: int
    days_into_season: int | None
    upstream: Mapping[ExpectedRows, int] = field(default_factory=dict)

    def expected(self, rule: ExpectedRows) -> int:
        """Return how many games or rows a table should have on the date."""
        games = {ExpectedRows.GAMES: self.games, ExpectedRows.TEAMS: 2 * self.games}
        finished = {ExpectedRows.FINAL_GAMES: self.final, ExpectedRows.FINAL_TEAMS: 2 * self.final}
        return {**games, **finished, **self.upstream}.get(rule, 0)

    @property
    def is_bootstrap(self) -> bool:
        """True in the first days of a season, when hardly a game has been played."""
        return self.days_into_season is not None and 0 <= self.days_into_season < BOOTSTRAP_DAYS


def expected_counts(
    warehouse: Warehouse, tables: Tables, dates: DateRange, expected_rows: Collection[ExpectedRows]
) -> list[ExpectedCounts]:
    """Count what every partition date of the range should have, as far as tables with these rules need it."""
    refuse_before_the_schedule(warehouse, tables)
    counts = counts_by_date(warehouse.read(_games(tables, dates)))
    upstream: dict[dt.date, dict[ExpectedRows, int]] = {}
    for query, (name, rules) in _upstream_counts().items():
        if rules.keys() & {*expected_rows} and name in tables and warehouse.holds(tables[name].contract):
            for day, n in counts_by_date(warehouse.read(query(tables, dates))).items():
                upstream.setdefault(day, {}).update({rule: n[column] for rule, column in rules.items()})
    starts = [start.date() for start in warehouse.read(_season_starts(tables))["start_date"]]
    results = []
    for day in dates:
        if day < FIRST_DAY:
            continue
        start = max((start for start in starts if start <= day), default=None)
        days_into_season = (day - start).days if start else None
        of_day = counts.get(day, {"games": 0, "final": 0})
        results.append(ExpectedCounts(day, **of_day, days_into_season=days_into_season, upstream=upstream.get(day, {})))
    return results


def rows_between(table: Table, dates: DateRange) -> ir.Table:
    """Return the stored rows of the dates."""
    rows = table.contract.table()
    day: Any = rows[table.contract.partition or ""]
    return rows.filter(day.between(dates.start, dates.end))


def counts_by_date(counts: pd.DataFrame) -> dict[dt.date, dict[str, int]]:
    """Return counts read from the warehouse by their `game_date`."""
    days = pd.to_datetime(counts.pop("game_date")).dt.date
    return dict(zip(days, counts.astype(int).to_dict("records"), strict=True))


def refuse_before_the_schedule(warehouse: Warehouse, tables: Tables) -> None:
    """Raise unless schedule and seasons are stored: without them nothing would look missing."""
    needed = [tables[name].contract for name in ("schedule", "seasons")]
    held = warehouse.stored_keys(needed)
    absent = [contract.key for contract in needed if contract.key not in held]
    if absent:
        raise WarehouseUnavailable(
            f"{' and '.join(absent)} was never loaded, so nothing is known to be missing: "
            f"run `nba backfill START END` first."
        )


@stored_query
def _games(tables: Tables, dates: DateRange) -> ir.Table:
    games = counted(rows_between(tables["schedule"], dates))
    status: Any = games.status
    return games.group_by("game_date").aggregate(games=games.count(), final=(status == "final").sum())


@stored_query
def _season_starts(tables: Tables, dates: DateRange) -> ir.Table:
    return tables["seasons"].contract.table().select("start_date")


_universe_size, _seasoned_teams = stored_query(universe_size), stored_query(seasoned_teams)


@stored_query
def _forecasts(tables: Tables, dates: DateRange) -> ir.Table:
    """Count forecasts of players whose game was not postponed since."""
    rows = rows_between(tables["ml_feature_store_v2"], dates).filter("is_prop_eligible")
    rows = rows.semi_join(counted(rows_between(tables["schedule"], dates)), ["game_date", "game_id"])
    return rows.group_by("game_date").aggregate(forecasts=rows.count() * len(SystemId))


@stored_query
def _predictions(tables: Tables, dates: DateRange) -> ir.Table:
    rows = rows_between(tables["player_prop_predictions"], dates)
    return rows.group_by("game_date").aggregate(grades=rows.count()).mutate(performance=ROWS_A_PERFORMANCE)


def _upstream_counts() -> Mapping[MakeQuery, tuple[str, Mapping[ExpectedRows, str]]]:
    """Return for each query the table that must be stored, and the column that counts the rows of a rule.

    Players come from games and schedule, not from the context table, which is itself checked by this count.
    """
    return {
        _universe_size: (
            "player_game_summary",
            {ExpectedRows.ROSTER_PLAYERS: "expected", ExpectedRows.PLAYERS_WITH_FIVE_GAMES: "veterans"},
        ),
        _seasoned_teams: ("schedule", {ExpectedRows.TEAMS_WITH_FIVE_GAMES: "teams"}),
        _forecasts: ("ml_feature_store_v2", {ExpectedRows.FORECASTS: "forecasts"}),
        _predictions: (
            "player_prop_predictions",
            {ExpectedRows.GRADES: "grades", ExpectedRows.PERFORMANCE: "performance"},
        ),
    }

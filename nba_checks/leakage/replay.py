"""A date computed once more from raw rows alone, in a warehouse of its own that knows only what the morning knew."""

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path

import ibis
import ibis.expr.types as ir

from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import season_floor
from nba_assets.kit.table import Table
from nba_assets.predictions.ml_feature_store_v2 import OPPONENT_DAYS
from nba_checks.framework.expected_counts import rows_between
from nba_checks.leakage.replay_inputs import Future, ReplayInputs
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.duckdb import DuckDBWarehouse

EVIDENCE = "prediction_evidence"  # the last table of the morning: it reads the features, and so all they are made of
AHEAD_DAYS = 7  # so much of the future is told otherwise, the rest is withheld: it must be there to be misread
_OF_THE_SEASON = ("shots", "injury_reports")
_OF_THE_DATE = ("player_points_props", "game_odds")


def upstream(tables: Mapping[str, Table], target: str = EVIDENCE) -> list[str]:
    """The target and every table it is made of, each after those it reads."""
    wanted, reads = [target], {}
    while wanted:
        name = wanted.pop()
        if name not in reads:
            reads[name] = set(tables[name].reads)
            wanted += reads[name]
    return list(TopologicalSorter(reads).static_order())


def pregame_tables(tables: Mapping[str, Table], target: str = EVIDENCE) -> list[str]:
    """The tables among these that are computed before the games: contexts, precomputed ones and features."""
    return [name for name in upstream(tables, target) if _is_of_the_morning(tables[name])]


@contextmanager
def replay_date(
    warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date, future: Future, target: str = EVIDENCE
) -> Iterator[Warehouse]:
    """A scratch warehouse in which every table of the date has been computed anew; it is gone afterwards.

    Raw rows are copied, what games became of them is computed for as long as any feature looks back, and the tables of
    the morning for the date. Where these look back on earlier mornings, the rows stored then are copied: each date
    answers for its own rows.
    """
    looked_back_on = pregame_history_tables(tables, target)
    morning = ReplayInputs(date, _last_tip(warehouse, tables, date))
    with tempfile.TemporaryDirectory(prefix="nba-replay-") as folder:
        scratch = DuckDBWarehouse(path=str(Path(folder, "replay.duckdb")))
        for name in upstream(tables, target):
            table = tables[name]
            if table.feed:
                rows = warehouse.read(_raw(table, tables, morning, future))
                scratch.replace(table.contract, None, ibis.memtable(rows, schema=table.contract.schema))
                continue
            if name in looked_back_on:
                before = DateRange(_first_day(date), date - dt.timedelta(days=1))
                rows = warehouse.read(rows_between(table, before))
                scratch.replace(table.contract, before, ibis.memtable(rows, schema=table.contract.schema))
            dates = _dates(table, date)
            made = {"code_version": ibis.literal(future.value), "computed_at": ibis.now()}
            stored_dates = dates if table.contract.partition else None
            scratch.replace(table.contract, stored_dates, table.build(tables, dates).mutate(**made))
        yield scratch


def pregame_history_tables(tables: Mapping[str, Table], target: str = EVIDENCE) -> set[str]:
    """The tables of the morning of which rows of earlier dates are read too."""
    looked_back_on = {
        source for name in upstream(tables, target) for source, how in tables[name].reads.items() if how is History
    }
    return {name for name in looked_back_on if _is_of_the_morning(tables[name])}


def _is_of_the_morning(table: Table) -> bool:
    return table.feed is None and table.contract.partition is not None and not table.contract.post


def _raw(table: Table, tables: Mapping[str, Table], morning: ReplayInputs, future: Future) -> ir.Table:
    """As much of a raw table as the date could be misled by; seasons are planned ahead and copied whole."""
    if table.contract.partition is None:
        return table.contract.table()
    rows = morning.raw(table, tables, future)
    day, ahead = rows[table.contract.partition], morning.date + dt.timedelta(days=AHEAD_DAYS)
    if table.contract.name in _OF_THE_SEASON:
        return rows.filter(day.between(season_floor(morning.date), ahead))
    if table.contract.name in _OF_THE_DATE:
        return rows.filter(day.between(morning.date, ahead))
    return rows.filter(day <= ahead)


def _dates(table: Table, date: dt.date) -> DateRange:
    if _is_of_the_morning(table):
        return DateRange(date, date)
    return DateRange(_first_day(date), date + dt.timedelta(days=AHEAD_DAYS))


def _first_day(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=OPPONENT_DAYS)


def _last_tip(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date) -> dt.datetime | None:
    games = tables["schedule"].contract.table()
    found = warehouse.read(games.filter(games.game_date == date).aggregate(tip=games.start_time_utc.max())).tip
    return found.dropna().iloc[0].to_pydatetime() if found.notna().any() else None

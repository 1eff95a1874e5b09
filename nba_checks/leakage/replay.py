"""Recompute a date from raw rows in a scratch warehouse that holds only what was known before its games."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path

import ibis.expr.types as ir

from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import FIRST_DAY, season_floor
from nba_assets.kit.table import Table, Tables
from nba_assets.kit.table_context import arrow_rows
from nba_assets.predictions.ml_feature_store_v2 import OPPONENT_DAYS
from nba_checks.framework.stored_rows import rows_between
from nba_checks.leakage.replay_inputs import Future, ReplayInputs
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Rejected, Warehouse
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

EVIDENCE = "prediction_evidence"  # the last table before the games: it reads the features, and so everything upstream
AHEAD_DAYS = 7  # days of changed future; later rows are left out
_OF_THE_SEASON = ("shots", "injury_reports")
_OF_THE_DATE = ("player_props", "game_odds")


def upstream(tables: Tables, target: str = EVIDENCE) -> list[str]:
    """Return the target and all tables it is computed from, each after the tables it reads."""
    waiting, reads = [target], {}
    while waiting:
        name = waiting.pop()
        if name not in reads:
            reads[name] = set(tables[name].reads)
            waiting += reads[name]
    return list(TopologicalSorter(reads).static_order())


def pregame_tables(tables: Tables, target: str = EVIDENCE) -> list[str]:
    """Return the tables upstream of the target that are computed before the games: contexts, history and features."""
    return [name for name in upstream(tables, target) if _is_pregame(tables[name])]


@contextmanager
def replay_date(
    warehouse: Warehouse, tables: Tables, date: dt.date, future: Future, target: str = EVIDENCE
) -> Iterator[Warehouse]:
    """Yield a temporary warehouse in which every table of the date is computed again.

    Raw rows are copied. Tables of played games are computed from the first day on, as averages run over careers,
    pregame tables for the date only; where another table reads their earlier dates, those rows are copied, as each
    date is checked by itself.
    Dates whose rows break a contract are left out, as they are in a backfill.
    """
    with_history = pregame_history_tables(tables, target)
    games = tables["schedule"].contract.table()
    tip = warehouse.read(games.filter(games.game_date == date).aggregate(tip=games.start_time_utc.max())).tip
    inputs = ReplayInputs(date, tip.iloc[0].to_pydatetime() if tip.notna().any() else None)
    with tempfile.TemporaryDirectory(prefix="nba-replay-") as folder:
        scratch = DuckDBWarehouse(path=str(Path(folder, "replay.duckdb")), templates=warehouse.templates)
        for name in upstream(tables, target):
            table = tables[name]
            if table.feed:
                rows = warehouse.read(_raw(table, tables, inputs, future))
                scratch.replace(table.contract, None, arrow_rows(table.contract, rows))
                continue
            if name in with_history:
                before = DateRange(date - dt.timedelta(days=OPPONENT_DAYS), date - dt.timedelta(days=1))
                rows = warehouse.read(rows_between(table, before))
                scratch.replace(table.contract, before, arrow_rows(table.contract, rows))
            ahead = DateRange(FIRST_DAY, date + dt.timedelta(days=AHEAD_DAYS))
            dates = DateRange(date, date) if _is_pregame(table) else ahead
            (query,) = table.queries(tables, dates).values()
            stamps = {"code_version": future.value, "computed_at": dt.datetime.now(dt.UTC)}
            stored_dates = dates if table.contract.partition else None
            scratch.replace(table.contract, stored_dates, replace(query, stamps=stamps), Rejected())
        yield scratch


def pregame_history_tables(tables: Tables, target: str = EVIDENCE) -> set[str]:
    """Return the pregame tables whose earlier dates are read, too."""
    names = upstream(tables, target)
    with_history = {source for name in names for source, how in tables[name].reads.items() if how is History}
    return {name for name in with_history if _is_pregame(tables[name])}


def _is_pregame(table: Table) -> bool:
    return table.feed is None and table.contract.partition is not None and not table.contract.post


def _raw(table: Table, tables: Tables, inputs: ReplayInputs, future: Future) -> ir.Table:
    """Select the rows of a raw table that could reach the date; the table of seasons is copied whole."""
    if table.contract.partition is None:
        return table.contract.table()
    rows = inputs.raw(table, tables, future)
    day, ahead = rows[table.contract.partition], inputs.date + dt.timedelta(days=AHEAD_DAYS)
    if table.contract.name in _OF_THE_SEASON:
        return rows.filter(day.between(season_floor(inputs.date), ahead))
    if table.contract.name in _OF_THE_DATE:
        return rows.filter(day.between(inputs.date, ahead))
    return rows.filter(day <= ahead)

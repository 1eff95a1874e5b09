"""A simulated autumn in a warehouse, each table computed once over the whole range."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

import nba_assets
from nba_assets.kit.table import Table, declared_tables
from nba_checks.leakage.replay import upstream
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from .few_markets import FewMarkets
from .shared import filled_once, warehouse_at

TABLES = declared_tables(nba_assets)
AUTUMN = DateRange(dt.date(2024, 10, 1), dt.date(2024, 12, 4))
NOW = dt.datetime(2024, 12, 5, tzinfo=dt.UTC)
STORED = [name for name in upstream(TABLES, "player_prop_predictions") if not TABLES[name].compute_frame]
STAMP = ibis.literal(NOW, type="timestamp('UTC')")


def shared_autumn() -> DuckDBWarehouse:
    """Return the autumn as a backfill leaves it, which the first process that asks fills for all: do not change it."""
    return warehouse_at(filled_once("autumn", lambda folder: filled(folder / "nba.duckdb")) / "nba.duckdb")


def unchanged(feed: str, rows: pa.Table) -> pa.Table:
    return rows


def filled(path: Path, change: Callable[[str, pa.Table], pa.Table] = unchanged) -> DuckDBWarehouse:
    """Return a warehouse with all that forecasts read, as a backfill leaves it; `change` may alter delivered rows."""
    warehouse = warehouse_at(path)
    source = FewMarkets(today=NOW.date())
    for name in STORED:
        table = TABLES[name]
        if table.feed:
            dates = AUTUMN if table.contract.partition else None
            warehouse.replace(table.contract, dates, _delivered(table, change, source))
        else:
            compute(warehouse, [name], AUTUMN)
    return warehouse


def compute(warehouse: DuckDBWarehouse, names: Iterable[str], dates: DateRange) -> None:
    """Compute tables in SQL for some dates; one without dates as a whole."""
    for table in (TABLES[name] for name in names):
        (query,) = table.queries(TABLES, dates).values()
        when = dates if table.contract.partition else None
        warehouse.replace(table.contract, when, replace(query, stamps={"code_version": "now", "computed_at": NOW}))


def _delivered(table: Table, change: Callable[[str, pa.Table], pa.Table], source: FewMarkets) -> ir.Table:
    """Return the rows of a feed without their mark of contradictions: changed facts may contradict each other."""
    fetched = source.fetch(table.feed.name, AUTUMN if table.contract.partition else ALWAYS).rows
    rows = table.build(TABLES, AUTUMN, ibis.memtable(change(table.contract.name, fetched)))
    stamps = {"ingested_at": STAMP, "source": ibis.literal("simulated")}
    added = {column: value for column, value in stamps.items() if column not in rows.columns}
    return rows.mutate(**added).select(*table.contract.columns)

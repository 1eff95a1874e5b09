"""A simulated autumn in a warehouse, each table computed once over the whole range."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import ibis
import pyarrow as pa

import nba_assets
from nba_assets.kit.table import declared_tables
from nba_checks.leakage.replay import upstream
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.duckdb import DuckDBWarehouse

TABLES = declared_tables(nba_assets)
AUTUMN = DateRange(dt.date(2024, 10, 1), dt.date(2024, 12, 1))
STAMP = ibis.literal("2024-12-02 00:00:00", type="timestamp('UTC')")


def unchanged(feed: str, rows: pa.Table) -> pa.Table:
    return rows


def filled(path: Path, change: Callable[[str, pa.Table], pa.Table] = unchanged) -> DuckDBWarehouse:
    """Return a warehouse with every table, as a backfill leaves it; `change` may alter the delivered rows."""
    warehouse, source = DuckDBWarehouse(path=str(path)), SimulatedSource(today=AUTUMN.end + dt.timedelta(days=1))
    for name in upstream(TABLES):
        table = TABLES[name]
        dates = AUTUMN if table.contract.partition else None
        stamps = {"code_version": ibis.literal("now"), "computed_at": STAMP}
        delivered = None
        if table.feed:
            delivered = ibis.memtable(change(name, source.fetch(table.feed.name, dates or ALWAYS).rows))
            stamps = {"ingested_at": STAMP, "source": ibis.literal("simulated")}
        rows = table.build(TABLES, dates or AUTUMN, delivered)
        added = {column: value for column, value in stamps.items() if column not in rows.columns}
        stored = rows.mutate(**added).select(*table.contract.columns)  # changed facts may contradict each other
        warehouse.replace(table.contract, dates, stored)
    return warehouse

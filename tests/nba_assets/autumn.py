"""A simulated autumn in a warehouse, each table computed once over all of it."""

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


def as_published(feed: str, rows: pa.Table) -> pa.Table:
    return rows


def filled(path: Path, told: Callable[[str, pa.Table], pa.Table] = as_published) -> DuckDBWarehouse:
    """The autumn table by table, as a backfill leaves it; `told` may make of what is published what it likes."""
    warehouse, source = DuckDBWarehouse(path=str(path)), SimulatedSource(today=AUTUMN.end + dt.timedelta(days=1))
    for name in upstream(TABLES):
        table = TABLES[name]
        dates = AUTUMN if table.contract.partition else None
        made = {"code_version": ibis.literal("now"), "computed_at": STAMP}
        published = None
        if table.feed:
            published = ibis.memtable(told(name, source.fetch(table.feed.name, dates or ALWAYS).rows))
            made = {"ingested_at": STAMP, "source": ibis.literal("simulated")}
        rows = table.build(TABLES, dates or AUTUMN, published)
        added = {column: value for column, value in made.items() if column not in rows.columns}
        warehouse.replace(table.contract, dates, rows.mutate(**added))
    return warehouse

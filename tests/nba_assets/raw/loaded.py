"""Raw tables loaded from hand-written facts into a warehouse."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

import nba_assets
from nba_assets.kit.assets import asset_of
from nba_assets.kit.table import Table, declared_tables
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_resources.dates import DateRange
from nba_resources.sources.base import Delivery, Source
from nba_resources.sources.feeds import FEEDS
from nba_resources.warehouse.io_manager import WarehouseIOManager

from ...shared import warehouse_at
from .delivered import facts

TABLES = declared_tables(nba_assets)
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


class TinySource(Source):
    """A source of rows written in a test."""

    name = "tiny"

    def __init__(self, **feeds: list[dict[str, Any]]) -> None:
        self.feeds = feeds

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        rows = facts(feed, *self.feeds.get(feed, []))
        on = rows[FEEDS[feed].date]
        within = pc.and_(pc.greater_equal(on, pa.scalar(dates.start)), pc.less_equal(on, pa.scalar(dates.end)))
        return Delivery(rows.filter(within))


class Platform:
    """Tables with a warehouse and a Dagster instance."""

    def __init__(self, folder: Path, source: Source, tables: Mapping[str, Table] = TABLES) -> None:
        self.tables = tables
        self.warehouse = warehouse_at(folder / "nba.duckdb")
        self.instance = dg.DagsterInstance.ephemeral()
        self.resources = {
            "source": source,
            "warehouse": self.warehouse,
            "tables": WarehouseIOManager(self.warehouse, leave_out),
        }

    def load(self, name: str, start: dt.date, end: dt.date | None = None) -> dict[str, dict[str, Any]]:
        return self.run(name, start.isoformat(), (end or start).isoformat())

    def run(self, name: str, start: str = "", end: str = "", **options: Any) -> dict[str, dict[str, Any]]:
        """Materialise a table and return the metadata of each date."""
        tags = {START: start, END: end or start} if start else {}
        asset = asset_of(self.tables[name], self.tables)
        result = dg.materialize([asset], resources=self.resources, instance=self.instance, tags=tags, **options)
        loads = (event.materialization for event in result.get_asset_materialization_events())
        return {str(load.partition): {name: value.value for name, value in load.metadata.items()} for load in loads}

    def stored(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        found = self.warehouse.read(self.tables[name].contract.table().select(*columns))
        plain = (
            [value.date() if isinstance(value, pd.Timestamp) else value for value in row] for row in found.to_numpy()
        )
        return sorted(map(tuple, plain))

"""Ten dates of a league, from published facts to graded forecasts, through the assets on both warehouses."""

import datetime as dt
import os
import uuid
from graphlib import TopologicalSorter
from pathlib import Path

import dagster as dg
import ibis
import numpy as np
import pandas as pd
import pytest

import nba_assets
from nba_assets.kit.assets import asset_of
from nba_assets.kit.table import Table, declared_tables
from nba_resources.dates import DateRange
from nba_resources.object_store import ObjectStore
from nba_resources.sources.base import ALWAYS, Source
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.bigquery import BigQueryWarehouse
from nba_resources.warehouse.duckdb import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager

TABLES = declared_tables(nba_assets)
IN_ORDER = [*TopologicalSorter({name: set(table.reads) for name, table in TABLES.items()}).static_order()]
BEFORE = DateRange(dt.date(2024, 10, 1), dt.date(2024, 12, 4))
AUTUMN = DateRange(dt.date(2024, 10, 1), dt.date(2024, 12, 14))
TEN_DATES = DateRange(dt.date(2024, 12, 5), dt.date(2024, 12, 14))
MONTH = dt.date(2024, 12, 1)
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
OF_THE_RUN = ("computed_at", "ingested_at", "trained_at", "promoted_at")
STAMPS = {name: ibis.literal("autumn") for name in ("source", "code_version")} | {
    name: ibis.literal(dt.datetime(2024, 12, 5, tzinfo=dt.UTC)) for name in ("computed_at", "ingested_at")
}
OF_THE_AUTUMN: list[str] = []
for _name in IN_ORDER:
    if TABLES[_name].finish is None and set(TABLES[_name].reads) <= set(OF_THE_AUTUMN):
        OF_THE_AUTUMN.append(_name)
EVERYTHING = os.environ.get("NBA_TEST_BIGQUERY") == "everything"
LOADED = () if EVERYTHING else ("players", "unresolved_names", "player_prop_lines", "upcoming_player_game_context")
"""Matching names: the emulator takes a minute to translate each of these statements, which the analyser judges."""


@pytest.fixture(scope="module")
def published() -> Source:
    return SimulatedSource(today=TEN_DATES.end + dt.timedelta(days=1))


@pytest.fixture(scope="module")
def duckdb(published: Source, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """The autumn with one statement a table, then a month's models and the ten dates."""
    folder = tmp_path_factory.mktemp("duckdb")
    warehouse = DuckDBWarehouse(path=str(folder / "nba.duckdb"))
    for name in OF_THE_AUTUMN:
        _store(warehouse, TABLES[name], published)
    _run_all(warehouse, published, folder, IN_ORDER)
    return warehouse


@pytest.fixture(scope="module")
def bigquery(
    duckdb: DuckDBWarehouse, published: Source, endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> BigQueryWarehouse:
    """What was there before is loaded as DuckDB holds it; models and the ten dates are made by this warehouse."""
    project = f"league-{uuid.uuid4().hex[:12]}"
    warehouse = BigQueryWarehouse(project=project, endpoint=endpoint, patience_seconds=600, answer_seconds=600)
    for name in OF_THE_AUTUMN:
        contract, dates = TABLES[name].contract, AUTUMN if name in LOADED else BEFORE
        rows = contract.table()
        if contract.partition:
            rows = rows.filter(rows[contract.partition].between(dates.start, dates.end))
        found = ibis.memtable(duckdb.read(rows), schema=contract.schema)
        warehouse.replace(contract, dates if contract.partition else None, found)
    _run_all(warehouse, published, tmp_path_factory.mktemp("bigquery"), [n for n in IN_ORDER if n not in LOADED])
    return warehouse


@pytest.mark.parametrize("name", sorted(set(TABLES) - set(LOADED) - {"seasons", "birth_dates"}))
def test_both_warehouses_hold_the_same_rows(duckdb: DuckDBWarehouse, bigquery: BigQueryWarehouse, name: str):
    ours, theirs = _read(duckdb, TABLES[name]), _read(bigquery, TABLES[name])
    assert len(ours) > 0
    assert len(ours) == len(theirs)
    differing = [column for column in ours.columns if not _alike(ours[column], theirs[column])]
    assert not differing


def _run_all(warehouse: Warehouse, source: Source, folder: Path, names: list[str]) -> None:
    """Two runs of the orchestrator, for daily and monthly tables cannot share one."""
    resources = {
        "warehouse": warehouse,
        "objects": ObjectStore(root=str(folder / "objects")),
        "source": source,
        "tables": WarehouseIOManager(warehouse),
    }
    daily = [name for name in names if TABLES[name].contract.partition and not TABLES[name].contract.monthly]
    _run([name for name in names if TABLES[name].contract.monthly], resources, DateRange(MONTH, MONTH))
    _run(daily, resources, TEN_DATES)


def _store(warehouse: Warehouse, table: Table, source: Source) -> None:
    dates = BEFORE if table.contract.partition else ALWAYS
    published = ibis.memtable(source.fetch(table.feed.name, dates).rows) if table.feed else None
    rows = table.build(TABLES, dates, published)
    rows = rows.mutate(**{name: STAMPS[name] for name in table.contract.columns if name not in rows.columns})
    warehouse.replace(table.contract, BEFORE if table.contract.partition else None, rows)


def _run(names: list[str], resources: dict[str, object], dates: DateRange) -> None:
    made = [asset_of(TABLES[name], TABLES) for name in names]
    tags = {START: dates.start.isoformat(), END: dates.end.isoformat()}
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize(made, resources=resources, tags=tags, instance=instance).success


def _read(warehouse: Warehouse, table: Table) -> pd.DataFrame:
    kept = [name for name in table.contract.columns if name not in OF_THE_RUN]
    return warehouse.read(table.contract.table().select(kept).order_by(table.contract.grain))


def _alike(ours: pd.Series, theirs: pd.Series) -> bool:
    if pd.api.types.is_float_dtype(ours.dtype):
        return np.allclose(ours.to_numpy(float), theirs.to_numpy(float), rtol=1e-9, atol=1e-9, equal_nan=True)
    return [*map(_plain, ours)] == [*map(_plain, theirs)]


def _plain(value: object) -> object:
    """A list that is not known reads as an empty one from BigQuery, which has no other way to keep it."""
    if isinstance(value, np.ndarray | list):
        return [*value] or None
    return None if pd.isna(value) else value

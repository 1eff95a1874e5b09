"""Ten dates of a league, from published facts to graded forecasts, through the assets on both warehouses."""

import datetime as dt
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
Stored = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def published() -> Source:
    return SimulatedSource(today=TEN_DATES.end + dt.timedelta(days=1))


@pytest.fixture(scope="module")
def autumn(published: Source, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """What was there before the ten dates, one statement a table."""
    warehouse = DuckDBWarehouse(path=str(tmp_path_factory.mktemp("duckdb") / "nba.duckdb"))
    for name in OF_THE_AUTUMN:
        _store(warehouse, TABLES[name], published)
    return warehouse


@pytest.fixture(scope="module")
def on_bigquery(
    autumn: DuckDBWarehouse, published: Source, endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> Stored:
    """The autumn is loaded as it is; the ten dates are computed by this warehouse."""
    project = f"league-{uuid.uuid4().hex[:12]}"
    warehouse = BigQueryWarehouse(project=project, endpoint=endpoint, patience_seconds=600, answer_seconds=600)
    for contract in (TABLES[name].contract for name in OF_THE_AUTUMN):
        rows = ibis.memtable(autumn.read(contract.table()), schema=contract.schema)
        warehouse.replace(contract, BEFORE if contract.partition else None, rows)
    return filled(warehouse, published, tmp_path_factory.mktemp("bigquery"))


@pytest.fixture(scope="module")
def on_duckdb(
    on_bigquery: Stored, autumn: DuckDBWarehouse, published: Source, tmp_path_factory: pytest.TempPathFactory
) -> Stored:
    return filled(autumn, published, tmp_path_factory.mktemp("models"))


@pytest.mark.parametrize("name", sorted(TABLES))
def test_both_warehouses_hold_the_same_rows(on_duckdb: Stored, on_bigquery: Stored, name: str):
    ours, theirs = on_duckdb[name], on_bigquery[name]
    assert len(ours) > 0 or name == "unresolved_names"
    assert len(ours) == len(theirs)
    differing = [column for column in ours.columns if not _alike(ours[column], theirs[column])]
    assert not differing


def filled(warehouse: Warehouse, source: Source, folder: Path) -> Stored:
    """A month's models, then the ten dates of all daily tables: two runs of the orchestrator."""
    resources = {
        "warehouse": warehouse,
        "objects": ObjectStore(root=str(folder / "objects")),
        "source": source,
        "tables": WarehouseIOManager(warehouse),
    }
    daily = [name for name in IN_ORDER if TABLES[name].contract.partition and not TABLES[name].contract.monthly]
    monthly = [name for name in IN_ORDER if TABLES[name].contract.monthly]
    _run(monthly, resources, DateRange(MONTH, MONTH))
    _run(daily, resources, TEN_DATES)
    return {name: _read(warehouse, table) for name, table in TABLES.items()}


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

"""Three dates of a league, from summaries of games to graded forecasts and exports, on both warehouses.

The emulator is slow at translating statements, so BigQuery gets DuckDB's rows of most: raw tables, which both
warehouses load from the archive (test_planted_dirt.py, but for the seasons, which need all games), tables that match
names, which the analyser checks (test_googlesql.py), and those that Google's evaluator compares with DuckDB
(test_evaluation.py). `NBA_TEST_BIGQUERY=everything` computes them here, too.
"""

import datetime as dt
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path

import dagster as dg
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest

from models.training.config import TrainingConfig
from nba_assets import exports
from nba_assets.kit.assets import asset_of
from nba_assets.kit.export import Edition, Permit, declared_exports
from nba_assets.kit.export_writer import ROOT, publish
from nba_assets.kit.table import Table, delivered_name
from nba_assets.predictions import ml_model_registry
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_platform.orchestration.automation.tick_state import RANGE_END, RANGE_START
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import ALWAYS, Source
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager

pytest.importorskip("zetasql", reason="the reference evaluator comes with the [test] extra")
from ..autumn import AUTUMN, NOW, STORED, TABLES, shared_autumn
from ..few_markets import FewMarkets
from ..shared import TEMPLATES, warehouse_at
from .copied import copy
from .evaluation import EVALUATED

IN_ORDER = [*TopologicalSorter({name: set(table.reads) for name, table in TABLES.items()}).static_order()]
THREE_DATES = DateRange(dt.date(2024, 12, 2), AUTUMN.end)
BEFORE = DateRange(AUTUMN.start, dt.date(2024, 12, 1))
MONTH = DateRange(dt.date(2024, 12, 1), dt.date(2024, 12, 1))
SMALL_TRAINING = TrainingConfig(validation_dates=8, least_rows=1_000, least_rows_with_line=100)
RUN_COLUMNS = ("code_version", "computed_at", "ingested_at", "promoted_at")
STAMPS = {"source": "simulated", "code_version": "autumn", "computed_at": NOW, "ingested_at": NOW}
MATCH_NAMES = (
    *("players", "unresolved_names", "player_prop_lines", "prop_line_path", "player_statuses"),
    "upcoming_player_game_context",
)
RAW = tuple(name for name, table in TABLES.items() if table.feed)
LOADED = () if os.environ.get("NBA_TEST_BIGQUERY") == "everything" else (*RAW, *MATCH_NAMES, *EVALUATED)
MANY_FILES = ("players",)  # one file for each player takes long to write
COMPARED = sorted(set(TABLES) - set(LOADED))


@pytest.fixture(scope="module")
def source() -> Iterator[Source]:
    """A league with enough games to train on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ml_model_registry, "CONFIG", SMALL_TRAINING)
        yield FewMarkets(today=NOW.date())


@pytest.fixture(scope="module")
def duckdb(source: Source, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """The shared autumn and the tables it lacks; models of a month and forecasts of three dates by their assets."""
    folder = tmp_path_factory.mktemp("duckdb")
    warehouse = warehouse_at(shutil.copy(shared_autumn().path, folder / "nba.duckdb"))
    for name in (name for name in IN_ORDER if name not in STORED):
        if TABLES[name].compute_frame:
            _run([name], warehouse, source, folder)
        else:
            _compute_table(warehouse, TABLES[name], source)
    return warehouse


@pytest.fixture(scope="module")
def bigquery(
    duckdb: DuckDBWarehouse, source: Source, endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> BigQueryWarehouse:
    """Earlier rows are loaded from DuckDB; models and the three dates are made by the assets."""
    project = f"league-{uuid.uuid4().hex[:12]}"
    warehouse = BigQueryWarehouse(
        project=project,
        templates=str(TEMPLATES.path),
        endpoint=endpoint,
        patience_seconds=600,
        answer_seconds=600,
    )
    for name in IN_ORDER:
        if name in COMPARED and TABLES[name].contract.partition is None:
            _compute_table(warehouse, TABLES[name], source)
        elif TABLES[name].compute_frame is None:
            contract = TABLES[name].contract
            copy(duckdb, warehouse, contract, _rows_of(contract, BEFORE if name in COMPARED else AUTUMN))
    folder = tmp_path_factory.mktemp("bigquery")
    dated = [name for name in COMPARED if TABLES[name].contract.partition]
    _run([name for name in dated if TABLES[name].contract.monthly], warehouse, source, folder)
    _run([name for name in dated if not TABLES[name].contract.monthly], warehouse, source, folder)
    return warehouse


@pytest.mark.parametrize("name", COMPARED)
def test_both_warehouses_hold_the_same_rows(duckdb: DuckDBWarehouse, bigquery: BigQueryWarehouse, name: str):
    ours, theirs = _read_table(duckdb, TABLES[name].contract), _read_table(bigquery, TABLES[name].contract)
    assert len(ours) > 0
    assert len(ours) == len(theirs)
    differing = [column for column in ours.columns if not _equal(ours[column], theirs[column])]
    assert not differing


def test_both_warehouses_give_the_same_exports(duckdb: DuckDBWarehouse, bigquery: BigQueryWarehouse, tmp_path: Path):
    ours, theirs = _export_files(duckdb, tmp_path / "duckdb"), _export_files(bigquery, tmp_path / "bigquery")
    assert len(ours) > 200
    assert {f"{ROOT}board/tonight.json", f"{ROOT}systems/record.json"} <= ours.keys()
    assert ours.keys() == theirs.keys()
    assert not [path for path in ours if ours[path] != theirs[path]]


def _compute_table(warehouse: Warehouse, table: Table, source: Source) -> None:
    dates = AUTUMN if table.contract.partition else None
    (query,) = table.queries(TABLES, dates or ALWAYS).values()
    feed = table.feed
    frames = {delivered_name(feed): source.fetch(feed.name, dates or ALWAYS).rows} if feed else {}
    stamps = {name: value for name, value in STAMPS.items() if name in table.contract.columns}
    warehouse.replace(table.contract, dates, replace(query, frames=frames, stamps=stamps))


def _rows_of(contract: Contract, dates: DateRange) -> ir.Table:
    rows = contract.table()
    return rows.filter(rows[contract.partition].between(dates.start, dates.end)) if contract.partition else rows


def _run(names: Iterable[str], warehouse: Warehouse, source: Source, folder: Path) -> None:
    """Run the assets for the month of models or for the three dates; the SQL they would show is left out."""
    tables = [TABLES[name] for name in names]
    dates = MONTH if tables[0].contract.monthly else THREE_DATES
    assets = [asset_of(table, TABLES, statement=table.contract.key) for table in tables]
    resources = {
        "warehouse": warehouse,
        "objects": ObjectStore(root=str(folder / "objects")),
        "source": source,
        "tables": WarehouseIOManager(warehouse, leave_out),
    }
    tags = {RANGE_START: dates.start.isoformat(), RANGE_END: dates.end.isoformat()}
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize(assets, resources=resources, tags=tags, instance=instance).success


def _export_files(warehouse: Warehouse, root: Path) -> dict[str, bytes]:
    """Return every export of a finished night and of the morning after it."""
    objects, tonight = ObjectStore(root=str(root)), AUTUMN.end
    seen = dt.datetime.combine(tonight, dt.time(12), dt.UTC)
    for export in (one for name, one in declared_exports(exports).items() if name not in MANY_FILES):
        day = tonight - dt.timedelta(days=1) if export.dated else tonight
        edition = Edition(DateRange(day, day), tonight, seen, {day: Permit(allowed=True)})
        publish(export, {**TABLES, pipeline_coverage.contract.name: pipeline_coverage}, warehouse, objects, edition)
    return {path: objects.read(path) for path in objects.paths(ROOT)}


def _read_table(warehouse: Warehouse, contract: Contract) -> pd.DataFrame:
    columns = [name for name in contract.columns if name not in RUN_COLUMNS]
    rows = _rows_of(contract, MONTH if contract.monthly else THREE_DATES)
    return warehouse.read(rows.select(columns).order_by(contract.grain))


def _equal(ours: pd.Series, theirs: pd.Series) -> bool:
    if pd.api.types.is_float_dtype(ours.dtype):
        return np.allclose(ours.to_numpy(float), theirs.to_numpy(float), rtol=1e-9, atol=1e-9, equal_nan=True)
    return [*map(_comparable, ours)] == [*map(_comparable, theirs)]


def _comparable(value: object) -> object:
    """Turn empty lists into None: BigQuery stores a NULL list as an empty one."""
    if isinstance(value, np.ndarray | list):
        return [*value] or None
    return None if pd.isna(value) else value

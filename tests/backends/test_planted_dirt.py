"""Faults planted in three real dates of an archive: both warehouses set aside the same rows, and take them back."""

import datetime as dt
import uuid
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import ibis
import pandas as pd
import pytest
from planted_dirt import copy_archive, plant

import nba_assets
from nba_assets.kit.assets import asset_of
from nba_assets.kit.table import Table, declared_tables
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_platform.orchestration.automation.tick_state import RANGE_END, RANGE_START
from nba_resources.dates import DateRange
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager
from nba_resources.warehouse.metadata import FINGERPRINT
from nba_resources.warehouse.rejected_rows import REJECTED_ROWS

from ..shared import TEMPLATES, warehouse_at
from .copied import copy

DATES = DateRange(dt.date(2024, 3, 4), dt.date(2024, 3, 6))
TABLES = declared_tables(nba_assets)
RAW = [name for name, table in TABLES.items() if table.feed and table.contract.partition]
OF_PLAYERS, DERIVED = "player_game_summary", "team_offense_game_summary"
COMPARED = {name: TABLES[name].contract for name in (*RAW, DERIVED)} | {REJECTED_ROWS.name: REJECTED_ROWS}
STAMPS = ("code_version", "computed_at", "ingested_at", "first_seen", "last_seen")


@dataclass(frozen=True)
class Loads:
    """Both warehouses after a load: the rows of each table, those set aside included."""

    duckdb: dict[str, pd.DataFrame]
    bigquery: dict[str, pd.DataFrame]
    fingerprints: dict[str, dict[tuple[str, str], str]]

    def of(self, engine: str, name: str, date: str) -> pd.DataFrame:
        """Return the rows of a date."""
        rows: pd.DataFrame = getattr(self, engine)[name]
        return rows[pd.to_datetime(rows[COMPARED[name].partition]) == pd.Timestamp(date)].reset_index(drop=True)


@pytest.fixture(scope="module")
def loads(archive_dir: str, endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Loads, Loads]:
    """The stored rows with faults in the archive, and after the mend."""
    archive = tmp_path_factory.mktemp("archive")
    ours = warehouse_at(tmp_path_factory.mktemp("duckdb") / "nba.duckdb")
    theirs = BigQueryWarehouse(
        project=f"dirt-{uuid.uuid4().hex[:12]}",
        templates=str(TEMPLATES.path),
        endpoint=endpoint,
        patience_seconds=600,
        answer_seconds=600,
    )
    plant(Path(archive_dir), archive, DATES, seed=14)
    dirty = _load(archive, ours, theirs)
    copy_archive(Path(archive_dir), archive, DATES)
    return dirty, _load(archive, ours, theirs)


def _load(archive: Path, ours: DuckDBWarehouse, theirs: BigQueryWarehouse) -> Loads:
    """Load the raw tables into both, and compute the derived one from the same rows of players."""
    fingerprints = {}
    for engine, warehouse in {"duckdb": ours, "bigquery": theirs}.items():
        stored = _run([*RAW, "birth_dates"], archive, warehouse)
        fingerprints[engine] = {(name, date): value for (name, date), value in stored.items() if date}
        for name in ("players", OF_PLAYERS):
            if warehouse is ours:
                _compute(ours, TABLES[name])
            else:
                copy(ours, theirs, TABLES[name].contract, TABLES[name].contract.table())
        _run([DERIVED], archive, warehouse)
    return Loads(*({name: _rows(warehouse, name) for name in COMPARED} for warehouse in (ours, theirs)), fingerprints)


def _run(names: list[str], archive: Path, warehouse: Warehouse) -> dict[tuple[str, str | None], str]:
    """Run the tables and return the fingerprint of each table and date."""
    assets = [asset_of(TABLES[name], TABLES, statement=name) for name in names]
    tables = WarehouseIOManager(warehouse, leave_out)
    resources = {"warehouse": warehouse, "source": ArchiveSource(str(archive)), "tables": tables}
    tags = {RANGE_START: DATES.start.isoformat(), RANGE_END: DATES.end.isoformat()}
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(assets, resources=resources, tags=tags, instance=instance)
        assert result.success
        events = [event.materialization for event in result.get_asset_materialization_events()]
    return {(event.asset_key.path[-1], event.partition): event.metadata[FINGERPRINT].value for event in events}


def _compute(warehouse: Warehouse, table: Table) -> None:
    """Store a table; the emulator gets these rows, as it is slow at translating the two."""
    dates = DATES if table.contract.partition else None
    stamps = {"code_version": ibis.literal("test"), "computed_at": ibis.now()}
    warehouse.replace(table.contract, dates, table.build(TABLES, DATES).mutate(**stamps))


def _rows(warehouse: Warehouse, name: str) -> pd.DataFrame:
    contract = COMPARED[name]
    rows = warehouse.read(contract.table().order_by(contract.grain))
    return rows.drop(columns=[column for column in STAMPS if column in rows])


@pytest.mark.parametrize("name", COMPARED)
def test_both_engines_store_and_set_aside_the_same(loads: tuple[Loads, Loads], name: str):
    dirty, _ = loads
    assert len(dirty.duckdb[name]) > 0
    pd.testing.assert_frame_equal(dirty.bigquery[name], dirty.duckdb[name], check_dtype=False, rtol=1e-9)


def test_the_date_of_an_impossible_pace_is_refused_and_the_others_are_stored(loads: tuple[Loads, Loads]):
    dirty, mended = loads
    assert dirty.bigquery[DERIVED].game_date.nunique() == 2
    assert mended.bigquery[DERIVED].game_date.nunique() == 3


def test_after_the_mend_nothing_is_set_aside(loads: tuple[Loads, Loads]):
    _, mended = loads
    assert mended.bigquery[REJECTED_ROWS.name].empty
    for name in {*COMPARED} - {REJECTED_ROWS.name}:
        pd.testing.assert_frame_equal(mended.bigquery[name], mended.duckdb[name], check_dtype=False, rtol=1e-9)


@pytest.mark.parametrize("engine", ["duckdb", "bigquery"])
def test_a_date_that_is_loaded_again_keeps_its_fingerprint_exactly_if_its_rows_are_the_same(
    loads: tuple[Loads, Loads], engine: str
):
    """The mended archive differs in some dates of each table."""
    kept = set()
    dirty, mended = (
        {(name, date): load.of(engine, name, date) for name, date in load.fingerprints[engine]} for load in loads
    )
    before, after = (load.fingerprints[engine] for load in loads)
    assert {name for name, _ in after} == {*RAW}
    for key in after:
        same = dirty[key].equals(mended[key])
        assert (before[key] == after[key]) == same, key
        kept |= {key[0]} if same else set()
    assert kept >= {"schedule", "player_boxscores", "team_boxscores", "shots", "player_props"}
    assert len({*after.values()}) > len(RAW) * 2, "dates with different rows have different fingerprints"

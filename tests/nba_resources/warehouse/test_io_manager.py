import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import ibis
import pytest

from nba_platform.dagster_compat.output_partitions import leave_out
from nba_resources.dates import DateRange
from nba_resources.rejected import RejectedRow
from nba_resources.warehouse.base import Load
from nba_resources.warehouse.contract import Contract, day, integer
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager
from nba_resources.warehouse.rejected_rows import REJECTED_ROWS

FIRST, LAST = dt.date(2025, 1, 12), dt.date(2025, 1, 15)
SINGLE_RUN = dg.BackfillPolicy.single_run()
DAILY = dg.DailyPartitionsDefinition("2025-01-01", end_date="2025-02-01")
COLUMNS = {"n": integer(), "on": day()}
TALLY = Contract("nba_raw", "tally", ("n",), COLUMNS, partition="on")
KEY = dg.AssetKey(["nba_raw", "tally"])
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


NULLABLE = ibis.schema({name: column.dtype(nullable=True) for name, column in TALLY.columns.items()})


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))


@pytest.fixture
def instance() -> dg.DagsterInstance:
    return dg.DagsterInstance.ephemeral()


def tally(*keys: tuple[int, dt.date]) -> Any:
    return ibis.memtable([{"n": n, "on": on} for n, on in keys], schema=TALLY.schema)


def asset_making(load: Callable[[], Load], partitions: dg.PartitionsDefinition | None = DAILY) -> dg.AssetsDefinition:
    @dg.asset(key=KEY, partitions_def=partitions, backfill_policy=SINGLE_RUN, io_manager_key="tables")
    def asset() -> Load:
        return load()

    return asset


def materialize(
    asset: dg.AssetsDefinition, warehouse: DuckDBWarehouse, instance: dg.DagsterInstance, **options: Any
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [asset], resources={"tables": WarehouseIOManager(warehouse, leave_out)}, instance=instance, **options
    )


def metadata_by_date(instance: dg.DagsterInstance) -> dict[str | None, dict[str, Any]]:
    records = instance.fetch_materializations(KEY, limit=100).records
    return {
        record.partition_key: {name: value.value for name, value in record.asset_materialization.metadata.items()}
        for record in records
        if record.asset_materialization
    }


def test_a_range_in_one_run_reports_the_stored_rows_of_each_date(
    warehouse: DuckDBWarehouse, instance: dg.DagsterInstance
):
    """Dagster itself would report the same number for every date of a run."""
    rows = tally((1, FIRST), (2, LAST), (3, LAST), (4, LAST))
    asset = asset_making(lambda: Load(TALLY, rows, DateRange(FIRST, LAST)))
    materialize(asset, warehouse, instance, tags={START: FIRST.isoformat(), END: LAST.isoformat()})
    counted = {key: metadata["dagster/partition_row_count"] for key, metadata in metadata_by_date(instance).items()}
    assert counted == {"2025-01-12": 1, "2025-01-13": 0, "2025-01-14": 0, "2025-01-15": 3}


def test_a_single_date_reports_its_own_rows(warehouse: DuckDBWarehouse, instance: dg.DagsterInstance):
    asset = asset_making(lambda: Load(TALLY, tally((1, FIRST), (2, FIRST)), DateRange(FIRST, FIRST)))
    materialize(asset, warehouse, instance, partition_key=FIRST.isoformat())
    assert metadata_by_date(instance)["2025-01-12"]["dagster/partition_row_count"] == 2


def test_a_date_says_what_changed_and_keeps_its_fingerprint_if_nothing_did(
    warehouse: DuckDBWarehouse, instance: dg.DagsterInstance
):
    def stored(*numbers: int) -> dict[str, Any]:
        rows = tally(*((number, FIRST) for number in numbers))
        asset = asset_making(lambda: Load(TALLY, rows, DateRange(FIRST, FIRST)))
        materialize(asset, warehouse, instance, partition_key=FIRST.isoformat())
        (latest, *_) = instance.fetch_materializations(KEY, limit=1).records
        return {name: value.value for name, value in latest.asset_materialization.metadata.items()}

    first = stored(1, 2)
    assert first.pop("rows added") == 2
    assert stored(2, 1) == first
    third = stored(2, 3, 4)
    assert (third["rows added"], third["rows removed"]) == (2, 1)
    assert third["fingerprint"] != first["fingerprint"]


def test_an_append_reports_all_stored_rows_of_the_date(warehouse: DuckDBWarehouse, instance: dg.DagsterInstance):
    warehouse.append(TALLY, DateRange(FIRST, FIRST), tally((1, FIRST)))
    asset = asset_making(lambda: Load(TALLY, tally((1, FIRST), (2, FIRST)), DateRange(FIRST, FIRST), appends=True))
    materialize(asset, warehouse, instance, partition_key=FIRST.isoformat())
    metadata = metadata_by_date(instance)["2025-01-12"]
    assert (metadata["dagster/partition_row_count"], metadata["rows added"]) == (2, 1)


@pytest.mark.parametrize("dated", [True, False])
def test_notes_of_the_load_are_metadata_too(warehouse: DuckDBWarehouse, instance: dg.DagsterInstance, dated: bool):
    contract = TALLY if dated else Contract("nba_raw", "tally", ("n",), COLUMNS)
    notes = {"exact duplicates": 3}
    dates = DateRange(FIRST, FIRST) if dated else None
    asset = asset_making(lambda: Load(contract, tally((1, FIRST)), dates, notes=notes), DAILY if dated else None)
    materialize(asset, warehouse, instance, partition_key=FIRST.isoformat() if dated else None)
    metadata = metadata_by_date(instance)["2025-01-12" if dated else None]
    assert metadata["load 2025-01-12" if dated else "load whole"] == notes


def test_a_table_without_dates_reports_its_rows(warehouse: DuckDBWarehouse, instance: dg.DagsterInstance):
    whole = Contract("nba_raw", "tally", ("n",), COLUMNS)
    asset = asset_making(lambda: Load(whole, tally((1, FIRST), (2, LAST))), partitions=None)
    materialize(asset, warehouse, instance)
    assert metadata_by_date(instance)[None]["dagster/row_count"] == 2


def test_a_run_of_which_every_date_is_refused_fails(warehouse: DuckDBWarehouse, instance: dg.DagsterInstance):
    asset = asset_making(lambda: Load(TALLY, tally((1, FIRST), (1, FIRST)), DateRange(FIRST, FIRST)))
    result = materialize(asset, warehouse, instance, partition_key=FIRST.isoformat(), raise_on_error=False)
    assert not result.success
    assert metadata_by_date(instance) == {}
    assert warehouse.read(TALLY.table()).empty


def test_a_range_stores_its_sound_dates_and_reports_the_refused_one(
    warehouse: DuckDBWarehouse, instance: dg.DagsterInstance
):
    rows = ibis.memtable([{"n": n, "on": on} for n, on in ((1, FIRST), (None, LAST))], schema=NULLABLE)
    asset = asset_making(lambda: Load(TALLY, rows, DateRange(FIRST, LAST)))
    result = materialize(asset, warehouse, instance, tags={START: FIRST.isoformat(), END: LAST.isoformat()})
    assert result.success, "tables downstream compute the sound dates"
    assert set(metadata_by_date(instance)) == {"2025-01-12", "2025-01-13", "2025-01-14"}
    assert len(warehouse.read(TALLY.table())) == 1
    (observed,) = instance.fetch_observations(KEY, limit=9).records
    assert observed.asset_observation is not None
    assert observed.asset_observation.partition == "2025-01-15"
    assert observed.asset_observation.metadata["refused"].value == "1 rows where n is NULL, for instance None"


def test_set_aside_rows_are_stored_until_a_load_without_them(warehouse: DuckDBWarehouse, instance: dg.DagsterInstance):
    def load(*rows: RejectedRow) -> Callable[[], Load]:
        return lambda: Load(TALLY, tally(), DateRange(FIRST, FIRST), feed="tally", rejected=rows)

    def set_aside() -> list[tuple[Any, ...]]:
        table = REJECTED_ROWS.table().select("feed", "game_date", "row", "reason", "first_seen", "last_seen")
        return [*warehouse.read(table.order_by("row")).itertuples(index=False, name=None)]

    one, other = (RejectedRow(FIRST, "archive", f'{{"n": {n}}}', f"reason {n}") for n in (1, 2))
    materialize(asset_making(load(one)), warehouse, instance, partition_key="2025-01-12")
    ((feed, date, row, reason, first_seen, last_seen),) = set_aside()
    assert (feed, date.date(), row, reason, last_seen) == ("tally", FIRST, '{"n": 1}', "reason 1", first_seen)
    materialize(asset_making(load(one, other, other)), warehouse, instance, partition_key="2025-01-12")
    again, new = set_aside()
    assert again[4] == first_seen < again[5] == new[4]
    materialize(asset_making(load(other)), warehouse, instance, partition_key="2025-01-12")
    assert [row[2] for row in set_aside()] == ['{"n": 2}']
    materialize(asset_making(load()), warehouse, instance, partition_key="2025-01-12")
    assert set_aside() == []
    records = instance.fetch_materializations(KEY, limit=9, ascending=True).records
    noted = [one.asset_materialization.metadata.get("rows set aside") for one in records if one.asset_materialization]
    assert [value and value.value for value in noted] == [1, 3, 1, None]


def test_a_table_cannot_be_loaded_as_an_input(warehouse: DuckDBWarehouse, instance: dg.DagsterInstance):
    asset = asset_making(lambda: Load(TALLY, tally(), DateRange(FIRST, FIRST)))

    @dg.asset(ins={"rows": dg.AssetIn(KEY)}, partitions_def=DAILY, backfill_policy=SINGLE_RUN)
    def reader(rows: object) -> None: ...

    with pytest.raises(Exception, match="nba_raw/tally cannot be loaded as an input: declare it as a dependency"):
        dg.materialize(
            [asset, reader],
            resources={"tables": WarehouseIOManager(warehouse, leave_out)},
            instance=instance,
            partition_key=FIRST.isoformat(),
        )

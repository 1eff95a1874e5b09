"""The private names that `dagster_compat` takes from Dagster, and the reasons why they are needed.

If a test here fails after an upgrade, read the docstring of the module it is about before anything is computed.
"""

import dagster as dg
import pytest
from dagster._core.launcher.base import RunLauncher
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster_postgres import DagsterPostgresStorage, PostgresEventLogStorage

from nba_platform.dagster_compat import check_evaluations, check_records, check_states, run_launcher, types
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_platform.dagster_compat.postgres_storage import BatchedEventLog, PostgresRecords
from nba_platform.dagster_compat.range_sensor import RangeSensor
from nba_platform.dagster_compat.run_launcher import HealthCheckedRunLauncher
from nba_platform.orchestration.instance import OF_DAGSTER

from .private import default_schedule_grpc_timeout

DAYS = dg.DailyPartitionsDefinition("2024-11-01", end_date="2024-11-04")


def test_dagster_is_the_minor_version_that_these_modules_were_written_for():
    assert dg.__version__.split(".")[:2] == ["1", "13"]


@pytest.mark.parametrize(
    ("ours", "stock", "names"),
    [
        (
            KeptOpenEventLog,
            SqliteEventLogStorage,
            "_connect _initdb conn_string_for_shard store_event store_event_batch update_asset_cached_status_data "
            "get_asset_check_state get_asset_tags_to_index has_table has_asset_key_col has_secondary_index "
            "_has_asset_key_col_on_connection get_asset_records get_latest_storage_id_by_partition "
            "get_latest_tags_by_partition get_asset_check_partition_info",
        ),
        (
            BatchedEventLog,
            PostgresEventLogStorage,
            "_connect _event_to_row _store_asset_event _store_asset_event_tags store_asset_check_event has_table "
            "store_event store_event_batch get_asset_check_state get_asset_tags_to_index",
        ),
        (PostgresRecords, DagsterPostgresStorage, "config_type from_config_value"),
        (HealthCheckedRunLauncher, dg.DefaultRunLauncher, "_instance check_run_worker_health"),
    ],
    ids=["sqlite", "postgres log", "postgres", "launcher"],
)
def test_what_is_overridden_or_called_exists_in_the_stock_class(ours: type, stock: type, names: str):
    assert issubclass(ours, stock)
    assert not [name for name in names.split() if not hasattr(stock, name)]


def test_the_stock_launcher_cannot_say_that_a_process_is_gone():
    assert RunLauncher.supports_check_run_worker_health.fget(object.__new__(dg.DefaultRunLauncher)) is False
    result = run_launcher.CheckRunHealthResult(run_launcher.WorkerStatus.FAILED, "gone")
    assert (result.status, result.msg) == (run_launcher.WorkerStatus.FAILED, "gone")


def test_the_stock_sensor_requests_a_run_for_each_partition_and_ours_what_the_merge_returns():
    @dg.asset(partitions_def=DAYS, automation_condition=dg.AutomationCondition.missing())
    def form() -> None: ...

    def requests(sensor: dg.SensorDefinition) -> list[dg.RunRequest]:
        with dg.instance_for_test() as instance:
            definitions = dg.Definitions(assets=[form], sensors=[sensor])
            context = dg.build_sensor_context(instance, definitions=definitions)
            return list(sensor.evaluate_tick(context).run_requests)

    stock = dg.AutomationConditionSensorDefinition("stock", target="*", emit_backfills=False, use_user_code_server=True)
    assert [request.partition_key for request in requests(stock)] == DAYS.get_partition_keys()
    ours = RangeSensor("ours", lambda requests, graph: [*requests][:1], target=dg.AssetSelection.all())
    assert len(requests(ours)) == 1


def test_the_stock_check_of_a_range_leaves_its_dates_without_a_result():
    """The reason for `check_evaluations`: once this fails it can go."""

    @dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
    def form() -> None: ...

    @dg.asset_check(asset=form, partitions_def=DAYS)
    def sound() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    tags = {"dagster/asset_partition_range_start": "2024-11-01", "dagster/asset_partition_range_end": "2024-11-03"}
    with dg.DagsterInstance.ephemeral() as instance:
        job = dg.Definitions([form], asset_checks=[sound]).resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=instance, tags=tags)
        infos = check_records.partition_infos(instance, [sound.check_key])
    states = {info.partition_key: info.latest_execution_status for info in infos}
    planned, passed = check_records.Status.PLANNED, check_records.Status.SUCCEEDED
    assert states == {None: passed, **dict.fromkeys(DAYS.get_partition_keys(), planned)}


def test_the_daemon_waits_for_a_look_at_two_weeks_of_box_scores(monkeypatch: pytest.MonkeyPatch):
    """Two files of at most fifteen games a day and the schedule, one a second; Dagster gives up after a minute."""
    for name in OF_DAGSTER:
        monkeypatch.delenv(name, raising=False)
    assert default_schedule_grpc_timeout() == 60
    for name, value in OF_DAGSTER.items():
        monkeypatch.setenv(name, value)
    assert default_schedule_grpc_timeout() > 14 * 15 * 2 + 1


def test_a_target_names_the_materialization_it_is_about():
    target = check_evaluations.TargetMaterialization(storage_id=1, run_id="run", timestamp=0.0)
    assert (target.storage_id, target.run_id, target.timestamp) == (1, "run", 0.0)


def test_records_of_checks_have_the_fields_that_are_read():
    assert {status.name for status in check_records.Status} == {"PLANNED", "SUCCEEDED", "FAILED"}
    read = {"check_key", "partition_key", "latest_execution_status", "latest_planned_run_id"}
    read |= {"latest_check_event_storage_id", "latest_materialization_storage_id"}
    read |= {"latest_target_materialization_storage_id"}
    assert read <= set(check_records.AssetCheckPartitionInfo.__annotations__)


def test_the_finished_states_of_a_run_are_those_of_dagster():
    assert {*check_states._FINISHED} == {*FINISHED_STATUSES}


def test_names_that_are_only_named_mean_what_they_meant():
    assert types.CODE_VERSION_TAG == "dagster/code_version"
    assert {status.name for status in types.StepEventStatus} == {"SKIPPED", "SUCCESS", "FAILURE", "IN_PROGRESS"}
    assert isinstance(dg.Definitions().resolve_asset_graph(), types.BaseAssetGraph)

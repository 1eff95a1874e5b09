"""What is read by SQL is what Dagster's own methods return, on SQLite and on PostgreSQL."""

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import dagster as dg
import pytest

from nba_checks.permission import Evidence
from nba_platform.dagster_compat.instance_records import query_of, store_value, value
from nba_platform.dagster_compat.records import FINISHED, IN_PROGRESS, Records, RecordsUnreadable, asset_text
from nba_platform.dagster_compat.types import CODE_VERSION_TAG
from nba_platform.orchestration.instance import POSTGRES, open_instance, open_records
from nba_platform.orchestration.processes import PROCESS, a_run_may_be_dead

DATES = ("2024-11-01", "2024-11-03")
DAYS = dg.DailyPartitionsDefinition("2024-11-01", end_date="2024-11-05")
SINGLE = dg.BackfillPolicy.single_run()
RANGE = dict(zip(("dagster/asset_partition_range_start", "dagster/asset_partition_range_end"), DATES, strict=True))


class Missing(RuntimeError):
    """A cause."""


@dg.asset(partitions_def=DAYS, backfill_policy=SINGLE, code_version="7")
def counts(context: dg.AssetExecutionContext) -> None:
    for day, key in enumerate(context.partition_keys):
        context.add_asset_metadata({"dagster/partition_row_count": day}, partition_key=key)


@dg.asset(code_version="8", deps=[counts])
def whole() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"dagster/row_count": 5, "note": "all"})


@dg.asset(partitions_def=DAYS, backfill_policy=SINGLE, deps=[counts])
def broken() -> None:
    try:
        raise Missing("no file")
    except Missing as error:
        raise ValueError("cannot be computed") from error


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dg.DagsterInstance, Mapping[str, str]]]:
    """An instance with a run that succeeded and one that failed, and the variables that lead to it."""
    variables = {"NBA_HOME": str(tmp_path_factory.mktemp("home")), "DAGSTER_HOME": ""}
    if request.param == "postgres":
        variables[POSTGRES] = request.getfixturevalue("server").empty_database(f"records_{os.getpid()}")
    assets = dg.Definitions([counts, whole, broken], executor=dg.in_process_executor)
    job = assets.resolve_implicit_global_asset_job_def()
    with pytest.MonkeyPatch.context() as patch:
        set_all(variables, patch)
        instance = open_instance()
    with instance:
        for selection in ([counts.key, whole.key], [broken.key]):
            tags = {**RANGE, PROCESS: str(os.getpid())}
            job.execute_in_process(instance=instance, tags=tags, asset_selection=selection, raise_on_error=False)
        yield instance, variables


@pytest.fixture
def instance(
    opened: tuple[dg.DagsterInstance, Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> dg.DagsterInstance:
    """The instance, which all tests share: the runs and the events of these tables stay as they are."""
    instance, variables = opened
    set_all(variables, monkeypatch)
    return instance


def set_all(variables: Mapping[str, str], patch: pytest.MonkeyPatch) -> None:
    for variable in variables.items():
        patch.setenv(*variable)


def test_what_is_read_equals_what_dagster_returns(instance: dg.DagsterInstance):
    records = open_records()
    ours, theirs = [*records.runs()], instance.get_run_records()

    assert [run.run_id for run in ours] == [record.dagster_run.run_id for record in theirs]
    assert [run.status for run in ours] == ["FAILURE", "SUCCESS"]
    for run, record in zip(ours, theirs, strict=True):
        assert run.tags == record.dagster_run.tags
        assert {dg.AssetKey(path) for path in run.assets or ()} == record.dagster_run.asset_selection
        assert (run.began, run.ended) == (record.start_time, record.end_time)
        assert run.created == record.create_timestamp.timestamp()
        assert run.partitions == DATES
        for step in instance.get_run_step_stats(run.run_id):
            read = records.step(run.run_id, step.step_key)
            assert read is not None
            assert read.state == step.status.value
            assert (read.began, read.ended) == pytest.approx((step.start_time, step.end_time), abs=1e-5)


def test_what_a_run_stored_is_read_with_its_metadata_and_tags(instance: dg.DagsterInstance):
    records = open_records()
    run = next(run for run in records.runs() if run.status == "SUCCESS")

    stored = [*records.materializations(run.run_id, counts.key.path, None)]
    (of_date,) = records.materializations(run.run_id, counts.key.path, "2024-11-03")
    (of_whole,) = records.materializations(run.run_id, whole.key.path, None)

    assert [one["metadata"]["dagster/partition_row_count"] for one in stored] == [0, 1, 2]
    assert of_date["metadata"]["dagster/partition_row_count"] == 2
    assert of_whole["metadata"]["dagster/row_count"] == 5
    assert (of_date["tags"][CODE_VERSION_TAG], of_whole["tags"][CODE_VERSION_TAG]) == ("7", "8")
    assert {*records.stored_assets()} == {("counts",), ("whole",)}
    assert (records.is_partitioned(["counts"]), records.is_partitioned(["whole"])) == (True, False)


def test_an_error_is_read_with_its_cause(instance: dg.DagsterInstance):
    records = open_records()
    run = next(run for run in records.runs() if run.status == "FAILURE")
    entries = instance.all_logs(run.run_id, dg.DagsterEventType.STEP_FAILURE)
    theirs = entries[0].dagster_event.step_failure_data.error

    ((step, error),) = records.step_errors(run.run_id)

    assert step == "broken"
    while error.cause and theirs.cause:
        assert (error.message, error.cls_name) == (theirs.message, theirs.cls_name)
        error, theirs = error.cause, theirs.cause
    assert (error.cls_name, error.cause, theirs.cause) == ("Missing", None, None)
    assert "no file" in error.message
    assert records.failure(run.run_id)


def test_the_statuses_are_those_of_dagster():
    ended = {status.value for status in dg.DagsterRunStatus if status.value in FINISHED}
    assert ended == {"SUCCESS", "FAILURE", "CANCELED"}
    waiting = {"QUEUED", "MANAGED", "SUSPENDED"}
    assert {status.value for status in dg.DagsterRunStatus} - ended - waiting == {*IN_PROGRESS}


def test_an_instance_and_its_records_agree_on_statements_and_values(instance: dg.DagsterInstance):
    records, statement = open_records(), "SELECT asset_key, MAX(id) FROM event_logs WHERE asset_key LIKE ? GROUP BY 1"
    pattern = [asset_text(counts.key.path)[:4] + "%"]
    store_value(instance, "nba/a", "first")
    store_value(instance, "nba/a", "second")

    assert records.query(statement, pattern) == query_of(instance)(statement, pattern) != []
    assert records.value("nba/a") == value(instance, "nba/a") == "second"
    assert records.value("nba/b") is value(instance, "nba/b") is None


class NoTables:
    """A warehouse that holds nothing."""

    def stored(self, keys: Iterable[str]) -> set[str]:
        return set()

    def results(self, statements: Sequence[str]) -> list[list[tuple]]:
        return []

    def session(self) -> AbstractContextManager[None]:
        return nullcontext()


@pytest.mark.parametrize("refused", [True, False])
def test_a_run_and_a_command_find_the_same_evidence_of_a_decision(instance: dg.DagsterInstance, refused: bool):
    """A run stores the decision over its open instance, a command reads it from the records."""
    day, nothing = dt.date.fromisoformat(DATES[1]), NoTables()
    queries = (query_of(instance), open_records().query)

    def found() -> set[str]:
        return {Evidence(query, nothing, day).digest(day, ["check"], refused) for query in queries}

    before, shots = found(), dg.AssetKey(["nba_raw", "shots"])
    instance.report_runless_asset_event(dg.AssetMaterialization(shots, partition=DATES[1]))
    after = found()
    instance.wipe_assets([shots])
    assert len(before) == len(after) == 1
    assert before != after


def test_a_run_in_progress_is_looked_at_only_if_its_process_may_be_gone(instance: dg.DagsterInstance):
    records = open_records()
    assert not a_run_may_be_dead(records)
    for process, dead in ((os.getpid(), False), (2**22 + 1, True)):
        run = dg.DagsterRun("job", status=dg.DagsterRunStatus.STARTED, tags={PROCESS: str(process)})
        instance.add_run(run)
        assert a_run_may_be_dead(records) is dead
        instance.delete_run(run.run_id)


def test_without_records_there_is_nothing_to_read(home: Path):
    records = open_records()
    assert [*records.runs()] == []
    assert records.stored_assets() == []
    assert records.value("nba/a") is None


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path):
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "runs.db").write_text("no database " * 100)
    with pytest.raises(RecordsUnreadable, match="not a database"):
        Records(tmp_path).value("nba/a")


def test_a_server_that_is_away_is_an_error_without_its_password(tmp_path: Path):
    records = Records(tmp_path, "postgresql://nba:secret@127.0.0.1:1/none")
    with pytest.raises(RecordsUnreadable) as error:
        records.value("nba/a")
    assert "secret" not in f"{error.value} {records!r}"

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import dagster as dg
import pytest

from nba_platform.dagster_compat.run_launcher import WorkerStatus
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.run_health import PROCESS, STARTS_WITHIN, fail_dead_runs, failure_cause

from ..dagster_compat.private import EngineEventData


@dg.job
def idle() -> None: ...


@pytest.fixture
def instance(home) -> Iterator[dg.DagsterInstance]:
    with open_instance() as opened:
        yield opened


@pytest.fixture(scope="module")
def gone() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def started(instance: dg.DagsterInstance, **tags: str) -> str:
    run = instance.create_run_for_job(idle, status=dg.DagsterRunStatus.STARTED, tags=tags)
    return run.run_id


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_run_whose_process_is_gone_is_marked_as_failed_with_the_reason(instance, gone):
    run_id = started(instance, **{PROCESS: str(gone)})

    assert fail_dead_runs(instance) == [run_id]
    assert status(instance, run_id) is dg.DagsterRunStatus.FAILURE
    (ended,) = instance.all_logs(run_id, dg.DagsterEventType.RUN_FAILURE)
    assert ended.dagster_event.message == f"Process {gone} is gone: it was killed, or the machine was switched off."


def test_a_run_whose_process_lives_is_left_alone(instance):
    run_id = started(instance, **{PROCESS: str(os.getpid())})

    assert fail_dead_runs(instance) == []
    assert status(instance, run_id) is dg.DagsterRunStatus.STARTED


def test_a_run_of_the_ui_is_known_by_the_process_its_log_names(instance, gone):
    """`nba` tags its runs; the UI, the daemon and `dagster` do not, but every run says in its log who executes it."""
    run_id = started(instance)
    run = instance.get_run_by_id(run_id)
    instance.report_engine_event("Executing steps in process", run, EngineEventData.in_process(gone))

    assert fail_dead_runs(instance) == [run_id]


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="the age of a process is read from /proc")
def test_a_younger_process_with_the_same_number_does_not_keep_a_run_alive(instance):
    run_id = started(instance)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as younger:
        time.sleep(0.01)
        instance.add_run_tags(run_id, {PROCESS: str(younger.pid)})
        record = instance.get_run_record_by_id(run_id)
        now = failure_cause(instance, record)
        long_ago = record._replace(create_timestamp=record.create_timestamp.replace(year=2000))
        then = failure_cause(instance, long_ago)
        younger.communicate(b"\n")

    assert now is None
    assert then is not None


def test_a_run_that_waited_in_the_queue_lives_in_a_process_younger_than_itself(instance):
    """Runs of the daemon that took longer than its next look were marked as failed while they were at work."""
    run_id = started(instance)
    instance.report_engine_event(
        "Executing steps in process", instance.get_run_by_id(run_id), EngineEventData.in_process(os.getpid())
    )
    record = instance.get_run_record_by_id(run_id)
    waited = record._replace(create_timestamp=record.create_timestamp.replace(year=2000))

    assert failure_cause(instance, waited) is None


def test_a_run_repeated_in_the_ui_is_not_taken_for_the_one_it_repeats(instance, gone):
    """It carries the tags of the first, and with them the number of a process that has ended."""
    run_id = started(instance, **{PROCESS: str(gone)})
    instance.report_engine_event(
        "Executing steps in process", instance.get_run_by_id(run_id), EngineEventData.in_process(os.getpid())
    )

    assert fail_dead_runs(instance) == []


def test_a_run_that_waited_in_the_queue_has_as_long_to_find_a_process_as_any(instance):
    record = instance.get_run_record_by_id(started(instance))
    queued_long_ago = record._replace(create_timestamp=record.create_timestamp.replace(year=2000))

    assert failure_cause(instance, queued_long_ago) is None


def test_a_run_that_nobody_took_up_is_given_up_after_a_while(instance):
    record = instance.get_run_record_by_id(started(instance))
    long_ago = record._replace(update_timestamp=record.update_timestamp.replace(year=2000))

    assert failure_cause(instance, record) is None
    assert failure_cause(instance, long_ago) == f"No process took up the run within {STARTS_WITHIN} s."


def test_the_daemon_is_told_the_same_by_the_launcher(instance, gone):
    dead, alive = started(instance, **{PROCESS: str(gone)}), started(instance, **{PROCESS: str(os.getpid())})
    health = [
        instance.run_launcher.check_run_worker_health(instance.get_run_by_id(run_id)).status for run_id in (dead, alive)
    ]

    assert instance.run_monitoring_enabled
    assert instance.run_launcher.supports_check_run_worker_health
    assert health == [WorkerStatus.FAILED, WorkerStatus.RUNNING]

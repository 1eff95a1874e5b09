"""Find runs whose process is gone: a killed process cannot report that its run ended.

Every run records the number of its process. All processes of an instance are on one machine, as they share one DuckDB
file.
"""

import time

import dagster as dg

from nba_platform.dagster_compat.run_launcher import HealthCheckedRunLauncher
from nba_platform.orchestration.automation.tick_state import IN_PROGRESS
from nba_platform.orchestration.processes import PROCESS as PROCESS
from nba_platform.orchestration.processes import is_alive

STARTS_WITHIN = 600  # seconds a run without any process may take to get one; planning five seasons takes one minute
_IN_PROGRESS = [status for status in IN_PROGRESS if status is not dg.DagsterRunStatus.QUEUED]


def fail_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process is gone, and return their ids. What they stored is kept."""
    run_ids = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=_IN_PROGRESS)):
        if cause := failure_cause(instance, record):
            run = instance.get_run_by_id(record.dagster_run.run_id)
            if run is not None and run.status in _IN_PROGRESS:  # it may have succeeded a moment ago
                instance.report_run_failed(run, cause)
                run_ids.append(run.run_id)
    return run_ids


def failure_cause(instance: dg.DagsterInstance, record: dg.RunRecord) -> str | None:
    """Return why a run cannot be in progress any more, or None if it may be."""
    created = record.create_timestamp.timestamp()
    process, since = _process(instance, record.dagster_run, created)
    if process is None:
        waited = time.time() - record.update_timestamp.timestamp()  # without its time in the queue
        return f"No process took up the run within {STARTS_WITHIN} s." if waited > STARTS_WITHIN else None
    gone = f"Process {process} is gone: it was killed, or the machine was switched off."
    return None if is_alive(process, since) else gone


class WatchedRunLauncher(HealthCheckedRunLauncher):
    """The launcher that `dagster.yaml` names; the daemon's run monitoring stores the cause."""

    failure_cause = staticmethod(failure_cause)


def _process(instance: dg.DagsterInstance, run: dg.DagsterRun, created: float) -> tuple[int | None, float]:
    """Return the number of a run's process, and a time at which it was alive.

    The log comes first: a run that waited in the queue was created long before its process, and one that the UI repeats
    has the tag of another.
    """
    for event in reversed(instance.all_logs(run.run_id, dg.DagsterEventType.ENGINE_EVENT)):
        if event.dagster_event and "pid" in event.dagster_event.engine_event_data.metadata:
            return int(str(event.dagster_event.engine_event_data.metadata["pid"].value)), event.timestamp
    return int(run.tags[PROCESS]) if PROCESS in run.tags else None, created

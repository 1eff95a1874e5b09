"""Find runs whose process was killed, and mark them as failed: Dagster would show them as running for ever.

Every run records the id of its process. All processes of an instance are on one machine, as they share one DuckDB file.
"""

import os
import time
from pathlib import Path

import dagster as dg
from dagster._core.launcher import DefaultRunLauncher
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.storage.dagster_run import RunRecord

PROCESS_TAG = "nba/process"  # set when `nba` creates a run, before the run logs its process
START_TIMEOUT_SECONDS = 600  # how long a run may go without a process
_CLOCK_TOLERANCE_SECONDS = 2.0
_RUNNING = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def fail_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs whose process is gone as failed and return their ids. Rows they stored stay."""
    failed = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=_RUNNING)):
        if reason := dead_run_reason(instance, record):
            run = instance.get_run_by_id(record.dagster_run.run_id)
            if run is not None and run.status in _RUNNING:  # it may have ended since the query
                instance.report_run_failed(run, reason)
                failed.append(run.run_id)
    return failed


def dead_run_reason(instance: dg.DagsterInstance, record: RunRecord) -> str | None:
    """Return why a run with a running status cannot be running, or None if it may be."""
    process = _process(instance, record)
    if process is None:
        waited = time.time() - record.update_timestamp.timestamp()  # without its time in the queue
        late = waited > START_TIMEOUT_SECONDS
        return f"No process took up the run within {START_TIMEOUT_SECONDS} s." if late else None
    process_id, seen_at = process
    if _exists(process_id, seen_at):
        return None
    return f"Process {process_id} is gone: it was killed, or the machine was switched off."


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's default launcher, which also reports to run monitoring that a run's process is gone."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Enable the health check of run monitoring."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Check one run with a running status, whoever started it."""
        record = self._instance.get_run_record_by_id(run.run_id)
        reason = dead_run_reason(self._instance, record) if record else None
        return (
            CheckRunHealthResult(WorkerStatus.FAILED, reason) if reason else CheckRunHealthResult(WorkerStatus.RUNNING)
        )


def _process(instance: dg.DagsterInstance, record: RunRecord) -> tuple[int, float] | None:
    """Return the id of a run's process, and a time at which it existed.

    The event log comes before the tag: a run that waited in the queue was created long before its process, and a run
    repeated in the UI has the tag of the first one.
    """
    run = record.dagster_run
    for entry in reversed(instance.all_logs(run.run_id, dg.DagsterEventType.ENGINE_EVENT)):
        if entry.dagster_event and (pid := entry.dagster_event.engine_event_data.metadata.get("pid")):
            return int(str(pid.value)), entry.timestamp
    return (int(run.tags[PROCESS_TAG]), record.create_timestamp.timestamp()) if PROCESS_TAG in run.tags else None


def _exists(process_id: int, seen_at: float) -> bool:
    """Return whether the process exists and is not a later one with the same id."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if not Path("/proc/self/stat").exists():
        return True
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    state, *rest = stat.rpartition(")")[2].split()
    return (
        state != "Z" and _boot_time() + int(rest[18]) / os.sysconf("SC_CLK_TCK") <= seen_at + _CLOCK_TOLERANCE_SECONDS
    )


def _boot_time() -> float:
    lines = Path("/proc/stat").read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("btime "))

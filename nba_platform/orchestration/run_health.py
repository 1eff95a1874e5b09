"""Whether the process behind a run still lives: a killed one cannot say that it ended, and would seem at work for ever.

Every run leaves the number of its process in its own records. All processes of an instance are on one machine, as they
share one DuckDB file.
"""

import os
import time
from pathlib import Path

import dagster as dg

from nba_platform.dagster_compat.run_launcher import HealthCheckedRunLauncher

PROCESS = "nba/process"  # a run of `nba` is tagged from its first moment, before it has planned anything
STARTS_WITHIN = 600  # seconds a run without any process may take to get one; planning five seasons takes one
_CLOCKS_DIFFER = 2.0
_BEGUN = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
_AT_WORK = [*_BEGUN, dg.DagsterRunStatus.CANCELING]


def bury_the_dead(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process is gone, and name them. What they stored is kept."""
    found = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=_AT_WORK)):
        if cause := cause_of_death(instance, record):
            run = instance.get_run_by_id(record.dagster_run.run_id)
            if run is not None and run.status in _AT_WORK:  # it may have ended well a moment ago
                instance.report_run_failed(run, cause)
                found.append(run.run_id)
    return found


def cause_of_death(instance: dg.DagsterInstance, record: dg.RunRecord) -> str | None:
    """Why a run that seems at work cannot be; nothing if it may be."""
    created = record.create_timestamp.timestamp()
    named = _process(instance, record.dagster_run, created)
    if named is None:
        waited = time.time() - record.update_timestamp.timestamp()  # what it waited in the queue does not count
        return f"No process took up the run within {STARTS_WITHIN} s." if waited > STARTS_WITHIN else None
    process, since = named
    if _lives(process, since):
        return None
    return f"Process {process} is gone: it was killed, or the machine was switched off."


class WatchedRunLauncher(HealthCheckedRunLauncher):
    """The launcher that `dagster.yaml` names."""

    def failure_cause(self, instance: dg.DagsterInstance, record: dg.RunRecord) -> str | None:
        """See `cause_of_death`."""
        return cause_of_death(instance, record)


def _process(instance: dg.DagsterInstance, run: dg.DagsterRun, created: float) -> tuple[int, float] | None:
    """The number of a run's process, and a moment at which it was there.

    The log is asked first: a run that waited in the queue was created long before its process, and one that the UI
    repeats carries the tag of another.
    """
    told = instance.all_logs(run.run_id, dg.DagsterEventType.ENGINE_EVENT)
    named = [
        (int(str(event.dagster_event.engine_event_data.metadata["pid"].value)), event.timestamp)
        for event in told
        if event.dagster_event and "pid" in event.dagster_event.engine_event_data.metadata
    ]
    if named:
        return named[-1]
    return (int(run.tags[PROCESS]), created) if PROCESS in run.tags else None


def _lives(process: int, since: float) -> bool:
    """Whether there is such a process, and it is not a younger one that was given the same number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if not Path("/proc/self/stat").exists():
        return True
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    state, *rest = stat.rpartition(")")[2].split()
    return state != "Z" and _booted() + int(rest[18]) / os.sysconf("SC_CLK_TCK") <= since + _CLOCKS_DIFFER


def _booted() -> float:
    lines = Path("/proc/stat").read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("btime "))

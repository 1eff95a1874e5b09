"""Find out whether the process of a run is still there, without importing Dagster."""

import os
from pathlib import Path

from nba_platform.dagster_compat.records import IN_PROGRESS, Records

PROCESS = "nba/process"  # tag of the runs of `nba`, set before anything is planned
_CLOCKS_DIFFER = 2.0


def a_run_may_be_dead(records: Records) -> bool:
    """Return whether a run in progress has no process, or one that is gone: `fail_dead_runs` then decides."""
    for run in records.runs(IN_PROGRESS):
        process, since = records.process(run)
        if process is None and PROCESS in run.tags:
            process, since = int(run.tags[PROCESS]), run.created
        if process is None or not is_alive(process, since or run.created):
            return True
    return False


def is_alive(process: int, since: float) -> bool:
    """Return whether the process runs, and is not a younger one with the same number."""
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
    lines = Path("/proc/stat").read_text(encoding="utf-8").splitlines()
    boot = next(float(line.split()[1]) for line in lines if line.startswith("btime "))
    state, *rest = stat.rpartition(")")[2].split()
    return state != "Z" and boot + int(rest[18]) / os.sysconf("SC_CLK_TCK") <= since + _CLOCKS_DIFFER

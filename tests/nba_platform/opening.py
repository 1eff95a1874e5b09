"""Processes of their own that open the records of `NBA_HOME`."""

import subprocess
import sys

OPEN = (sys.executable, "-c", "from nba_platform.orchestration.instance import open_instance; open_instance()")


def opened_at_once(number: int) -> tuple[list[int], list[str]]:
    """How each ended, and what it said of errors."""
    processes = [subprocess.Popen(OPEN, stderr=subprocess.PIPE, text=True) for _ in range(number)]
    said = [process.communicate(timeout=120)[1] for process in processes]
    return [process.returncode for process in processes], said

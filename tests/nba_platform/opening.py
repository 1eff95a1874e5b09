"""Open the Dagster instance of `NBA_HOME` in several processes at once."""

import subprocess
import sys

OPEN = (sys.executable, "-c", "from nba_platform.orchestration.instance import open_instance; open_instance()")


def opened_at_once(number: int) -> tuple[list[int], list[str]]:
    """Return the exit code and stderr of each process."""
    processes = [subprocess.Popen(OPEN, stderr=subprocess.PIPE, text=True) for _ in range(number)]
    errors = [process.communicate(timeout=120)[1] for process in processes]
    return [process.returncode for process in processes], errors

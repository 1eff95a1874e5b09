"""Run logs are copied to the terminal by a thread of the run, not by processes."""

import os
import subprocess
import sys
from pathlib import Path

NOISY = """
import os
import dagster as dg
from nba_platform.dagster_compat.compute_logs import tail_logs_in_threads

@dg.asset
def noisy():
    print("from Python", flush=True)
    os.write(1, b"from an engine\\n")
    os.write(2, b"a warning\\n")
    with open(f"/proc/{os.getpid()}/task/{os.getpid()}/children") as children:
        print("processes:", children.read().split())

tail_logs_in_threads()
with dg.DagsterInstance.get() as instance:
    assert dg.materialize([noisy], instance=instance).success
print("the run has ended")
"""


def test_what_a_run_prints_is_shown_and_kept_and_no_process_is_started_for_it(tmp_path: Path):
    """Four processes a run took a tenth of a second of processor time, and a fork of a large process memory."""
    environment = {**os.environ, "DAGSTER_HOME": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", NOISY], env=environment, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    of_run = ["from Python", "from an engine", "processes: []"]
    assert ran.stdout.splitlines() == [*of_run, "the run has ended"]
    assert "a warning" in ran.stderr.splitlines()
    kept = {suffix: "".join(file.read_text() for file in tmp_path.rglob(f"*.{suffix}")) for suffix in ("out", "err")}
    assert kept["out"].splitlines() == of_run
    assert "a warning" in kept["err"].splitlines()

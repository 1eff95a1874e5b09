"""A host is asked at one rate, whoever of this machine asks."""

import itertools
import subprocess
import sys
from pathlib import Path

from nba_resources.sources.http.rate_limit import Pace

TAKE_TURNS = """
import sys, time
from pathlib import Path
from nba_resources.sources.http.rate_limit import Pace
told = []
def clock():
    told.append(time.time())
    return told[-1]
for _ in range(4):
    Pace(Path(sys.argv[1]), clock=clock).wait("cdn.example", 0.1)
    print(told[-1])
"""


def test_processes_share_one_pace(tmp_path: Path):
    """Two runs at once would otherwise ask a host twice as fast as it allows."""
    command = [sys.executable, "-c", TAKE_TURNS, str(tmp_path / "pace.db")]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    turns = sorted(float(line) for worker in workers for line in worker.communicate(timeout=60)[0].splitlines())
    assert len(turns) == 8
    assert min(later - earlier for earlier, later in itertools.pairwise(turns)) > 0.098, (
        "a turn is kept in milliseconds"
    )


def test_hosts_do_not_wait_for_one_another(tmp_path: Path):
    slept: list[float] = []
    pace = Pace(tmp_path / "pace.db", slept.append, lambda: 1000.0)
    for host in ("a", "b", "c"):
        pace.wait(host, 60)
    assert not slept


def test_a_clock_set_back_by_a_day_holds_nobody_up_for_a_day(tmp_path: Path):
    slept: list[float] = []
    Pace(tmp_path / "pace.db", slept.append, lambda: 100_000.0).wait("a", 2)
    Pace(tmp_path / "pace.db", slept.append, lambda: 13_600.0).wait("a", 2)
    assert sum(slept) <= 2

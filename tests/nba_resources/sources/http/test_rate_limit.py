"""All processes of a machine share one rate for each host."""

import datetime as dt
import itertools
import subprocess
import sys
from pathlib import Path

from nba_resources.sources.http.state_db import StateDb

TAKE_TURNS = """
import datetime as dt, sys
from pathlib import Path
from nba_resources.sources.http.state_db import StateDb
times = []
def now():
    times.append(dt.datetime.now(dt.UTC))
    return times[-1]
for _ in range(4):
    StateDb(Path(sys.argv[1]), now).wait_for_turn("cdn.example", 0.1)
    print(times[-1].timestamp())
"""


def test_processes_share_one_rate(tmp_path: Path):
    """Two runs at once would otherwise send requests twice as fast as the host allows."""
    command = [sys.executable, "-c", TAKE_TURNS, str(tmp_path / "providers.db")]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    turns = sorted(float(line) for worker in workers for line in worker.communicate(timeout=60)[0].splitlines())
    assert len(turns) == 8
    assert min(later - earlier for earlier, later in itertools.pairwise(turns)) > 0.098


def test_hosts_do_not_wait_for_each_other(tmp_path: Path):
    slept: list[float] = []
    state = StateDb(tmp_path / "providers.db", lambda: dt.datetime.fromtimestamp(1000, dt.UTC), slept.append)
    for host in ("a", "b", "c"):
        state.wait_for_turn(host, 60)
    assert not slept


def test_a_clock_set_back_by_a_day_does_not_cause_a_wait_of_a_day(tmp_path: Path):
    slept: list[float] = []
    for seconds in (100_000, 13_600):
        now = dt.datetime.fromtimestamp(seconds, dt.UTC)
        StateDb(tmp_path / "providers.db", lambda now=now: now, slept.append).wait_for_turn("a", 2)
    assert sum(slept) <= 2

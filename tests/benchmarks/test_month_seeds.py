"""Three seeds of the month under faults, a day each, beside the day of their league without faults."""

import json
import subprocess
import sys
from pathlib import Path

from simulated_month.invariants import CHECKED

from ..shared import share_compiled

MONTH = Path(__file__).parents[2] / "benchmarks" / "month.py"
SEEDS = (1, 2, 3)


def test_three_seeds_of_faults_break_no_promise(tmp_path: Path):
    """They are played in a process of their own, as its clock is that of the whole process."""
    share_compiled(tmp_path / "months")
    result = tmp_path / "result.json"
    words = ["--seeds", f"{SEEDS[0]}-{SEEDS[-1]}", "--days", "1", "--tables", "facts", "--json", str(result)]
    done = subprocess.run(
        [sys.executable, str(MONTH), *words, "--folder", str(tmp_path / "months")], capture_output=True, text=True
    )
    assert result.exists(), done.stderr
    months = json.loads(result.read_text())
    assert [month["seed"] for month in months] == [*SEEDS, None]
    assert [month["findings"] for month in months] == [[]] * 4
    *faulty, calm = (sum(month["injected"].values()) for month in months)
    assert min(faulty) > 0
    assert calm == 0
    assert all(months[0]["checked"][name] for name in CHECKED)

import os
import sys
from pathlib import Path

import pytest

from nba_platform.cli.command import progress


def test_progress_passes_by_a_redirection_of_stderr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Dagster redirects stderr during a run and passes it on through `tail`, which it ends before the last lines."""
    with (tmp_path / "stderr").open("w") as stderr, (tmp_path / "log").open("w") as log:
        monkeypatch.setattr(sys, "stderr", stderr)
        console = progress()
        os.dup2(log.fileno(), stderr.fileno())
        console.print("[1/1] nba_raw.schedule, 1.0 dates/s", markup=False)

    assert (tmp_path / "stderr").read_text() == "[1/1] nba_raw.schedule, 1.0 dates/s\n"
    assert (tmp_path / "log").read_text() == ""

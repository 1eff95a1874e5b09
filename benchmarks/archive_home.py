"""A fresh home on the real archive, gone again when the measuring is done, and the commands that are measured."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

NBA = str(Path(sys.executable).with_name("nba"))  # the command of the environment that measures
EVERYTHING = ("2021-10-19", "2026-01-02")


def archive_dir() -> str:
    """Return the folder of the real archive; without one nothing can be measured."""
    archive = os.environ.get("NBA_ARCHIVE_DIR") or "../shared/data/nba"
    if not Path(archive, "games.parquet").exists():
        sys.exit(f"no archive at {archive}: set NBA_ARCHIVE_DIR to a folder with games.parquet")
    return archive


@contextmanager
def archive_home() -> Iterator[tuple[Path, Mapping[str, str]]]:
    """An empty folder and the environment in which `nba` keeps everything there."""
    archive = archive_dir()
    with tempfile.TemporaryDirectory(prefix="nba-bench-") as home:
        yield Path(home), {**os.environ, "NBA_HOME": home, "NBA_SOURCE": "archive", "NBA_ARCHIVE_DIR": archive}


def nba(environment: Mapping[str, str], *words: str) -> tuple[dict, float]:
    """What a command of `nba` answered, and its seconds; one that fails ends the measuring."""
    began = time.monotonic()
    command = [NBA, *words, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-3000:]}")
    return json.loads(done.stdout), time.monotonic() - began


@contextmanager
def ui(home: Path, environment: Mapping[str, str], port: str) -> Iterator[None]:
    """The UI and its daemon, as `make ui` starts them; what they say goes to a file in the home."""
    command = [NBA, "ui", "--port", port]
    with (home / "ui.log").open("w") as log:
        serving = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
        finally:
            os.killpg(serving.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                serving.wait(timeout=30)
            with suppress(ProcessLookupError):
                os.killpg(serving.pid, signal.SIGKILL)

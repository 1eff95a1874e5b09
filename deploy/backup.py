"""Back up NBA_HOME while the platform runs: warehouse, models, exports and alerts.

`python deploy/backup.py FOLDER` creates FOLDER/<time> and prints its name. Dump the records first (docs/production.md):
a warehouse newer than its records is computed again where they differ; an older one would count as done.
"""

import datetime as dt
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

from nba_platform.config.environments import home

PATIENCE_SECONDS = 900.0  # a range over five seasons holds the file for minutes
UNFINISHED = shutil.ignore_patterns(".*")  # files that are still being written


def backup(state: Path, folder: Path) -> Path:
    """Copy everything into a new folder and return it; an incomplete backup keeps the ending .part."""
    done = folder / dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H%M%SZ")
    part = done.with_name(f"{done.name}.part")
    part.mkdir(parents=True, mode=0o700)
    if (state / "nba.duckdb").exists():
        copy_warehouse(state / "nba.duckdb", part)
    if (state / "alerts.db").exists():
        with (
            closing(sqlite3.connect(state / "alerts.db")) as live,
            closing(sqlite3.connect(part / "alerts.db")) as copy,
        ):
            live.backup(copy)
    if (state / "objects").exists():
        shutil.copytree(state / "objects", part / "objects", ignore=UNFINISHED)
    return part.rename(done)


def copy_warehouse(file: Path, folder: Path) -> None:
    """Copy the file and its write-ahead log, with the file open for reading: no process can write meanwhile.

    `cp` copies in another process, as this one would lose its lock by opening and closing the file itself.
    """
    with opened(file):
        files = [part for part in (file, file.with_name(f"{file.name}.wal")) if part.exists()]
        subprocess.run(["cp", "--reflink=auto", "--", *map(str, files), str(folder)], check=True)


def opened(file: Path) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection; wait for writers."""
    for attempt in Retrying(
        retry=retry_if_exception_type(duckdb.IOException),
        wait=wait_random(0.1, 2),
        stop=stop_after_delay(PATIENCE_SECONDS),
        reraise=True,
    ):
        with attempt:
            connection = duckdb.connect(file, read_only=True)
    return connection


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python backup.py FOLDER")
    sys.stdout.write(f"{backup(home(), Path(sys.argv[1]))}\n")

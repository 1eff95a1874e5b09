"""Copy what lies under NBA_HOME while the platform runs: warehouse, models and exports, alerts.

python deploy/backup.py FOLDER makes FOLDER/<moment> and prints its name. Dump the records first (docs/production.md): a
warehouse newer than its records is computed again where they differ, the other way round it would pass as done.
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
WRITES_UNDER_WAY = shutil.ignore_patterns(".*")  # gone, or in their place, before they could be copied


def backup(state: Path, folder: Path) -> Path:
    """Everything or an error: what was begun keeps the ending .part."""
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
        shutil.copytree(state / "objects", part / "objects", ignore=WRITES_UNDER_WAY)
    return part.rename(done)


def copy_warehouse(file: Path, folder: Path) -> None:
    """The file and its log, held open for reading meanwhile, as nobody can write then.

    Another process copies: a process that opens and closes the file itself gives up its own lock on it.
    """
    with opened(file):
        files = [part for part in (file, file.with_name(f"{file.name}.wal")) if part.exists()]
        subprocess.run(["cp", "--reflink=auto", "--", *map(str, files), str(folder)], check=True)


def opened(file: Path) -> duckdb.DuckDBPyConnection:
    """A connection that only reads, as soon as nobody writes."""
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

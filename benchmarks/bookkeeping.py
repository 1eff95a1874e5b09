"""Measure what Dagster's events cost on SQLite and on PostgreSQL: one season of the real archive, up to the features.

NBA_DAGSTER_POSTGRES names a server and a user who may create databases; each backfill has a database of its own, which
is dropped afterwards. The two alternate, as the machine is never quiet. Prints for each backfill: wall time, seconds
spent writing events and their share of one date of one table, the same command again (which only reads them), and
their size.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as db
from archive_home import archive_home

from nba_platform.cli.main import app
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_platform.dagster_compat.postgres_storage import BatchedEventLog, with_driver
from nba_platform.orchestration.instance import POSTGRES

SEASON = ("2024-10-22", "2025-06-22")
SELECTION = "+ml_feature_store_v2"
ROUNDS = 2
STORED = dg.DagsterEventType.ASSET_MATERIALIZATION


def main() -> None:
    """Alternate, and print each as it ends."""
    server = os.environ.pop(POSTGRES, None)
    if not server:
        sys.exit(f"set {POSTGRES} to a server and a user who may create databases")
    print("records on                 wall   writing  a table and date  read again      size", flush=True)
    for number, storage in [(number, storage) for number in range(ROUNDS) for storage in ("SQLite", "PostgreSQL")]:
        with archive_home() as (home, environment), database(server, f"nba_bench_{os.getpid()}_{number}") as address:
            if storage == "PostgreSQL":
                environment = {**environment, POSTGRES: address}
            first, again = backfill(environment), backfill(environment)
            size = folder_size(home / "dagster" / "history") if storage == "SQLite" else database_size(address)
            report(storage, first, again, size)


def report(name: str, first: Mapping[str, float], again: Mapping[str, float], size: int) -> None:
    """Print one line."""
    each = 1000 * first["writing"] / first["stored"]
    print(
        f"{name:<20}{first['wall']:>7.0f} s{first['writing']:>8.1f} s{each:>15.2f} ms{again['wall']:>10.1f} s"
        f"{size / 2**20:>7.0f} MB",
        flush=True,
    )


def backfill(environment: Mapping[str, str]) -> dict[str, float]:
    """Run the command in a process of its own, which prints the seconds spent on writing events."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, __file__, "backfill", *SEASON, "--select", SELECTION, "--json"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return {**json.loads(done.stderr.splitlines()[-1]), "wall": time.monotonic() - began}


def run_timed() -> None:
    """Run a command of `nba` and print on the last line of stderr how long writing events took, and how many stored."""
    spent, stored, within = [0.0], [0], [False]

    def timed(method: Any) -> Any:
        @wraps(method)
        def write(log: Any, events: Any) -> None:
            if within[0]:
                return method(log, events)
            within[0], began = True, time.perf_counter()
            try:
                method(log, events)
            finally:
                within[0] = False
                spent[0] += time.perf_counter() - began
                several = events if isinstance(events, list) else [events]
                stored[0] += sum(event.dagster_event_type is STORED for event in several)

        return write

    for log in (KeptOpenEventLog, BatchedEventLog):
        for name in ("store_event", "store_event_batch"):
            if name in vars(log):
                setattr(log, name, timed(vars(log)[name]))
    try:
        app(sys.argv[1:], standalone_mode=False)
    finally:
        print(json.dumps({"writing": spent[0], "stored": stored[0]}), file=sys.stderr)


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """Yield the address of an empty database, and drop it afterwards."""
    engine = db.create_engine(with_driver(server), isolation_level="AUTOCOMMIT", poolclass=db.NullPool)
    with engine.connect() as con:
        con.execute(db.text(f"CREATE DATABASE {name}"))
    try:
        yield engine.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as con:
            con.execute(db.text(f"DROP DATABASE {name} WITH (FORCE)"))


def database_size(address: str) -> int:
    """Return the bytes on the server's disk, without its log."""
    with db.create_engine(address, poolclass=db.NullPool).connect() as con:
        return con.execute(db.text("SELECT pg_database_size(current_database())")).scalar_one()


def folder_size(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    run_timed() if sys.argv[1:2] == ["backfill"] else main()

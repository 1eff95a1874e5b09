"""Compare a backfill of 300 dates that is killed (kill -9) at ten random moments with an undisturbed one.

Each killed command is followed by the same one, which resumes; if a command ends before it is killed, the next one
computes everything again (--force), so that stored rows are hit as well. Prints each kill, then what the last command
left: rows that differ, repeated keys, dates not stored, runs still "in progress".
"""

import json
import os
import random
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import dagster as dg
import duckdb
from archive_home import NBA, archive_home
from backfill import changed_rows

from nba_assets.kit.partitions import DAILY
from nba_platform.definitions import TABLES
from nba_platform.orchestration.automation.tick_state import IN_PROGRESS
from nba_platform.orchestration.instance import open_instance

KILLS, SEED = 10, 7
DATES = [key for key in DAILY.get_partition_keys() if key >= "2023-10-24"][:300]
SELECTION = "+prediction_evidence,player_prop_lines,unresolved_names"  # all but what models make


def main() -> None:
    """Kill ten times in one home, and compare with another."""
    chance = random.Random(SEED)
    with archive_home() as (calm, undisturbed), archive_home() as (hit, environment):
        began = time.monotonic()
        command = [NBA, "backfill", DATES[0], DATES[-1], "--select", SELECTION, "--json"]
        subprocess.run(command, env=undisturbed, check=True, capture_output=True)
        whole = time.monotonic() - began
        print(f"{DATES[0]}...{DATES[-1]}, {len(DATES)} dates, undisturbed: {whole:.0f} s")
        force: list[str] = []
        killed = 0
        while killed < KILLS:
            after = chance.uniform(0, whole)
            ended = run_and_kill([*command, *force], environment, after)
            killed += not ended
            how = "ended by itself" if ended else f"kill {killed:>2}"
            print(f"{how} after {after:5.1f} s {' '.join(force)}")
            force = ["--force"] if ended else []
        began = time.monotonic()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        print(f"the rerun took {time.monotonic() - began:.0f} s")
        print(f"rows that differ: {changed_rows(calm / 'nba.duckdb', hit / 'nba.duckdb', stored_tables(calm))}")
        print(f"repeated keys: {repeated(hit / 'nba.duckdb')}")
        print(f"dates of tables not on record: {not_on_record(hit)}")
        print(f"runs still in progress: {in_progress(hit)}")
        began = time.monotonic()
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        print(f"once more, {time.monotonic() - began:.0f} s: {json.loads(done.stdout)['dates']}")


def run_and_kill(command: list[str], environment: Mapping[str, str], after: float) -> bool:
    """Return whether the command ended before it was killed."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            process.kill()
            return False
    return True


def stored_tables(home: Path) -> list[str]:
    """Return the names of the tables in a warehouse."""
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        stored = {
            key for (key,) in con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        }
    return [name for name, table in TABLES.items() if table.contract.key in stored]


def repeated(file: Path) -> int:
    """Count rows that share their key with another."""
    with closing(duckdb.connect(file, read_only=True)) as con:
        return sum(
            con.execute(
                f"SELECT count(*) - count(DISTINCT ({', '.join(TABLES[name].contract.grain)})) "
                f"FROM {TABLES[name].contract.key}"
            ).fetchall()[0][0]
            for name in stored_tables(file.parent)
        )


@contextmanager
def records(home: Path) -> Iterator[dg.DagsterInstance]:
    """Open the instance of a home."""
    os.environ["NBA_HOME"] = str(home)
    with open_instance() as instance:
        yield instance


def not_on_record(home: Path) -> int:
    """Count dates of tables that no run stored."""
    with records(home) as instance:
        return sum(
            len({*DATES} - instance.get_materialized_partitions(dg.AssetKey([contract.dataset, contract.name])))
            for contract in (TABLES[name].contract for name in stored_tables(home))
            if contract.partition
        )


def in_progress(home: Path) -> int:
    """Count runs in progress."""
    with records(home) as instance:
        return len(instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS)))


if __name__ == "__main__":
    main()

"""Test that the platform runs by itself: a real daemon on the real archive, with nothing loaded but raw data.

Loads 60 dates from the middle of a season, then the 30 before them; then one raw date goes bad while another is
corrected, and is repaired. After each step it waits until the daemon has nothing left to do, counts the runs, and
compares the warehouse, row by row, with a clean build of the same dates. Takes about twenty minutes.
"""

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import dagster as dg
import duckdb
from archive_edits import edit
from archive_home import archive_home, nba, ui
from backfill import changed_by_table

from nba_assets.kit.assets import asset_key
from nba_platform.definitions import TABLES
from nba_platform.orchestration.automation.tick_state import IN_PROGRESS, RANGE_END, RANGE_START
from nba_platform.orchestration.backfill.ingest import RAW
from nba_platform.orchestration.instance import open_instance

MIDDLE, BEFORE = ("2024-12-10", "2025-02-07"), ("2024-11-10", "2024-12-09")
CORRECTED, BAD = "2025-01-10", "2025-01-20"
IDLE_SECONDS = 100  # three looks at the tables, one at the source
PATIENCE_SECONDS = 2400
PORT = "3979"
MODELS = "ml_model_registry"  # trained once, when the month before is complete: a backfill trains whatever it is asked
COMPARED = [name for name in TABLES if name != MODELS]
DERIVED = [table for table in TABLES.values() if not table.feed and table.contract.partition]


def main() -> None:
    """Run the four steps, and print each when the daemon is idle again."""
    with archive_home() as (home, environment), tempfile.TemporaryDirectory(prefix="nba-archive-") as archive:
        shutil.copytree(environment["NBA_ARCHIVE_DIR"], archive, dirs_exist_ok=True, copy_function=shutil.copyfile)
        environment = {**environment, "NBA_ARCHIVE_DIR": archive}
        with running(home, environment) as instance:
            log = RunLog(instance)
            log.report_when_idle("started: nothing is stored, nothing is requested")
            load(MIDDLE, environment)
            log.report_when_idle("60 dates of raw data, mid-season")
            print_completeness(home, MIDDLE)
            print_difference(home, environment, MIDDLE)
            load(BEFORE, environment)
            log.report_when_idle("the 30 dates before them")
            print_completeness(home, MIDDLE)
            print_difference(home, environment, (BEFORE[0], MIDDLE[1]))
            before = stored(home, BAD)
            edit(archive, CORRECTED, "tov", "tov + 1")
            edit(archive, BAD, "pts", "pts + 500")
            log.report_when_idle(f"{BAD} goes bad in the archive, {CORRECTED} is corrected")
            print(f"    stored box scores of {BAD} {'are as they were' if stored(home, BAD) == before else 'CHANGED'}")
            edit(archive, BAD, "pts", "pts - 500")
            edit(archive, BAD, "tov", "tov + 1")
            log.report_when_idle(f"{BAD} is repaired, with one turnover more than before")
            print_difference(home, environment, (BEFORE[0], MIDDLE[1]))


@contextmanager
def running(home: Path, environment: Mapping[str, str]) -> Iterator[dg.DagsterInstance]:
    """Run the platform, and yield its instance."""
    os.environ |= environment
    with open_instance() as instance, ui(home, environment, PORT):
        yield instance


class RunLog:
    """The runs of the daemon since the last report."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.seen: set[str] = set()

    def report_when_idle(self, step: str) -> None:
        """Wait until nothing has run for a while, then print the runs and their time from the first request on."""
        self._wait()
        latest = reversed(self.instance.get_run_records(limit=200))
        runs = [record for record in latest if record.dagster_run.run_id not in self.seen]
        created, ended = [one.create_timestamp.timestamp() for one in runs], [one.end_time or 0 for one in runs]
        took = max(ended) - min(created) if runs else 0
        print(f"\n{step}: {len(runs)} runs, all done in {took:.0f} s", flush=True)
        for record in runs:
            run = record.dagster_run
            self.seen.add(run.run_id)
            span = f"{run.tags.get(RANGE_START) or run.tags.get('dagster/partition')}...{run.tags.get(RANGE_END) or ''}"
            by = run.tags.get("dagster/sensor_name") or "nba backfill"
            seconds = (record.end_time or 0) - (record.start_time or 0)
            tables = sorted(key.path[-1] for key in run.asset_selection or ())
            named = tables[0] if len(tables) == 1 else f"{len(tables)} tables"
            print(f"    {by:<16}{span:<26}{named:<28}{run.status.value:<9}{seconds:>6.1f} s")
        stored_dates = (self.instance.get_materialized_partitions(asset_key(table.contract)) for table in DERIVED)
        print(f"    dates stored by table: {dict(Counter(map(len, stored_dates)))} (dates: tables)", flush=True)

    def _wait(self) -> None:
        began = time.time()
        last = began
        while time.time() - last < IDLE_SECONDS and time.time() - began < PATIENCE_SECONDS:
            time.sleep(3)
            if self.instance.get_runs_count(dg.RunsFilter(statuses=IN_PROGRESS)):
                last = time.time()


def load(dates: tuple[str, str], environment: Mapping[str, str]) -> None:
    """Load raw data, as a person would."""
    nba(environment, "backfill", *dates, "--select", RAW)


def stored(home: Path, date: str) -> list[tuple[object, ...]]:
    """Return the stored box scores of a date."""
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        return con.execute(
            "SELECT * EXCLUDE (ingested_at) FROM nba_raw.player_boxscores "
            f"WHERE game_date = '{date}' ORDER BY game_id, player_id"
        ).fetchall()


def print_completeness(home: Path, dates: tuple[str, str]) -> None:
    """Print how complete the rows call themselves at both ends of the range, as the season's start is missing."""
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        for name, day in (("upcoming_player_game_context", "game_date"), ("player_daily_cache", "cache_date")):
            key = TABLES[name].contract.key
            for date, rows, complete, ready in con.execute(
                f"SELECT {day}, count(*), avg(completeness), avg(is_production_ready::INT) FROM {key} "
                f"WHERE {day} IN (SELECT unnest([min({day}), max({day})]) FROM {key} WHERE {day} >= '{dates[0]}') "
                f"GROUP BY 1 ORDER BY 1"
            ).fetchall():
                print(f"    {name} {date}: {rows} rows, completeness {complete or 0:.2f}, ready {ready:.0%}")
            reasons = con.execute(
                f"SELECT reason, count(*) FROM (SELECT unnest(readiness_reasons) AS reason FROM {key} "
                f"WHERE {day} = (SELECT min({day}) FROM {key} WHERE {day} >= '{dates[0]}')) GROUP BY 1 ORDER BY 2 DESC"
            ).fetchmany(3)
            print(f"      reasons on the first: {dict(reasons)}", flush=True)


def print_difference(home: Path, environment: Mapping[str, str], dates: tuple[str, str]) -> None:
    """Print how many rows differ from a clean build of the same dates, with the schedule from the season's start on.

    The clean build gets the models, as the time of training decides what a model has seen; forecasts, grades and
    records made with them must be the same. Coverage is compared on the dates, as it holds others, too.
    """
    with tempfile.TemporaryDirectory(prefix="nba-clean-") as clean:
        of_its_own = {**environment, "NBA_HOME": clean}
        nba(of_its_own, "backfill", "2024-10-01", dates[1], "--select", "schedule")
        hand_over_models(home, Path(clean))
        nba(of_its_own, "backfill", *dates, "--select", ",".join(COMPARED))
        files = (Path(clean, "nba.duckdb"), home / "nba.duckdb")
        differing = changed_by_table(*files, [name for name in COMPARED if name != "pipeline_coverage"])
        differing |= changed_by_table(*files, ["pipeline_coverage"], since=dates[0])
    keys = [TABLES[name].contract.key for name in COMPARED]
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        rows = sum(con.execute(f"SELECT count(*) FROM {key}").fetchall()[0][0] for key in keys)
        forecasts = con.execute(
            "SELECT system_id, count(*) FILTER (abstain_reason IS NULL) "
            "FROM nba_predictions.player_prop_predictions GROUP BY 1 ORDER BY 1"
        ).fetchall()
    print(f"    {len(COMPARED)} tables, {rows:,} rows; forecasts by system: {dict(forecasts)}")
    changed = {name: n for name, n in differing.items() if n}
    print(f"    rows that differ from a clean build: {changed or 'none'}", flush=True)


def hand_over_models(home: Path, clean: Path) -> None:
    """Copy the registry and the files it names, if any model was trained."""
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        tables = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    if MODELS not in tables:
        return
    with closing(duckdb.connect(clean / "nba.duckdb")) as con:
        con.execute(f"ATTACH '{home / 'nba.duckdb'}' AS made (READ_ONLY)")
        con.execute("CREATE SCHEMA IF NOT EXISTS nba_predictions")
        con.execute(f"CREATE TABLE nba_predictions.{MODELS} AS FROM made.nba_predictions.{MODELS}")
    if (home / "objects").exists():
        shutil.copytree(home / "objects", clean / "objects", dirs_exist_ok=True)


if __name__ == "__main__":
    main()

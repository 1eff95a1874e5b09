"""What the tables of history cost: in the warehouse alone, season by season, and as one run with all its bookkeeping.

`python benchmarks/precompute.py [WAREHOUSE]` starts from a copy of a filled warehouse, or fills one from the archive.
"""

import datetime as dt
import os
import resource
import shutil
import sys
import time

import dagster as dg
import ibis
from archive_home import EVERYTHING, archive_home, nba

from nba_platform.definitions import TABLES
from nba_platform.orchestration.instance import open_instance
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

LAYERS = ("precompute", "predictions")
MEASURED = [
    name for name, table in TABLES.items() if table.layer in LAYERS and not (table.compute_frame or table.contract.post)
]
ALL_SEASONS = DateRange(*(dt.date.fromisoformat(day) for day in EVERYTHING))
ONE_SEASON = DateRange(dt.date(2024, 10, 22), dt.date(2025, 6, 22))
STEP_START, STEP_END = dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_SUCCESS
STORED = dg.DagsterEventType.ASSET_MATERIALIZATION


def main() -> None:
    """Print the warehouse's seconds for each table, then one run's wall time and where it went."""
    with archive_home() as (home, environment):
        if sys.argv[1:]:
            shutil.copy(sys.argv[1], home / "nba.duckdb")
        else:
            below = [name for name, table in TABLES.items() if table.layer not in LAYERS]
            nba(environment, "backfill", *EVERYTHING, "--select", ",".join(below))
        told, wall = nba(environment, "backfill", *EVERYTHING, "--select", ",".join(MEASURED))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        (run,) = told["runs"]
        os.environ.update(environment)
        with open_instance() as instance:
            split = _split(instance, run["run_id"])
        print(f"one run of {len(MEASURED)} tables, {ALL_SEASONS}: {wall:.1f} s, peak memory {peak:,.0f} MB")
        split["start-up, and judging every date at the end"] = wall - sum(split.values())
        for part, seconds in split.items():
            print(f"  {part:<46}{seconds:>8.1f} s")
        _print_growth(DuckDBWarehouse(path=str(home / "nba.duckdb")))


def _print_growth(warehouse: DuckDBWarehouse) -> None:
    """The same statement for a season and for all: the cost should grow with the dates, not faster."""
    print(f"\n{'warehouse alone':<48}{'one season':>12}{'five seasons':>14}{'times':>8}")
    sums = [0.0, 0.0]
    for name in _in_graph_order(MEASURED):
        one, five = (_replace(warehouse, name, dates) for dates in (ONE_SEASON, ALL_SEASONS))
        sums = [sums[0] + one, sums[1] + five]
        print(f"{TABLES[name].contract.key:<48}{one:>10.1f} s{five:>12.1f} s{five / one:>8.1f}")
    print(f"{'together':<48}{sums[0]:>10.1f} s{sums[1]:>12.1f} s{sums[1] / sums[0]:>8.1f}")


def _replace(warehouse: DuckDBWarehouse, name: str, dates: DateRange) -> float:
    began, table = time.monotonic(), TABLES[name]
    stamp = ibis.literal(dt.datetime.now(dt.UTC), type="timestamp('UTC')")
    rows = table.build(TABLES, dates).mutate(code_version=ibis.literal("benchmark"), computed_at=stamp)
    warehouse.replace(table.contract, dates, rows)
    return time.monotonic() - began


def _split(instance: dg.DagsterInstance, run_id: str) -> dict[str, float]:
    """Where a run's time went, by the times of its own events."""
    log = [(entry, entry.timestamp) for entry in instance.all_logs(run_id) if entry.dagster_event]
    began: dict[str, float] = {}
    stored: dict[str, float] = {}
    split = {"statements in the warehouse": 0.0, "records of what was planned": 0.0}
    split |= {"records of what was stored": 0.0, "checks": 0.0}
    for entry, at in log:
        step, kind = entry.step_key or "", entry.get_dagster_event().event_type
        if kind is STEP_START:
            began[step] = at
        elif kind is STORED:
            stored.setdefault(step, at)
        elif kind is STEP_END and step in stored:
            split["statements in the warehouse"] += stored[step] - began[step]
            split["records of what was stored"] += at - stored[step]
        elif kind is STEP_END:
            split["checks"] += at - began[step]
    split["records of what was planned"] = min(began.values()) - min(at for _, at in log)
    return split


def _in_graph_order(names: list[str]) -> list[str]:
    ordered: list[str] = []
    while len(ordered) < len(names):
        ordered += [n for n in names if n not in ordered and set(TABLES[n].reads) & set(names) <= set(ordered)]
    return ordered


if __name__ == "__main__":
    main()

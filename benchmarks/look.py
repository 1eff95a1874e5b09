"""Measure one automation tick and the plan of a backfill over five seasons.

Writes an event log in which every date of every table is stored and checked, then stores some raw dates again. The
graph is compiled before the clock starts. Takes the number of dates, 1,200 by default. Prints processor time too, as
other work may share the machine.
"""

import datetime as dt
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping

import dagster as dg

from nba_platform.dagster_compat.check_evaluations import TargetMaterialization
from nba_platform.dagster_compat.types import StepMaterializationData
from nba_platform.orchestration.backfill.runs import plan_runs
from nba_platform.orchestration.backfill.stale_partitions import stale_partitions
from nba_platform.orchestration.event_log_reader import (
    CODE_VERSION,
    MATERIALIZATION,
    WHOLE,
    AssetGraph,
    EventLogReader,
    partition_keys,
)
from nba_resources.dates import DateRange

DATES = int(sys.argv[1]) if sys.argv[1:] else 1_200
CHANGED = 60
AT_ONCE = 2_000
RUN = "benchmark"
Dates = Mapping[dg.AssetKey, tuple[str, ...]]


def main() -> None:
    """Measure with nothing stored, with everything stored, and after a range of raw dates is stored again."""
    with tempfile.TemporaryDirectory(prefix="nba-look-") as home:
        os.environ |= {"NBA_HOME": home, "NBA_SOURCE": "simulated"}
        from nba_platform.definitions import platform
        from nba_platform.orchestration.instance import open_instance

        definitions = platform()
        graph = definitions.resolve_asset_graph()
        dates = dates_of(graph)
        with open_instance() as instance:
            print(f"{len(dates)} assets, {sum(map(len, dates.values())):,} partitions of them", flush=True)
            measure("nothing is stored", definitions, instance, dates)
            store(instance, graph, dates)
            judge(instance, graph, dates)
            measure("everything is stored", definitions, instance, dates)
            raw = {key: dates[key][300 : 300 + CHANGED] for key in dates if key.path[0] == "nba_raw"}
            store(instance, graph, raw)
            judge(instance, graph, raw)
            measure(f"{CHANGED} dates of raw tables are newer", definitions, instance, dates)


def dates_of(graph: AssetGraph) -> Dates:
    """Return the first dates of every table, their months, and '' for tables without partitions."""
    days = partition_keys(graph.get(dg.AssetKey(["nba_raw", "schedule"])).partitions_def)[:DATES]
    every = {key: partition_keys(graph.get(key).partitions_def) for key in graph.get_all_asset_keys()}
    return {key: names if names is WHOLE else tuple(n for n in names if n <= days[-1]) for key, names in every.items()}


def store(instance: dg.DagsterInstance, graph: AssetGraph, dates: Dates) -> None:
    """Write the events of the current code storing the partitions."""
    write(
        instance,
        (
            dg.DagsterEvent(
                event_type_value=MATERIALIZATION.value,
                job_name=RUN,
                event_specific_data=StepMaterializationData(
                    dg.AssetMaterialization(
                        key, partition=name or None, tags={CODE_VERSION: graph.get(key).code_version or ""}
                    )
                ),
            )
            for key, names in sorted(dates.items(), key=lambda one: graph.toposorted_asset_keys.index(one[0]))
            for name in names
        ),
    )


def judge(instance: dg.DagsterInstance, graph: AssetGraph, dates: Dates) -> None:
    """Write the events of every blocking check passing."""
    for key, names in dates.items():
        stored = instance.get_latest_storage_id_by_partition(key, MATERIALIZATION)
        checks = [check for check in graph.get(key).check_keys if graph.get(check).blocking]
        target = {
            name: TargetMaterialization(storage_id=number, run_id=RUN, timestamp=0.0) for name, number in stored.items()
        }
        write(
            instance,
            (
                dg.DagsterEvent(
                    event_type_value=dg.DagsterEventType.ASSET_CHECK_EVALUATION.value,
                    job_name=RUN,
                    event_specific_data=dg.AssetCheckEvaluation(
                        key, check.name, True, {}, target[name], partition=name
                    ),
                )
                for check in checks
                for name in names
            ),
        )


def write(instance: dg.DagsterInstance, events: Iterator[dg.DagsterEvent]) -> None:
    """Write events in batches."""
    entries = [dg.EventLogEntry(None, "debug", "", RUN, time.time(), dagster_event=event) for event in events]
    for start in range(0, len(entries), AT_ONCE):
        instance.event_log_storage.store_event_batch(entries[start : start + AT_ONCE])


def measure(state: str, definitions: dg.Definitions, instance: dg.DagsterInstance, dates: Dates) -> None:
    """Print the second of two tries, as a daemon repeats its ticks."""
    graph = definitions.resolve_asset_graph()
    days = dates[dg.AssetKey(["nba_raw", "schedule"])]
    span = DateRange(*(dt.date.fromisoformat(day) for day in (days[0], days[-1])))

    def tick() -> int:
        return dg.evaluate_automation_conditions(definitions, instance).total_requested

    def plan() -> int:
        stale = stale_partitions(graph, EventLogReader(instance, graph), dates, {})
        plan_runs(definitions, dg.AssetSelection.all(), span, stale)
        return sum(map(len, stale.values()))

    for what, act in (("tick", tick), ("plan", plan)):
        timed(act)
        wall, used, count = timed(act)
        print(f"{state}: {what} {wall:.2f} s ({used:.2f} s of processor), {count:,} partitions requested", flush=True)


def timed(act: Callable[[], int]) -> tuple[float, float, int]:
    """Return the seconds, the processor seconds and the result."""
    began, used = time.monotonic(), time.process_time()
    count = act()
    return time.monotonic() - began, time.process_time() - used, count


if __name__ == "__main__":
    main()

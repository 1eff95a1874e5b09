"""Looks at every derived table twice a minute, and computes the dates it asks for: a range of them in one run."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import dagster as dg

from nba_assets.kit.calendar import DAILY, MONTHLY
from nba_platform.dagster_compat.range_sensor import RangeSensor
from nba_platform.dagster_compat.types import AssetGraph
from nba_platform.orchestration.backfill.runs import PartitionRun

SECONDS_BETWEEN_LOOKS = 30


def automation_sensor(name: str, **options: Any) -> RangeSensor:
    """Return a sensor that requests one run for neighbouring dates that need the same tables, earlier dates first.

    A run computes its tables in the order of the graph, so whatever a date reads of history is computed before it.
    """
    return RangeSensor(name, _merge, **options)


def _merge(requests: Sequence[dg.RunRequest], graph: AssetGraph) -> list[dg.RunRequest]:
    monthly = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def == MONTHLY}
    return [request_of(leg) for leg in legs_of(requests, monthly)]


def request_of(leg: PartitionRun, once: str | None = None) -> dg.RunRequest:
    """A leg as a sensor or a schedule asks for it; what is to happen `once` has a name of its own."""
    return dg.RunRequest(run_key=once, asset_selection=list(leg.keys), tags=leg.tags)


def legs_of(requests: Sequence[dg.RunRequest], monthly: Collection[dg.AssetKey]) -> list[PartitionRun]:
    """Requests for single partitions, put together: days before months, and tables without dates in the first run."""
    wanted: dict[bool, dict[str, frozenset[dg.AssetKey]]] = {False: {}, True: {}}
    whole: frozenset[dg.AssetKey] = frozenset()
    for request in requests:
        keys = frozenset(request.asset_selection or ())
        if request.partition_key is None:
            whole |= keys
        else:
            wanted[bool(keys & set(monthly))][request.partition_key] = keys
    days = list(neighbours(wanted[False], DAILY.get_partition_keys()))
    if whole:
        first, *rest = days or [PartitionRun((), ())]
        days = [PartitionRun((*sorted(whole), *first.keys), first.partitions), *rest]
    return [*days, *neighbours(wanted[True], MONTHLY.get_partition_keys())]


def neighbours(wanted: dict[str, frozenset[dg.AssetKey]], partitions: Sequence[str]) -> Iterator[PartitionRun]:
    """Ranges of partitions without a gap in which the same tables are wanted."""
    together: list[str] = []
    tables: frozenset[dg.AssetKey] = frozenset()
    for partition in [*partitions, ""]:
        now = wanted.get(partition, frozenset())
        if now != tables and together:
            yield PartitionRun(tuple(sorted(tables)), tuple(together))
            together = []
        tables = now
        if now:
            together.append(partition)

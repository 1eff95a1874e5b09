"""Evaluate the conditions of all tables twice a minute, and request a run for each range of dates."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from types import MappingProxyType
from typing import Any

import dagster as dg

from nba_assets.kit.partitions import DAILY, MONTHLY
from nba_platform.dagster_compat.range_sensor import RangeSensor
from nba_platform.dagster_compat.types import AssetGraph
from nba_platform.orchestration.automation.bridging import Bridges, bridged
from nba_platform.orchestration.automation.tick_state import TickState
from nba_platform.orchestration.automation.up_to_date import ONLY_BEHIND
from nba_platform.orchestration.backfill.runs import PartitionRun

SECONDS_BETWEEN_LOOKS = 30
NO_TAGS: Mapping[str, str] = MappingProxyType({})
Upstream = Callable[[dg.AssetKey], AbstractSet[dg.AssetKey]]  # all tables that one is computed from


def automation_sensor(name: str, **options: Any) -> RangeSensor:
    """Return a sensor that requests one run for neighbouring dates that need the same tables, earlier dates first.

    A run computes its tables in the order of the graph, so whatever a date reads of history is computed before it.
    """

    def merge(requests: Sequence[dg.RunRequest], graph: AssetGraph) -> list[dg.RunRequest]:
        monthly = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def == MONTHLY}
        runs = runs_of(requests, monthly, TickState.last_bridges(), graph.get_ancestor_asset_keys)
        return [request_of(run, tags={ONLY_BEHIND: "true"}) for run in runs]

    return RangeSensor(name, merge, **options)


def request_of(run: PartitionRun, run_key: str | None = None, tags: Mapping[str, str] = NO_TAGS) -> dg.RunRequest:
    """Return the request of a run; Dagster starts only one run with the same key."""
    return dg.RunRequest(run_key=run_key, asset_selection=list(run.keys), tags={**run.tags, **tags})


def runs_of(
    requests: Sequence[dg.RunRequest], monthly: Collection[dg.AssetKey], bridges: Bridges, upstream: Upstream
) -> list[PartitionRun]:
    """Merge requests of single partitions: days before months, and what has no partitions beside what it reads."""
    tables: dict[bool, dict[str, frozenset[dg.AssetKey]]] = {False: {}, True: {}}
    whole: frozenset[dg.AssetKey] = frozenset()
    for request in requests:
        keys = frozenset(request.asset_selection or ())
        if request.partition_key is None:
            whole |= keys
        else:
            tables[bool(keys & set(monthly))][request.partition_key] = keys
    dates = DAILY.get_partition_keys()
    days = bridged(neighbours(tables[False], dates), bridges, dates)
    return with_unpartitioned([*days, *neighbours(tables[True], MONTHLY.get_partition_keys())], sorted(whole), upstream)


def with_unpartitioned(
    runs: Sequence[PartitionRun], keys: Sequence[dg.AssetKey], upstream: Upstream = lambda key: frozenset()
) -> list[PartitionRun]:
    """Add what has no partitions to the last run of a table upstream, otherwise to the first run; if none, to one."""
    joined = [*runs] or [PartitionRun((), ())] * bool(keys)
    for key in reversed(keys):
        place = max((place for place, run in enumerate(runs) if upstream(key) & {*run.keys}), default=0)
        joined[place] = PartitionRun((key, *joined[place].keys), joined[place].partitions)
    return joined


def neighbours(tables: dict[str, frozenset[dg.AssetKey]], partitions: Sequence[str]) -> Iterator[PartitionRun]:
    """Yield ranges of partitions without a gap that need the same tables."""
    for keys, together in groupby(partitions, lambda partition: tables.get(partition, frozenset())):
        if keys:
            yield PartitionRun(tuple(sorted(keys)), tuple(together))

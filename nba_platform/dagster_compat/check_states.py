"""Build the state of checks by partition for the UI, all dates of a state at once.

Dagster 1.13.27 adds one date after the other to a set of time windows: 0.78 s of processor for one check over 1,867
dates, for each check in the graph and each time it is shown. All dates of a state at once take 0.05 s, and less for
other checks with the same dates.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

import dagster as dg
from dagster._core.asset_graph_view.serializable_entity_subset import SerializableEntitySubset as Subset
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionResolvedStatus
from dagster._core.storage.asset_check_state import AssetCheckState

from nba_platform.dagster_compat.check_records import AssetCheckPartitionInfo, Status, partition_infos

Checks = Sequence[tuple[dg.AssetCheckKey, dg.PartitionsDefinition | None]]
_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_RESOLVED = {
    Status.SUCCEEDED: AssetCheckExecutionResolvedStatus.SUCCEEDED,
    Status.FAILED: AssetCheckExecutionResolvedStatus.FAILED,
}


def check_states(instance: dg.DagsterInstance, checks: Checks) -> dict[dg.AssetCheckKey, AssetCheckState]:
    """Return the state of each check; a result counts while the rows it is about are the latest."""
    infos: dict[dg.AssetCheckKey, list[AssetCheckPartitionInfo]] = defaultdict(list)
    for info in partition_infos(instance, [key for key, _ in checks]):
        infos[info.check_key].append(info)
    planned = {
        info.latest_planned_run_id
        for of_check in infos.values()
        for info in of_check
        if info.latest_execution_status is Status.PLANNED
    } - {None}  # by a run that has no result of the check
    runs = instance.get_runs(dg.RunsFilter(run_ids=[*planned], statuses=_FINISHED)) if planned else []
    finished = {run.run_id: run.status for run in runs}
    return {
        key: _state(key, partitions, infos[key]).with_updates(key, partitions, [], finished)
        for key, partitions in checks
    }


def _state(
    key: dg.AssetCheckKey, partitions: dg.PartitionsDefinition | None, infos: Iterable[AssetCheckPartitionInfo]
) -> AssetCheckState:
    states: dict[AssetCheckExecutionResolvedStatus, set[str | None]] = defaultdict(set)
    runs: dict[str, set[str | None]] = defaultdict(set)
    latest = 0
    for info in infos:
        latest = max(latest, info.latest_check_event_storage_id, info.latest_materialization_storage_id or 0)
        if info.latest_execution_status is Status.PLANNED:
            states[AssetCheckExecutionResolvedStatus.IN_PROGRESS].add(info.partition_key)
            runs[info.latest_planned_run_id or ""].add(info.partition_key)
        elif info.is_current:
            states[_RESOLVED[info.latest_execution_status]].add(info.partition_key)
    return AssetCheckState(
        latest_storage_id=latest,
        subsets={state: _subset(key, partitions, dates) for state, dates in states.items()},
        in_progress_runs={run: _subset(key, partitions, dates) for run, dates in runs.items()},
    )


def _subset(
    key: dg.AssetCheckKey, partitions: dg.PartitionsDefinition | None, dates: Collection[str | None]
) -> Subset[dg.AssetCheckKey]:
    return Subset(key, _partitions_subset(partitions, frozenset(dates)) if partitions else None in dates)


@lru_cache(maxsize=256)
def _partitions_subset(partitions: dg.PartitionsDefinition, dates: frozenset[str | None]) -> Any:
    """Return a subset, cached, as most checks passed on the same dates.

    Dates without a partition are left out, and so is the result of a whole range, whose partition is None.
    """
    return partitions.subset_with_partition_keys([date for date in partitions.get_partition_keys() if date in dates])

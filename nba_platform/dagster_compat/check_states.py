"""How every check stands on every date, put together at once for the UI.

The orchestrator adds one date after the other to what it knows, and each addition walks the calendar again: 7 s for a
single check over five seasons, more than a minute until the graph shows its colours. All dates of one state together
are a few hundredths of a second. The classes this takes are not public; they are named here and nowhere else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

import dagster as dg
from dagster._core.asset_graph_view.serializable_entity_subset import SerializableEntitySubset as Subset
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Said
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionResolvedStatus,
    AssetCheckPartitionInfo,
)
from dagster._core.storage.asset_check_state import AssetCheckState
from dagster._core.storage.dagster_run import FINISHED_STATUSES

Checks = Sequence[tuple[dg.AssetCheckKey, dg.PartitionsDefinition | None]]
_ANSWERED = {
    Said.SUCCEEDED: AssetCheckExecutionResolvedStatus.SUCCEEDED,
    Said.FAILED: AssetCheckExecutionResolvedStatus.FAILED,
}


def check_states(instance: dg.DagsterInstance, checks: Checks) -> dict[dg.AssetCheckKey, AssetCheckState]:
    """The state of each check; an answer counts while the rows it is about are the latest."""
    found: dict[dg.AssetCheckKey, list[AssetCheckPartitionInfo]] = {key: [] for key, _ in checks}
    for info in instance.event_log_storage.get_asset_check_partition_info([*found]):
        found[info.check_key].append(info)
    over = _ended(instance, [info for infos in found.values() for info in infos])
    return {
        key: _state(key, partitions, found[key]).with_updates(key, partitions, [], over) for key, partitions in checks
    }


def _ended(instance: dg.DagsterInstance, infos: Iterable[AssetCheckPartitionInfo]) -> dict[str, dg.DagsterRunStatus]:
    """Runs that were to ask a check and are over: it never answered."""
    planned = (info.latest_planned_run_id for info in infos if info.latest_execution_status is Said.PLANNED)
    asking = {run for run in planned if run}
    if not asking:
        return {}
    over = dg.RunsFilter(run_ids=[*asking], statuses=FINISHED_STATUSES)
    return {run.run_id: run.status for run in instance.get_runs(over)}


def _state(
    key: dg.AssetCheckKey, partitions: dg.PartitionsDefinition | None, infos: Iterable[AssetCheckPartitionInfo]
) -> AssetCheckState:
    states: dict[AssetCheckExecutionResolvedStatus, set[str | None]] = defaultdict(set)
    runs: dict[str, set[str | None]] = defaultdict(set)
    latest = 0
    for info in infos:
        latest = max(latest, info.latest_check_event_storage_id, info.latest_materialization_storage_id or 0)
        if info.latest_execution_status is Said.PLANNED:
            states[AssetCheckExecutionResolvedStatus.IN_PROGRESS].add(info.partition_key)
            runs[info.latest_planned_run_id or ""].add(info.partition_key)
        elif info.is_current:
            states[_ANSWERED[info.latest_execution_status]].add(info.partition_key)
    return AssetCheckState(
        latest_storage_id=latest,
        subsets={state: _subset(key, partitions, dates) for state, dates in states.items()},
        in_progress_runs={run: _subset(key, partitions, dates) for run, dates in runs.items()},
    )


def _subset(
    key: dg.AssetCheckKey, partitions: dg.PartitionsDefinition | None, dates: Collection[str | None]
) -> Subset[dg.AssetCheckKey]:
    return Subset(key, _of(partitions, frozenset(dates)) if partitions else None in dates)


@lru_cache(maxsize=256)
def _of(partitions: dg.PartitionsDefinition, dates: frozenset[str | None]) -> Any:
    """Remembered, as most checks passed on the same dates.

    What has no partition any more is left out, and so is the answer to a whole range, which is stored under none.
    """
    return partitions.subset_with_partition_keys([date for date in partitions.get_partition_keys() if date in dates])

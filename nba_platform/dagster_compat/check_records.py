"""Read the results of checks by partition.

Dagster 1.13.27 has no public way: only its storage returns them, in classes that are not exported. No behaviour is
changed, so the names are the only cost.
"""

from collections.abc import Collection, Sequence

import dagster as dg
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord as AssetCheckExecutionRecord
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status
from dagster._core.storage.asset_check_execution_record import AssetCheckPartitionInfo as AssetCheckPartitionInfo

FINISHED = {Status.SUCCEEDED, Status.FAILED}


def partition_infos(
    instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey], partitions: Sequence[str] | None = None
) -> Sequence[AssetCheckPartitionInfo]:
    """Return the latest state of each check on each partition, or on some; a range run has one without a partition."""
    return instance.event_log_storage.get_asset_check_partition_info([*checks], partition_keys=partitions)


def latest_record(
    instance: dg.DagsterInstance, check: dg.AssetCheckKey, partition: str | None
) -> AssetCheckExecutionRecord | None:
    """Return the latest finished evaluation of a check on a partition; None is the table as a whole."""
    records = instance.event_log_storage.get_asset_check_execution_history(
        check, limit=1, status=FINISHED, partition_filter=PartitionKeyFilter(key=partition)
    )
    return records[0] if records else None


def step_of(check: dg.AssetCheckKey) -> str:
    """Return the name that Dagster gives the step of a check."""
    return f"{check.asset_key.to_python_identifier()}_{check.name}"


def without_result(
    instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey], partitions: Sequence[str]
) -> dict[tuple[dg.AssetKey, str], str]:
    """Return the run that planned a check of a partition last, where the check has no result of it."""
    return {
        (info.check_key.asset_key, info.partition_key): info.latest_planned_run_id or ""
        for info in partition_infos(instance, checks, partitions)
        if info.partition_key and info.latest_execution_status not in FINISHED
    }


def ended_without_result(
    instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey], partitions: Sequence[str]
) -> set[str]:
    """Return the partitions of which a check was planned by a run that has ended, and has no result."""
    planned = without_result(instance, checks, partitions)
    runs = {run: instance.get_run_by_id(run) for run in planned.values()}
    ended = {run for run, found in runs.items() if found is None or found.is_finished}
    return {partition for (_, partition), run in planned.items() if run in ended}

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

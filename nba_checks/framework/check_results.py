"""What the checks last said of a date, read from the orchestrator's own log.

Dagster answers this by partition through its storage only; none of the names this takes is promised to stay, so they
are used here and nowhere else, and a test fails loudly when one of them moves.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import dagster as dg
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status
from dagster._core.storage.asset_check_execution_record import AssetCheckPartitionInfo


@dataclass(frozen=True)
class CheckResult:
    """What one check last said of one date.

    `passed` is None when it was asked and has not answered. An answer is current when the rows it judged are the latest
    written; of rows that nobody reported as written, no answer is.
    """

    check: dg.AssetCheckKey
    date: dt.date
    passed: bool | None
    is_current: bool
    said: str | None = None


def check_results(
    instance: dg.DagsterInstance, checks: Sequence[dg.AssetCheckKey], date: dt.date
) -> dict[dg.AssetCheckKey, CheckResult]:
    """The latest answer of each check to one date; who was never asked is not among them."""
    found = instance.event_log_storage.get_asset_check_partition_info([*checks], partition_keys=[date.isoformat()])
    return {info.check_key: _answer(instance, info, date) for info in found}


def latest_check_result(instance: dg.DagsterInstance, check: dg.AssetCheckKey, until: dt.date) -> CheckResult | None:
    """The answer to the latest date, up to one, that the check has answered for."""
    found = instance.event_log_storage.get_asset_check_partition_info([check])
    answered = {info.partition_key: info for info in found if info.latest_execution_status is not Status.PLANNED}
    date = _last(answered, until)
    return _answer(instance, answered[date.isoformat()], date) if date else None


def _last(partitions: Collection[str | None], until: dt.date) -> dt.date | None:
    """A range is also stored once as a whole, under no partition."""
    days = (dt.date.fromisoformat(partition) for partition in partitions if partition)
    return max((day for day in days if day <= until), default=None)


def _answer(instance: dg.DagsterInstance, info: AssetCheckPartitionInfo, date: dt.date) -> CheckResult:
    passed = {Status.SUCCEEDED: True, Status.FAILED: False}.get(info.latest_execution_status)
    written, judged = info.latest_materialization_storage_id, info.latest_target_materialization_storage_id
    said = _said(instance, info) if passed is False else None
    return CheckResult(info.check_key, date, passed, written is not None and judged == written, said)


def _said(instance: dg.DagsterInstance, info: AssetCheckPartitionInfo) -> str | None:
    records = instance.event_log_storage.get_asset_check_execution_history(
        info.check_key, limit=1, partition_filter=PartitionKeyFilter(key=info.partition_key)
    )
    evaluation = records[0].evaluation if records else None
    return evaluation.description if evaluation else None

"""Read the latest check results of a date from Dagster's event log."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from nba_platform.dagster_compat.check_records import AssetCheckPartitionInfo, Status, latest_record, partition_infos


@dataclass(frozen=True)
class CheckResult:
    """The latest result of one check on one date.

    `passed` is None when the check was started and has no result. A result is current when the rows it checked are the
    latest written; for rows without a materialization event no result is current.
    """

    check: dg.AssetCheckKey
    date: dt.date
    passed: bool | None
    is_current: bool
    message: str | None = None


def check_results(
    instance: dg.DagsterInstance, checks: Sequence[dg.AssetCheckKey], date: dt.date
) -> dict[dg.AssetCheckKey, CheckResult]:
    """Return the latest result of each check on one date; a check that never ran on it has no entry."""
    infos = partition_infos(instance, checks, [date.isoformat()])
    return {info.check_key: _result(instance, info, date) for info in infos}


def latest_check_result(instance: dg.DagsterInstance, check: dg.AssetCheckKey, until: dt.date) -> CheckResult | None:
    """Return the result of the latest date, at most `until`, for which the check has a result."""
    infos = partition_infos(instance, [check])
    finished = {
        dt.date.fromisoformat(info.partition_key): info
        for info in infos  # a range is also stored once as a whole, without a partition
        if info.partition_key and info.latest_execution_status is not Status.PLANNED
    }
    date = max((day for day in finished if day <= until), default=None)
    return _result(instance, finished[date], date) if date else None


def _result(instance: dg.DagsterInstance, info: AssetCheckPartitionInfo, date: dt.date) -> CheckResult:
    passed = {Status.SUCCEEDED: True, Status.FAILED: False}.get(info.latest_execution_status)
    written, checked = info.latest_materialization_storage_id, info.latest_target_materialization_storage_id
    record = latest_record(instance, info.check_key, info.partition_key) if passed is False else None
    message = record.evaluation.description if record and record.evaluation else None
    return CheckResult(info.check_key, date, passed, written is not None and checked == written, message)

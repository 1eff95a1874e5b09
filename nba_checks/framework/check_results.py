"""What the checks last said of a date, read from the orchestrator's own log."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import dagster as dg

from nba_platform.dagster_compat.check_records import AssetCheckPartitionInfo, Status, latest_record, partition_infos


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
    found = partition_infos(instance, checks, [date.isoformat()])
    return {info.check_key: _answer(instance, info, date) for info in found}


def latest_check_result(instance: dg.DagsterInstance, check: dg.AssetCheckKey, until: dt.date) -> CheckResult | None:
    """The answer to the latest date, up to one, that the check has answered for."""
    found = partition_infos(instance, [check])
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
    record = latest_record(instance, info.check_key, info.partition_key)
    evaluation = record.evaluation if record else None
    return evaluation.description if evaluation else None

"""Conditions read off the orchestrator's records: runs and checks that failed and that nobody has mended."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from nba_assets.kit.calendar import DAILY
from nba_platform.alerts.alert import Alert, Severity
from nba_platform.alerts.watch import AlertContext
from nba_platform.cli.errors import told_of_step
from nba_platform.orchestration.backfill.runs import ONE, RANGE_END, RANGE_START

LOOKED_BACK = dt.timedelta(days=14)  # a run that nobody has repeated for two weeks is not missed
MOST_RUNS = 100
CHECKED_DATES = 7
CHECK_FAILED = "DagsterAssetCheckFailedError"  # such a step is told as its check


@dataclass(frozen=True)
class FailedStep:
    """A table that a run could not make, and for which partitions."""

    run_id: str
    table: str
    key: dg.AssetKey | None
    partitions: tuple[str, ...]
    at: float
    message: str

    @property
    def span(self) -> str:
        """The partitions in words."""
        return "...".join(dict.fromkeys(self.partitions)) or "the whole table"

    def is_mended(self, instance: dg.DagsterInstance) -> bool:
        """Whether the table was made since, at both ends of the dates."""
        if self.key is None:
            return False
        ends: Sequence[list[str] | None] = [[partition] for partition in dict.fromkeys(self.partitions)] or [None]
        return all(
            instance.fetch_materializations(
                dg.AssetRecordsFilter(self.key, asset_partitions=end, after_timestamp=self.at), limit=1
            ).records
            for end in ends
        )


def failed_runs(facts: AlertContext) -> list[Alert]:
    """Every table that a run of the last two weeks failed to make and no later run has made: one alert each."""
    filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=facts.now - LOOKED_BACK)
    alerts: dict[str, Alert] = {}
    for record in facts.instance.get_run_records(filters, limit=MOST_RUNS):
        for step in _failed_steps(facts.instance, record):
            key = f"failed_runs/{step.table}/{step.span}"
            if key not in alerts and not step.is_mended(facts.instance):
                alerts[key] = _of_run(key, step)
    return list(alerts.values())


def failed_checks(facts: AlertContext) -> list[Alert]:
    """Every check whose latest answer, on one of the last seven dates or as a whole, is no."""
    dates = [key for key in DAILY.get_partition_keys() if key <= str(facts.today)][-CHECKED_DATES:]
    alerts = []
    for check in facts.checks:
        latest = _latest(facts.instance, check.key, dates if check.partitions_def else [None])
        failed = {date or "": record for date, record in latest if _says_no(record)}
        if failed:
            alerts.append(_of_check(check.key, failed))
    return alerts


def _failed_steps(instance: dg.DagsterInstance, record: dg.RunRecord) -> Iterator[FailedStep]:
    run, at = record.dagster_run, record.end_time or record.create_timestamp.timestamp()
    first, last, one = (run.tags.get(tag) for tag in (RANGE_START, RANGE_END, ONE))
    partitions = tuple(key for key in (first or one, last or one) if key)
    found = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    if not found:
        yield FailedStep(run.run_id, run.job_name, None, partitions, at, "it ended before any table was computed")
    for entry in found:
        event = entry.event_log_entry.dagster_event
        error = event.step_failure_data.error if event else None
        if error is None or event is None or CHECK_FAILED in (error.cls_name or ""):
            continue
        path = (event.step_key or "").split("__")
        yield FailedStep(run.run_id, ".".join(path), dg.AssetKey(path), partitions, at, told_of_step(error))


def _of_run(key: str, step: FailedStep) -> Alert:
    dates = " ".join(dict.fromkeys(step.partitions)) or "START END"
    to_do = f"mend the cause, then run `nba backfill {dates} --select {step.table.split('.')[-1]}+`"
    title = f"A run failed at {step.table}, {step.span}"
    return Alert(key, Severity.CRITICAL, title, step.message, to_do, step.run_id)


def _latest(
    instance: dg.DagsterInstance, key: dg.AssetCheckKey, dates: Sequence[str | None]
) -> Iterator[tuple[str | None, AssetCheckExecutionRecord]]:
    """The latest finished evaluation on each date; None stands for the table as a whole."""
    done = {AssetCheckExecutionRecordStatus.FAILED, AssetCheckExecutionRecordStatus.SUCCEEDED}
    for date in dates:
        records = instance.event_log_storage.get_asset_check_execution_history(
            key, limit=1, status=done, partition_filter=PartitionKeyFilter(key=date)
        )
        yield from ((date, record) for record in records)


def _says_no(record: AssetCheckExecutionRecord) -> bool:
    return record.status is AssetCheckExecutionRecordStatus.FAILED


def _of_check(key: dg.AssetCheckKey, failed: Mapping[str, AssetCheckExecutionRecord]) -> Alert:
    table, latest = ".".join(key.asset_key.path), max(failed)
    evaluation = failed[latest].evaluation
    stops = evaluation is not None and evaluation.severity is dg.AssetCheckSeverity.ERROR
    said = (evaluation.description if evaluation else None) or "it gave no reason"
    dates = f" on {', '.join(sorted(failed))}" if latest else ""
    return Alert(
        f"failed_checks/{table}/{key.name}",
        Severity.CRITICAL if stops else Severity.WARNING,
        f"{key.name} of {table} fails{dates}",
        f"{latest}: {said}" if latest else said,
        "see the check's page in `nba ui`; the message names what mends it where that is known",
        failed[latest].run_id,
    )

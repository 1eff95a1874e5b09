"""Alert conditions on Dagster's records: runs and checks that failed and have not succeeded since."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from nba_assets.kit.partitions import DAILY
from nba_platform.alerts.alert import Alert, Severity
from nba_platform.alerts.watch import AlertContext
from nba_platform.dagster_compat.check_records import (
    AssetCheckExecutionRecord,
    Status,
    latest_record,
    step_of,
)
from nba_platform.dagster_compat.output_partitions import PARTLY_FAILED, refused_partitions
from nba_platform.errors import step_error
from nba_platform.orchestration.automation.tick_state import first_and_last_partition
from nba_platform.orchestration.event_log_reader import RETRIED_FOR
from nba_resources.dates import SUMMER

MOST_RUNS = 100
INSTANT = 0.001  # a clock may show one time when a run begins and when it stores its first table
CHECKED_DATES = 7
CHECK_FAILED = "DagsterAssetCheckFailedError"  # such a step has the alert of its check


@dataclass(frozen=True)
class FailedStep:
    """A table or check that a run failed to compute, and the partitions of the run; all its tables if it was killed.

    A run that ended before its plan was stored, as on a full disk, has not touched its tables: what they lack is asked
    for anew.
    """

    run_id: str
    table: str
    keys: tuple[dg.AssetKey, ...]
    partitions: tuple[str, ...]
    at: float
    message: str
    was_planned: bool = True
    of_check: bool = False

    @property
    def span(self) -> str:
        """The partitions as text."""
        return "...".join(dict.fromkeys(self.partitions)) or "the whole table"

    def is_repaired(self, instance: dg.DagsterInstance) -> bool:
        """Return whether the tables were computed since, at both ends of the dates.

        Of tables that were not touched the rows from before will do, once a later run has succeeded.
        """
        if not self.was_planned and not _succeeded_since(instance, self.at):
            return False
        ends: Sequence[list[str] | None] = [[partition] for partition in dict.fromkeys(self.partitions)] or [None]
        since = self.at if self.was_planned else None
        return bool(self.keys) and all(
            instance.fetch_materializations(
                dg.AssetRecordsFilter(key, asset_partitions=end, after_timestamp=since), limit=1
            ).records
            for key in self.keys
            for end in (ends if _is_dated(instance, key) else [None])
        )


def failed_runs(context: AlertContext) -> list[Alert]:
    """A run of the last two weeks failed to compute a table, or refused some of its dates, and no later run has.

    There is one alert for each table and its dates.
    """
    since = context.now - RETRIED_FOR
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since)
    partly = dg.RunsFilter(tags={PARTLY_FAILED: "true"}, updated_after=since)
    records = [
        record for runs in (failed, partly) for record in context.instance.get_run_records(runs, limit=MOST_RUNS)
    ]
    alerts: dict[str, Alert] = {}
    for record in sorted(records, key=lambda record: record.storage_id, reverse=True):
        for step in _failed_steps(context, record):
            key = f"failed_runs/{step.table}/{step.span}"
            if key not in alerts and not step.is_repaired(context.instance):
                dates = " ".join(dict.fromkeys(step.partitions)) or "START END"
                names = ",".join(f"{table.path[-1]}+" for table in step.keys)
                again = " --force" if step.of_check else ""  # its table is stored
                to_do = f"correct the cause, then run `nba backfill {dates} --select {names}{again}`"
                title = f"A run failed at {step.table}, {step.span}"
                alerts[key] = Alert(key, Severity.CRITICAL, title, step.message, to_do, step.run_id)
    return list(alerts.values())


def failed_checks(context: AlertContext) -> list[Alert]:
    """A check failed on one of the last seven dates, or on the whole table, and has not passed since."""
    days = [key for key in DAILY.get_partition_keys() if key <= str(context.today) and int(key[5:7]) not in SUMMER]
    dates = days[-CHECKED_DATES:]
    alerts = []
    for check in context.checks:
        failed = {
            date or "": record
            for date in (dates if check.partitions_def else [None])
            if (record := latest_record(context.instance, check.key, date)) and record.status is Status.FAILED
        }
        if failed:
            alerts.append(_check_alert(check.key, failed))
    return alerts


def _failed_steps(context: AlertContext, record: dg.RunRecord) -> Iterator[FailedStep]:
    instance, checks = context.instance, {step_of(spec.key): spec.key for spec in context.checks}
    run, created = record.dagster_run, record.create_timestamp.timestamp()
    began, ended = created - INSTANT, record.end_time or created  # it may have stored some of its dates itself
    partitions = tuple(key for key in first_and_last_partition(run) if key)
    for key, date, reason in refused_partitions(instance, run.run_id):
        yield FailedStep(run.run_id, ".".join(key.path), (key,), (date,), ended, reason)
    found = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    if not found and run.status is dg.DagsterRunStatus.FAILURE:
        why = "it ended before its tables were computed"
        keys = (*sorted(run.asset_selection or ()),)
        yield FailedStep(run.run_id, run.job_name, keys, partitions, began, why, _was_planned(instance, run.run_id))
    for entry in found:
        event = entry.event_log_entry.dagster_event
        error = event.step_failure_data.error if event else None
        if error is None or event is None or CHECK_FAILED in (error.cls_name or ""):
            continue
        step = event.step_key or ""
        check = checks.get(step)  # of a table that the run stored
        key = check.asset_key if check else dg.AssetKey(step.split("__"))
        table = ".".join(key.path)
        failed = f"the check {check.name} of {table}" if check else table
        at = ended if check else began
        yield FailedStep(run.run_id, failed, (key,), partitions, at, step_error(error), of_check=check is not None)


def _was_planned(instance: dg.DagsterInstance, run_id: str) -> bool:
    planned = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
    return bool(instance.get_records_for_run(run_id, of_type=planned, limit=1).records)


def _succeeded_since(instance: dg.DagsterInstance, moment: float) -> bool:
    since = dt.datetime.fromtimestamp(moment, dt.UTC)
    return instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS], created_after=since)) > 0


def _is_dated(instance: dg.DagsterInstance, key: dg.AssetKey) -> bool:
    """Return whether a table is stored by date: one without dates was stored by runs of dates, too."""
    latest = instance.get_latest_materialization_event(key)
    stored = latest.asset_materialization if latest else None
    return stored is None or stored.partition is not None


def _check_alert(key: dg.AssetCheckKey, failed: Mapping[str, AssetCheckExecutionRecord]) -> Alert:
    table, latest = ".".join(key.asset_key.path), max(failed)
    evaluation = failed[latest].evaluation
    is_error = evaluation is not None and evaluation.severity is dg.AssetCheckSeverity.ERROR
    message = (evaluation.description if evaluation else None) or "it gave no reason"
    dates = f" on {', '.join(sorted(failed))}" if latest else ""
    return Alert(
        f"failed_checks/{table}/{key.name}",
        Severity.CRITICAL if is_error else Severity.WARNING,
        f"{key.name} of {table} fails{dates}",
        f"{latest}: {message}" if latest else message,
        "see the check's page in `nba ui`; the message names the command to run where one is known",
        failed[latest].run_id,
    )

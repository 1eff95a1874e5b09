"""History of runs, read from Dagster's event log: also runs started by the UI, a sensor or a schedule."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.table import Table
from nba_platform.dagster_compat.types import StepEventStatus
from nba_platform.orchestration.automation.tick_state import first_and_last_partition
from nba_platform.orchestration.backfill.runs import step_failures
from nba_platform.orchestration.event_log_reader import CODE_VERSION
from nba_platform.orchestration.run_health import PROCESS
from nba_resources.warehouse.io_manager import ROWS

ROWS_OF_WHOLE = "dagster/row_count"
STATES = {
    dg.DagsterRunStatus.SUCCESS: "stored",
    dg.DagsterRunStatus.FAILURE: "failed",
    dg.DagsterRunStatus.CANCELED: "cancelled",
    dg.DagsterRunStatus.CANCELING: "running",
    dg.DagsterRunStatus.STARTED: "running",
}
STARTERS = {"dagster/schedule_name": "schedule", "dagster/sensor_name": "sensor", "dagster/backfill": "UI backfill"}
_RUNS_A_PAGE = 50
_EVENTS_A_PAGE = 1000


@dataclass(frozen=True)
class Entry:
    """One run, or its part for one table or one date of a table."""

    began: str
    run_id: str
    started_by: str
    tables: str
    dates: str
    state: str
    rows: int | None = None
    seconds: float | None = None
    code_version: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class RunHistory:
    """Entries, newest first."""

    entries: tuple[Entry, ...]


def run_history(instance: dg.DagsterInstance, limit: int) -> RunHistory:
    """Return the latest runs."""
    return RunHistory(tuple(run_entry(instance, record) for record in instance.get_run_records(limit=limit)))


def table_history(instance: dg.DagsterInstance, table: Table, date: dt.date | None, limit: int) -> RunHistory:
    """Return the latest runs of one table, or of one date of it."""
    entries = (entry for record in _runs(instance) if (entry := _of_table(instance, record, table, date)))
    return RunHistory(tuple(islice(entries, limit)))


def _runs(instance: dg.DagsterInstance) -> Iterator[dg.RunRecord]:
    cursor = None
    while page := instance.get_run_records(limit=_RUNS_A_PAGE, cursor=cursor):
        yield from page
        cursor = page[-1].dagster_run.run_id


def run_entry(instance: dg.DagsterInstance, record: dg.RunRecord) -> Entry:
    """Return a run as it is now."""
    run = record.dagster_run
    keys = sorted(key.path[-1] for key in run.asset_selection or ())
    return Entry(
        began=_utc(record.start_time or record.create_timestamp.timestamp()),
        run_id=run.run_id,
        started_by=_starter(run),
        tables=", ".join(keys) if len(keys) == 1 else f"{len(keys)} tables" if keys else "all tables",
        dates=_dates(run),
        state=STATES.get(run.status, "waiting"),
        seconds=round(record.end_time - record.start_time, 1) if record.end_time and record.start_time else None,
        error=_error(instance, run),
    )


def _of_table(instance: dg.DagsterInstance, record: dg.RunRecord, table: Table, date: dt.date | None) -> Entry | None:
    run, key = record.dagster_run, asset_key(table.contract)
    first, last = first_and_last_partition(run)
    if run.asset_selection is not None and key not in run.asset_selection:
        return None
    if date and first and last and not first <= date.isoformat() <= last:
        return None
    steps = instance.get_run_step_stats(run.run_id, ["__".join(key.path)])
    step = steps[0] if steps else None
    rows, version = _stored(instance, run, key, date) if step else (None, None)
    state = _state(run, step)
    return Entry(
        began=_utc((step.start_time if step else None) or record.create_timestamp.timestamp()),
        run_id=run.run_id,
        started_by=_starter(run),
        tables=table.contract.key,
        dates=date.isoformat() if date else _dates(run) if table.contract.partition else "whole",
        state="no rows" if state == "stored" and rows == 0 else state,
        rows=rows,
        seconds=round(step.end_time - step.start_time, 1) if step and step.end_time and step.start_time else None,
        code_version=version,
        error=None if state == "stored" else _error(instance, run),
    )


def _state(run: dg.DagsterRun, step: Any) -> str:
    if step and step.status is StepEventStatus.SUCCESS:
        return "stored"
    if step and step.status is StepEventStatus.FAILURE:
        return "failed"
    if not run.is_finished:
        return "running" if step else "waiting"
    return "interrupted" if step and step.status is StepEventStatus.IN_PROGRESS else "not reached"


def _stored(
    instance: dg.DagsterInstance, run: dg.DagsterRun, key: dg.AssetKey, date: dt.date | None
) -> tuple[int | None, str | None]:
    """Return the number of rows a run stored, and their code version."""
    rows: list[int] = []
    version, cursor, more = None, None, True
    record = instance.get_run_record_by_id(run.run_id)
    records = dg.AssetRecordsFilter(
        key,
        asset_partitions=[date.isoformat()] if date and any(first_and_last_partition(run)) else None,
        after_timestamp=record.create_timestamp.timestamp() - 1 if record else None,
        before_timestamp=record.end_time + 1 if record and record.end_time else None,
    )
    while more:
        page = instance.fetch_materializations(records, limit=_EVENTS_A_PAGE, cursor=cursor)
        for event in page.records:
            stored = event.asset_materialization
            if stored and event.run_id == run.run_id:
                count = stored.metadata.get(ROWS) or stored.metadata.get(ROWS_OF_WHOLE)
                rows += [int(str(count.value))] if count else []
                version = (stored.tags or {}).get(CODE_VERSION)
        cursor, more = page.cursor, page.has_more
    return (sum(rows) if rows else None), version


def _dates(run: dg.DagsterRun) -> str:
    return "...".join(dict.fromkeys(end for end in first_and_last_partition(run) if end)) or "whole"


def _starter(run: dg.DagsterRun) -> str:
    if PROCESS in run.tags:
        return "nba"
    for tag, starter in STARTERS.items():
        if tag in run.tags:
            return f"{starter} {run.tags[tag]}"
    return "UI" if run.tags.get("dagster/from_ui") == "true" else "dagster"


def _error(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    """Return the error of the step that failed, or else of the run."""
    if run.status is not dg.DagsterRunStatus.FAILURE:
        return None
    entries = instance.all_logs(run.run_id, dg.DagsterEventType.STEP_FAILURE)
    for failure in step_failures(entry.dagster_event for entry in entries):
        return failure.sentence
    ended = [entry.dagster_event for entry in instance.all_logs(run.run_id, dg.DagsterEventType.RUN_FAILURE)]
    return " ".join((ended[-1].message or "").split()) if ended and ended[-1] else None


def _utc(timestamp: float) -> str:
    return dt.datetime.fromtimestamp(timestamp, dt.UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")

"""History of runs, read from Dagster's records: also runs started by the UI, a sensor or a schedule."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import islice

from nba_platform.dagster_compat.records import CODE_VERSION, FINISHED, Records, RunRow, StepRow
from nba_platform.errors import step_error
from nba_platform.orchestration.processes import PROCESS
from nba_resources.warehouse.metadata import ADDED, CHANGED, REMOVED, ROWS, ROWS_OF_WHOLE

WHOLE = "whole"
STATES = {
    "SUCCESS": "stored",
    "FAILURE": "failed",
    "CANCELED": "cancelled",
    "CANCELING": "running",
    "STARTED": "running",
}
STARTERS = {"dagster/schedule_name": "schedule", "dagster/sensor_name": "sensor", "dagster/backfill": "UI backfill"}


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
class RecordedTable:
    """A table as the records name it."""

    asset: tuple[str, ...]
    partitioned: bool


@dataclass(frozen=True)
class RunHistory:
    """Entries, newest first."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class TableChanges:
    """The changes of a run in one table: dates stored, rows that differ from those before, and the changed dates."""

    table: str
    stored: int
    added: int
    removed: int
    changed: int
    dates: tuple[str, ...]


@dataclass(frozen=True)
class RunChanges:
    """One run, and what it changed."""

    run: Entry
    tables: tuple[TableChanges, ...]


def run_history(records: Records, limit: int) -> RunHistory:
    """Return the latest runs."""
    return RunHistory(tuple(run_entry(records, run) for run in islice(records.runs(), limit)))


def table_history(records: Records, table: RecordedTable, date: dt.date | None, limit: int) -> RunHistory:
    """Return the latest runs of one table, or of one date of it."""
    entries = (entry for run in records.runs() if (entry := _of_table(records, run, table, date)))
    return RunHistory(tuple(islice(entries, limit)))


def run_changes(records: Records, run_id: str) -> RunChanges | None:
    """Return what a run changed, by table; `run_id` may be its beginning."""
    run = records.run(run_id)
    if run is None:
        return None
    stored: dict[str, int] = Counter()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    dates: dict[str, list[str]] = defaultdict(list)
    for asset, partition, metadata in records.stored_by(run.run_id):
        table = ".".join(asset)
        stored[table] += 1
        found = {name: int(metadata.get(name) or 0) for name in (ADDED, REMOVED, CHANGED)}
        counts[table].update(found)
        if any(found.values()):
            dates[table].append(partition or WHOLE)
    tables = []
    for table, n in stored.items():
        of_table, changed_dates = counts[table], tuple(sorted(dates[table]))
        tables.append(TableChanges(table, n, of_table[ADDED], of_table[REMOVED], of_table[CHANGED], changed_dates))
    return RunChanges(run_entry(records, run), tuple(tables))


def stored_table(records: Records, name: str) -> RecordedTable | None:
    """Return a table that was ever stored by its name, `dataset/name` or `dataset.name`."""
    path = tuple(name.replace(".", "/").split("/"))
    found = [asset for asset in records.stored_assets() if path in (asset, asset[-1:])]
    return RecordedTable(found[0], records.is_partitioned(found[0])) if len(found) == 1 else None


def run_entry(records: Records, run: RunRow) -> Entry:
    """Return a run as it is now."""
    names = sorted(path[-1] for path in run.assets or ())
    return Entry(
        began=_utc(run.began or run.created),
        run_id=run.run_id,
        started_by=_starter(run),
        tables=", ".join(names) if len(names) == 1 else f"{len(names)} tables" if names else "all tables",
        dates=_dates(run),
        state=STATES.get(run.status, "waiting"),
        seconds=_rounded(run.began, run.ended),
        error=_error(records, run),
    )


def _of_table(records: Records, run: RunRow, table: RecordedTable, date: dt.date | None) -> Entry | None:
    asset, (first, last) = table.asset, run.partitions
    if run.assets is not None and asset not in run.assets:
        return None
    if date and first and last and not first <= date.isoformat() <= last:
        return None
    step = records.step(run.run_id, "__".join(asset))
    rows, version = _stored(records, run, asset, date) if step else (None, None)
    state = _state(run, step)
    return Entry(
        began=_utc((step.began if step else None) or run.created),
        run_id=run.run_id,
        started_by=_starter(run),
        tables=".".join(asset),
        dates=date.isoformat() if date else _dates(run) if table.partitioned else WHOLE,
        state="no rows" if state == "stored" and rows == 0 else state,
        rows=rows,
        seconds=_rounded(step.began, step.ended) if step else None,
        code_version=version,
        error=None if state == "stored" else _error(records, run),
    )


def _state(run: RunRow, step: StepRow | None) -> str:
    if step and step.state != "IN_PROGRESS":
        return "stored" if step.state == "SUCCESS" else "failed"
    if run.status not in FINISHED:
        return "running" if step else "waiting"
    return "interrupted" if step else "not reached"


def _stored(
    records: Records, run: RunRow, asset: tuple[str, ...], date: dt.date | None
) -> tuple[int | None, str | None]:
    """Return the number of rows a run stored, and their code version."""
    rows: list[int] = []
    version = None
    for stored in records.materializations(run.run_id, asset, str(date) if date and any(run.partitions) else None):
        counts = (stored["metadata"].get(name) for name in (ROWS, ROWS_OF_WHOLE))
        rows += islice((int(count) for count in counts if count is not None), 1)
        version = stored["tags"].get(CODE_VERSION)
    return (sum(rows) if rows else None), version


def _dates(run: RunRow) -> str:
    return "...".join(dict.fromkeys(end for end in run.partitions if end)) or WHOLE


def _starter(run: RunRow) -> str:
    if PROCESS in run.tags:
        return "nba"
    for tag, starter in STARTERS.items():
        if tag in run.tags:
            return f"{starter} {run.tags[tag]}"
    return "UI" if run.tags.get("dagster/from_ui") == "true" else "dagster"


def _error(records: Records, run: RunRow) -> str | None:
    """Return the error of the step that failed, or else of the run."""
    if run.status != "FAILURE":
        return None
    for step, error in records.step_errors(run.run_id):
        return f"{step.replace('__', '.')}: {step_error(error)}"
    message = records.failure(run.run_id)
    return " ".join(message.split()) if message else None


def _rounded(began: float | None, ended: float | None) -> float | None:
    return round(ended - began, 1) if began and ended else None


def _utc(timestamp: float) -> str:
    return dt.datetime.fromtimestamp(timestamp, dt.UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")

"""Read Dagster's records with SQL, without Dagster.

Importing Dagster 1.13.27 and opening an instance take longer than everything else in a command that prints what ran.
The tables and the JSON of runs and events are private: tests compare what is read here with Dagster's own methods.
Tables are those of the stock storages: on SQLite `runs.db`, `runs/index.db` and a file for each run, on PostgreSQL one
database. Statements have `?` for their values.
"""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

RUNS, INDEX = "runs", "index"
CODE_VERSION = "dagster/code_version"  # tag of what was stored
UNCHANGED_SINCE = "nba/unchanged_since"  # tag of a materialization: the event that stored the same rows first
RANGE_START, RANGE_END, ONE = (
    "dagster/asset_partition_range_start",
    "dagster/asset_partition_range_end",
    "dagster/partition",
)  # tags of a run that name its partitions
IN_PROGRESS = ("NOT_STARTED", "STARTING", "STARTED", "CANCELING")
FINISHED = ("SUCCESS", "FAILURE", "CANCELED")
MATERIALIZATION = "ASSET_MATERIALIZATION"
_STEP_STATES = {"STEP_START": "IN_PROGRESS", "STEP_SUCCESS": "SUCCESS", "STEP_FAILURE": "FAILURE"}
_RUN_COLUMNS = "id, run_id, status, start_time, end_time, create_timestamp, run_body"


class RecordsUnreadable(RuntimeError):
    """The database of the records cannot be read; the message is the driver's."""


@dataclass(frozen=True)
class RunRow:
    """A run; `assets` are the paths of its selection, None for all. Times are seconds since 1970."""

    number: int
    run_id: str
    status: str
    began: float | None
    ended: float | None
    created: float
    tags: Mapping[str, str]
    assets: tuple[tuple[str, ...], ...] | None

    @property
    def partitions(self) -> tuple[str | None, str | None]:
        """The ends of the range that the run computes; None if it names no partition."""
        return ends_of_range(self.tags)


@dataclass(frozen=True)
class StepRow:
    """The state of a step of a run: IN_PROGRESS, SUCCESS or FAILURE."""

    state: str
    began: float | None
    ended: float | None


@dataclass(frozen=True)
class ErrorRow:
    """An error as Dagster stores it, with the names of its own class."""

    message: str
    cls_name: str | None
    cause: "ErrorRow | None"


@dataclass(frozen=True)
class Records:
    """The records in a folder, or in the PostgreSQL database at an address."""

    folder: Path
    postgres: str = field(default="", repr=False)

    def query(self, statement: str, values: Sequence[object] = (), file: str = INDEX) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT. A file that does not exist yet has none."""
        if self.postgres:
            return self._on_postgres(statement, values)
        path = self.folder / "history" / (f"{RUNS}.db" if file == RUNS else f"runs/{file}.db")
        if not path.exists():
            return []
        try:
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)) as con:
                return con.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            if "no such table" in str(error):  # it is being created
                return []
            raise RecordsUnreadable(str(error)) from None

    def runs(self, statuses: Sequence[str] = ()) -> Iterator[RunRow]:
        """Yield the runs, newest first; those with one of the statuses, if any is named."""
        among = f"status IN ({', '.join('?' * len(statuses))}) AND" if statuses else ""
        page, before = 50, 2**53
        statement = f"SELECT {_RUN_COLUMNS} FROM runs WHERE {among} id < ? ORDER BY id DESC LIMIT {page}"
        while rows := self.query(statement, [*statuses, before], RUNS):
            yield from map(_run, rows)
            before = rows[-1][0]

    def run(self, beginning: str) -> RunRow | None:
        """Return the latest run whose id begins like this."""
        statement = f"SELECT {_RUN_COLUMNS} FROM runs WHERE run_id LIKE ? ORDER BY id DESC LIMIT 1"
        rows = self.query(statement, [f"{beginning}%"], RUNS)
        return _run(rows[0]) if rows else None

    def step(self, run_id: str, key: str) -> StepRow | None:
        """Return the state of a step, if it has begun."""
        types = ", ".join(f"'{name}'" for name in _STEP_STATES)
        rows = self.query(
            "SELECT dagster_event_type, timestamp FROM event_logs WHERE run_id = ? AND step_key = ? "
            f"AND dagster_event_type IN ({types}) ORDER BY id",
            [run_id, key],
            run_id,
        )
        if not rows:
            return None
        times = {name: _seconds(time) for name, time in rows}
        ended = [times[name] for name in ("STEP_SUCCESS", "STEP_FAILURE") if name in times]
        return StepRow(_STEP_STATES[rows[-1][0]], times.get("STEP_START"), max(ended, default=None))

    def events(self, run_id: str, event_type: str) -> Iterator[Mapping[str, Any]]:
        """Yield the events of one type of a run, each as Dagster stores it, with `seconds` since 1970."""
        statement = "SELECT event, timestamp FROM event_logs WHERE run_id = ? AND dagster_event_type = ? ORDER BY id"
        for event, time in self.query(statement, [run_id, event_type], run_id):
            yield {**json.loads(event)["dagster_event"], "seconds": _seconds(time)}

    def materializations(self, run_id: str, asset: Sequence[str], partition: str | None) -> Iterator[Mapping[str, Any]]:
        """Yield metadata and tags of what a run stored of an asset, of one partition or of all."""
        of_partition, values = (" AND partition = ?", [partition]) if partition else ("", [])
        statement = (
            "SELECT event FROM event_logs WHERE asset_key = ? AND dagster_event_type = ? AND run_id = ?"
            f"{of_partition} ORDER BY id"
        )
        for (event,) in self.query(statement, [asset_text(asset), MATERIALIZATION, run_id, *values]):
            yield _stored(event)

    def stored_by(self, run_id: str) -> Iterator[tuple[tuple[str, ...], str | None, Mapping[str, Any]]]:
        """Yield each partition that a run stored: the path of its asset, the partition and its metadata."""
        statement = (
            "SELECT asset_key, partition, event FROM event_logs WHERE run_id = ? AND dagster_event_type = ? ORDER BY id"
        )
        for asset, partition, event in self.query(statement, [run_id, MATERIALIZATION]):
            yield tuple(json.loads(asset)), partition, _stored(event)["metadata"]

    def step_errors(self, run_id: str) -> Iterator[tuple[str, ErrorRow]]:
        """Yield the steps of a run that failed by themselves, each with its error."""
        for event in self.events(run_id, "STEP_FAILURE"):
            if error := (event["event_specific_data"] or {}).get("error"):
                yield event["step_key"] or "", _error(error)

    def failure(self, run_id: str) -> str | None:
        """Return the message of the event that ended a failed run."""
        messages = [event["message"] for event in self.events(run_id, "PIPELINE_FAILURE")]
        return messages[-1] if messages else None

    def process(self, run: RunRow) -> tuple[int | None, float | None]:
        """Return the last process that worked on a run according to its log, and when; nothing if none has begun."""
        for event in reversed([*self.events(run.run_id, "ENGINE_EVENT")]):
            for one in (event["event_specific_data"] or {}).get("metadata_entries", ()):
                if one["label"] == "pid":
                    return int(one["entry_data"].get("value", one["entry_data"].get("text"))), event["seconds"]
        return None, None

    def stored_assets(self) -> list[tuple[str, ...]]:
        """Return the paths of all assets that were ever stored."""
        statement = "SELECT asset_key FROM asset_keys WHERE last_materialization IS NOT NULL"
        return [tuple(json.loads(key)) for (key,) in self.query(statement)]

    def is_partitioned(self, asset: Sequence[str]) -> bool:
        """Return whether a stored asset has partitions."""
        statement = (
            "SELECT 1 FROM event_logs WHERE asset_key = ? AND dagster_event_type = ? AND partition IS NOT NULL LIMIT 1"
        )
        return bool(self.query(statement, [asset_text(asset), MATERIALIZATION]))

    def value(self, key: str) -> str | None:
        """Return a value that was stored under a key."""
        rows = self.query("SELECT value FROM kvs WHERE key = ?", [key], RUNS)
        return rows[0][0] if rows else None

    @cached_property
    def _connection(self) -> Any:
        import psycopg2

        try:
            connection = psycopg2.connect(self.postgres.replace("postgresql+psycopg2:", "postgresql:", 1))
        except psycopg2.OperationalError as error:
            raise RecordsUnreadable(" ".join(str(error).split())) from None
        connection.set_session(readonly=True, autocommit=True)
        return connection

    def _on_postgres(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        import psycopg2

        with self._connection.cursor() as cursor:
            try:
                cursor.execute(statement.replace("?", "%s"), [*values])
            except psycopg2.errors.UndefinedTable:  # nothing was ever recorded
                return []
            return list(cursor.fetchall())


def ends_of_range(tags: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the first and the last partition that the tags of a run name."""
    one = tags.get(ONE)
    return tags.get(RANGE_START, one), tags.get(RANGE_END, one)


def asset_text(path: Sequence[str]) -> str:
    """Return the text by which the records name an asset."""
    return json.dumps([*path])


def _run(row: tuple[Any, ...]) -> RunRow:
    number, run_id, status, began, ended, created, text = row
    body = json.loads(text)
    selection = body.get("asset_selection")
    keys = selection.get("__frozenset__", selection.get("__set__")) if isinstance(selection, dict) else selection
    paths = None if keys is None else tuple(tuple(key["path"]) for key in keys)
    return RunRow(number, run_id, status, began, ended, _seconds(created), body.get("tags") or {}, paths)


def _stored(event: str) -> Mapping[str, Any]:
    stored = json.loads(event)["dagster_event"]["event_specific_data"]["materialization"]
    values = {one["label"]: one["entry_data"].get("value") for one in stored["metadata_entries"]}
    return {"metadata": values, "tags": stored["tags"] or {}}


def _error(stored: Mapping[str, Any]) -> ErrorRow:
    cause = stored.get("cause")
    return ErrorRow(stored["message"], stored.get("cls_name"), _error(cause) if cause else None)


def _seconds(time: str | dt.datetime) -> float:
    """Return the seconds of a time in UTC, which SQLite keeps as text."""
    return (dt.datetime.fromisoformat(time) if isinstance(time, str) else time).replace(tzinfo=dt.UTC).timestamp()

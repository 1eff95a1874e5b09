"""The event log on SQLite with open connections and batches.

A range run writes two events for each table and date. The storage of Dagster 1.13.27 connects anew for each of them,
and closing the last connection to a write-ahead log makes SQLite copy the log into its file: 56 to 68 ms for an event
on two busy cores, most of the time of a backfill. It also opens the file for each event of a check to see whether a
table exists. With open connections and one statement for many rows, a batch takes a fifth of the processor time.
Nearly every read asks which columns and indexes there are, too, each on a connection of its own.
"""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as db
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS, EVENT_TYPE_TO_PIPELINE_RUN_STATUS
from dagster._core.storage.event_log import SqlEventLogStorage, SqlEventLogStorageTable, SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from sqlalchemy.exc import OperationalError

from nba_platform.dagster_compat.check_states import Checks, check_states
from nba_platform.dagster_compat.migrations import read_migrations_once
from nba_platform.dagster_compat.types import CODE_VERSION_TAG, REPLACED, UNCHANGED_SINCE

_OPEN_FILES = 8
_AT_ONCE = 1_000  # events in a transaction: about a second
_PATIENCE_SECONDS = 30.0  # like the stock storage
_PAUSE_SECONDS = 0.15  # a process that waits for SQLite tries again after a tenth of a second
_INDEXED = ASSET_EVENTS | ASSET_CHECK_EVENTS | {*EVENT_TYPE_TO_PIPELINE_RUN_STATUS}
_INDEXED_TAGS = {CODE_VERSION_TAG, UNCHANGED_SINCE, REPLACED}
_INSERT = SqlEventLogStorageTable.insert()
_INSERT_NUMBERED = _INSERT.returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True)

Rows = Sequence[tuple[dg.EventLogEntry, dict[str, Any]]]
read_migrations_once()


class ExtendedEventLog(SqlEventLogStorage):
    """Additions to the stock event log, for either database."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._tables: set[str] = set()
        self._columns: set[str] = set()
        self._indexes: set[str] = set()
        super().__init__(*args, **options)

    def has_table(self, table_name: str) -> bool:
        """Cache which tables exist: every event of a check needs it."""
        if table_name not in self._tables and super().has_table(table_name):  # type: ignore[safe-super]  # a mixin
            self._tables.add(table_name)
        return table_name in self._tables

    def has_asset_key_col(self, column_name: str) -> bool:
        """Cache which columns the table of assets has: every read of assets needs it."""
        return column_name in self._columns or super().has_asset_key_col(column_name)

    def _has_asset_key_col_on_connection(self, conn: db.Connection, column_name: str) -> bool:
        if column_name not in self._columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._columns.add(column_name)
        return column_name in self._columns

    def has_secondary_index(self, name: str) -> bool:
        """Cache which indexes are complete: they stay so."""
        if name not in self._indexes and super().has_secondary_index(name):
            self._indexes.add(name)
        return name in self._indexes

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Store a batch of one."""
        self.store_event_batch([event])

    def get_asset_tags_to_index(self, tag_keys: set[str]) -> set[str]:
        """Index more tags: they are read for thousands of dates at once, which the stock storage refuses."""
        return super().get_asset_tags_to_index(tag_keys) | (tag_keys & _INDEXED_TAGS)

    def get_asset_check_state(self, keys: Checks) -> dict[dg.AssetCheckKey, Any]:
        """Return the states of checks, built by `check_states`."""
        return check_states(self._instance, keys)

    def _rows(self, events: Sequence[dg.EventLogEntry]) -> Rows:
        return [(event, self._event_to_row(event)) for event in events]

    def _store_rows(self, con: db.Connection, rows: Rows) -> None:
        """Store events with what is indexed of them. The row of a table holds its last event of each kind."""
        numbers = con.execute(_INSERT_NUMBERED, [row for _, row in rows]).scalars().all()
        numbered = [(event, number) for (event, _), number in zip(rows, numbers, strict=True)]
        of_tables = {number: event for event, number in numbered if _asset_of(event) is not None}
        self._store_asset_event_tags(con, [*of_tables.values()], [*of_tables])
        last = {(_asset_of(event), event.dagster_event_type): number for number, event in of_tables.items()}
        for number in sorted(last.values()):
            self._store_asset_event(con, of_tables[number], number)
        for event, number in numbered:
            if event.dagster_event_type in ASSET_CHECK_EVENTS:
                self.store_asset_check_event(event, number)


class KeptOpenEventLog(ExtendedEventLog, SqliteEventLogStorage):
    """The files and tables of the stock storage, with connections that stay open.

    A commit waits for the operating system, not for the disk: a power cut may cost a run its last events, and its
    tables are then computed again. It cannot damage the log.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._held: dict[str, db.Connection] = {}
        self._existing: set[str] = set()
        super().__init__(base_dir, inst_data)
        self._db_lock: Any = threading.RLock()

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Take no settings: the log lies where the stock storage would put it, so that either can read it."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "KeptOpenEventLog":
        """Build the storage from `dagster.yaml`."""
        return cls(str(Path(os.environ["DAGSTER_HOME"], "history", "runs")), inst_data)

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store many events in one transaction of each file: all in those of their runs, some in the index, too."""
        for part in in_turns(events):
            rows = self._rows(part)
            indexed = [(event, row) for event, row in rows if event.dagster_event_type in _INDEXED]
            by_run: dict[str, list[dict[str, Any]]] = {}
            for event, row in rows:
                by_run.setdefault(event.run_id, []).append(row)
            with self._db_lock, ExitStack() as transactions:
                for shard in (*by_run, *([INDEX_SHARD_NAME] if indexed else [])):
                    transactions.enter_context(self._transaction(shard))
                for run_id, of_run in by_run.items():
                    self._held[run_id].execute(_INSERT, of_run)
                if indexed:
                    self._store_rows(self._held[INDEX_SHARD_NAME], indexed)

    def has_table(self, table_name: str) -> bool:
        """Remember the tables that exist: the stock storage opens the file for every event to find out."""
        if table_name not in self._existing and super().has_table(table_name):
            self._existing.add(table_name)
        return table_name in self._existing

    def update_asset_cached_status_data(self, asset_key: dg.AssetKey, cache_values: Any) -> None:
        """Skip UI cache writes while SQLite is locked."""
        with suppress(OperationalError), self._transaction(INDEX_SHARD_NAME, patience=0):
            super().update_asset_cached_status_data(asset_key, cache_values)

    def get_asset_records(self, asset_keys: Sequence[dg.AssetKey] | None = None) -> Sequence[Any]:
        """Read on one connection."""
        with self._transaction(INDEX_SHARD_NAME):
            return super().get_asset_records(asset_keys)

    def get_latest_storage_id_by_partition(self, *args: Any, **options: Any) -> Any:
        """Read on one connection."""
        with self._transaction(INDEX_SHARD_NAME):
            return super().get_latest_storage_id_by_partition(*args, **options)

    def get_latest_tags_by_partition(self, *args: Any, **options: Any) -> Any:
        """Read on one connection."""
        with self._transaction(INDEX_SHARD_NAME):
            return super().get_latest_tags_by_partition(*args, **options)

    def get_asset_check_partition_info(self, *args: Any, **options: Any) -> Any:
        """Read on one connection."""
        with self._transaction(INDEX_SHARD_NAME):
            return super().get_asset_check_partition_info(*args, **options)

    @contextmanager
    def _transaction(self, shard: str, patience: float = _PATIENCE_SECONDS) -> Iterator[None]:
        """Open a transaction that the stock methods called within it join."""
        with self._db_lock, ExitStack() as opened:
            if shard not in self._held:
                self._held[shard] = opened.enter_context(self._connect(shard, patience))
                opened.callback(self._held.pop, shard)
            yield

    @contextmanager
    def _connect(self, shard: str, patience: float = _PATIENCE_SECONDS) -> Iterator[db.Connection]:
        with self._db_lock:
            if shard in self._held:
                yield self._held[shard]
                return
            engine = _engine(self.conn_string_for_shard(shard), patience)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as con, con.begin():
                yield con


def in_turns(events: Sequence[dg.EventLogEntry]) -> Iterator[Sequence[dg.EventLogEntry]]:
    """Yield parts of a batch, with a pause between two for other processes that write.

    A run over five seasons begins with 30,000 events: as one transaction they blocked the UI for 45 s.
    """
    for start in range(0, len(events), _AT_ONCE):
        if start:
            time.sleep(_PAUSE_SECONDS)
        yield events[start : start + _AT_ONCE]


def _asset_of(event: dg.EventLogEntry) -> dg.AssetKey | None:
    return event.get_dagster_event().asset_key if event.dagster_event_type in ASSET_EVENTS else None


@lru_cache(maxsize=_OPEN_FILES)
def _engine(file: str, patience: float) -> db.Engine:
    waits = {"timeout": patience, "check_same_thread": False}
    engine = db.create_engine(file, poolclass=db.QueuePool, connect_args=waits)
    db.event.listen(engine, "connect", lambda con, _: con.execute("PRAGMA synchronous = NORMAL"))
    return engine

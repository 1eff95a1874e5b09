"""The event log on SQLite with open connections and batches.

A range run writes two events for each table and date. The storage of Dagster 1.13.27 connects anew for each of them,
and closing the last connection to a write-ahead log makes SQLite copy the log into its file: 56 to 68 ms for an event
on two busy cores, most of the time of a backfill. With open connections it is 3.6 ms, in batches 2.3 ms.
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
from dagster._core.storage.event_log import SqlEventLogStorage, SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from sqlalchemy.exc import OperationalError

from nba_platform.dagster_compat.check_states import Checks, check_states
from nba_platform.dagster_compat.types import CODE_VERSION_TAG, UNCHANGED_SINCE

_OPEN_FILES = 8
_AT_ONCE = 1_000  # events in a transaction: about a second
_PATIENCE_SECONDS = 30.0  # like the stock storage
_PAUSE_SECONDS = 0.15  # a process that waits for SQLite tries again after a tenth of a second


class ExtendedEventLog(SqlEventLogStorage):
    """Additions to the stock event log, for either database."""

    def get_asset_tags_to_index(self, tag_keys: set[str]) -> set[str]:
        """Index two more tags: they are read for thousands of dates at once, which the stock storage refuses."""
        return super().get_asset_tags_to_index(tag_keys) | (tag_keys & {CODE_VERSION_TAG, UNCHANGED_SINCE})

    def get_asset_check_state(self, keys: Checks) -> dict[dg.AssetCheckKey, Any]:
        """Return the states of checks, built by `check_states`."""
        return check_states(self._instance, keys)


class KeptOpenEventLog(ExtendedEventLog, SqliteEventLogStorage):
    """The files and tables of the stock storage, with connections that stay open.

    A commit waits for the operating system, not for the disk: a power cut may cost a run its last events, and its
    tables are then computed again. It cannot damage the log.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._held: dict[str, db.Connection] = {}
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
        """Store many events in one transaction of each file they go to."""
        for part in in_turns(events):
            with self._db_lock, ExitStack() as transactions:
                for shard in (INDEX_SHARD_NAME, *{event.run_id for event in part}):
                    transactions.enter_context(self._transaction(shard))
                for event in part:
                    self.store_event(event)

    def update_asset_cached_status_data(self, asset_key: dg.AssetKey, cache_values: Any) -> None:
        """Skip UI cache writes while SQLite is locked."""
        with suppress(OperationalError), self._transaction(INDEX_SHARD_NAME, patience=0):
            super().update_asset_cached_status_data(asset_key, cache_values)

    @contextmanager
    def _transaction(self, shard: str, patience: float = _PATIENCE_SECONDS) -> Iterator[None]:
        """Open a transaction that the stock methods called within it join."""
        with self._connect(shard, patience) as self._held[shard]:
            try:
                yield
            finally:
                del self._held[shard]

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


@lru_cache(maxsize=_OPEN_FILES)
def _engine(file: str, patience: float) -> db.Engine:
    waits = {"timeout": patience, "check_same_thread": False}
    engine = db.create_engine(file, poolclass=db.QueuePool, connect_args=waits)
    db.event.listen(engine, "connect", lambda con, _: con.execute("PRAGMA synchronous = NORMAL"))
    return engine

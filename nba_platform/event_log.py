"""The orchestrator's event log on SQLite, kept open while events are written and written in batches.

A range run writes two events for each table and date. The stock storage connects anew for each of them, and closing the
last connection to a write-ahead log makes SQLite fold the log back into its file: 41 ms for a table and
date, most of the time of a backfill. Kept open and in batches it is 3 ms.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as db
from dagster._core.storage.asset_check_state import AssetCheckState
from dagster._core.storage.event_log import SqlEventLogStorage, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData

from nba_assets.kit.record import CODE_VERSION
from nba_platform.check_states import Checks, check_states

_OPEN_FILES = 8


class AnsweringLog(SqlEventLogStorage):
    """What the platform and its UI ask of the log, whichever database keeps it."""

    def get_asset_tags_to_index(self, tag_keys: set[str]) -> set[str]:
        """The code version too: by which code each date was stored is asked of thousands of dates at once."""
        return super().get_asset_tags_to_index(tag_keys) | (tag_keys & {CODE_VERSION})

    def get_asset_check_state(self, keys: Checks) -> dict[dg.AssetCheckKey, AssetCheckState]:
        """All dates of a state at once."""
        return check_states(self._instance, keys)


class KeptOpenEventLog(AnsweringLog, SqliteEventLogStorage):
    """The same files and tables as the stock storage; only how long a connection lives differs.

    A commit waits for the operating system, not for the disk: a power cut may cost a run its last events, and its
    tables are then computed again. It cannot damage the log.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._held: dict[str, db.Connection] = {}
        super().__init__(base_dir, inst_data)
        self._db_lock: Any = threading.RLock()

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing to set: the log lies where the stock storage would put it, so that either can read it."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "KeptOpenEventLog":
        """How the orchestrator makes the storage from `dagster.yaml`."""
        return cls(str(Path(os.environ["DAGSTER_HOME"], "history", "runs")), inst_data)

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """All events of the batch in one transaction of each file they go to."""
        with self._db_lock, ExitStack() as transactions:
            for shard in ("index", *{event.run_id for event in events}):
                self._held[shard] = transactions.enter_context(self._connect(shard))
                transactions.callback(self._held.pop, shard)
            for event in events:
                self.store_event(event)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[db.Connection]:
        with self._db_lock:
            if shard in self._held:
                yield self._held[shard]
                return
            engine = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as con, con.begin():
                yield con


@lru_cache(maxsize=_OPEN_FILES)
def _engine(file: str) -> db.Engine:
    waits = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    engine = db.create_engine(file, poolclass=db.QueuePool, connect_args=waits)
    db.event.listen(engine, "connect", lambda con, _: con.execute("PRAGMA synchronous = NORMAL"))
    return engine

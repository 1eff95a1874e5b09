"""Runs, events and schedules on PostgreSQL, chosen by `NBA_DAGSTER_POSTGRES`.

The storage of Dagster 1.13.27 (dagster-postgres 0.29.27) cannot be used as it is: it connects anew for each query; it
refuses a batch with results of checks and stores them one by one; it does not index the code version, without which no
date is up to date; and SQLAlchemy 2.1 takes an address without a driver for a driver that is not installed. With this
one a season takes a quarter of the time that SQLite takes for its events (docs/production.md).
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any

import dagster as dg
import sqlalchemy as db
from dagster_postgres import DagsterPostgresStorage, PostgresEventLogStorage
from sqlalchemy.exc import ArgumentError

from nba_platform.dagster_compat.event_log import ExtendedEventLog, in_turns

DRIVER = "postgresql+psycopg2"
_OPEN, _MOST = 2, 20
_WRITERS = 1_946_06_06  # number of the lock that writers of events share
_TAKE_TURNS = db.text("SELECT pg_advisory_xact_lock(:number)").bindparams(number=_WRITERS)


class BadAddress(ValueError):
    """The address of the PostgreSQL database cannot be used: the message says how it must look."""


class PostgresRecords(DagsterPostgresStorage):
    """The stock tables; connections are kept and shared, and events go through `BatchedEventLog`."""

    def __init__(self, postgres_url: str, inst_data: Any = None) -> None:
        url = with_driver(postgres_url)
        super().__init__(url, inst_data=inst_data)
        self._event_log_storage = BatchedEventLog(url)
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            storage._engine = _engine(url)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Take the address, which `dagster.yaml` names by its variable."""
        return {"postgres_url": dg.StringSource}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, Any]) -> "PostgresRecords":
        """Build the storage from `dagster.yaml`."""
        return cls(config_value["postgres_url"], inst_data)


class BatchedEventLog(ExtendedEventLog, PostgresEventLogStorage):
    """Store events and their index rows in one transaction, one writer at a time.

    A transaction takes the numbers of its events before others can see them. With two writers a reader could see a
    higher number first, remember it and never read the lower ones, and the writers could block each other.
    """

    def __init__(self, postgres_url: str) -> None:
        self._mine = threading.local()
        super().__init__(postgres_url)

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store events of any kind, all of a part or none."""
        for part in in_turns(events):
            with self._transaction() as con:
                self._store_rows(con, self._rows(part))

    @contextmanager
    def _transaction(self) -> Iterator[db.Connection]:
        with super()._connect() as connection:
            con = connection.execution_options(isolation_level="READ COMMITTED")
            with con.begin():
                con.execute(_TAKE_TURNS)
                self._mine.held = con
                try:
                    yield con
                finally:
                    del self._mine.held

    @contextmanager
    def _connect(self) -> Iterator[db.Connection]:
        """Return the connection of the open transaction, so that stock methods join it."""
        held = getattr(self._mine, "held", None)
        with super()._connect() if held is None else nullcontext(held) as connection:
            yield connection


def with_driver(address: str) -> str:
    """Return the address with the driver we install. An error does not quote the address, which is a secret."""
    try:
        url = db.make_url(address)
    except (ArgumentError, ValueError):
        url = db.URL.create("unreadable")
    if url.drivername not in ("postgresql", "postgres", DRIVER) or not url.database:
        raise BadAddress(
            "NBA_DAGSTER_POSTGRES is no address of a PostgreSQL database: it must look like "
            "postgresql://user:password@host:5432/database, with %XX for special characters in the password."
        )
    return url.set(drivername=DRIVER).render_as_string(hide_password=False)


def connect(address: str) -> None:
    """Open a connection and leave it in the pool."""
    with _engine(with_driver(address)).connect():
        pass


@lru_cache
def _engine(url: str) -> db.Engine:
    """Return one pool for a process. A connection that the server has closed is replaced before it is used."""
    pool = {"pool_size": _OPEN, "max_overflow": _MOST - _OPEN, "pool_pre_ping": True}
    return db.create_engine(url, isolation_level="AUTOCOMMIT", **pool)

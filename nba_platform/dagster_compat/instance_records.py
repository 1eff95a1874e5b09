"""Read and write small values beside the records of an open instance, by the statements that `records` takes.

Dagster 1.13.27 has no public way to run a statement or to keep a value; its daemons keep their cursors like this.
"""

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg


def query_of(instance: dg.DagsterInstance) -> Callable[[str, Sequence[object]], list[tuple[Any, ...]]]:
    """Return a function that reads the records of assets and checks; statements have `?` for their values."""
    storage: Any = instance.event_log_storage

    def query(statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with storage.index_connection() as con:
            style = "?" if con.dialect.paramstyle == "qmark" else "%s"
            return [tuple(row) for row in con.exec_driver_sql(statement.replace("?", style), tuple(values)).fetchall()]

    return query


def value(instance: dg.DagsterInstance, key: str) -> str | None:
    """Return a value that was stored under a key."""
    return instance.daemon_cursor_storage.get_cursor_values({key}).get(key)


def store_value(instance: dg.DagsterInstance, key: str, text: str) -> None:
    """Store or replace a value."""
    instance.daemon_cursor_storage.set_cursor_values({key: text})

"""Read stored rows of a DuckDB file by plain SQL.

It imports neither Ibis nor pandas, so that commands print stored rows quickly.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from nba_resources.warehouse.duckdb.connections import Connections, first_line, is_locked
from nba_resources.warehouse.errors import WarehouseUnavailable


@dataclass(frozen=True)
class DuckDBFile:
    """Tables in a DuckDB file, one schema for each dataset."""

    path: str
    patience_seconds: float = 60.0
    memory_limit: str = "1200MB"  # enough for a season of any table

    def results(self, statements: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        """Return the rows of each SELECT whose values are literals: a bound parameter would import pandas."""
        with self.session():
            return [self._connections.reused(f"rows of {one}", None, partial(self._rows, one)) for one in statements]

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self._connections.open(writes=False) as con, explained_errors(_never_loaded):
            return con.execute(statement).fetchall()

    def stored(self, keys: Iterable[str]) -> set[str]:
        """Return those keys (`dataset.table`) whose table exists."""
        return {*keys} & self._all_stored()

    @contextmanager
    def session(self) -> Iterator[None]:
        """Keep one connection for the reads and writes of this thread inside, which must be as short as a step."""
        with self._connections.session():
            yield

    @contextmanager
    def kept(self, is_small: bool = False) -> Iterator[None]:
        """Keep the file open between the sessions inside, the steps of a run, unless another process waits for it.

        A small run has one thread: to share out the rows of a date costs a sixth of its processor time.
        """
        with self._connections.kept(is_small):
            yield

    def _all_stored(self) -> set[str]:
        """Return the keys of all tables, found with one query."""
        if not Path(self.path).exists():
            return set()
        with self._connections.open(writes=False) as con:
            stored = con.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = current_database()"
            ).fetchall()
        return {key for (key,) in stored}

    @property
    def _connections(self) -> Connections:
        return Connections(self.path, self.patience_seconds, self.memory_limit)


@contextmanager
def explained_errors(missing_table: Callable[[str], WarehouseUnavailable]) -> Iterator[None]:
    """Turn errors about missing tables and full disks into messages that say what to do."""
    try:
        yield
    except duckdb.CatalogException as error:
        raise missing_table(first_line(error)) from None
    except (duckdb.OperationalError, duckdb.FatalException) as error:
        if is_locked(error):
            raise
        raise WarehouseUnavailable(f"the warehouse could not finish: {first_line(error)}") from None


def _never_loaded(message: str) -> WarehouseUnavailable:
    return WarehouseUnavailable(f"{message} It was never loaded: run `nba backfill START END` first.")

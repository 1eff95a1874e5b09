"""A DuckDB file that several processes use: open it, wait while another process has locked it, read stored rows.

It imports neither Ibis nor pandas, so that commands print stored rows quickly.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_delay, wait_random

from nba_resources.warehouse.errors import WarehouseBusy, WarehouseUnavailable

_LOCK_MESSAGES = ("Could not set lock", "different configuration", "already attached", "being used by another process")
_HEADER_BYTES, _CREATED_WITHIN = 3 * 4096, 2.0  # a shorter, newer file is one that another process is creating


@dataclass(frozen=True)
class DuckDBFile:
    """Tables in a DuckDB file, one schema for each dataset."""

    path: str
    patience_seconds: float = 60.0
    memory_limit: str = "2GB"

    def results(self, statements: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        """Return the rows of each SELECT whose values are literals: a bound parameter would import pandas."""
        if not statements:
            return []
        with self._connection(writes=False) as con, explained_errors(_never_loaded):
            return [con.execute(statement).fetchall() for statement in statements]

    def stored(self, keys: Iterable[str]) -> set[str]:
        """Return those keys (`dataset.table`) whose table exists, found with one query."""
        if not Path(self.path).exists():
            return set()
        with self._connection(writes=False) as con:
            stored = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        return {*keys} & {key for (key,) in stored}

    @contextmanager
    def _connection(self, writes: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._connect(writes) as con:
            yield con

    def _connect(self, writes: bool) -> duckdb.DuckDBPyConnection:
        """Open the file; while another process has it, try so often that its pauses between two steps are enough."""
        waits = wait_random(0.005, 0.015)
        deadline = stop_after_delay(self.patience_seconds)
        try:
            return Retrying(retry=retry_if_exception(is_locked), wait=waits, stop=deadline)(self._open, writes)
        except RetryError as error:
            holder = re.search(r" \(PID \d+\)", str(error.last_attempt.exception()))
            raise WarehouseBusy(
                f"{self.path} is locked by another program{holder.group() if holder else ''}: waited "
                f"{self.patience_seconds:g} s. Close the program that has it open (a DuckDB shell, another backfill) "
                f"and run again."
            ) from None

    def _open(self, writes: bool) -> duckdb.DuckDBPyConnection:
        file = Path(self.path)
        if not writes and not file.exists():
            raise WarehouseUnavailable(
                f"{file} does not exist yet: nothing has been loaded. Run `nba backfill START END` first."
            )
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            settings: dict[str, Any] = {"memory_limit": self.memory_limit, "preserve_insertion_order": False}
            con = duckdb.connect(file, read_only=not writes, config=settings)
        except OSError as error:
            raise WarehouseUnavailable(
                f"{file.parent} cannot be written ({error.strerror}): set NBA_HOME to a writable folder."
            ) from None
        except duckdb.Error as error:
            if is_locked(error):
                raise
            if "not a valid" in str(error) and _is_being_created(file):
                raise duckdb.IOException(f"Could not set lock: {file} is being created") from None
            raise WarehouseUnavailable(f"{file} cannot be opened: {first_line(error)}") from None
        con.execute("SET enable_progress_bar = false")  # it would be printed on stdout, into the JSON
        return con.execute("SET TimeZone = 'UTC'")


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


def is_locked(error: BaseException) -> bool:
    """Return whether another process or connection keeps the file locked."""
    return isinstance(error, duckdb.Error) and any(message in str(error) for message in _LOCK_MESSAGES)


def first_line(error: Exception) -> str:
    """Return the first line of an error: the others quote the statement."""
    return str(error).splitlines()[0]


def _never_loaded(message: str) -> WarehouseUnavailable:
    return WarehouseUnavailable(f"{message} It was never loaded: run `nba backfill START END` first.")


def _is_being_created(file: Path) -> bool:
    status = file.stat()
    return status.st_size < _HEADER_BYTES and time.time() - status.st_mtime < _CREATED_WITHIN

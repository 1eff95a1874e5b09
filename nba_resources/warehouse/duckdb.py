"""A warehouse in one DuckDB file: the laptop's default.

One file serves several processes (UI runs, the command line, the daemon), and DuckDB lets only one of them write at a
time while it keeps all others out. So every connection is short, and a locked file is waited for.
"""

import datetime as dt
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.sql.datatypes import DuckDBType
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseBusy, WarehouseUnavailable
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.contract_checks import (
    SHOWN,
    never_materialised,
    refuse_broken,
    refuse_other_columns,
    refuse_stored_elsewhere,
    refuse_unknown_columns,
)

_LOCKED = ("Could not set lock", "different configuration", "already attached", "being used by another process")
_HEADER_BYTES, _CREATED_WITHIN = 3 * 4096, 2.0  # a shorter, newer file is one that another process is creating
_ONE_WRITER = threading.Lock()  # threads of one process share the file's lock, so they need one of their own


class DuckDBWarehouse(dg.ConfigurableResource, Warehouse):
    """Tables in a DuckDB file, one schema for each dataset."""

    path: str
    patience_seconds: float = 60.0
    memory_limit: str = "2GB"

    def replace(self, contract: Contract, dates: DateRange | None, rows: ir.Table) -> dict[dt.date, int]:
        """All dates or none: a half-written range looks like data, which is worse than a gap."""
        with self._writing(contract, dates, rows) as con:
            span, days = _within(contract, dates)
            moved = " AND ".join(f's."{name}" IS NOT DISTINCT FROM t."{name}"' for name in contract.moves)
            con.execute(f"DELETE FROM {_name(contract)} WHERE {span}", days)
            if moved:
                con.execute(f"DELETE FROM {_name(contract)} AS t USING staged AS s WHERE {moved}")
            _refuse_keys_stored_elsewhere(con, contract)
            con.execute(f"INSERT INTO {_name(contract)} BY NAME SELECT * FROM staged")
            return _rows_by_date(con, contract, dates)

    def append(self, contract: Contract, dates: DateRange, rows: ir.Table) -> dict[dt.date, int]:
        """A key already stored keeps its first values: what a bookmaker showed then cannot change now."""
        with self._writing(contract, dates, rows) as con:
            same = " AND ".join(f's."{name}" IS NOT DISTINCT FROM t."{name}"' for name in contract.grain)
            con.execute(
                f"INSERT INTO {_name(contract)} BY NAME SELECT s.* FROM staged AS s "
                f"WHERE NOT EXISTS (SELECT 1 FROM {_name(contract)} AS t WHERE {same})"
            )
            return _rows_by_date(con, contract, dates)

    def update(self, contract: Contract, keys: Mapping[str, object], values: Mapping[str, object]) -> int:
        """Staged and validated like any write: a status the contract does not know changes nothing."""
        refuse_unknown_columns(contract, (*keys, *values))
        changed = ", ".join(f'"{name}" = ?' for name in values)
        wanted = " AND ".join(f'"{name}" = ?' for name in keys)
        with _ONE_WRITER, self._connection(writes=True) as con, _teaching(contract.table()):
            con.begin()
            con.execute(f"CREATE TEMP TABLE staged AS FROM {_name(contract)} WHERE {wanted}", [*keys.values()])
            con.execute(f"UPDATE staged SET {changed}", [*values.values()])
            _validate(con, contract, None)
            con.execute(f"DELETE FROM {_name(contract)} WHERE {wanted}", [*keys.values()])
            con.execute(f"INSERT INTO {_name(contract)} BY NAME SELECT * FROM staged")
            counted = con.execute("SELECT COUNT(*) FROM staged").fetchone()
            con.commit()
            return int(counted[0]) if counted else 0

    def read(self, rows: ir.Table) -> pd.DataFrame:
        """Evaluate the expression in a connection that lives no longer than the answer."""
        with self._connection(writes=False) as con, _teaching(rows):
            _register(con, rows)
            return con.execute(_sql(rows)).df()

    def stored_keys(self, contracts: Iterable[Contract]) -> set[str]:
        """Asked of the file once: opening it takes longer than the answer."""
        if not Path(self.path).exists():
            return set()
        with self._connection(writes=False) as con:
            stored = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        return {contract.key for contract in contracts} & {key for (key,) in stored}

    @contextmanager
    def _writing(
        self, contract: Contract, dates: DateRange | None, rows: ir.Table
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction: stage, validate, let the caller move the rows, commit; any error leaves the old rows."""
        with _ONE_WRITER, self._connection(writes=True) as con, _teaching(rows):
            con.begin()
            _register(con, rows)
            _create(con, contract)
            con.execute(f"CREATE TEMP TABLE staged AS {_sql(contract.cast(rows))}")
            _validate(con, contract, dates)
            yield con
            con.commit()

    @contextmanager
    def _connection(self, writes: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        waits = wait_random_exponential(multiplier=0.05, max=2)
        try:
            for attempt in Retrying(
                retry=retry_if_exception(_is_locked), wait=waits, stop=stop_after_delay(self.patience_seconds)
            ):
                with attempt:
                    con = self._open(writes)
        except RetryError as gave_up:
            holder = re.search(r" \(PID \d+\)", str(gave_up.last_attempt.exception()))
            raise WarehouseBusy(
                f"{self.path} is locked by another program{holder.group() if holder else ''}: waited "
                f"{self.patience_seconds:g} s. Close what has it open (a DuckDB shell, another backfill) and run again."
            ) from None
        with con:
            yield con

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
            if _is_locked(error):
                raise
            if "not a valid" in str(error) and _is_being_created(file):
                raise duckdb.IOException(f"Could not set lock: {file} is being created") from None
            raise WarehouseUnavailable(f"{file} cannot be opened: {_first_line(error)}") from None
        con.execute("SET enable_progress_bar = false")  # it is drawn on stdout, where a program reads JSON
        return con.execute("SET TimeZone = 'UTC'")


def _name(contract: Contract) -> str:
    return f'"{contract.dataset}"."{contract.name}"'


def _sql(rows: ir.Table) -> str:
    return str(ibis.to_sql(rows, dialect="duckdb"))


def _within(contract: Contract, dates: DateRange | None) -> tuple[str, list[dt.date]]:
    if dates is None:
        return "TRUE", []
    return f'"{contract.partition}" BETWEEN ? AND ?', [dates.start, dates.end]


def _register(con: duckdb.DuckDBPyConnection, rows: ir.Table) -> None:
    for frame in rows.op().find(ops.InMemoryTable):
        con.register(frame.name, frame.data.to_pyarrow(frame.schema))


def _create(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    query = "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? AND NOT internal"
    stored = con.execute(query, [contract.dataset, contract.name]).fetchall()
    if stored:
        refuse_other_columns(contract, [name for (name,) in stored])
    columns = ", ".join(f'"{name}" {DuckDBType.to_string(column.dtype)}' for name, column in contract.columns.items())
    con.execute(f'CREATE SCHEMA IF NOT EXISTS "{contract.dataset}"')
    con.execute(f"CREATE TABLE IF NOT EXISTS {_name(contract)} ({columns})")


def _validate(con: duckdb.DuckDBPyConnection, contract: Contract, dates: DateRange | None) -> None:
    staged = ibis.table(contract.schema, name="staged")
    refuse_broken(contract, staged, dates, lambda rows: con.execute(_sql(rows)).fetchall())


def _refuse_keys_stored_elsewhere(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    grain = ", ".join(f'"{name}"' for name in contract.grain)
    found = con.execute(
        f"SELECT {grain}, t.{contract.partition or contract.grain[0]} AS stored_under FROM {_name(contract)} AS t "
        f"SEMI JOIN staged USING ({grain}) LIMIT {SHOWN}"
    ).fetchall()
    refuse_stored_elsewhere(contract, found)


def _rows_by_date(con: duckdb.DuckDBPyConnection, contract: Contract, dates: DateRange | None) -> dict[dt.date, int]:
    if contract.partition is None or dates is None:
        return {}
    span, days = _within(contract, dates)
    counted = con.execute(
        f'SELECT "{contract.partition}", COUNT(*) FROM {_name(contract)} WHERE {span} GROUP BY 1', days
    )
    return dict(counted.fetchall())


@contextmanager
def _teaching(rows: ir.Table) -> Iterator[None]:
    """Turn the engine's errors about missing tables and full disks into what a person can act on."""
    try:
        yield
    except duckdb.CatalogException as error:
        upstream = (f"{t.namespace.database}.{t.name}" for t in rows.op().find(ops.UnboundTable))
        raise never_materialised(_first_line(error), upstream) from None
    except (duckdb.OperationalError, duckdb.FatalException) as error:
        if _is_locked(error):
            raise
        raise WarehouseUnavailable(f"the warehouse could not finish: {_first_line(error)}") from None


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, duckdb.Error) and any(sign in str(error) for sign in _LOCKED)


def _is_being_created(file: Path) -> bool:
    found = file.stat()
    return found.st_size < _HEADER_BYTES and time.time() - found.st_mtime < _CREATED_WITHIN


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]

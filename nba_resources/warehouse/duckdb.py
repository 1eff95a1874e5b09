"""A warehouse in one DuckDB file: the default on a laptop.

Several processes (UI runs, the command line, the daemon) use the same file, and a process that writes to it locks all
others out. So connections are short, and a locked file is retried.
"""

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
from nba_resources.warehouse import contract_checks as checks
from nba_resources.warehouse.base import NOWHERE, Rejected, Warehouse, WarehouseBusy, WarehouseUnavailable
from nba_resources.warehouse.changes import Dialect, Written, changes, remember, written
from nba_resources.warehouse.contract import Contract

_LOCK_MESSAGES = ("Could not set lock", "different configuration", "already attached", "being used by another process")
_HEADER_BYTES, _CREATED_WITHIN = 3 * 4096, 2.0  # a shorter, newer file is one that another process is creating
_WRITE_LOCK = threading.Lock()  # the file's lock does not separate threads of one process
DIALECT = Dialect(f"duckdb {duckdb.__version__}", '"', "HUGEINT", lambda columns: f"hash({', '.join(columns)})")


class DuckDBWarehouse(dg.ConfigurableResource, Warehouse):
    """Tables in a DuckDB file, one schema for each dataset."""

    path: str
    patience_seconds: float = 60.0
    memory_limit: str = "2GB"

    def replace(
        self,
        contract: Contract,
        dates: DateRange | None,
        rows: ir.Table,
        rejected: Rejected | None = None,
        where: Mapping[str, str] = NOWHERE,
    ) -> Written:
        """Replace all dates in one transaction: a half-written range looks like data, which is worse than a gap."""
        with self._staged(contract, dates, rows, rejected) as con:
            replaced = _within(contract, dates) + "".join(f' AND "{name}" = ?' for name in where)
            if (kept := checks.kept_units(contract, rejected)) is not None:
                _register(con, kept)
                replaced += f" AND NOT EXISTS (FROM ({_sql(kept)}) AS s WHERE {_same(contract.unit_columns)})"
            con.execute(f"DELETE FROM {_name(contract)} AS t WHERE {replaced}", [*where.values()])
            if contract.moves:
                con.execute(f"DELETE FROM {_name(contract)} AS t USING staged AS s WHERE {_same(contract.moves)}")
            grain = ", ".join(f'"{name}"' for name in contract.grain)
            under = contract.partition or contract.grain[0]
            query = f"SELECT {grain}, t.{under} AS stored_under FROM {_name(contract)} AS t SEMI JOIN staged"
            checks.check_stored_keys(contract, con.execute(f"{query} USING ({grain}) LIMIT {checks.SHOWN}").fetchall())
            con.execute(f"INSERT INTO {_name(contract)} BY NAME SELECT {_columns(contract)} FROM staged AS s")
            return _changes(con, contract, dates)

    def append(self, contract: Contract, dates: DateRange, rows: ir.Table, rejected: Rejected | None = None) -> Written:
        """Add rows with new keys; stored rows keep their facts, since a line offered in the past cannot change."""
        with self._staged(contract, dates, rows, rejected) as con:
            if contract.refreshed:
                new = ", ".join(f'"{name}" = s."{name}"' for name in contract.refreshed)
                changed = f"{_same(contract.grain)} AND NOT ({_same(contract.refreshed)})"
                con.execute(f"UPDATE {_name(contract)} AS t SET {new} FROM staged AS s WHERE {changed}")
            con.execute(
                f"INSERT INTO {_name(contract)} BY NAME SELECT {_columns(contract)} FROM staged AS s "
                f"WHERE NOT EXISTS (SELECT 1 FROM {_name(contract)} AS t WHERE {_same(contract.grain)})"
            )
            return _changes(con, contract, dates)

    def update(self, contract: Contract, keys: Mapping[str, object], values: Mapping[str, object]) -> int:
        """Change a staged copy first, so that values which break the contract change nothing."""
        checks.check_columns_exist(contract, (*keys, *values))
        changes = ", ".join(f'"{name}" = ?' for name in values)
        with_keys = " AND ".join(f'"{name}" = ?' for name in keys)
        with self._transaction(contract.table()) as con:
            con.execute(f"CREATE TEMP TABLE staged AS FROM {_name(contract)} WHERE {with_keys}", [*keys.values()])
            con.execute(f"UPDATE staged SET {changes}", [*values.values()])
            checks.check_rows(contract, ibis.table(contract.schema, name="staged"), None, _run_query(con))
            statement = f"UPDATE {_name(contract)} SET {changes} WHERE {with_keys}"
            return int(con.execute(statement, [*values.values(), *keys.values()]).fetchall()[0][0])

    def read(self, rows: ir.Table) -> pd.DataFrame:
        """Evaluate the expression in a connection of its own."""
        with self._connection(writes=False) as con, _explained_errors(rows):
            _register(con, rows)
            return con.execute(_sql(rows)).df()

    def stored_keys(self, contracts: Iterable[Contract]) -> set[str]:
        """Find all tables with one query: opening the file takes longer than running it."""
        if not Path(self.path).exists():
            return set()
        with self._connection(writes=False) as con:
            stored = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        return {contract.key for contract in contracts} & {key for (key,) in stored}

    @contextmanager
    def _transaction(self, rows: ir.Table) -> Iterator[duckdb.DuckDBPyConnection]:
        with _WRITE_LOCK, self._connection(writes=True) as con, _explained_errors(rows):
            con.begin()
            yield con
            con.commit()

    @contextmanager
    def _staged(
        self, contract: Contract, dates: DateRange | None, rows: ir.Table, rejected: Rejected | None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Create the table `staged` with the sound rows; commit after the caller moved them, unless it failed."""
        with self._transaction(rows) as con:
            _register(con, rows)
            _create(con, contract)
            cast_rows = contract.cast(rows)
            con.execute(f"CREATE TEMP TABLE staged AS {_sql(cast_rows)}")
            staged, run_query = ibis.table(cast_rows.schema(), name="staged"), _run_query(con)
            if not checks.check_rows(contract, staged, dates, run_query, may_set_aside=rejected is not None):
                assert rejected is not None
                judged = checks.judged(contract, staged)
                con.execute(f"CREATE TEMP TABLE judged AS {_sql(judged)}")
                judged = ibis.table(judged.schema(), name="judged")
                checks.collect(contract, judged, run_query, rejected)
                con.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {_sql(checks.sound(contract, judged))}")
            for statement in remember(contract, DIALECT, _within(contract, dates)):
                con.execute(statement)
            yield con

    @contextmanager
    def _connection(self, writes: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        waits = wait_random_exponential(multiplier=0.05, max=2)
        deadline = stop_after_delay(self.patience_seconds)
        try:
            con = Retrying(retry=retry_if_exception(_is_locked), wait=waits, stop=deadline)(self._open, writes)
        except RetryError as error:
            holder = re.search(r" \(PID \d+\)", str(error.last_attempt.exception()))
            raise WarehouseBusy(
                f"{self.path} is locked by another program{holder.group() if holder else ''}: waited "
                f"{self.patience_seconds:g} s. Close the program that has it open (a DuckDB shell, another backfill) "
                f"and run again."
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
        con.execute("SET enable_progress_bar = false")  # it would be printed on stdout, into the JSON
        return con.execute("SET TimeZone = 'UTC'")


def _name(contract: Contract) -> str:
    return f'"{contract.dataset}"."{contract.name}"'


def _columns(contract: Contract) -> str:
    return ", ".join(f's."{name}"' for name in contract.columns)


def _sql(rows: ir.Table) -> str:
    return str(ibis.to_sql(rows, dialect="duckdb"))


def _within(contract: Contract, dates: DateRange | None) -> str:
    return f"\"{contract.partition}\" BETWEEN DATE '{dates.start}' AND DATE '{dates.end}'" if dates else "TRUE"


def _same(names: Iterable[str]) -> str:
    return " AND ".join(f's."{name}" IS NOT DISTINCT FROM t."{name}"' for name in names)


def _register(con: duckdb.DuckDBPyConnection, rows: ir.Table) -> None:
    for frame in rows.op().find(ops.InMemoryTable):
        con.register(frame.name, frame.data.to_pyarrow(frame.schema))


def _create(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    query = "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? AND NOT internal"
    if stored := con.execute(query, [contract.dataset, contract.name]).fetchall():
        checks.check_stored_columns(contract, [name for (name,) in stored])
    columns = ", ".join(f'"{name}" {DuckDBType.to_string(column.dtype)}' for name, column in contract.columns.items())
    con.execute(f'CREATE SCHEMA IF NOT EXISTS "{contract.dataset}"')
    con.execute(f"CREATE TABLE IF NOT EXISTS {_name(contract)} ({columns})")


def _run_query(con: duckdb.DuckDBPyConnection) -> checks.RunQuery:
    return lambda rows: con.execute(_sql(rows)).fetchall()


def _changes(con: duckdb.DuckDBPyConnection, contract: Contract, dates: DateRange | None) -> Written:
    found = con.execute(changes(contract, DIALECT, _within(contract, dates))).fetchall()
    return written(contract, DIALECT, found)


@contextmanager
def _explained_errors(rows: ir.Table) -> Iterator[None]:
    """Turn errors about missing tables and full disks into messages that say what to do."""
    try:
        yield
    except duckdb.CatalogException as error:
        raise checks.missing_table(_first_line(error), rows) from None
    except (duckdb.OperationalError, duckdb.FatalException) as error:
        if _is_locked(error):
            raise
        raise WarehouseUnavailable(f"the warehouse could not finish: {_first_line(error)}") from None


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, duckdb.Error) and any(message in str(error) for message in _LOCK_MESSAGES)


def _is_being_created(file: Path) -> bool:
    status = file.stat()
    return status.st_size < _HEADER_BYTES and time.time() - status.st_mtime < _CREATED_WITHIN


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]

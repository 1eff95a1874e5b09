"""A warehouse in one DuckDB file: the default on a laptop.

Several processes (UI runs, the command line, the daemon) use the same file, and a process that writes to it locks all
others out. So connections are short, and a locked file is retried.
"""

import datetime as dt
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.sql.datatypes import DuckDBType

from nba_resources.dates import DateRange
from nba_resources.warehouse import contract_checks as checks
from nba_resources.warehouse.base import NOWHERE, Rejected, Warehouse
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.duckdb_file import DuckDBFile, explained_errors

_WRITE_LOCK = threading.Lock()  # the file's lock does not separate threads of one process


@dataclass(frozen=True)
class DuckDBWarehouse(DuckDBFile, Warehouse):
    """Tables in a DuckDB file, one schema for each dataset."""

    def replace(
        self,
        contract: Contract,
        dates: DateRange | None,
        rows: ir.Table,
        rejected: Rejected | None = None,
        where: Mapping[str, str] = NOWHERE,
    ) -> dict[dt.date, int]:
        """Replace all dates in one transaction: a half-written range looks like data, which is worse than a gap."""
        with self._staged(contract, dates, rows, rejected) as con:
            within, values = _within(contract, dates)
            within += "".join(f' AND "{name}" = ?' for name in where)
            if (kept := checks.kept_units(contract, rejected)) is not None:
                _register(con, kept)
                within += f" AND NOT EXISTS (FROM ({_sql(kept)}) AS s WHERE {_same(contract.unit_columns)})"
            con.execute(f"DELETE FROM {_name(contract)} AS t WHERE {within}", [*values, *where.values()])
            if contract.moves:
                con.execute(f"DELETE FROM {_name(contract)} AS t USING staged AS s WHERE {_same(contract.moves)}")
            grain = ", ".join(f'"{name}"' for name in contract.grain)
            under = contract.partition or contract.grain[0]
            query = f"SELECT {grain}, t.{under} AS stored_under FROM {_name(contract)} AS t SEMI JOIN staged"
            checks.check_stored_keys(contract, con.execute(f"{query} USING ({grain}) LIMIT {checks.SHOWN}").fetchall())
            con.execute(f"INSERT INTO {_name(contract)} BY NAME SELECT {_columns(contract)} FROM staged AS s")
            return _rows_by_date(con, contract, dates)

    def append(
        self, contract: Contract, dates: DateRange, rows: ir.Table, rejected: Rejected | None = None
    ) -> dict[dt.date, int]:
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
            return _rows_by_date(con, contract, dates)

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
            yield con


def _name(contract: Contract) -> str:
    return f'"{contract.dataset}"."{contract.name}"'


def _columns(contract: Contract) -> str:
    return ", ".join(f's."{name}"' for name in contract.columns)


def _sql(rows: ir.Table) -> str:
    return str(ibis.to_sql(rows, dialect="duckdb"))


def _within(contract: Contract, dates: DateRange | None) -> tuple[str, list[Any]]:
    return ("TRUE", []) if dates is None else (f'"{contract.partition}" BETWEEN ? AND ?', [dates.start, dates.end])


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


def _rows_by_date(con: duckdb.DuckDBPyConnection, contract: Contract, dates: DateRange | None) -> dict[dt.date, int]:
    if contract.partition is None or dates is None:
        return {}
    within, days = _within(contract, dates)
    query = f'SELECT "{contract.partition}", COUNT(*) FROM {_name(contract)} WHERE {within} GROUP BY 1'
    return dict(con.execute(query, days).fetchall())


def _explained_errors(rows: ir.Table) -> AbstractContextManager[None]:
    return explained_errors(partial(checks.missing_table, rows=rows))

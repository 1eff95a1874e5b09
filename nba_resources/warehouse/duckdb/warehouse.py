"""A warehouse in one DuckDB file: the default on a laptop.

`connections.py` says how several processes share the file.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb
import ibis
import pandas as pd
from ibis.backends.sql.datatypes import DuckDBType

from nba_resources.dates import DateRange, by_season
from nba_resources.warehouse import contract_checks as checks
from nba_resources.warehouse.base import NOWHERE, Rejected, Warehouse
from nba_resources.warehouse.changes import Engine, Written, changes, remember, written
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.duckdb.file import DuckDBFile, explained_errors
from nba_resources.warehouse.packed_rows import PackedRows
from nba_resources.warehouse.sql.statements import InMemory, Query, Rows, Statement, compile_sql
from nba_resources.warehouse.sql.templates import TemplateFolder

DIALECT = "duckdb"
BESIDE_A_FRAME = "1GB"  # the rows of a frame take memory themselves
_WRITE_LOCK = threading.Lock()  # the file's lock does not separate threads of one process
ENGINE = Engine(f"duckdb {duckdb.__version__}", '"', "HUGEINT", lambda columns: f"hash({', '.join(columns)})")


@dataclass(frozen=True)
class DuckDBWarehouse(DuckDBFile, Warehouse):
    """Tables in a DuckDB file, one schema for each dataset; `templates` is the folder of SQL templates, if any."""

    templates: str = ""

    def replace(
        self,
        contract: Contract,
        dates: DateRange | None,
        rows: Rows,
        rejected: Rejected | None = None,
        where: Mapping[str, str] = NOWHERE,
    ) -> Written:
        """Replace all dates in one transaction: a half-written range looks like data, which is worse than a gap."""
        with self._staged(contract, dates, rows, rejected) as con:
            replaced = _within(contract, dates) + "".join(f' AND "{name}" = ?' for name in where)
            units = None
            if (kept := checks.kept_units(contract, rejected)) is not None:
                units = Statement.of(kept, DIALECT)
                replaced += f" AND NOT EXISTS (FROM ({units.sql}) AS s WHERE {_same(contract.unit_columns)})"
            with _registered(con, units.frames if units else {}):
                con.execute(f"DELETE FROM {_name(contract)} AS t WHERE {replaced}", [*where.values()])
            if contract.moves:
                con.execute(f"DELETE FROM {_name(contract)} AS t USING staged AS s WHERE {_same(contract.moves)}")
            grain = ", ".join(f'"{name}"' for name in contract.grain)
            under = contract.partition or contract.grain[0]
            query = f"SELECT {grain}, t.{under} AS stored_under FROM {_name(contract)} AS t SEMI JOIN staged"
            checks.check_stored_keys(contract, con.execute(f"{query} USING ({grain}) LIMIT {checks.SHOWN}").fetchall())
            con.execute(f"INSERT INTO {_name(contract)} BY NAME SELECT {_columns(contract)} FROM staged AS s")
            return _changes(con, contract, dates)

    def append(self, contract: Contract, dates: DateRange, rows: Rows, rejected: Rejected | None = None) -> Written:
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
        with self._transaction(contract, [contract.key]) as con:
            staged = f"CREATE OR REPLACE TEMP TABLE staged AS FROM {_name(contract)} WHERE {with_keys}"
            con.execute(staged, [*keys.values()])
            con.execute(f"UPDATE staged SET {changes}", [*values.values()])
            schema = ibis.schema(contract.staged_types(contract.schema))
            checks.check_rows(contract, schema, None, self._run_query(con))
            statement = f"UPDATE {_name(contract)} SET {changes} WHERE {with_keys}"
            return int(con.execute(statement, [*values.values(), *keys.values()]).fetchall()[0][0])

    def read(self, rows: Rows) -> pd.DataFrame:
        """Evaluate the expression or query; it is compiled before the file is opened."""
        statement = self._statement(rows)

        def run() -> pd.DataFrame:
            with (
                self._connections.open(writes=False) as con,
                _explained_errors(statement.reads),
                _registered(con, statement.frames),
            ):
                return con.execute(statement.sql).df()

        return run() if statement.frames else self._connections.reused(statement.sql, statement.reads, run)

    def stored(self, keys: Iterable[str]) -> set[str]:
        """Find all tables with one query: a write of this process drops none, but may create one that was not there."""
        asked = {*keys}
        found = self._found("stored", ()) if asked else set()
        absent = sorted(asked - found)
        return asked & (found | self._found(f"stored: {absent}", absent)) if absent else asked

    def _found(self, name: str, reads: Iterable[str]) -> set[str]:
        """Return the keys of all tables, as long as none of `reads` is written."""
        frame = self._connections.reused(name, reads, lambda: pd.DataFrame({"key": sorted(self._all_stored())}))
        return {*frame["key"]}

    @contextmanager
    def _transaction(
        self, contract: Contract, reads: Iterable[str], first: Callable[[duckdb.DuckDBPyConnection], None] | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._connections.session() as session:
            if not session.writes:
                session.close()  # a thread that holds the lock must not wait for this reader
            with _WRITE_LOCK, self._connections.open(writes=True) as con, _explained_errors(reads):
                try:
                    if first:
                        first(con)
                    con.begin()
                    yield con
                    con.commit()
                except BaseException:
                    session.close()  # rolls back
                    raise
                session.results.wrote(contract.key)

    @contextmanager
    def _staged(
        self, contract: Contract, dates: DateRange | None, rows: Rows, rejected: Rejected | None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Create the table `staged` with the sound rows; commit after the caller moved them, unless it failed."""
        statements = [self._statement(part).cast(contract, DIALECT) for part in _by_season(contract, rows)]
        statement = statements[0]
        in_memory = None if statement.reads else partial(_stage, statements=statements)
        with self._transaction(contract, statement.reads, in_memory) as con:
            _create(con, contract)
            if not in_memory:
                _stage(con, statements)
            run_query = self._run_query(con)
            if not checks.check_rows(contract, statement.schema, dates, run_query, rejected is not None):
                assert rejected is not None
                judged = checks.judged(contract, ibis.table(statement.schema, name=checks.STAGED))
                con.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {compile_sql(judged, DIALECT)}")
                judged = ibis.table(judged.schema(), name="judged")
                checks.collect(contract, judged, run_query, rejected)
                sound = compile_sql(checks.sound(contract, judged), DIALECT)
                con.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {sound}")
            for kept in remember(contract, ENGINE, _within(contract, dates)):
                con.execute(kept)
            yield con
            if statement.frames:
                con.execute(f"SET memory_limit = '{self.memory_limit}'")

    def _statement(self, rows: Rows) -> Statement:
        return Statement.of(rows, DIALECT, TemplateFolder(Path(self.templates)) if self.templates else None)

    def _run_query(self, con: duckdb.DuckDBPyConnection) -> checks.RunQuery:
        return lambda rows: con.execute(self._statement(rows).sql).fetchall()


def _name(contract: Contract) -> str:
    return f'"{contract.dataset}"."{contract.name}"'


def _columns(contract: Contract) -> str:
    return ", ".join(f's."{name}"' for name in contract.columns)


def _within(contract: Contract, dates: DateRange | None) -> str:
    return f"\"{contract.partition}\" BETWEEN DATE '{dates.start}' AND DATE '{dates.end}'" if dates else "TRUE"


def _same(names: Iterable[str]) -> str:
    return " AND ".join(f's."{name}" IS NOT DISTINCT FROM t."{name}"' for name in names)


def _by_season(contract: Contract, rows: Rows) -> Sequence[Rows]:
    """Return a query over stored rows for each season: one over several fills the memory, the more the longer."""
    if not contract.partition or not isinstance(rows, Query) or rows.frames:
        return [rows]
    return [replace(rows, dates=season) for season in by_season(rows.dates)]


def _stage(con: duckdb.DuckDBPyConnection, statements: Iterable[Statement]) -> None:
    """Create the table `staged`; within a transaction, DuckDB would keep all rows in memory that it has read."""
    to_staged = "CREATE OR REPLACE TEMP TABLE staged AS"
    for statement in statements:
        if statement.frames:
            con.execute(f"SET memory_limit = '{BESIDE_A_FRAME}'")
        for frames in _parts(statement.frames):
            with _registered(con, frames):
                con.execute(f"{to_staged} {statement.sql}")
            to_staged = "INSERT INTO staged"


def _parts(frames: Mapping[str, InMemory]) -> Iterator[Mapping[str, InMemory]]:
    """Return the frames of a statement, packed rows part by part: DuckDB would read a gigabyte of them ahead."""
    ((name, packed),) = frames.items() if len(frames) == 1 else [("", None)]
    yield from ({name: part} for part in packed.parts()) if isinstance(packed, PackedRows) else [frames]


@contextmanager
def _registered(con: duckdb.DuckDBPyConnection, frames: Mapping[str, InMemory]) -> Iterator[None]:
    """Let the connection read the tables in memory, then let go of them: it may stay open for more statements.

    After an error it is closed: an aborted transaction takes no more statements.
    """
    for name, frame in frames.items():
        con.register(name, frame.table() if isinstance(frame, PackedRows) else frame)
    yield
    for name in frames:
        con.unregister(name)


def _create(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    columns = ", ".join(f'"{name}" {DuckDBType.to_string(column.dtype)}' for name, column in contract.columns.items())
    con.execute(f'CREATE SCHEMA IF NOT EXISTS "{contract.dataset}"')
    con.execute(f"CREATE TABLE IF NOT EXISTS {_name(contract)} ({columns})")
    stored = con.execute(f"FROM {_name(contract)} LIMIT 0").description
    checks.check_stored_columns(contract, [name for name, *_ in stored])


def _changes(con: duckdb.DuckDBPyConnection, contract: Contract, dates: DateRange | None) -> Written:
    found = con.execute(changes(contract, ENGINE, _within(contract, dates))).fetchall()
    return written(contract, ENGINE, found)


def _explained_errors(reads: Iterable[str]) -> AbstractContextManager[None]:
    return explained_errors(partial(checks.missing_table, reads=reads))

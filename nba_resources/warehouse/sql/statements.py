"""Queries and their SQL: an expression is compiled once for each version of the code, then its template is rendered."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.sql.datatypes import BigQueryType, DuckDBType, SqlglotType
from sqlglot import exp

from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.packed_rows import PackedRows
from nba_resources.warehouse.sql.templates import SENTINEL, Template, TemplateFolder

_TYPES: Mapping[str, type[SqlglotType]] = {"duckdb": DuckDBType, "bigquery": BigQueryType}
FRAME = "rows_in_memory"
InMemory: TypeAlias = pa.Table | PackedRows
_DROPPED = re.compile(r"(?<=EXCLUDE \()[^)]+|(?<=EXCEPT \()[^)]+")


@dataclass(frozen=True)
class Query:
    """An expression over stored tables that is built only if its template is not stored.

    `name` must name everything that it depends on besides its dates. `frames` are the tables in memory that it reads,
    `stamps` columns that it lacks and that have the same value on every row.
    """

    name: str
    build: Callable[[DateRange], ir.Table]
    dates: DateRange = ALWAYS
    frames: Mapping[str, InMemory] = field(default_factory=dict)
    stamps: Mapping[str, object] = field(default_factory=dict)

    def template(self, dialect: str, folder: TemplateFolder) -> Template:
        """Return the stored template, or compile and store it."""
        if stored := folder.find(self.name, dialect):
            return stored
        rows = self.build(SENTINEL)
        template = Template.of(compile_sql(rows, dialect), _columns(rows), _reads(rows))
        folder.store(self.name, dialect, template)
        return template


Rows: TypeAlias = ir.Table | Query | InMemory  # what a warehouse evaluates: an expression, a query, or rows in memory


@dataclass(frozen=True)
class Statement:
    """SQL with the types of its columns, the stored tables it reads (`dataset.table`), and those in memory."""

    sql: str
    schema: ibis.Schema
    reads: tuple[str, ...] = ()
    frames: Mapping[str, InMemory] = field(default_factory=dict)
    stamps: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Rows, dialect: str, templates: TemplateFolder | None = None) -> "Statement":
        """Return the statement of some rows; a query is compiled for its own dates if there is no folder."""
        if isinstance(rows, InMemory):
            quoted = exp.to_identifier(FRAME, quoted=True).sql(dialect)
            return cls(f"SELECT * FROM {quoted}", ibis.Schema.from_pyarrow(rows.schema), frames={FRAME: rows})
        if isinstance(rows, Query):
            if templates is None:
                made = cls.of(rows.build(rows.dates), dialect)
                return cls(made.sql, made.schema, made.reads, {**made.frames, **rows.frames}, rows.stamps)
            template = rows.template(dialect, templates)
            schema = _schema(tuple(template.columns.items()))
            return cls(template.render(rows.dates), schema, template.reads, rows.frames, rows.stamps)
        frames = {frame.name: frame.data.to_pyarrow(frame.schema) for frame in rows.op().find(ops.InMemoryTable)}
        return cls(compile_sql(rows, dialect), rows.schema(), _reads(rows), frames)

    def cast(self, contract: Contract, dialect: str) -> "Statement":
        """Return the statement with the stamps added and exactly the contract's columns, in order and type."""
        stamps = {name: value for name, value in self.stamps.items() if name not in self.schema}
        types = contract.staged_types(ibis.schema({**self.schema, **{n: contract.columns[n].dtype for n in stamps}}))
        columns = []
        for name, dtype in types.items():
            column, as_type = exp.to_identifier(name, quoted=True).sql(dialect), _TYPES[dialect].to_string(dtype)
            if name in stamps:
                column = f"CAST({exp.Literal.string(str(stamps[name])).sql(dialect)} AS {as_type}) AS {column}"
            elif self.schema[name].copy(nullable=True) != dtype:
                column = f"CAST({column} AS {as_type}) AS {column}"
            columns.append(column)
        sql = f"SELECT {', '.join(columns)} FROM (\n{self.sql}\n) AS made"
        return Statement(sql, ibis.schema(types), self.reads, self.frames)


def compile_sql(rows: ir.Table, dialect: str) -> str:
    """Compile, with dropped columns sorted: they come out of a set, in another order in every process."""
    from nba_resources.warehouse.sql.merged_projections import count_expressions_once  # imports the compiler

    count_expressions_once()
    if dialect == "duckdb":
        from nba_resources.warehouse.sql.conditional_aggregates import compile_conditions_as_cases  # imports compilers

        compile_conditions_as_cases()
    statement = str(ibis.to_sql(rows, dialect=dialect))
    return _DROPPED.sub(lambda names: ", ".join(sorted(re.split(r",\s*", names.group().strip()))), statement)


@lru_cache(maxsize=512)
def _schema(columns: tuple[tuple[str, str], ...]) -> ibis.Schema:
    return ibis.schema(dict(columns))


def _columns(rows: ir.Table) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in rows.schema().items()}


def _reads(rows: ir.Table) -> tuple[str, ...]:
    tables = rows.op().find(ops.UnboundTable)
    return tuple(sorted({f"{table.namespace.database}.{table.name}" for table in tables if table.namespace.database}))

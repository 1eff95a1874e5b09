"""Starts the emulator with a cache for parsed statements, as it parses each a dozen times, and a fast fingerprint.

It would also copy a table after every write, for readers of earlier states, look for averages of decimals in the types
of all columns, and store its jobs and descriptions of tables for its next start: we have none of these.
"""

import functools
import gc
import hashlib
import sys
from typing import Any

import pyarrow as pa
import sqlglot
from bqemulator.api.routes import jobs
from bqemulator.catalog.duckdb_repository import DuckDBCatalogRepository
from bqemulator.cli import main
from bqemulator.sql import builtin_udfs, inner_query
from bqemulator.sql.rules.datetime_semantics import ConcatStringTypeRule
from bqemulator.storage import arrow_bridge
from bqemulator.versioning.snapshots import SnapshotManager
from sqlglot import exp
from sqlglot.parsers.bigquery import BigQueryParser

READERS = ("bqemulator.catalog.ddl_sync", "bqemulator.jobs.ddl_result", "bqemulator.jobs.executor")  # change nothing
WRITERS = ("bqemulator.sql.table_rewriter", "bqemulator.sql.translator")  # write a tree as text and drop it
POSITION = ("line", "col", "start", "end")
PLAIN = {"is_integer": str, "is_floating": str, "is_string": str, "is_date": str}
parse_one, write, wraps = sqlglot.parse_one, exp.Expression.sql, ConcatStringTypeRule.applies_to
rows_of_table = arrow_bridge.arrow_table_to_bq_rows


@functools.lru_cache(maxsize=64)
def parsed(statement: str, read: Any) -> exp.Expression:
    """Parse a statement and drop the positions in its text, which double the time of a copy."""
    tree = parse_one(statement, read=read)
    for node in tree.walk():
        node._meta = {name: value for name, value in (node._meta or {}).items() if name not in POSITION} or None
    return tree


def parsed_once(statement: str, read: Any = None, **options: Any) -> exp.Expression:
    """Return the parsed statement, copied for callers that may change it: a copy takes a tenth of the time."""
    if options:
        return parse_one(statement, read=read, **options)
    tree = parsed(statement, read)
    return tree if sys._getframe(1).f_globals["__name__"] in READERS else tree.copy()


def written(tree: exp.Expression, dialect: Any = None, **options: Any) -> str:
    """Write a tree as text, which may change it: a copy before takes as long as the writing."""
    if sys._getframe(1).f_globals["__name__"] in WRITERS:
        options["copy"] = False
    return write(tree, dialect, **options)


def outermost(rule: ConcatStringTypeRule, node: exp.Expression) -> bool:
    """Give `a || b || c` its type once: the rule copies what it wraps, so a chain took the square of its length."""
    return not isinstance(node.parent, exp.DPipe) and wraps(rule, node)


def rows_by_column(table: pa.Table, offset: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
    """Return the rows of a response: the emulator asks for the kind of a column at each of its values."""
    part = table.slice(offset, limit)
    if not part.num_columns or not part.num_rows:
        return []
    columns = [_values(part.schema.field(place), part.column(place)) for place in range(part.num_columns)]
    return [{"f": [{"v": value} for value in row]} for row in zip(*columns, strict=True)]


def _values(field: pa.Field, column: pa.ChunkedArray) -> list[Any]:
    plain = next((text for kind, text in PLAIN.items() if getattr(pa.types, kind)(field.type)), None)
    if plain is None:
        return [row["f"][0]["v"] for row in rows_of_table(pa.table([column], schema=pa.schema([field])))]
    return [None if value is None else plain(value) for value in column.to_pylist()]


def hashed(text: bytes) -> int:
    """Hash in C: fingerprints are compared with others of the same engine, and FarmHash in Python takes long."""
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


sys.setrecursionlimit(10_000)  # deep statements would fail with status 500
BigQueryParser.SUPPORTS_IMPLICIT_UNNEST = False  # we use none, and the check takes half of the time
sqlglot.parse_one = parsed_once
exp.Expression.sql = written
ConcatStringTypeRule.applies_to = outermost
inner_query.build_catalog_schema = lambda *_, **__: {}
jobs.arrow_table_to_bq_rows = rows_by_column
SnapshotManager.capture = lambda *_, **__: None
DuckDBCatalogRepository._write_job = DuckDBCatalogRepository._write_table = lambda *_: None
builtin_udfs._farm_fingerprint64 = hashed
jobs._DESTRUCTIVE_STATEMENT_TYPES |= {"SELECT"}  # the emulator would run other statements even in a dry run
gc.freeze()  # imports are no garbage, and each statement makes thousands of objects
gc.set_threshold(50_000)
main()

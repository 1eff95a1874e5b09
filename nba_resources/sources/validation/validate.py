"""Strict typing of delivered rows: a value that cannot be parsed is refused with its file, row and column.

Every source, live or archive, passes its rows through here, so each feed has one shape. The work is done column by
column in an in-memory DuckDB: three seasons of shots take about a second.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from operator import itemgetter

import duckdb
import numpy as np
import pyarrow as pa

from nba_resources.sources.base import BadInput, Delivery
from nba_resources.sources.feeds import Feed
from nba_resources.sources.validation.duplicates import collapse
from nba_resources.sources.validation.parsers import KINDS, arrow_schema, clean_sql, find_form, parse_sql

SHOWN = 5  # mistakes named in the error; the others are counted


@dataclass(frozen=True)
class DeliveredTable:
    """Rows as one origin (a file, an endpoint) delivered them, not yet validated.

    `columns` maps a field to the origin's column name where that differs; errors use the origin's name. `zone` is the
    zone of times without one. `numbers` are the row numbers at the origin (from 1, without the header), if rows were
    filtered. `notes` count rows that were left out before.
    """

    origin: str
    rows: pa.Table
    columns: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"
    numbers: pa.ChunkedArray | pa.Array | None = None
    notes: Mapping[str, int] = field(default_factory=dict)


def validate_feed(feed: Feed, *tables: DeliveredTable) -> Delivery:
    """Return the rows of all tables with the feed's types, one for each fact, in a fixed order; notes count rows."""
    notes: Counter[str] = Counter()
    fields = ", ".join(f'"{name}" {KINDS[field.kind][0]}' for name, field in feed.fields.items())
    with closing(duckdb.connect()) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET preserve_insertion_order = false")
        con.execute(f"CREATE TABLE facts (part INTEGER, row BIGINT, {fields})")
        for part, table in enumerate(tables):
            notes += _insert_facts(con, feed, part, table) + Counter(table.notes)
        notes["prices out of range"] += _clear_odd_prices(con, feed)
        notes += collapse(con, feed, [table.origin for table in tables])
        names, order = (", ".join(map(_quote, names)) for names in (feed.fields, feed.key or feed.fields))
        rows = con.execute(f"SELECT {names} FROM facts ORDER BY {order}").to_arrow_table().cast(arrow_schema(feed))
    return Delivery(rows, {note: count for note, count in notes.items() if count})


def require_columns(origin: str, required: Iterable[str], present: Collection[str]) -> None:
    """Refuse a table without these columns: it is a different file, not one with unknown values."""
    missing = [column for column in required if column not in present]
    if missing:
        raise BadInput(f"{origin}: missing column {', '.join(missing)}; it has {', '.join(present) or 'no columns'}")


def _insert_facts(con: duckdb.DuckDBPyConnection, feed: Feed, part: int, table: DeliveredTable) -> Counter[str]:
    rows = table.rows
    used = {name: table.columns.get(name, name) for name in feed.fields}
    require_columns(table.origin, used.values(), rows.column_names)
    numbers = pa.array(np.arange(1, rows.num_rows + 1)) if table.numbers is None else table.numbers
    con.register("delivered", pa.table([numbers, *(rows[column] for column in used.values())], ["row", *used]))
    con.execute("SET VARIABLE zone = ?", [table.zone])
    cleaned, parsed = [], {}
    for name, declared in feed.fields.items():
        form = find_form(rows.schema.field(used[name]).type)
        cleaned.append(f"{clean_sql(declared.kind, form, _quote(name))} AS {_quote(name)}")
        parsed[name] = parse_sql(declared.kind, form, _quote(name))
    con.execute(f"CREATE OR REPLACE TEMP VIEW cleaned AS SELECT row, {', '.join(cleaned)} FROM delivered")
    con.execute(f"INSERT INTO facts SELECT {part}, row, {', '.join(parsed.values())} FROM cleaned")
    _check_values(con, feed, part, table, parsed)
    con.unregister("delivered")
    return Counter(
        {f"column ignored: {extra}": rows.num_rows for extra in rows.column_names if extra not in used.values()}
    )


def _check_values(
    con: duckdb.DuckDBPyConnection, feed: Feed, part: int, table: DeliveredTable, parsed: Mapping[str, str]
) -> None:
    """Refuse values that were parsed as NULL, and empty ones where none may be; rows are searched only if some are."""
    counts = ", ".join(f"count({_quote(name)})" for name in feed.fields)
    *present, rows = con.execute(f"SELECT {counts}, count(*) FROM cleaned").fetchall()[0]
    accepted = con.execute(f"SELECT {counts} FROM facts WHERE part = {part}").fetchall()[0]
    mistakes: list[tuple[int, str]] = []
    total = 0
    for (name, declared), there, valid in zip(feed.fields.items(), present, accepted, strict=True):
        count = (there if declared.null else rows) - valid
        if not count:
            continue
        total += count
        column, value = table.columns.get(name, name), _quote(name)
        examples = con.execute(
            f"SELECT row, CAST({value} AS VARCHAR) FROM cleaned"
            f" WHERE {'false' if declared.null else f'{value} IS NULL'}"
            f" OR ({value} IS NOT NULL AND ({parsed[name]}) IS NULL) ORDER BY row LIMIT {SHOWN}"
        ).fetchall()
        for row, text in examples:
            mistake = "found" if declared.kind != "team" else "unknown team"
            mistake = "is empty" if text is None else f"{mistake} {text[:40]!r}"
            mistakes.append((row, f"row {row}, column {column}: {mistake}, expected {KINDS[declared.kind][2]}"))
    if mistakes:
        shown = "; ".join(message for _, message in sorted(mistakes, key=itemgetter(0))[:SHOWN])
        rest = f"; and {total - SHOWN} more" if total > SHOWN else ""
        raise BadInput(f"{table.origin}: {shown}{rest}")


def _clear_odd_prices(con: duckdb.DuckDBPyConnection, feed: Feed) -> int:
    """Set prices beyond 2000 or within 100 to NULL: they are placeholders or slips, but their line is valid."""
    prices = [_quote(name) for name, field in feed.fields.items() if field.kind == "price"]
    if not prices:
        return 0
    values = ", ".join(f"{price} = CASE WHEN abs({price}) BETWEEN 100 AND 2000 THEN {price} END" for price in prices)
    odd = " OR ".join(f"abs({price}) NOT BETWEEN 100 AND 2000" for price in prices)
    return con.execute(f"UPDATE facts SET {values} WHERE {odd}").fetchall()[0][0]


def _quote(name: str) -> str:
    return f'"{name}"'

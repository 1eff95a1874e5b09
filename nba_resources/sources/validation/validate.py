"""Strict typing of delivered rows: one with a value that cannot be parsed is set aside with its file, row and column.

Its whole game is set aside in feeds of games. Nothing is stored of a schedule with such a row, as all else rests on it.
Every source, live or archive, passes its rows through here, so each feed has one shape. The work is done column by
column in an in-memory DuckDB: three seasons of shots take about a second.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.types import is_temporal

from nba_resources.dates import EASTERN
from nba_resources.rejected import OTHER_ROW, RejectedRow, Unit
from nba_resources.sources.base import BadInput, Delivery
from nba_resources.sources.feeds import Feed
from nba_resources.sources.validation.duplicates import collapse, set_aside_conflicts
from nba_resources.sources.validation.facts import Place, set_aside
from nba_resources.sources.validation.parsers import KINDS, arrow_schema, clean_sql, find_form, parse_sql

SHOWN = 5  # mistakes named in the error; the others are counted
_TEXT_SHOWN = 40  # characters of a value that an error shows


@dataclass(frozen=True)
class DeliveredTable:
    """Rows as one origin (a file, an endpoint) delivered them, not yet validated.

    `columns` maps a field to the origin's column name where that differs; errors use the origin's name. `zone` is the
    zone of times without one. `numbers` are the row numbers at the origin (from 1, without the header), if rows were
    filtered. `notes` count rows that were left out before, `rejected` are what of it could not even be read as rows.
    """

    origin: str
    rows: pa.Table
    columns: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"
    numbers: pa.ChunkedArray | pa.Array | None = None
    notes: Mapping[str, int] = field(default_factory=dict)
    rejected: tuple[RejectedRow, ...] = ()


def validate_feed(feed: Feed, *tables: DeliveredTable) -> Delivery:
    """Return the rows of all tables with the feed's types, one for each fact, in a fixed order; notes count rows."""
    notes: Counter[str] = Counter()
    rejected = [one for table in tables for one in table.rejected]
    fields = ", ".join(f'"{name}" {KINDS[field.kind][0]}' for name, field in feed.fields.items())
    with closing(_engine().cursor()) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"CREATE TEMP TABLE facts (part INTEGER, row BIGINT, {fields})")
        for table in tables:
            notes += _ignored(feed, table) + Counter(table.notes)
        for alike in _by_shape(feed, tables):
            rejected += _insert_facts(con, feed, alike)
        notes["prices out of range"] += _clear_odd_prices(con, feed)
        rejected += _odd_starts(con, feed, notes)
        rejected += set_aside_conflicts(con, feed, [table.origin for table in tables])
        rejected += _rest_of_games(con, feed, rejected)
        notes += collapse(con, feed)
        names, order = (", ".join(map(_quote, names)) for names in (feed.fields, feed.key or feed.fields))
        rows = con.execute(f"SELECT {names} FROM facts ORDER BY {order}").to_arrow_table().cast(arrow_schema(feed))
    return Delivery(rows, {note: count for note, count in notes.items() if count}, rejected=tuple(rejected))


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Return the engine of this process, in memory: to start one takes longer than to read a document."""
    return duckdb.connect(config={"preserve_insertion_order": False})


def require_columns(origin: str, required: Iterable[str], present: Collection[str]) -> None:
    """Refuse a table without these columns: it is a different file, not one with unknown values."""
    missing = [column for column in required if column not in present]
    if missing:
        raise BadInput(f"{origin}: missing column {', '.join(missing)}; it has {', '.join(present) or 'no columns'}")


def _ignored(feed: Feed, table: DeliveredTable) -> Counter[str]:
    """Count the rows of each column that the feed does not have, after a look whether it has all others."""
    used = _columns(feed, table)
    require_columns(table.origin, used, table.rows.column_names)
    ignored = (name for name in table.rows.column_names if name not in used)
    return Counter({f"column ignored: {name}": table.rows.num_rows for name in ignored})


def _by_shape(feed: Feed, tables: Iterable[DeliveredTable]) -> Iterable[Mapping[int, DeliveredTable]]:
    """Return the tables by number, those together whose values are read alike: a document for each game is usual."""
    alike: dict[object, dict[int, DeliveredTable]] = {}
    for part, table in enumerate(tables):
        types = (table.rows.schema.field(column).type for column in _columns(feed, table))
        alike.setdefault((table.zone, *types), {})[part] = table
    return alike.values()


def _columns(feed: Feed, table: DeliveredTable) -> list[str]:
    """Return the origin's names of the fields."""
    return [table.columns.get(name, name) for name in feed.fields]


def _insert_facts(
    con: duckdb.DuckDBPyConnection, feed: Feed, tables: Mapping[int, DeliveredTable]
) -> list[RejectedRow]:
    """Insert the rows of tables of one shape, and return those that cannot be read."""
    delivered = pa.concat_tables([_numbered(feed, part, table) for part, table in tables.items()])
    (zone,) = {table.zone for table in tables.values()}
    con.register("delivered", delivered)
    con.execute("SET VARIABLE zone = ?", [zone])
    cleaned, parsed = [], {}
    for name, declared in feed.fields.items():
        form = find_form(delivered.schema.field(name).type)
        cleaned.append(f"{clean_sql(declared.kind, form, _quote(name))} AS {_quote(name)}")
        parsed[name] = parse_sql(declared.kind, form, _quote(name))
    con.execute(f"CREATE OR REPLACE TEMP VIEW cleaned AS SELECT part, row, {', '.join(cleaned)} FROM delivered")
    con.execute(f"INSERT INTO facts SELECT part, row, {', '.join(parsed.values())} FROM cleaned")
    mistakes = _mistakes(con, feed, tables, parsed)
    con.unregister("delivered")
    if mistakes and feed.unit is Unit.WHOLE:
        _refuse(tables, mistakes)
    return _set_aside_unreadable(con, feed, tables, mistakes)


def _numbered(feed: Feed, part: int, table: DeliveredTable) -> pa.Table:
    """Return the rows under the names of the fields, with the number of the table and of each row."""
    rows, numbers = table.rows, _row_numbers(table)
    parts = pa.array(np.full(rows.num_rows, part, np.int32))
    values = (rows[column] for column in _columns(feed, table))
    return pa.table([parts, numbers, *values], ["part", "row", *feed.fields])


def _row_numbers(table: DeliveredTable) -> pa.ChunkedArray | pa.Array:
    return pa.array(np.arange(1, table.rows.num_rows + 1)) if table.numbers is None else table.numbers.cast(pa.int64())


def _mistakes(
    con: duckdb.DuckDBPyConnection, feed: Feed, tables: Mapping[int, DeliveredTable], parsed: Mapping[str, str]
) -> dict[Place, list[str]]:
    """Return the mistakes of each row: values that were parsed as NULL, and empty ones where none may be.

    Rows are searched only if some have one.
    """
    counts = ", ".join(f"count({_quote(name)})" for name in feed.fields)
    *present, rows = con.execute(f"SELECT {counts}, count(*) FROM cleaned").fetchall()[0]
    own = "SELECT * FROM facts WHERE part IN (SELECT part FROM delivered)"
    accepted = con.execute(f"SELECT {counts} FROM ({own})").fetchall()[0]
    mistakes: dict[Place, list[str]] = {}
    for (name, declared), there, valid in zip(feed.fields.items(), present, accepted, strict=True):
        if (there if declared.null else rows) == valid:
            continue
        value = _quote(name)
        found = con.execute(
            f"SELECT part, row, left(CAST({value} AS VARCHAR), {_TEXT_SHOWN}) FROM cleaned"
            f" WHERE {'false' if declared.null else f'{value} IS NULL'}"
            f" OR ({value} IS NOT NULL AND ({parsed[name]}) IS NULL) ORDER BY part, row"
        ).fetchall()
        for part, row, text in found:
            column = tables[part].columns.get(name, name)
            mistake = "found" if declared.kind != "team" else "unknown team"
            mistake = "is empty" if text is None else f"{mistake} {text!r}"
            told = f"column {column}: {mistake}, expected {KINDS[declared.kind][2]}"
            mistakes.setdefault((part, row), []).append(told)
    return mistakes


def _refuse(tables: Mapping[int, DeliveredTable], mistakes: Mapping[Place, list[str]]) -> None:
    """Refuse a delivery that is stored whole or not at all, by its first table with mistakes."""
    first = min(part for part, _ in mistakes)
    rows = sorted(row for part, row in mistakes if part == first)
    found = [f"row {row}, {mistake}" for row in rows for mistake in mistakes[first, row]]
    rest = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise BadInput(f"{tables[first].origin}: {'; '.join(found[:SHOWN])}{rest}")


def _set_aside_unreadable(
    con: duckdb.DuckDBPyConnection,
    feed: Feed,
    tables: Mapping[int, DeliveredTable],
    mistakes: Mapping[Place, list[str]],
) -> list[RejectedRow]:
    """Set aside the rows with a mistake, with their values as the origin delivered them."""
    values: dict[Place, Mapping[str, object]] = {}
    for part in {part for part, _ in mistakes}:
        numbers, rows = _row_numbers(tables[part]), tables[part].rows
        chosen = pc.is_in(numbers, pa.array((row for one, row in mistakes if one == part), pa.int64()))
        found = zip(numbers.filter(chosen).to_pylist(), _to_python(con, rows.filter(chosen)), strict=True)
        values |= {(part, row): delivered for row, delivered in found}
    reasons = {place: f"{tables[place[0]].origin}: row {place[1]}, {'; '.join(mistakes[place])}" for place in mistakes}
    return set_aside(con, feed, reasons, values)


def _to_python(con: duckdb.DuckDBPyConnection, rows: pa.Table) -> list[dict[str, object]]:
    """Return rows as Python values; days and times are text if one of them is none that Python knows."""
    try:
        return rows.to_pylist()
    except (OverflowError, ValueError):
        columns = (
            f"CAST({_quote(one.name)} AS VARCHAR) AS {_quote(one.name)}" if is_temporal(one.type) else _quote(one.name)
            for one in rows.schema
        )
        return con.from_arrow(rows).project(", ".join(columns)).to_arrow_table().to_pylist()


def _rest_of_games(con: duckdb.DuckDBPyConnection, feed: Feed, rejected: Collection[RejectedRow]) -> list[RejectedRow]:
    """Set aside the other rows of each game with a rejected row."""
    reasons = {one.unit: f"{OTHER_ROW}: {one.reason}" for one in rejected if one.unit}
    if not reasons:
        return []
    rows = con.execute("SELECT part, row, game_id FROM facts WHERE game_id = ANY(?)", [[*reasons]]).fetchall()
    return set_aside(con, feed, {(part, row): reasons[game] for part, row, game in rows})


def _odd_starts(con: duckdb.DuckDBPyConnection, feed: Feed, notes: Counter[str]) -> list[RejectedRow]:
    """Set aside rows whose game starts more than a day off its date; a game of the schedule only loses the time.

    Without its game nothing could be said about its date, and an unknown start is a state that all tables know.
    """
    if not {"start_time_utc", "game_date"} <= set(feed.fields):
        return []
    started = f"CAST(timezone('{EASTERN.key}', start_time_utc) AS DATE)"
    odd = f"abs(date_diff('day', {started}, game_date)) > 1"
    if feed.unit is Unit.WHOLE:
        updated = con.execute(f"UPDATE facts SET start_time_utc = NULL WHERE {odd}").fetchall()[0][0]
        notes["start times off their date"] += updated
        return []
    rows = con.execute(f"SELECT part, row, start_time_utc, game_date FROM facts WHERE {odd}").fetchall()
    return set_aside(
        con,
        feed,
        {
            (part, row): f"starts at {start:%Y-%m-%d %H:%M} UTC, but game_date is {day}"
            for part, row, start, day in rows
        },
    )


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

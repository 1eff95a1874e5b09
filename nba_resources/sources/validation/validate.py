"""Strict typing of delivered rows: one with a value that cannot be parsed is set aside with its file, row and column.

Its whole game is set aside in feeds of games. Nothing is stored of a schedule with such a row, as all else rests on it.
Every source, live or archive, passes its rows through here, so each feed has one shape. The work is done column by
column in an in-memory DuckDB: three seasons of shots take about a second.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nba_resources.dates import EASTERN
from nba_resources.rejected import OTHER_ROW, RejectedRow, Unit
from nba_resources.sources.base import BadInput, Delivery
from nba_resources.sources.feeds import Feed
from nba_resources.sources.validation.duplicates import collapse, set_aside_conflicts
from nba_resources.sources.validation.facts import set_aside
from nba_resources.sources.validation.parsers import KINDS, arrow_schema, clean_sql, find_form, parse_sql

SHOWN = 5  # mistakes named in the error; the others are counted
_TEXT_SHOWN = 40  # characters of a value that an error shows


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
    rejected: list[RejectedRow] = []
    fields = ", ".join(f'"{name}" {KINDS[field.kind][0]}' for name, field in feed.fields.items())
    with closing(duckdb.connect()) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET preserve_insertion_order = false")
        con.execute(f"CREATE TABLE facts (part INTEGER, row BIGINT, {fields})")
        for part, table in enumerate(tables):
            notes += _insert_facts(con, feed, part, table, rejected) + Counter(table.notes)
        notes["prices out of range"] += _clear_odd_prices(con, feed)
        rejected += _odd_starts(con, feed, notes)
        rejected += set_aside_conflicts(con, feed, [table.origin for table in tables])
        rejected += _rest_of_games(con, feed, rejected)
        notes += collapse(con, feed)
        names, order = (", ".join(map(_quote, names)) for names in (feed.fields, feed.key or feed.fields))
        rows = con.execute(f"SELECT {names} FROM facts ORDER BY {order}").to_arrow_table().cast(arrow_schema(feed))
    return Delivery(rows, {note: count for note, count in notes.items() if count}, rejected=tuple(rejected))


def require_columns(origin: str, required: Iterable[str], present: Collection[str]) -> None:
    """Refuse a table without these columns: it is a different file, not one with unknown values."""
    missing = [column for column in required if column not in present]
    if missing:
        raise BadInput(f"{origin}: missing column {', '.join(missing)}; it has {', '.join(present) or 'no columns'}")


def _insert_facts(
    con: duckdb.DuckDBPyConnection, feed: Feed, part: int, table: DeliveredTable, rejected: list[RejectedRow]
) -> Counter[str]:
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
    if mistakes := _mistakes(con, feed, part, table, parsed):
        if feed.unit is Unit.WHOLE:
            _refuse(table.origin, mistakes)
        rejected += _set_aside_unreadable(con, feed, part, table, numbers, mistakes)
    con.unregister("delivered")
    return Counter(
        {f"column ignored: {extra}": rows.num_rows for extra in rows.column_names if extra not in used.values()}
    )


def _mistakes(
    con: duckdb.DuckDBPyConnection, feed: Feed, part: int, table: DeliveredTable, parsed: Mapping[str, str]
) -> dict[int, list[str]]:
    """Return the mistakes of each row: values that were parsed as NULL, and empty ones where none may be.

    Rows are searched only if some have one.
    """
    counts = ", ".join(f"count({_quote(name)})" for name in feed.fields)
    *present, rows = con.execute(f"SELECT {counts}, count(*) FROM cleaned").fetchall()[0]
    accepted = con.execute(f"SELECT {counts} FROM facts WHERE part = {part}").fetchall()[0]
    mistakes: dict[int, list[str]] = {}
    for (name, declared), there, valid in zip(feed.fields.items(), present, accepted, strict=True):
        if (there if declared.null else rows) == valid:
            continue
        column, value = table.columns.get(name, name), _quote(name)
        found = con.execute(
            f"SELECT row, left(CAST({value} AS VARCHAR), {_TEXT_SHOWN}) FROM cleaned"
            f" WHERE {'false' if declared.null else f'{value} IS NULL'}"
            f" OR ({value} IS NOT NULL AND ({parsed[name]}) IS NULL) ORDER BY row"
        ).fetchall()
        for row, text in found:
            mistake = "found" if declared.kind != "team" else "unknown team"
            mistake = "is empty" if text is None else f"{mistake} {text!r}"
            mistakes.setdefault(row, []).append(f"column {column}: {mistake}, expected {KINDS[declared.kind][2]}")
    return mistakes


def _refuse(origin: str, mistakes: Mapping[int, list[str]]) -> None:
    """Refuse a delivery that is stored whole or not at all."""
    found = [f"row {row}, {mistake}" for row in sorted(mistakes) for mistake in mistakes[row]]
    rest = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise BadInput(f"{origin}: {'; '.join(found[:SHOWN])}{rest}")


def _set_aside_unreadable(
    con: duckdb.DuckDBPyConnection,
    feed: Feed,
    part: int,
    table: DeliveredTable,
    numbers: pa.Array | pa.ChunkedArray,
    mistakes: Mapping[int, list[str]],
) -> list[RejectedRow]:
    """Set aside the rows with a mistake, with their values as the origin delivered them."""
    chosen = pc.is_in(numbers, pa.array(mistakes, pa.int64()))
    values = zip(numbers.filter(chosen).to_pylist(), table.rows.filter(chosen).to_pylist(), strict=True)
    reasons = {(part, row): f"{table.origin}: row {row}, {'; '.join(found)}" for row, found in mistakes.items()}
    return set_aside(con, feed, reasons, {(part, row): delivered for row, delivered in values})


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

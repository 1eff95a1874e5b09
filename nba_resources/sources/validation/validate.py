"""Strict typing of published facts: what cannot be read is refused with its file, row and column, and never guessed.

Every source ends here, a live provider as much as the archive, so a feed has one shape whoever published it. The work
is done set by set in a private in-memory DuckDB: three seasons of shots take about a second.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from operator import itemgetter

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from nba_resources.sources.base import BadInput, Delivery
from nba_resources.sources.feeds import Feed, Field
from nba_resources.sources.validation.duplicates import collapse
from nba_resources.sources.validation.parsers import EXPECTED, STORED, Form, arrow_schema, form_of, reading, stated

SHOWN = 5  # mistakes told in full before the rest is only counted


@dataclass(frozen=True)
class DeliveredTable:
    """Rows as one origin (a file, an endpoint) gave them, not yet believed.

    `columns` gives the published name of a field where it differs, so that a complaint names the column the reader will
    look for. `zone` is what times without a zone mean here. `numbers` are the places of the rows at their origin (from
    1, header not counted), where only some of them were taken. `notes` count what was left out on the way here.
    """

    origin: str
    rows: pa.Table | pd.DataFrame
    columns: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"
    numbers: pa.ChunkedArray | pa.Array | None = None
    notes: Mapping[str, int] = field(default_factory=dict)


def validate_feed(feed: Feed, *published: DeliveredTable) -> Delivery:
    """The facts of all origins together, typed as the feed says, one row for each fact, in a fixed order.

    No origin at all is an empty delivery. Each note counts rows.
    """
    notes: Counter[str] = Counter()
    fields = ", ".join(f'"{name}" {STORED[field.kind][0]}' for name, field in feed.fields.items())
    with closing(duckdb.connect()) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET preserve_insertion_order = false")
        con.execute(f"CREATE TABLE facts (part INTEGER, row BIGINT, {fields})")
        for part, origin in enumerate(published):
            notes += _read(con, feed, part, origin) + Counter(origin.notes)
        notes["prices out of range"] += _forget_odd_prices(con, feed)
        notes += collapse(con, feed, [origin.origin for origin in published])
        rows = _in_order(con, feed)
    return Delivery(rows, {note: count for note, count in notes.items() if count})


def expect_columns(origin: str, wanted: Iterable[str], found: Collection[str]) -> None:
    """A column that is not there is a different file, not a file of unknown values."""
    missing = [column for column in wanted if column not in found]
    if missing:
        raise BadInput(f"{origin}: missing column {', '.join(missing)}; it has {', '.join(found) or 'no columns'}")


def _read(con: duckdb.DuckDBPyConnection, feed: Feed, part: int, origin: DeliveredTable) -> Counter[str]:
    rows = origin.rows if isinstance(origin.rows, pa.Table) else _arrow(origin.rows)
    used = {name: origin.columns.get(name, name) for name in feed.fields}
    expect_columns(origin.origin, used.values(), rows.column_names)
    forms: dict[str, Form] = {name: form_of(rows.schema.field(column).type) for name, column in used.items()}
    numbers = pa.array(np.arange(1, rows.num_rows + 1)) if origin.numbers is None else origin.numbers
    con.register("published", pa.table([numbers, *(rows[column] for column in used.values())], ["row", *used]))
    con.execute("SET VARIABLE zone = ?", [origin.zone])
    values = (f"{stated(field.kind, forms[name], _q(name))} AS {_q(name)}" for name, field in feed.fields.items())
    con.execute(f"CREATE OR REPLACE TEMP VIEW stated AS SELECT row, {', '.join(values)} FROM published")
    readings = {name: reading(field.kind, forms[name], _q(name)) for name, field in feed.fields.items()}
    con.execute(f"INSERT INTO facts SELECT {part}, row, {', '.join(readings.values())} FROM stated")
    _refuse_unreadable(con, feed, part, origin, readings)
    con.unregister("published")
    return Counter(
        {f"column ignored: {extra}": rows.num_rows for extra in rows.column_names if extra not in used.values()}
    )


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """Columns of mixed objects, as JSON gives them, become text: their readings are as strict as a CSV's."""
    mixed = frame.select_dtypes("object").columns
    return pa.Table.from_pandas(frame.astype(dict.fromkeys(mixed, "string")), preserve_index=False)


def _refuse_unreadable(
    con: duckdb.DuckDBPyConnection, feed: Feed, part: int, origin: DeliveredTable, readings: Mapping[str, str]
) -> None:
    """What is there but was read as NULL is a mistake. Counting first is cheap: only a bad file is searched."""
    counts = ", ".join(f"count({_q(name)})" for name in feed.fields)
    there = con.execute(f"SELECT {counts}, count(*) FROM stated").fetchall()[0]
    read = con.execute(f"SELECT {counts} FROM facts WHERE part = {part}").fetchall()[0]
    mistakes = {
        name: (there[n] if field.null else there[-1]) - read[n] for n, (name, field) in enumerate(feed.fields.items())
    }
    if many := sum(mistakes.values()):
        told = [
            told for name, count in mistakes.items() if count for told in _mistakes(con, feed, name, readings[name])
        ]
        shown = (
            f"row {row}, column {origin.columns.get(name, name)}: {_complaint(feed.fields[name], found)}"
            for row, name, found in sorted(told, key=itemgetter(0))[:SHOWN]
        )
        rest = f"; and {many - SHOWN} more" if many > SHOWN else ""
        raise BadInput(f"{origin.origin}: {'; '.join(shown)}{rest}")


def _mistakes(con: duckdb.DuckDBPyConnection, feed: Feed, name: str, read: str) -> list[tuple[int, str, str | None]]:
    """The first values of a column that cannot be stored: row, field, what was found there."""
    empty = "false" if feed.fields[name].null else f"{_q(name)} IS NULL"
    return con.execute(
        f"SELECT row, '{name}', CAST({_q(name)} AS VARCHAR) FROM stated"
        f" WHERE {empty} OR ({_q(name)} IS NOT NULL AND ({read}) IS NULL) ORDER BY row LIMIT {SHOWN}"
    ).fetchall()


def _complaint(field: Field, found: str | None) -> str:
    if found is None:
        return f"is empty, expected {EXPECTED[field.kind]}"
    what = "unknown team" if field.kind == "team" else "found"
    return f"{what} {found[:40]!r}, expected {EXPECTED[field.kind]}"


def _forget_odd_prices(con: duckdb.DuckDBPyConnection, feed: Feed) -> int:
    """Odds beyond 2000 or within 100 are placeholders or slips, but the line beside them still stands."""
    prices = [_q(name) for name, field in feed.fields.items() if field.kind == "price"]
    if not prices:
        return 0
    kept = ", ".join(f"{price} = CASE WHEN abs({price}) BETWEEN 100 AND 2000 THEN {price} END" for price in prices)
    odd = " OR ".join(f"abs({price}) NOT BETWEEN 100 AND 2000" for price in prices)
    return con.execute(f"UPDATE facts SET {kept} WHERE {odd}").fetchall()[0][0]


def _in_order(con: duckdb.DuckDBPyConnection, feed: Feed) -> pa.Table:
    fields, order = (", ".join(map(_q, names)) for names in (feed.fields, feed.key or feed.fields))
    return con.execute(f"SELECT {fields} FROM facts ORDER BY {order}").to_arrow_table().cast(arrow_schema(feed))


def _q(name: str) -> str:
    return f'"{name}"'

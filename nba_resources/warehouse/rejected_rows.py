"""The table of rows that are set aside, so that they can be found, counted and mended at their source."""

import datetime as dt
from collections.abc import Iterable
from hashlib import sha256

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from nba_resources.dates import DateRange
from nba_resources.rejected import RejectedRow
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, day, moment, text
from nba_resources.warehouse.sql.statements import Query

REJECTED_ROWS = Contract(
    "nba_raw",
    "rejected_rows",
    ("source", "feed", "game_date", "row_key"),
    {
        "source": text("Source that delivered the row"),
        "feed": text("Feed, which is the name of its raw table"),
        "game_date": day("Date of the row; one without a readable date is filed under the first partition"),
        "row_key": text("Hash of the row"),
        "row": text("The row as JSON: as delivered if it could not be read, otherwise typed"),
        "reason": text("Rule that the row, or another row of its game, breaks"),
        "first_seen": moment("First load that set it aside"),
        "last_seen": moment("Last load that set it aside"),
    },
    partition="game_date",
    description=(
        "One row per delivered row that is set aside, with its values and the reason: a line or a status alone, a stat "
        "line or a shot with its whole game.\n\nA row leaves this table when its source delivers it mended."
    ),
)
_KEY_LENGTH, _NEW = 16, "rejected_now"


def store_rejected(warehouse: Warehouse, feed: str, dates: DateRange, rows: Iterable[RejectedRow]) -> None:
    """Replace the rows of a feed that are set aside for some dates; those that stay keep the time of the first load."""
    now = dt.datetime.now(dt.UTC)
    found = {
        (one.source, one.date, key): {
            **{"source": one.source, "feed": feed, "game_date": one.date, "row_key": key},
            **{"row": one.row, "reason": one.reason, "first_seen": now, "last_seen": now},
        }
        for one in rows
        for key in [sha256(one.row.encode()).hexdigest()[:_KEY_LENGTH]]
    }

    def stored(dates: DateRange) -> ir.Table:
        rows = REJECTED_ROWS.table()
        return rows.filter(rows.feed == feed, rows.game_date.between(dates.start, dates.end))

    def merged(dates: DateRange) -> ir.Table:
        new = ibis.table(REJECTED_ROWS.schema, name=_NEW)
        earlier = stored(dates).select(*REJECTED_ROWS.grain, seen_before="first_seen")
        rows = new.left_join(earlier, [*REJECTED_ROWS.grain])
        columns = {name: new[name] for name in REJECTED_ROWS.columns if name != "first_seen"}
        return rows.select(**columns, first_seen=earlier.seen_before.coalesce(new.first_seen))

    key = f"{REJECTED_ROWS.key}.{feed}"
    count = Query(f"{key}.count", lambda dates: stored(dates).count().as_table(), dates)
    if found or _is_positive(warehouse, count):
        frame = pa.Table.from_pylist([*found.values()], schema=REJECTED_ROWS.schema.to_pyarrow())
        rows_now = Query(f"{key}.merged", merged, dates, {_NEW: frame})
        warehouse.replace(REJECTED_ROWS, dates, rows_now, where={"feed": feed})


def _is_positive(warehouse: Warehouse, count: Query) -> bool:
    try:
        return bool(warehouse.read(count).iat[0, 0])
    except WarehouseUnavailable:  # no row was ever set aside
        return False

"""The table of rows that are set aside, so that they can be found, counted and mended at their source."""

import datetime as dt
from collections.abc import Iterable
from hashlib import sha256

import ibis

from nba_resources.dates import DateRange
from nba_resources.rejected import RejectedRow
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, day, moment, text

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
_KEY_LENGTH = 16


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
    stored = REJECTED_ROWS.table()
    stored = stored.filter(stored.feed == feed, stored.game_date.between(dates.start, dates.end))
    if not found and not _holds_rows(warehouse, stored):
        return
    new = ibis.memtable([*found.values()], schema=REJECTED_ROWS.schema)
    earlier = stored.select(*REJECTED_ROWS.grain, seen_before="first_seen")
    merged = new.left_join(earlier, [*REJECTED_ROWS.grain])
    columns = {name: new[name] for name in REJECTED_ROWS.columns if name != "first_seen"}
    rows_now = merged.select(**columns, first_seen=earlier.seen_before.coalesce(new.first_seen))
    warehouse.replace(REJECTED_ROWS, dates, rows_now, where={"feed": feed})


def _holds_rows(warehouse: Warehouse, stored: ibis.Table) -> bool:
    try:
        return bool(warehouse.read(stored.count().as_table()).iat[0, 0])
    except WarehouseUnavailable:  # no row was ever set aside
        return False

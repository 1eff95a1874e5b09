"""The table of what a source had when a date was loaded: a later backfill loads the date again if that has changed."""

import datetime as dt
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.contract import Contract, day, text

SOURCE_FINGERPRINTS = Contract(
    "nba_raw",
    "source_fingerprints",
    ("feed", "game_date"),
    {
        "feed": text("Feed, which is the name of its raw table"),
        "game_date": day("Date that was loaded"),
        "fingerprint": text("Hash of the facts that the source had of the date; NULL if it had none", null=True),
    },
    partition="game_date",
    description="One row per feed and loaded date: the hash of what the source had, if it can be watched.",
)


def store_fingerprints(warehouse: Warehouse, feed: str, dates: DateRange, found: Mapping[dt.date, str]) -> None:
    """Replace the fingerprints of a feed for the dates of a load."""
    rows = [{"feed": feed, "game_date": date, "fingerprint": found.get(date)} for date in dates]
    new = pa.Table.from_pylist(rows, schema=SOURCE_FINGERPRINTS.schema.to_pyarrow())
    warehouse.replace(SOURCE_FINGERPRINTS, dates, new, where={"feed": feed})


def stored_fingerprints(warehouse: Warehouse, feed: str) -> dict[dt.date, str | None]:
    """Return the fingerprint of each loaded date of a feed."""
    if not warehouse.holds(SOURCE_FINGERPRINTS):
        return {}
    rows = SOURCE_FINGERPRINTS.table()
    frame = warehouse.read(rows.filter(rows.feed == feed).select("game_date", "fingerprint"))
    days = pd.to_datetime(frame["game_date"]).dt.date
    return {day: None if pd.isna(value) else value for day, value in zip(days, frame["fingerprint"], strict=True)}

"""Stored rows of some dates, and counts of rows by date."""

import datetime as dt
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table, Tables
from nba_resources.dates import DateRange


def rows_between(table: Table, dates: DateRange) -> ir.Table:
    """Return the stored rows of the dates."""
    rows = table.contract.table()
    day: Any = rows[table.contract.partition or ""]
    return rows.filter(day.between(dates.start, dates.end))


@stored_query
def rows_of(tables: Tables, dates: DateRange, name: str) -> ir.Table:
    """The stored rows of the dates of a table."""
    return rows_between(tables[name], dates)


def counts_by_date(counts: pd.DataFrame) -> dict[dt.date, dict[str, int]]:
    """Return counts read from the warehouse by their `game_date`."""
    days = pd.to_datetime(counts.pop("game_date")).dt.date
    return dict(zip(days, counts.astype(int).to_dict("records"), strict=True))

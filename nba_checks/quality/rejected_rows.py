"""Count the rows of a feed that are set aside: a few cost only themselves, many make the date unfit to publish."""

import datetime as dt
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table, Tables
from nba_checks.framework.by_date import DateCheck, DateResult, DateResults
from nba_checks.framework.stored_rows import rows_between
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.rejected_rows import REJECTED_ROWS

HIGHEST_SHARE, LEAST_ROWS = 0.05, 20  # above both, the forecasts of the date are not published


@dataclass(frozen=True)
class Rejections:
    """The rows of one feed and date: stored, set aside, and the commonest reason."""

    feed: str
    stored: int
    set_aside: int
    reason: str

    @property
    def too_many(self) -> bool:
        """True if so many are set aside that the others may not be trusted."""
        share = self.set_aside / (self.stored + self.set_aside)
        return share > HIGHEST_SHARE and self.set_aside >= LEAST_ROWS

    def __str__(self) -> str:
        return f"{self.set_aside} of {self.stored + self.set_aside} rows of {self.feed} are set aside: {self.reason}"


def rejections(
    warehouse: Warehouse, tables: Tables, dates: DateRange, feeds: list[str]
) -> dict[dt.date, list[Rejections]]:
    """Return what is set aside of some feeds, by date."""
    if not warehouse.holds(REJECTED_ROWS):
        return {}
    found = warehouse.read(_set_aside(tables, dates, *feeds))
    found["day"] = pd.to_datetime(found["game_date"]).dt.date
    stored = {feed: _stored(warehouse, tables, tables[feed], dates) for feed in found["feed"].unique()}
    by_date: dict[dt.date, list[Rejections]] = {}
    for one in found.sort_values(["day", "feed"]).itertuples():
        count = stored[one.feed].get(one.day, 0)
        by_date.setdefault(one.day, []).append(Rejections(one.feed, count, int(one.set_aside), one.reason))
    return by_date


@stored_query
def _set_aside(tables: Tables, dates: DateRange, *feeds: str) -> ir.Table:
    rows = REJECTED_ROWS.table()
    rows = rows.filter(rows.game_date.between(dates.start, dates.end), rows.feed.isin(feeds))
    return rows.group_by("game_date", "feed").aggregate(set_aside=rows.count(), reason=rows.reason.min())


@stored_query
def _rows_by_day(tables: Tables, dates: DateRange, name: str) -> ir.Table:
    rows = rows_between(tables[name], dates)
    return rows.group_by(day=rows[tables[name].contract.partition or ""]).aggregate(stored=rows.count())


def _stored(warehouse: Warehouse, tables: Tables, table: Table, dates: DateRange) -> dict[dt.date, int]:
    """Count the stored rows of each date."""
    if not warehouse.holds(table.contract):
        return {}
    counts = warehouse.read(_rows_by_day(tables, dates, table.contract.name))
    return dict(zip(pd.to_datetime(counts["day"]).dt.date, counts["stored"].astype(int), strict=True))


def no_rows_set_aside(feed: str) -> DateCheck:
    """Return the check of a raw table that warns of rows that are set aside."""

    def check(warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date) -> DateResults:
        """Rows that the source delivered broken lie in nba_raw.rejected_rows, until it mends them."""
        found = rejections(warehouse, tables, dates, [feed])
        return {date: _result(found.get(date, [])) for date in dates}

    return check


def _result(found: list[Rejections]) -> DateResult:
    if not found:
        return DateResult(True, "no row is set aside")
    (one,) = found
    return DateResult(False, f"{one}; mend them at the source", {"set aside": one.set_aside, "stored": one.stored})

"""Whether a source, asked now, says anything other than what is stored.

Nothing is remembered for it: what was fetched but never stored, because a run failed, is still news the next time.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import ibis
import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.assets import fetch_rows
from nba_assets.kit.table import Table
from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput, Source, SourceUnavailable
from nba_resources.warehouse.base import Warehouse

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Stock:
    """What can be asked about the stored tables."""

    warehouse: Warehouse
    tables: Mapping[str, Table]
    source: Source
    today: dt.date


def dates_with_news(stock: Stock, table: Table, days: Collection[dt.date]) -> set[dt.date]:
    """The dates of a raw table whose rows would be different if they were loaded now.

    A source that cannot be asked may have news of any date: loading it says what is wrong.
    """
    if not stock.warehouse.holds(table.contract):
        return {*days}
    found: set[dt.date] = set()
    for stretch in stretches(sorted(days)):
        try:
            published = ibis.memtable(fetch_rows(table, stock.source, stretch).rows)
        except (SourceUnavailable, BadInput):
            return {*days}
        changed = stock.warehouse.read(_changed(stock, table, stretch, published))
        found |= {*pd.to_datetime(changed["day"]).dt.date}
    return found & {*days}


def stretches(days: Sequence[dt.date]) -> Iterator[DateRange]:
    """Days that follow one another, together."""
    start = None
    for day, following in zip_longest(days, days[1:]):
        start = start or day
        if following != day + ONE_DAY:
            yield DateRange(start, day)
            start = None


def _changed(stock: Stock, table: Table, dates: DateRange, published: ir.Table) -> ir.Table:
    """The days of rows that one side has and the other has not; a snapshot once stored is kept whatever comes later."""
    contract = table.contract
    day = contract.partition or ""
    names = dict.fromkeys([*contract.grain, day] if table.appends else table.computed_columns)

    def told(rows: ir.Table) -> ir.Table:
        return rows.select(**{name: rows[name].cast(contract.columns[name].dtype(nullable=True)) for name in names})

    then = contract.table()
    then = told(then.filter(then[day].between(dates.start, dates.end)))
    now = told(table.build(stock.tables, dates, published))
    apart = now.difference(then)
    return (apart if table.appends else apart.union(then.difference(now))).select(day=day).distinct()

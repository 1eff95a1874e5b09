"""Compare what a source has now with the stored rows of a raw table; rows that a failed run fetched are not stored."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_assets.kit.assets import fetch_rows, fingerprints_of
from nba_assets.kit.table import Table
from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput, Source, SourceUnavailable
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.source_fingerprints import stored_fingerprints
from nba_resources.warehouse.sql.statements import Query

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class PlanInputs:
    """The stored tables, the source that fills them and today's date."""

    warehouse: Warehouse
    tables: Mapping[str, Table]
    source: Source
    today: dt.date


def changed_dates(inputs: PlanInputs, table: Table, days: Collection[dt.date]) -> set[dt.date]:
    """Return the days on which loading a raw table now would change its rows.

    If the source fails, that is every day: the run that loads them reports the error.
    """
    if not inputs.warehouse.holds(table.contract):
        return {*days}
    changed: set[dt.date] = set()
    for dates in consecutive_ranges(sorted(days)):
        try:
            rows = fetch_rows(table, inputs.source, dates).rows
        except (SourceUnavailable, BadInput):
            return {*days}
        frame = inputs.warehouse.read(_days_that_differ(inputs.tables, table, dates, rows))
        changed |= {*pd.to_datetime(frame["day"]).dt.date}
    return changed & {*days}


def dates_with_other_facts(inputs: PlanInputs, table: Table) -> set[dt.date]:
    """Return the loaded days of which a source that can be watched has other facts than it had then."""
    now = fingerprints_of(table, inputs.source)
    if table.feed is None or now is None:
        return set()
    loaded = stored_fingerprints(inputs.warehouse, table.feed.name)
    return {day for day, then in loaded.items() if now.get(day) != then}


def consecutive_ranges(days: Sequence[dt.date]) -> Iterator[DateRange]:
    """Group sorted days into ranges without gaps."""
    start = None
    for day, following in zip_longest(days, days[1:]):
        start = start or day
        if following != day + ONE_DAY:
            yield DateRange(start, day)
            start = None


def _days_that_differ(tables: Mapping[str, Table], table: Table, dates: DateRange, rows: pa.Table) -> Query:
    """Return the days with rows on one side only; of a table that is only appended to, rows in the source only."""
    contract, delivered = table.contract, table.delivered_query(tables, dates, rows)
    day = contract.partition or ""
    names = dict.fromkeys([*contract.grain, day] if table.appends else table.computed_columns)

    def comparable(rows: ir.Table) -> ir.Table:
        return rows.select(**{name: rows[name].cast(contract.columns[name].dtype(nullable=True)) for name in names})

    def differing(dates: DateRange) -> ir.Table:
        stored = contract.table()
        stored = comparable(stored.filter(stored[day].between(dates.start, dates.end)))
        current = comparable(delivered.build(dates))
        added = current.difference(stored)
        return (added if table.appends else added.union(stored.difference(current))).select(day=day).distinct()

    return Query(f"{delivered.name}.days that differ", differing, dates, delivered.frames)

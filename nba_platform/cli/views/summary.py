"""Stored rows and states of every table over a range of dates."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir

from nba_assets.kit.calendar import State, month_of
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table
from nba_checks.completeness.coverage import DateState, is_checked_by_date, schedule_gaps
from nba_platform.cli.command import Page
from nba_platform.cli.render import numbers, table, text
from nba_platform.reports.layers import Layers, by_layer
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

WORST = 5
COLOURS = {State.COMPLETE: "green", State.PARTIAL: "yellow", State.MISSING: "red"}


@dataclass(frozen=True)
class TableSummary:
    """One table over a range: rows stored, dates by state, and the worst dates."""

    table: str
    rows: int
    states: Mapping[State, int]
    worst: tuple[DateState, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a table."""
        return {**vars(self), "worst": [{**vars(date), "command": date.command} for date in self.worst]}


@dataclass(frozen=True)
class Summary:
    """All tables over a range, and the state of each layer on each date."""

    dates: DateRange
    tables: tuple[TableSummary, ...]
    warnings: tuple[str, ...]
    layers: Layers = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a summary."""
        stored = {"tables": self.tables, "layers": self.layers, "warnings": self.warnings}
        return {"start": self.dates.start, "end": self.dates.end, **stored}


def summarise(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date, states: Sequence[DateState]
) -> Summary:
    """Count the rows of every table and the states of its dates."""
    by_table: defaultdict[str, list[DateState]] = defaultdict(list)
    for state in states:
        by_table[state.table].append(state)
    summaries = []
    with warehouse.session():
        for one in tables.values():
            of_table = by_table[one.contract.key]
            rows = (
                sum(state.rows for state in of_table)
                if is_checked_by_date(one)
                else _rows(warehouse, tables, one, dates)
            )
            bad = [date for date in of_table if date.needs_work]
            bad.sort(key=_severity)
            count = Counter(state.state for state in of_table)
            counts = {state: count[state] for state in State if count[state]}
            summaries.append(TableSummary(one.contract.key, rows, counts, tuple(bad[:WORST])))
        warnings = tuple(schedule_gaps(warehouse, tables, dates, today))
    return Summary(dates, tuple(summaries), warnings, by_layer(states, tables))


def season_so_far(warehouse: Warehouse, tables: Mapping[str, Table], today: dt.date) -> DateRange:
    """Return the dates of the stored season that today belongs to, up to today."""
    seasons = tables["seasons"].contract
    if not warehouse.holds(seasons):
        raise WarehouseUnavailable("nothing was loaded yet, so no season is stored: run `nba backfill START END`.")
    starts = warehouse.read(seasons.table().select("start_date"))["start_date"].dt.date
    started = [start for start in starts if start <= today]
    if not started:
        raise WarehouseUnavailable(f"no stored season has begun by {today}: give START and END.")
    return DateRange(max(started), today)


def summary_page(summary: Summary) -> Page:
    """Show one line a table, then the worst date of each with the command that mends it."""
    used = [state for state in State if any(state in one.states for one in summary.tables)]
    states = numbers(*used)
    for state, column in zip(used, states, strict=True):
        column.style = COLOURS.get(state, "")
    rows = [(one.table, f"{one.rows:,}", *(str(one.states.get(state, "")) for state in used)) for one in summary.tables]
    yield table([text("table"), *numbers("rows"), *states], rows, title=f"{summary.dates}")
    yield from (f"note: {warning}" for warning in summary.warnings)
    for one in summary.tables:
        for date in one.worst[:1]:
            bad = sum(one.states.get(state, 0) for state in (State.MISSING, State.PARTIAL))
            reason = f"{one.table}: {bad} missing or partial, worst {date.date} ({date.state}: {date.reason})"
            yield f"{reason}; mend: {date.command}" if date.command else reason


def _severity(date: DateState) -> tuple[bool, bool, float, dt.date]:
    """Order gaps that a command can fill before those of the source, missing dates before partial ones."""
    return date.source_has_none, date.state is not State.MISSING, date.actual / max(1, date.expected), date.date


def _rows(warehouse: Warehouse, tables: Mapping[str, Table], table: Table, dates: DateRange) -> int:
    """Count the rows of the dates, or all rows of a table that is kept whole."""
    if not warehouse.holds(table.contract):
        return 0
    return int(warehouse.read(_count(tables, dates, table.contract.name)).iat[0, 0])


@stored_query
def _count(tables: Mapping[str, Table], dates: DateRange, name: str) -> ir.Table:
    contract = tables[name].contract
    rows = contract.table()
    if contract.partition:
        first = month_of(dates.start) if contract.monthly else dates.start
        rows = rows.filter(rows[contract.partition].between(first, dates.end))
    return rows.count().as_table()

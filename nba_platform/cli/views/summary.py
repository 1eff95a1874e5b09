"""What is stored, table by table, as every command tells it: in words for people, as plain values for programs."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from nba_assets.kit.calendar import State, month_of
from nba_assets.kit.table import Table
from nba_checks.completeness.coverage import DateState, coverage, is_checked_by_date, schedule_gaps
from nba_platform.cli.views.calendar_view import Layers, by_layer
from nba_platform.cli.views.calendar_view import plain as plain_layers
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

WORST = 5
COLOURS = {State.COMPLETE: "green", State.PARTIAL: "yellow", State.MISSING: "red"}


@dataclass(frozen=True)
class TableSummary:
    """One table over a range: rows stored, dates by state, and the dates that want work most."""

    table: str
    rows: int
    states: Mapping[State, int]
    worst: tuple[DateState, ...] = ()


@dataclass(frozen=True)
class Summary:
    """All tables over a range, and the state of each layer on each date."""

    dates: DateRange
    tables: tuple[TableSummary, ...]
    warnings: tuple[str, ...]
    layers: Layers = field(default_factory=dict)

    def of(self, tables: Collection[str]) -> "Summary":
        """The same of some tables, named with their datasets."""
        return Summary(self.dates, tuple(found for found in self.tables if found.table in tables), self.warnings)

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        tables = [
            {
                "table": summary.table,
                "rows": summary.rows,
                "states": {state.value: n for state, n in summary.states.items()},
                "worst": [
                    {**asdict(date), "date": date.date.isoformat(), "command": date.command} for date in summary.worst
                ],
            }
            for summary in self.tables
        ]
        span = {"start": self.dates.start.isoformat(), "end": self.dates.end.isoformat()}
        return {**span, "tables": tables, "layers": plain_layers(self.layers), "warnings": list(self.warnings)}


def summarise(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    dates: DateRange,
    today: dt.date,
    judged: Sequence[DateState] | None = None,
) -> Summary:
    """Count what is stored of every table, and judge each of its dates, unless they were judged a moment ago."""
    by_table: dict[str, list[DateState]] = {}
    judged = coverage(warehouse, tables, dates, today) if judged is None else judged
    for state in judged:
        by_table.setdefault(state.table, []).append(state)
    summaries = []
    for table in tables.values():
        key = table.contract.key
        if not is_checked_by_date(table):
            summaries.append(TableSummary(key, _rows(warehouse, table, dates), {}))
            continue
        states = by_table.get(key, [])
        worst = sorted((state for state in states if state.needs_work), key=_badness)[:WORST]
        count = Counter(state.state for state in states)
        counts = {state: count[state] for state in State if count[state]}
        summaries.append(TableSummary(key, sum(state.rows for state in states), counts, tuple(worst)))
    warnings = tuple(schedule_gaps(warehouse, tables, dates, today))
    return Summary(dates, tuple(summaries), warnings, by_layer(judged, tables))


def show(summary: Summary, console: Console) -> None:
    """A table for people: one line a table, then the dates that want work and what mends them."""
    grid = Grid(title=f"{summary.dates}", title_justify="left", box=None, pad_edge=False)
    grid.add_column("table", no_wrap=True, overflow="fold")
    grid.add_column("rows", justify="right")
    used = [state for state in State if any(state in table.states for table in summary.tables)]
    for state in used:
        grid.add_column(state.value, justify="right", style=COLOURS.get(state))
    for table in summary.tables:
        grid.add_row(table.table, f"{table.rows:,}", *(str(table.states.get(state, "")) for state in used))
    console.print(grid)
    for warning in summary.warnings:
        console.print(f"note: {warning}", highlight=False, soft_wrap=True)
    for table in summary.tables:
        for date in table.worst[:1]:
            of_all = sum(table.states.get(state, 0) for state in (State.MISSING, State.PARTIAL))
            found = f"{table.table}: {of_all} missing or partial, worst {date.date} ({date.state}: {date.reason})"
            console.print(f"{found}; mend: {date.command}", highlight=False, soft_wrap=True)


def _badness(date: DateState) -> tuple[bool, float, dt.date]:
    return date.state is not State.MISSING, date.actual / max(1, date.expected), date.date


def _rows(warehouse: Warehouse, table: Table, dates: DateRange) -> int:
    """Of a table that is not judged: those of the dates, or all if it is kept whole."""
    if not warehouse.holds(table.contract):
        return 0
    rows, contract = table.contract.table(), table.contract
    if contract.partition:
        first = month_of(dates.start) if contract.monthly else dates.start
        rows = rows.filter(rows[contract.partition].between(first, dates.end))
    return int(warehouse.read(rows.count().as_table()).iat[0, 0])

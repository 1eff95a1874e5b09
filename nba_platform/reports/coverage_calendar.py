"""Coverage report: a heat map of the state of every date, and the commands that fix the worst dates."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.calendar import State, season_floor
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table, Tables
from nba_checks.completeness.date_state import DateState
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_checks.framework.count_queries import counted_tables
from nba_platform.orchestration.backfill.source_changes import consecutive_ranges
from nba_platform.reports.heat_map import NOT_CHECKED, Panel, heat_map
from nba_platform.reports.layers import LAYERS, WORST_FIRST, by_layer
from nba_platform.reports.report_assets import Report
from nba_resources.dates import SUMMER, DateRange, season_of
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

WORST = 20
HEAD = "| date | why | command |\n|---|---|---|"
Rows = Mapping[str, Mapping[dt.date, str]]


@dataclass(frozen=True)
class StoredStates:
    """The stored states, and the dates up to today without a state, or with one from before their games were over."""

    states: tuple[DateState, ...]
    not_checked: tuple[dt.date, ...]


def coverage_calendar(warehouse: Warehouse, tables: Mapping[str, Table], today: dt.date) -> Report:
    """Heat map of the state of every date, season by season, and a command for each of the worst dates.

    One season has a row for each table, several seasons a row for each layer: the state of a layer is that of its worst
    table. A date that was never checked is as dark as a missing one.
    """
    stored = read_states(warehouse, today)
    seasons = sorted({season_floor(state.date) for state in stored.states})
    one_season = len(seasons) == 1
    rows = _by_table(stored.states, tables) if one_season else by_layer(stored.states, counted_tables(tables))
    rows = {name: {**dates, **dict.fromkeys(stored.not_checked, NOT_CHECKED)} for name, dates in rows.items()}
    title = f"Coverage of every {'table' if one_season else 'layer'} as checked up to {today}"
    panels = []
    for floor in seasons:
        of_season = {
            name: {date: state for date, state in dates.items() if season_floor(date) == floor}
            for name, dates in rows.items()
        }
        panels.append(Panel(season_of(floor), of_season))
    return Report(heat_map(title, panels), worst_dates(stored))


@stored_query
def _states(tables: Tables, dates: DateRange) -> ir.Table:
    return pipeline_coverage.contract.table().order_by("game_date", "table_name")


def read_states(warehouse: Warehouse, today: dt.date) -> StoredStates:
    """Read the last stored state of every table and date."""
    contract = pipeline_coverage.contract
    frame = warehouse.read(_states({})) if warehouse.holds(contract) else None
    if frame is None or frame.empty:
        raise WarehouseUnavailable(
            f"{contract.key} has no rows, so there is nothing to draw: "
            f"run `nba backfill START END --select {contract.name}` first."
        )
    names = ["table_name", "game_date", "state", "expected_count", "actual_count", "reason", "command"]
    states = tuple(
        DateState(table, day.date(), State(state), expected, actual, actual, reason, _is_of_source(state, command))
        for table, day, state, expected, actual, reason, command in frame[names].itertuples(index=False)
    )
    checked = {state.date for state in states}
    too_early = {state.date for state in states if state.state is State.NOT_DUE and state.date < today}
    days = (dt.date.fromisoformat(key) for key in DAILY.get_partition_keys())
    absent = {day for day in days if min(checked) <= day <= today and day.month not in SUMMER} - checked
    return StoredStates(states, tuple(sorted(absent | too_early)))


def _is_of_source(state: str, command: str | None) -> bool:
    """Return whether a stored state is a gap without a command, which is one of the source."""
    return state in (State.MISSING, State.PARTIAL) and pd.isna(command)


def worst_dates(stored: StoredStates) -> str:
    """Return Markdown: the number of dates by state, then a table of the worst dates."""
    count = Counter(state.state for state in stored.states)
    totals = ", ".join(f"{count[state]:,} {state.value}" for state in State if count[state])
    parts = [f"Dates of tables: {totals}."]
    rows = [*_never_checked(stored.not_checked), *_need_work(stored)]
    if len(rows) > WORST:
        parts.append(f"{len(rows):,} dates need work; the worst {WORST}:")
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows[:WORST]]
    return "\n\n".join([*parts, "\n".join([HEAD, *lines]) if rows else "No date needs work."])


def _need_work(stored: StoredStates) -> Iterator[tuple[str, ...]]:
    """Yield missing before partial dates, then those of more tables, then newer ones; one command for each date.

    Dates for which the source has no more rows come last.
    """
    dates: dict[dt.date, list[DateState]] = {}
    for state in stored.states:
        if state.needs_work and state.date not in stored.not_checked:
            dates.setdefault(state.date, []).append(state)

    def severity(date: dt.date) -> tuple[bool, int, int, int]:
        of_source = not any(state.command for state in dates[date])
        worst = min(WORST_FIRST.index(state.state) for state in dates[date])
        return of_source, worst, -len(dates[date]), -date.toordinal()

    for date in sorted(dates, key=severity):
        states = dates[date]
        names = [state.table.split(".")[-1] for state in states if state.command]
        why = Counter(f"{state.state.value}: {state.reason}" for state in states)
        command = f"`nba backfill {date} --select {','.join(names)}`" if names else "none: the source has no more"
        yield str(date), "; ".join(why), command


def _never_checked(dates: Sequence[dt.date]) -> Iterator[tuple[str, ...]]:
    for gap in consecutive_ranges(dates):
        ends = list(dict.fromkeys((str(gap.start), str(gap.end))))
        why = "never checked, or before the games were over"
        yield " to ".join(ends), why, f"`nba backfill {' '.join(ends)} --select {pipeline_coverage.contract.name}`"


def _by_table(states: Iterable[DateState], tables: Mapping[str, Table]) -> Rows:
    layers = {table.contract.key: LAYERS.index(table.layer) for table in tables.values()}
    rows: dict[str, dict[dt.date, str]] = {}
    for state in sorted(states, key=lambda state: (layers.get(state.table, len(LAYERS)), state.table)):
        rows.setdefault(state.table.split(".")[-1], {})[state.date] = state.state
    return rows

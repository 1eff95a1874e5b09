"""The coverage calendar: what became of every date, season by season, and what mends the worst of them."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nba_assets.kit.calendar import DAILY, State, season_floor
from nba_assets.kit.table import Table
from nba_checks.completeness.coverage import DateState
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_platform.cli.views.calendar_view import LAYERS, WORST_FIRST, by_layer
from nba_platform.orchestration.backfill.source_changes import stretches
from nba_platform.reports.heat_map import UNJUDGED, Panel, heat_map
from nba_platform.reports.report_assets import Drawn
from nba_resources.dates import SUMMER, season_of
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

WORST = 20
HEAD = "| date | why | mend |\n|---|---|---|"
Rows = Mapping[str, Mapping[dt.date, str]]


@dataclass(frozen=True)
class Judged:
    """The stored states, and the dates up to today that have none or one from before their games were over."""

    states: tuple[DateState, ...]
    unjudged: tuple[dt.date, ...]


def coverage_calendar(warehouse: Warehouse, tables: Mapping[str, Table], today: dt.date) -> Drawn:
    """What became of every date of every table, season by season, and the command that mends each of the worst dates.

    One season is drawn table by table, several layer by layer: a layer is no better than its worst table. A date that
    was never judged is as dark as a missing one, because nobody knows.
    """
    judged = read_states(warehouse, today)
    seasons = {season_floor(state.date) for state in judged.states}
    rows = _by_table(judged.states, tables) if len(seasons) == 1 else _by_layer(judged.states, tables)
    rows = {name: {**found, **dict.fromkeys(judged.unjudged, UNJUDGED)} for name, found in rows.items()}
    title = f"Coverage of {'every table' if len(seasons) == 1 else 'every layer'} as judged up to {today}"
    return Drawn(heat_map(title, list(_panels(rows, seasons))), worst_dates(judged))


def read_states(warehouse: Warehouse, today: dt.date) -> Judged:
    """What is stored of every table, as it was judged last."""
    contract = pipeline_coverage.contract
    rows = contract.table().order_by("game_date", "table_name")
    stored = warehouse.read(rows) if warehouse.holds(contract) else None
    if stored is None or stored.empty:
        raise WarehouseUnavailable(
            f"{contract.key} has no rows, so there is nothing to draw: "
            f"run `nba backfill START END --select {contract.name}` first."
        )
    names = ["table_name", "game_date", "state", "expected_count", "actual_count", "reason"]
    states = tuple(
        DateState(table, day.date(), State(state), expected, actual, actual, reason)
        for table, day, state, expected, actual, reason in stored[names].itertuples(index=False)
    )
    known = {state.date for state in states}
    too_early = {state.date for state in states if state.state is State.NOT_DUE and state.date < today}
    days = (dt.date.fromisoformat(key) for key in DAILY.get_partition_keys())
    absent = {day for day in days if min(known) <= day <= today and day.month not in SUMMER} - known
    return Judged(states, tuple(sorted(absent | too_early)))


def worst_dates(judged: Judged) -> str:
    """How the dates of all tables stand, then those that want work most, as Markdown."""
    count = Counter(state.state for state in judged.states)
    told = [f"{count[state]:,} {state.value}" for state in State if count[state]]
    said = [f"Dates of tables: {', '.join(told)}."]
    rows = [*_never_judged(judged.unjudged), *_wanting_work(judged)]
    if not rows:
        return "\n\n".join([*said, "Nothing wants work."])
    if len(rows) > WORST:
        said.append(f"{len(rows):,} dates want work; the worst {WORST}:")
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows[:WORST]]
    return "\n\n".join([*said, "\n".join([HEAD, *lines])])


def _wanting_work(judged: Judged) -> Iterator[tuple[str, ...]]:
    """Missing before partial, more tables before fewer, newer before older: one command mends all tables of a date."""
    dates: dict[dt.date, list[DateState]] = {}
    for state in judged.states:
        if state.needs_work and state.date not in judged.unjudged:
            dates.setdefault(state.date, []).append(state)
    for date, states in sorted(dates.items(), key=_badness):
        names = [state.table.split(".")[-1] for state in states]
        why = Counter(f"{state.state.value}: {state.reason}" for state in states)
        yield str(date), "; ".join(why), f"`nba backfill {date} --select {','.join(names)}`"


def _badness(found: tuple[dt.date, Sequence[DateState]]) -> tuple[int, int, int]:
    date, states = found
    worst = min(WORST_FIRST.index(state.state) for state in states)
    return worst, -len(states), -date.toordinal()


def _never_judged(dates: Sequence[dt.date]) -> Iterator[tuple[str, ...]]:
    """Each gap as one line: what nobody has looked at comes first."""
    for gap in stretches(dates):
        ends = list(dict.fromkeys((str(gap.start), str(gap.end))))
        why = "never judged, or before the games were over"
        yield " to ".join(ends), why, f"`nba backfill {' '.join(ends)} --select {pipeline_coverage.contract.name}`"


def _by_table(states: Iterable[DateState], tables: Mapping[str, Table]) -> Rows:
    layers = {table.contract.key: LAYERS.index(table.layer) for table in tables.values()}
    rows: dict[str, dict[dt.date, str]] = {}
    for state in sorted(states, key=lambda state: (layers.get(state.table, len(LAYERS)), state.table)):
        rows.setdefault(state.table.split(".")[-1], {})[state.date] = state.state
    return rows


def _by_layer(states: Iterable[DateState], tables: Mapping[str, Table]) -> Rows:
    layers = by_layer(states, tables)
    return {layer: layers[layer] for layer in LAYERS if layer in layers}


def _panels(rows: Rows, seasons: Iterable[dt.date]) -> Iterator[Panel]:
    for floor in sorted(seasons):
        of_season = {
            name: {date: state for date, state in found.items() if season_floor(date) == floor}
            for name, found in rows.items()
        }
        yield Panel(season_of(floor), of_season)

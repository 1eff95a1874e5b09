"""What is stored as a calendar: one character for each date, so that a gap in a season is seen at a glance."""

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.text import Text

from nba_assets.kit.calendar import State
from nba_assets.kit.table import ExpectedRows, Table
from nba_checks.completeness.coverage import DateState

LAYERS = ("reference", "raw", "analytics", "precompute", "predictions")
Layers = Mapping[str, Mapping[dt.date, State]]

MARKS = {
    State.COMPLETE: ("#", "green"),
    State.PARTIAL: ("+", "yellow"),
    State.MISSING: ("!", "bold red"),
    State.BOOTSTRAP: ("b", "cyan"),
    State.NO_GAMES: (".", "dim"),
    State.NOT_DUE: (" ", ""),
}
WORST_FIRST = (State.MISSING, State.PARTIAL, State.NOT_DUE, State.COMPLETE, State.BOOTSTRAP, State.NO_GAMES)
LEGEND = "# complete  + partial  ! missing  b bootstrap  . no games  (blank) not due or no such date"
ONE_SEASON = 274  # days from October to June: longer than that, a calendar is asked for


def by_layer(states: Iterable[DateState], tables: Mapping[str, Table]) -> Layers:
    """A layer is no better than its worst table on the date; what a source need not publish cannot lower it."""
    owing = {
        table.contract.key: table.layer
        for table in tables.values()
        if table.expected_rows is not ExpectedRows.AS_DELIVERED
    }
    layers: dict[str, dict[dt.date, State]] = {}
    for state in states:
        if layer := owing.get(state.table):
            dates = layers.setdefault(layer, {})
            dates[state.date] = min(dates.get(state.date, state.state), state.state, key=WORST_FIRST.index)
    return layers


def plain(layers: Layers) -> dict[str, dict[str, str]]:
    """As values JSON knows: layer, date, state."""
    return {layer: {day.isoformat(): state.value for day, state in dates.items()} for layer, dates in layers.items()}


def show_calendar(layers: Layers, order: Iterable[str], console: Console) -> None:
    """A month is a few lines, one for each layer, with the days under each other."""
    named = [layer for layer in order if layer in layers]
    months = sorted({day.replace(day=1) for dates in layers.values() for day in dates})
    wide = max((len(layer) for layer in named), default=0)
    tens = "".join(str(day // 10) if day % 10 == 0 else "." if day % 5 == 0 else " " for day in range(1, 32))
    console.print(Text(f"{'':7} {'day':<{wide}} {tens}", "dim"))
    for month in months:
        for layer in named:
            label = f"{month:%Y-%m}" if layer == named[0] else ""
            line = Text(f"{label:7} {layer:<{wide}} ")
            console.print(line.append_text(_month(layers[layer], month)), soft_wrap=True)
    console.print(LEGEND, highlight=False, markup=False, soft_wrap=True)


def _month(dates: Mapping[dt.date, State], month: dt.date) -> Text:
    marks = Text()
    for day in range(1, calendar.monthrange(month.year, month.month)[1] + 1):
        marks.append(*MARKS[dates.get(month.replace(day=day), State.NOT_DUE)])
    return marks

"""Coverage as a calendar: one character for each date, so that a gap in a season is seen at a glance."""

import calendar

from rich.text import Text

from nba_assets.kit.calendar import State
from nba_platform.cli.command import Page
from nba_platform.reports.layers import LAYERS, Layers

MARKS = {
    State.COMPLETE: ("#", "green"),
    State.PARTIAL: ("+", "yellow"),
    State.MISSING: ("!", "bold red"),
    State.BOOTSTRAP: ("b", "cyan"),
    State.NO_GAMES: (".", "dim"),
    State.NOT_DUE: (" ", ""),
}
LEGEND = "# complete  + partial  ! missing  b bootstrap  . no games  (blank) not due or no such date"
ONE_SEASON = 274  # days from October to June: a longer calendar is shown only on request


def calendar_page(layers: Layers) -> Page:
    """Show each month as a few lines, one for each layer, with the days under each other."""
    shown = [layer for layer in LAYERS if layer in layers]
    width = max((len(layer) for layer in shown), default=0)
    tens = "".join(str(day // 10) if day % 10 == 0 else "." if day % 5 == 0 else " " for day in range(1, 32))
    yield Text(f"{'':7} {'day':<{width}} {tens}", "dim")
    for month in sorted({day.replace(day=1) for dates in layers.values() for day in dates}):
        for layer in shown:
            line = Text(f"{f'{month:%Y-%m}' if layer == shown[0] else '':7} {layer:<{width}} ")
            for day in range(1, calendar.monthrange(month.year, month.month)[1] + 1):
                line.append(*MARKS[layers[layer].get(month.replace(day=day), State.NOT_DUE)])
            yield line
    yield LEGEND

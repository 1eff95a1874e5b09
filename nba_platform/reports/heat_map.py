"""Heat map of states: a panel for each season, a row for each table or layer, a column for each day."""

import calendar
import datetime as dt
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nba_assets.kit.calendar import State

NOT_CHECKED = "not checked"
COLOURS: Mapping[str, str] = {
    State.COMPLETE: "#9ecae1",
    State.PARTIAL: "#f0a202",
    State.MISSING: "#a50f15",
    NOT_CHECKED: "#404040",
    State.BOOTSTRAP: "#efe6bf",
    State.NOT_DUE: "#d4d4d4",
    State.NO_GAMES: "#f3f3f3",
}  # lightness alone is enough: states that need work are dark, the others pale
ORDER = tuple(COLOURS)
NO_DATE = len(ORDER)
NEED_WORK = (State.MISSING, NOT_CHECKED, State.PARTIAL)
MONTHS = (7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6)
DAYS = 366  # from 1 July to 30 June, leap day included
WIDTH, HEIGHT, DPI = 16.0, 9.0, 100  # 1600 by 900 pixels


@dataclass(frozen=True)
class Panel:
    """One season: the states of each row by date."""

    season: str
    rows: Mapping[str, Mapping[dt.date, str]]

    @property
    def opens(self) -> dt.date:
        """First day of every panel, 1 July, so that the months of all panels are aligned."""
        return dt.date(int(self.season[:4]), MONTHS[0], 1)


def heat_map(title: str, panels: Sequence[Panel]) -> bytes:
    """Return the picture as PNG with few colours, to keep it small."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from PIL import Image

    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI)
    canvas = FigureCanvasAgg(figure)
    longest = max(len(name) for panel in panels for name in panel.rows)
    grid = figure.add_gridspec(
        len(panels), 1, left=0.02 + 0.0055 * longest, right=0.865, top=0.89, bottom=0.08, hspace=0.4
    )
    figure.text(0.015, 0.955, title, size=17, weight="bold")
    for n, panel in enumerate(panels):
        axes = figure.add_subplot(grid[n, 0])
        _draw(axes, panel)
        axes.tick_params(labelbottom=panel is panels[-1])
    shown = {state for panel in panels for states in panel.rows.values() for state in states.values()}
    legend = [
        Patch(facecolor=COLOURS[state], edgecolor="#999999", label=_words(state)) for state in ORDER if state in shown
    ]
    figure.legend(handles=legend, loc="lower center", ncol=len(legend), frameon=False, fontsize=12)
    canvas.draw()
    return small_png(Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()), colours=64)


def _draw(axes: Any, panel: Panel) -> None:
    """Draw one season; states that need work also have a marker above their day and a count on the right."""
    import numpy as np
    from matplotlib.colors import ListedColormap

    cells = np.full((len(panel.rows), DAYS), NO_DATE)
    for row, dates in enumerate(panel.rows.values()):
        for date, state in dates.items():
            cells[row, (date - panel.opens).days] = ORDER.index(state)
    colours = ListedColormap([*COLOURS.values(), "#ffffff"])
    axes.imshow(cells, cmap=colours, vmin=0, vmax=NO_DATE, aspect="auto", interpolation="nearest")
    starts = [(dt.date(panel.opens.year + (month < MONTHS[0]), month, 1) - panel.opens).days for month in MONTHS]
    axes.set_yticks(range(len(panel.rows)), list(panel.rows), size=11)
    axes.set_yticks([row + 0.5 for row in range(len(panel.rows) - 1)], minor=True)
    axes.set_xticks([start + 15 for start in starts], [calendar.month_abbr[month] for month in MONTHS], size=11)
    axes.set_xticks([start - 0.5 for start in starts], minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(panel.season, loc="left", size=13, weight="bold", pad=10)
    for state in NEED_WORK:
        days = np.flatnonzero((cells == ORDER.index(state)).any(axis=0))
        axes.scatter(days, [-0.5] * len(days), marker=7, s=30, color=COLOURS[state], clip_on=False)
    for row, dates in enumerate(panel.rows.values()):
        count = Counter(dates.values())
        worst = [state for state in NEED_WORK if count[state]]
        label = ", ".join(f"{count[state]} {_words(state)}" for state in worst)
        axes.text(DAYS + 1, row, label, va="center", size=10, weight="bold", color=COLOURS[(*worst, NOT_CHECKED)[0]])


def _words(state: str) -> str:
    return str(state).replace("_", " ")


def small_png(picture: Any, colours: int) -> bytes:
    """Return a picture as PNG with few colours."""
    file = io.BytesIO()
    picture.convert("RGB").quantize(colours, dither=0).save(file, "png", optimize=True)
    return file.getvalue()

"""One picture of an evaluation: are the chances true, for whom are the forecasts far off, and does it hold by month.

A figure of its own, without the library's global state, so that two runs in one process cannot draw into each other.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.evaluation.compare import NO_VIG, Comparison, Population
from models.evaluation.scores import BIN, Chances
from models.systems.base import SystemId

WIDE, HIGH, DPI = 16, 9, 100
LAYOUT = [*[["chances", "everyone"]] * 4, ["bins", "everyone"], *[["tiers", "with_line"]] * 5]
DRAWN = (SystemId.ENSEMBLE, SystemId.CATBOOST)  # named beforehand: drawing whoever came out best would flatter us
BESIDE = (SystemId.SEASON_AVERAGE, SystemId.MARKET_LINE)
COLOURS: Mapping[str, str] = {
    SystemId.ENSEMBLE: "#1b5e9b",
    SystemId.CATBOOST: "#d9822b",
    SystemId.SEASON_AVERAGE: "#9aa5b1",
    SystemId.MARKET_LINE: "#2f2f2f",
    NO_VIG: "#2f2f2f",
}
OTHERS = ("#2a9d8f", "#8e5ea2", "#c0504d", "#6b8e23", "#b8860b", "#4f6d7a")
FEWEST_IN_A_BIN = 30  # a dot of five rows says nothing, and draws the eye
FEWEST_IN_A_MONTH = 100
INK, FAINT = "#333333", "#e3e6ea"
NIGHTS = {Population.EVERYONE: "everyone with ten games", Population.WITH_LINE: "nights with a line"}


def draw(
    span: str,
    whole: Sequence[Comparison],
    by_tier: Sequence[Comparison],
    by_month: Sequence[Comparison],
    systems: Sequence[str] = DRAWN,
) -> bytes:
    """As PNG, 1600 by 900: calibration, error by scoring tier, error by month; every panel tells its rows."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    spaced = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08, hspace=0.02, wspace=0.04)
    figure = Figure(figsize=(WIDE, HIGH), dpi=DPI, facecolor="white", layout=spaced)
    everyone, with_line = (_first(whole, population) for population in Population)
    rows = f"{_nights(everyone)} of players with ten games, {_nights(with_line)} with a line"
    figure.suptitle(f"Points forecasts, {span}: compared on {rows}", fontsize=15, color=INK, fontweight="bold")
    panels: dict[str, Any] = figure.subplot_mosaic(LAYOUT, width_ratios=[1, 1.35])
    _calibration(panels["chances"], panels["bins"], with_line, systems)
    _tiers(panels["tiers"], [c for c in by_tier if c.population is Population.EVERYONE], systems)
    for population, name in {Population.EVERYONE: "everyone", Population.WITH_LINE: "with_line"}.items():
        _months(panels[name], population, [c for c in by_month if c.population is population], systems)
    for panel in panels.values():
        _plain_look(panel)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    return drawn.getvalue()


def _calibration(panel: Any, counts: Any, comparison: Comparison | None, systems: Sequence[str]) -> None:
    """Reliability above, the rows each dot stands for below."""
    chances = comparison.chances if comparison else {}
    told = {name: chances[name] for name in (*systems, NO_VIG) if name in chances}
    shown = {name: [b for b in told[name].bins if b.happened.n >= FEWEST_IN_A_BIN] for name in told}
    subtitle = f"95 % intervals; bins of {BIN} with {FEWEST_IN_A_BIN} rows or more; pushes left out"
    _title(panel, "Chance of going over the line: promised and happened", subtitle)
    panel.set_ylabel("share that went over")
    counts.set_xlabel("promised chance of over")
    counts.set_ylabel("rows")
    if not any(shown.values()):
        counts.set_yticks([])
        return _nothing(panel, f"no bin of chances has {FEWEST_IN_A_BIN} rows")
    ends = [value for bins in shown.values() for b in bins for value in (b.promised, *(b.happened.interval or ()))]
    low, high = max(0.0, min(ends) - 0.02), min(1.0, max(ends) + 0.02)
    panel.plot([low, high], [low, high], color=FAINT, linewidth=2, zorder=0)
    for nth, (name, bins) in enumerate(shown.items()):
        colour, x = _colour(name, nth), [b.promised for b in bins]
        ranges = [b.happened.interval or (0.0, 0.0) for b in bins]
        panel.vlines(x, [r[0] for r in ranges], [r[1] for r in ranges], color=colour, alpha=0.4, linewidth=1.5)
        share, label = [b.happened.hits / b.happened.n for b in bins], _score(name, told[name])
        panel.plot(x, share, color=colour, linewidth=1.5, marker="o", markersize=5, label=label)
        wide = BIN * 0.8 / len(shown)
        middle = [(b.low + b.high) / 2 + (nth - (len(shown) - 1) / 2) * wide for b in bins]
        counts.bar(middle, [b.happened.n for b in bins], wide, color=colour)
    panel.set_ylim(low, high)
    for axes in (panel, counts):
        axes.set_xlim(low, high)
    panel.tick_params(labelbottom=False)
    panel.legend(loc="upper left", frameon=False, fontsize=9)


def _score(name: str, chances: Chances) -> str:
    return f"{name}: Brier {chances.brier:.4f}, ECE {chances.ece:.3f}, n = {chances.n:,}"


def _tiers(panel: Any, tiers: Sequence[Comparison], systems: Sequence[str]) -> None:
    _title(panel, "Error by scoring tier", "everyone with ten games, same nights for every bar of a tier")
    panel.set_xlabel("points a game this season (nights)")
    panel.set_ylabel("mean absolute error, points")
    tiers = [tier for tier in tiers if tier.shared]
    names = _present(tiers, (*systems, SystemId.SEASON_AVERAGE))
    if not names:
        return _nothing(panel, "no tier has nights to compare")
    width = 0.8 / len(names)
    for nth, name in enumerate(names):
        at = [place for place, tier in enumerate(tiers) if name in tier.errors]
        error = [tiers[place].errors[name].mae for place in at]
        middle = [place + (nth - (len(names) - 1) / 2) * width for place in at]
        bars = panel.bar(middle, error, width * 0.92, color=_colour(name, nth), label=name)
        panel.bar_label(bars, fmt="%.2f", fontsize=8, padding=2, color=INK)
    panel.set_xticks(range(len(tiers)), [f"{tier.group}\n({tier.shared:,})" for tier in tiers])
    panel.margins(y=0.2)
    panel.legend(loc="upper left", frameon=False, fontsize=9, ncols=len(names))


def _months(panel: Any, population: Population, months: Sequence[Comparison], systems: Sequence[str]) -> None:
    _title(panel, f"Walk-forward error by month: {NIGHTS[population]}", f"months of {FEWEST_IN_A_MONTH} nights or more")
    panel.set_ylabel("mean absolute error, points")
    panel.set_xlabel("month (nights compared, in hundreds)")
    kept = [month for month in months if month.shared >= FEWEST_IN_A_MONTH]
    names = _present(kept, (*systems, *BESIDE))
    if not names:
        return _nothing(panel, f"no month has {FEWEST_IN_A_MONTH} nights to compare")
    for nth, name in enumerate(names):
        look = {
            "color": _colour(name, nth),
            "linestyle": "--" if name in BESIDE else "-",
            "marker": "o",
            "markersize": 4,
        }
        panel.plot([], [], label=name, **look)
        for run in runs(kept, name):
            panel.plot(run, [kept[place].errors[name].mae for place in run], linewidth=1.8, **look)
    labels = [f"{month.group} ({month.shared / 100:.0f})" for month in kept]
    panel.set_xticks(range(len(kept)), labels, rotation=90 if len(kept) > 8 else 0, fontsize=8)
    panel.set_xlim(-0.5, len(kept) - 0.5)
    panel.margins(y=0.25)
    panel.legend(loc="upper left", frameon=False, fontsize=9, ncols=len(names))


def runs(months: Sequence[Comparison], name: str) -> list[list[int]]:
    """Months that follow each other: no line is drawn across a summer or a month without the system."""
    runs: list[list[int]] = []
    for place, month in enumerate(months):
        if name not in month.errors:
            continue
        follows = bool(runs) and runs[-1][-1] == place - 1 and _next(months[place - 1].group) == month.group
        if follows:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _next(month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def _present(comparisons: Iterable[Comparison], names: Sequence[str]) -> list[str]:
    compared = {name for comparison in comparisons for name in comparison.errors}
    return [name for name in names if name in compared]


def _first(comparisons: Iterable[Comparison], population: Population) -> Comparison | None:
    return next((comparison for comparison in comparisons if comparison.population is population), None)


def _nights(comparison: Comparison | None) -> str:
    return f"{comparison.shared if comparison else 0:,} nights"


def _colour(name: str, nth: int) -> str:
    return COLOURS.get(name) or OTHERS[nth % len(OTHERS)]


def _title(panel: Any, title: str, subtitle: str) -> None:
    panel.set_title(title, loc="left", fontsize=12, color=INK, pad=20)
    panel.text(0, 1.02, subtitle, transform=panel.transAxes, fontsize=9, color="#777777")


def _nothing(panel: Any, why: str) -> None:
    panel.text(0.5, 0.5, why, transform=panel.transAxes, ha="center", va="center", fontsize=11, color="#777777")
    panel.set_xticks([])
    panel.set_yticks([])


def _plain_look(panel: Any) -> None:
    panel.spines[["top", "right"]].set_visible(False)
    panel.spines[["left", "bottom"]].set_color("#b0b7bf")
    panel.tick_params(colors=INK, labelsize=9, length=3)
    panel.yaxis.grid(True, color=FAINT, linewidth=0.8)
    panel.set_axisbelow(True)

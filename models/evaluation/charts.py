"""One picture of an evaluation: calibration, error by scoring tier, and error by month."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from models.evaluation.compare import NO_VIG, Comparison, Population
from models.evaluation.scores import BIN_WIDTH
from models.evaluation.subject import POINTS_AT_TIP, Subject
from models.systems.base import SystemId

WIDTH, HEIGHT, DPI = 16, 9, 100
LAYOUT = [*[["chances", "everyone"]] * 4, ["bins", "everyone"], *[["tiers", "with_line"]] * 5]
# fixed beforehand: choosing the best results would mislead
CHARTED_SYSTEMS = {POINTS_AT_TIP: (SystemId.ENSEMBLE, SystemId.CATBOOST)}
CHARTED_OTHERWISE = (SystemId.RATES, SystemId.MARKET_BLEND)
REFERENCES = (SystemId.SEASON_AVERAGE, SystemId.MARKET_LINE)
COLOURS: Mapping[str, str] = {
    SystemId.ENSEMBLE: "#1b5e9b",
    SystemId.CATBOOST: "#d9822b",
    SystemId.MARKET_BLEND: "#1b5e9b",
    SystemId.RATES: "#d9822b",
    SystemId.SEASON_AVERAGE: "#9aa5b1",
    SystemId.MARKET_LINE: "#2f2f2f",
    NO_VIG: "#2f2f2f",
}
OTHER_COLOURS = ("#2a9d8f", "#8e5ea2", "#c0504d", "#6b8e23", "#b8860b", "#4f6d7a")
MIN_BIN_ROWS = 30  # a dot of five rows means nothing and attracts the eye
MIN_MONTH_ROWS = 100
INK, LIGHT, GREY = "#333333", "#e3e6ea", "#777777"


def charted_systems(subject: Subject) -> tuple[SystemId, ...]:
    """Return the two systems that are drawn beside the references."""
    return CHARTED_SYSTEMS.get(subject, CHARTED_OTHERWISE)


def draw_evaluation(
    subject: Subject,
    span: str,
    whole: Sequence[Comparison],
    by_tier: Sequence[Comparison],
    by_month: Sequence[Comparison],
    systems: Sequence[str] | None = None,
) -> bytes:
    """Return a PNG of 1600 by 900: calibration, error by scoring tier, error by month, each with its rows."""
    from matplotlib.figure import Figure  # no global state: two runs in one process must not draw into each other
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08, hspace=0.02, wspace=0.04)
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor="white", layout=layout)
    first = {population: next((c for c in whole if c.population is population), None) for population in Population}
    everyone, with_line = (comparison.shared if comparison else 0 for comparison in first.values())
    rows = f"{everyone:,} player-games of players with ten games, {with_line:,} with a line"
    figure.suptitle(f"Forecasts of {subject}, {span}: compared on {rows}", fontsize=15, color=INK, fontweight="bold")
    systems = charted_systems(subject) if systems is None else systems
    panels: dict[str, Any] = figure.subplot_mosaic(LAYOUT, width_ratios=[1, 1.35])
    _calibration(panels["chances"], panels["bins"], first[Population.WITH_LINE], systems)
    _tiers(panels["tiers"], subject.unit, [c for c in by_tier if c.population is Population.EVERYONE], systems)
    for population, name in {Population.EVERYONE: "everyone", Population.WITH_LINE: "with_line"}.items():
        _months(panels[name], subject.unit, population, [c for c in by_month if c.population is population], systems)
    for panel in panels.values():
        panel.spines[["top", "right"]].set_visible(False)
        panel.spines[["left", "bottom"]].set_color("#b0b7bf")
        panel.tick_params(colors=INK, labelsize=9, length=3)
        panel.yaxis.grid(True, color=LIGHT, linewidth=0.8)
        panel.set_axisbelow(True)
    png = io.BytesIO()
    figure.savefig(png, format="png", metadata={"Software": None})
    return png.getvalue()


def _calibration(panel: Any, counts: Any, comparison: Comparison | None, systems: Sequence[str]) -> None:
    """Draw the calibration, and below it the rows of each dot."""
    chances = comparison.chances if comparison else {}
    scores = {name: chances[name] for name in (*systems, NO_VIG) if name in chances}
    shown = {name: [b for b in scores[name].bins if b.happened.n >= MIN_BIN_ROWS] for name in scores}
    subtitle = f"95 % intervals; bins of {BIN_WIDTH} with {MIN_BIN_ROWS} rows or more; pushes left out"
    _title(panel, "Probability of going over the line: predicted and actual", subtitle)
    panel.set_ylabel("share that went over")
    counts.set(xlabel="predicted probability of over", ylabel="rows")
    if not any(shown.values()):
        counts.set_yticks([])
        return _empty(panel, f"no bin of probabilities has {MIN_BIN_ROWS} rows")
    ends = [value for bins in shown.values() for b in bins for value in (b.promised, *(b.happened.interval or ()))]
    low, high = max(0.0, min(ends) - 0.02), min(1.0, max(ends) + 0.02)
    panel.plot([low, high], [low, high], color=LIGHT, linewidth=2, zorder=0)
    for nth, (name, bins) in enumerate(shown.items()):
        colour, x = _colour(name, nth), [b.promised for b in bins]
        ranges = [b.happened.interval or (0.0, 0.0) for b in bins]
        panel.vlines(x, [r[0] for r in ranges], [r[1] for r in ranges], color=colour, alpha=0.4, linewidth=1.5)
        share, score = [b.happened.hits / b.happened.n for b in bins], scores[name]
        label = f"{name}: Brier {score.brier:.4f}, ECE {score.ece:.3f}, n = {score.n:,}"
        panel.plot(x, share, color=colour, linewidth=1.5, marker="o", markersize=5, label=label)
        width = BIN_WIDTH * 0.8 / len(shown)
        middle = [(b.low + b.high) / 2 + (nth - (len(shown) - 1) / 2) * width for b in bins]
        counts.bar(middle, [b.happened.n for b in bins], width, color=colour)
    panel.set(xlim=(low, high), ylim=(low, high))
    counts.set_xlim(low, high)
    panel.tick_params(labelbottom=False)
    panel.legend(loc="upper left", frameon=False, fontsize=9)


def _tiers(panel: Any, unit: str, tiers: Sequence[Comparison], systems: Sequence[str]) -> None:
    _title(panel, "Error by scoring tier", "everyone with ten games, same player-games for every bar of a tier")
    panel.set(xlabel="points a game this season (player-games)", ylabel=f"mean absolute error, {unit}")
    tiers = [tier for tier in tiers if tier.shared]
    names = _compared(tiers, (*systems, SystemId.SEASON_AVERAGE))
    if not names:
        return _empty(panel, "no tier has player-games to compare")
    width = 0.8 / len(names)
    for nth, name in enumerate(names):
        places = [place for place, tier in enumerate(tiers) if name in tier.errors]
        error = [tiers[place].errors[name].mae for place in places]
        middle = [place + (nth - (len(names) - 1) / 2) * width for place in places]
        bars = panel.bar(middle, error, width * 0.92, color=_colour(name, nth), label=name)
        panel.bar_label(bars, fmt="%.2f", fontsize=8, padding=2, color=INK)
    panel.set_xticks(range(len(tiers)), [f"{tier.group}\n({tier.shared:,})" for tier in tiers])
    panel.margins(y=0.2)
    panel.legend(loc="upper left", frameon=False, fontsize=9, ncols=len(names))


def _months(
    panel: Any, unit: str, population: Population, months: Sequence[Comparison], systems: Sequence[str]
) -> None:
    _title(panel, f"Walk-forward error by month: {population}", f"months of {MIN_MONTH_ROWS} player-games or more")
    panel.set(xlabel="month (player-games compared, in hundreds)", ylabel=f"mean absolute error, {unit}")
    months = [month for month in months if month.shared >= MIN_MONTH_ROWS]
    names = _compared(months, (*systems, *REFERENCES))
    if not names:
        return _empty(panel, f"no month has {MIN_MONTH_ROWS} player-games to compare")
    for nth, name in enumerate(names):
        style = dict(color=_colour(name, nth), linestyle="--" if name in REFERENCES else "-", marker="o", markersize=4)
        panel.plot([], [], label=name, **style)
        for run in consecutive_months(months, name):
            panel.plot(run, [months[place].errors[name].mae for place in run], linewidth=1.8, **style)
    labels = [f"{month.group} ({month.shared / 100:.0f})" for month in months]
    panel.set_xticks(range(len(months)), labels, rotation=90 if len(months) > 8 else 0, fontsize=8)
    panel.set_xlim(-0.5, len(months) - 0.5)
    panel.margins(y=0.25)
    panel.legend(loc="upper left", frameon=False, fontsize=9, ncols=len(names))


def consecutive_months(months: Sequence[Comparison], name: str) -> list[list[int]]:
    """Return runs of months without a gap, so that no line crosses a summer or a month without the system."""
    runs: list[list[int]] = []
    for place, month in enumerate(months):
        if name not in month.errors:
            continue
        if runs and runs[-1][-1] == place - 1 and pd.Period(months[place - 1].group) + 1 == pd.Period(month.group):
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _compared(comparisons: Iterable[Comparison], names: Sequence[str]) -> list[str]:
    compared = {name for comparison in comparisons for name in comparison.errors}
    return [name for name in names if name in compared]


def _colour(name: str, nth: int) -> str:
    return COLOURS.get(name) or OTHER_COLOURS[nth % len(OTHER_COLOURS)]


def _title(panel: Any, title: str, subtitle: str) -> None:
    panel.set_title(title, loc="left", fontsize=12, color=INK, pad=20)
    panel.text(0, 1.02, subtitle, transform=panel.transAxes, fontsize=9, color=GREY)


def _empty(panel: Any, why: str) -> None:
    panel.text(0.5, 0.5, why, transform=panel.transAxes, ha="center", va="center", fontsize=11, color=GREY)
    panel.set(xticks=[], yticks=[])

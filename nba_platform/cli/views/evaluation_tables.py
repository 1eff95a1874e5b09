"""An evaluation as tables for people: no wider than 120 columns, every share with its rows."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table as Grid

from models.evaluation.betting_record import BettingRecord
from models.evaluation.compare import NO_VIG, REFERENCES, Comparison, Population
from models.evaluation.conclusions import describe_comparison
from models.evaluation.graded_predictions import GroupBy
from models.evaluation.scores import Difference, Rate

MONTHS_ABREAST, RATES_ABREAST = 9, 5
LINE, SEASON = REFERENCES


def show_by_system(comparisons: Sequence[Comparison], records: Sequence[BettingRecord], console: Console) -> None:
    """Errors on the same rows, chances beside the market's, and what came of the picks."""
    for comparison in comparisons:
        console.print(describe_comparison(comparison), highlight=False, markup=False, soft_wrap=True)
        if comparison.systems:
            console.print(_errors(comparison))
        if comparison.chances:
            console.print(_chances(comparison))
    if records:
        console.print(_grades(records), _money("Picks at their own prices", records, {"system": "system"}))


def show_edges(records: Sequence[BettingRecord], console: Console) -> None:
    """Whether a larger edge hits more often."""
    if records:
        named = {"system": "system", "group": "edge"}
        console.print(_money("Picks by points of edge (forecast off the line)", records, named))


def show_by_edge(comparisons: Sequence[Comparison], console: Console) -> None:
    """Each system's errors beside those of the line and the season mean, on the nights of that edge."""
    grid = _grid("Mean absolute error by points of edge: each line on its own nights", "system and edge", "n")
    for name in ("MAE", LINE.value, SEASON.value, "bias", "to line"):
        grid.add_column(name, justify="right")
    for comparison in comparisons:
        if comparison.shared:
            own = next(errors for name, errors in comparison.errors.items() if name not in REFERENCES)
            beside = [comparison.errors[name].mae if name in comparison.errors else None for name in REFERENCES]
            numbers = [_number(value) for value in (own.mae, *beside)]
            grid.add_row(comparison.group, f"{own.n:,}", *numbers, _signed(own.bias), _signed(own.bias_to_line))
    console.print(grid)


def show_by_time_or_tier(
    comparisons: Sequence[Comparison], records: Sequence[BettingRecord], by: GroupBy, console: Console
) -> None:
    """Systems downwards, months or tiers across; every column on rows that all systems with a number in it share."""
    for population in Population:
        told = [comparison for comparison in comparisons if comparison.population is population and comparison.shared]
        for n in range(0, len(told), MONTHS_ABREAST):
            abreast = told[n : n + MONTHS_ABREAST]
            grid = _grid(f"Mean absolute error by {by}: {population}", "system")
            for comparison in abreast:
                grid.add_column(comparison.group, justify="right")
            grid.add_row("nights compared", *(f"{comparison.shared:,}" for comparison in abreast), style="dim")
            for system in _systems(abreast):
                maes = (c.errors[system].mae if system in c.errors else None for c in abreast)
                grid.add_row(system, *(_number(mae) for mae in maes))
            console.print(grid)
    cells = {(record.system, record.group): record.hit for record in records}
    groups = [group for group in dict.fromkeys(comparison.group for comparison in comparisons) if _any(cells, group)]
    for n in range(0, len(groups), RATES_ABREAST):
        grid = _grid(f"Hit rate of decided picks by {by}: each system's own picks", "system")
        abreast_groups = groups[n : n + RATES_ABREAST]
        for group in abreast_groups:
            grid.add_column(group, justify="right")
        for system in dict.fromkeys(record.system for record in records):
            grid.add_row(system, *(_share(cells.get((system, group))) for group in abreast_groups))
        console.print(grid)


def _errors(comparison: Comparison) -> Grid:
    grid = _grid(None, "system", "speaks", "MAE", "bias", "to line", "within 3", "within 5")
    references = [name for name in REFERENCES if name in comparison.errors]
    for name in references:
        grid.add_column(f"v {name}", justify="right")
    for system, errors in sorted(comparison.errors.items(), key=lambda told: told[1].mae or 0):
        beside = (comparison.against[system].get(name) for name in references)
        grid.add_row(
            *(system, _percent(comparison.coverage[system].value), _number(errors.mae), _signed(errors.bias)),
            *(_signed(errors.bias_to_line), _percent(errors.within_3), _percent(errors.within_5)),
            *(_difference(difference, 2) for difference in beside),
        )
    return grid


def _chances(comparison: Comparison) -> Grid:
    title = f"Chances of over on {comparison.chance_rows:,} of these rows (pushes left out)"
    grid = _grid(title, "system", "Brier", "v price", "log loss", "ECE")
    for system, chances in sorted(comparison.chances.items(), key=lambda told: told[1].brier or 0):
        beside = comparison.chances_against.get(system, {}).get("squared") if system != NO_VIG else None
        scores = (_number(chances.log_loss, 4), _number(chances.ece, 3))
        grid.add_row(system, _number(chances.brier, 4), _difference(beside, 4), *scores)
    return grid


def _grades(records: Sequence[BettingRecord]) -> Grid:
    head = ("picks", "won", "lost", "push", "void", "pending", "ungraded", "over", "under")
    grid = _grid("Picks, each system's own: the six grades are all of them", "system", *head)
    for record in records:
        counts = (f"{n:,}" for n in (record.picks, *record.grades.values()))
        grid.add_row(record.system, *counts, _share(record.over), _share(record.under))
    return grid


def _money(title: str, records: Sequence[BettingRecord], named: Mapping[str, str]) -> Grid:
    grid = _grid(title, *named.values())
    for name in ("n", "hit rate", "needs", "units", "return", "no price"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("profit", no_wrap=True)
    for record in records:
        names = (str(getattr(record, name)) for name in named)
        rate = (f"{record.priced.n:,}", str(record.priced), _percent(record.break_even))
        money = (f"{record.staked:,}", _percent(record.roi, signed=True), f"{record.unpriced:,}")
        grid.add_row(*names, *rate, *money, record.claim.rpartition(": ")[2])
    return grid


def _grid(title: str | None, first: str, *others: str) -> Grid:
    grid = Grid(title=title, title_justify="left", box=None, pad_edge=False)
    grid.add_column(first, no_wrap=True)
    for name in others:
        grid.add_column(name, justify="right", no_wrap=True)
    return grid


def _systems(comparisons: Sequence[Comparison]) -> list[str]:
    return sorted({system for comparison in comparisons for system in comparison.errors})


def _any(cells: Mapping[tuple[str, str], Rate], group: str) -> bool:
    return any(rate.n for (_, of), rate in cells.items() if of == group)


def _number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}"


def _percent(value: float | None, signed: bool = False) -> str:
    return "-" if value is None else f"{value:{'+' if signed else ''}.1%}"


def _share(rate: Rate | None) -> str:
    return "-" if rate is None or rate.value is None else f"{rate.value:.1%} of {rate.n:,}"


def _difference(difference: Difference | None, digits: int) -> str:
    """With half the width of its interval."""
    if difference is None or difference.mean is None:
        return "-"
    if difference.high is None:
        return f"{difference.mean:+.{digits}f}"
    return f"{difference.mean:+.{digits}f} ±{difference.high - difference.mean:.{digits}f}"

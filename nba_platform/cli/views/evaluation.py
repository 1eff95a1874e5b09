"""An evaluation as tables at most 120 columns wide; every share is shown with its number of rows."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from models.evaluation.betting_record import BettingRecord
from models.evaluation.compare import NO_VIG, Comparison, Population
from models.evaluation.conclusions import describe_comparison
from models.evaluation.graded_predictions import GroupBy
from models.evaluation.scores import Difference, Rate
from models.evaluation.subject import Subject
from models.system_ids import REFERENCES, SystemId
from nba_platform.cli.command import Page
from nba_platform.cli.render import Columns, number, numbers, table
from nba_platform.reports.evaluation import Evaluation

MONTHS_ABREAST, RATES_ABREAST = 9, 5
SHORT = {SystemId.MARKET_LINE: "line", SystemId.SEASON_AVERAGE: "season", SystemId.PLAIN_AVERAGE: "plain"}


def evaluation_page(evaluation: Evaluation) -> Page:
    """Show the tables of an evaluation, then its conclusions."""
    subject = evaluation.graded.subject
    if evaluation.by is GroupBy.SYSTEM:
        yield from systems_page(subject, evaluation.comparisons, evaluation.records)
    elif evaluation.by is GroupBy.EDGE:
        yield _by_edge(subject, evaluation.comparisons)
    else:
        yield from _by_group(subject, evaluation.comparisons, evaluation.records, evaluation.by)
    if evaluation.by in (GroupBy.SYSTEM, GroupBy.EDGE) and evaluation.by_edge:
        names = {"system": "system", "group": "edge"}
        yield _money(f"Picks by edge in {subject.unit} (forecast off the line)", evaluation.by_edge, names)
    yield ""
    yield from (f"- {verdict}" for verdict in evaluation.verdicts)


def systems_page(subject: Subject, comparisons: Sequence[Comparison], records: Sequence[BettingRecord] = ()) -> Page:
    """Show errors on the same rows, chances beside the market's, and the picks."""
    for comparison in comparisons:
        yield describe_comparison(subject, comparison)
        if comparison.errors:
            yield _errors(subject, comparison)
        if comparison.chances:
            yield _chances(comparison)
    if records:
        yield _grades(records)
        yield _money("Picks at their own prices", records, {"system": "system"})


def _by_edge(subject: Subject, comparisons: Sequence[Comparison]) -> Table:
    rows: list[tuple[str, ...]] = []
    references = [name for name in REFERENCES if any(name in comparison.errors for comparison in comparisons)]
    for comparison in comparisons:
        if comparison.shared:
            own = next(errors for name, errors in comparison.errors.items() if name not in REFERENCES)
            maes = (_number(own.mae, subject.form), *(_mae(subject, comparison, name) for name in references))
            biases = (_number(bias, f"+{subject.form}") for bias in (own.bias, own.bias_to_line))
            rows.append((comparison.group, f"{own.n:,}", *maes, *biases))
    columns = numbers("n", "MAE", *references, "bias", "to line")
    title = f"Mean absolute error by edge in {subject.unit}, {subject.edition}: each line on its own nights"
    return table(["system and edge", *columns], rows, title)


def _by_group(
    subject: Subject, comparisons: Sequence[Comparison], records: Sequence[BettingRecord], by: GroupBy
) -> Page:
    """Show systems downwards, months or tiers across; all numbers of a column are of the same rows."""
    for population in Population:
        shared = [one for one in comparisons if one.population is population and one.shared]
        for n in range(0, len(shared), MONTHS_ABREAST):
            abreast = shared[n : n + MONTHS_ABREAST]
            columns: Columns = ["system", *numbers(*(comparison.group for comparison in abreast))]
            grid = table(columns, title=f"Mean absolute error of {subject} by {by}: {population}")
            grid.add_row("nights compared", *(f"{comparison.shared:,}" for comparison in abreast), style="dim")
            for system in sorted({system for comparison in abreast for system in comparison.errors}):
                grid.add_row(system, *(_mae(subject, comparison, system) for comparison in abreast))
            yield grid
    rates = {(record.system, record.group): record.hit for record in records}
    with_picks = {group for (_, group), rate in rates.items() if rate.n}
    groups = [group for group in dict.fromkeys(one.group for one in comparisons) if group in with_picks]
    systems = dict.fromkeys(record.system for record in records)
    for n in range(0, len(groups), RATES_ABREAST):
        some = groups[n : n + RATES_ABREAST]
        rows = [(system, *(share_text(rates.get((system, group))) for group in some)) for system in systems]
        title = f"Hit rate of decided picks of {subject} by {by}: each system's own picks"
        yield table(["system", *numbers(*some)], rows, title)


def _errors(subject: Subject, comparison: Comparison) -> Table:
    references = [name for name in REFERENCES if name in comparison.errors]
    rows = []
    for system, errors in sorted(comparison.errors.items(), key=lambda item: item[1].mae or 0):
        coverage = _number(comparison.coverage[system].value, ".1%")
        biases = (_number(bias, f"+{subject.form}") for bias in (errors.bias, errors.bias_to_line))
        within = (_number(share, ".1%") for share in (errors.within_3, errors.within_5))
        differences = (difference_text(comparison.against[system].get(name), subject.digits) for name in references)
        rows.append((system, coverage, _number(errors.mae, subject.form), *biases, *within, *differences))
    against = (f"v {SHORT[name]}" for name in references)
    columns = numbers("predicts", "MAE", "bias", "to line", "within 3", "within 5", *against)
    return table(["system", *columns], rows)


def _chances(comparison: Comparison) -> Table:
    rows = []
    for system, chances in sorted(comparison.chances.items(), key=lambda item: item[1].brier or 0):
        difference = comparison.chances_against.get(system, {}).get("squared") if system != NO_VIG else None
        scores = (_number(chances.log_loss, ".4f"), _number(chances.ece, ".3f"))
        rows.append((system, _number(chances.brier, ".4f"), difference_text(difference, 4), *scores))
    title = f"Chances of over on {comparison.chance_rows:,} of these rows (pushes left out)"
    return table(["system", *numbers("Brier", "v price", "log loss", "ECE")], rows, title)


def _grades(records: Sequence[BettingRecord]) -> Table:
    names = ("picks", "won", "lost", "push", "void", "pending", "ungraded", "over", "under")
    rows = []
    for record in records:
        counts = (f"{n:,}" for n in (record.picks, *record.grades.values()))
        rows.append((record.system, *counts, share_text(record.over), share_text(record.under)))
    return table(["system", *numbers(*names)], rows, "Picks, each system's own: the six grades are all of them")


def _money(title: str, records: Sequence[BettingRecord], named: Mapping[str, str]) -> Table:
    first, *others = named.values()
    columns = numbers(*others, "n", "hit rate", "needs", "units", "return", "no price")
    grid = table([first, *columns, "profit"], title=title)
    for record in records:
        names = (str(getattr(record, name)) for name in named)
        rate = (f"{record.priced.n:,}", str(record.priced), _number(record.break_even, ".1%"))
        money = (f"{record.staked:,}", _number(record.roi, "+.1%"), f"{record.unpriced:,}")
        grid.add_row(*names, *rate, *money, record.claim.rpartition(": ")[2])
    return grid


def _mae(subject: Subject, comparison: Comparison, system: str) -> str:
    return _number(comparison.errors[system].mae, subject.form) if system in comparison.errors else "-"


def _number(value: float | None, form: str = ".2f") -> str:
    return number(value, form, "-")


def share_text(rate: Rate | None) -> str:
    """Format a share with its number of rows."""
    return "-" if rate is None or rate.value is None else f"{rate.value:.1%} of {rate.n:,}"


def difference_text(difference: Difference | None, digits: int) -> str:
    """Format a difference with half the width of its interval."""
    if difference is None or difference.mean is None:
        return "-"
    half = "" if difference.high is None else f" ±{difference.high - difference.mean:.{digits}f}"
    return f"{difference.mean:+.{digits}f}{half}"

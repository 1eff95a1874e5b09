"""What the edge is and is not, in sentences made from the numbers: each with its rows, its interval and its price."""

from collections.abc import Iterator, Mapping, Sequence

from models.evaluation.betting_record import ENOUGH_TO_CLAIM, Claim, Record
from models.evaluation.compare import NO_VIG, REFERENCES, Comparison, Population
from models.evaluation.scores import Difference
from models.systems.base import SystemId
from models.training.gates import LEAST_ERROR, LINE_ROWS, MOST_ABOVE_LINE, MOST_HITS

MISSES = 0.025  # how often a 95 % interval lies wholly above the truth
DOUBT = "Too good to be true, so look for a leak before reading on"
LINE = SystemId.MARKET_LINE


def verdicts(
    comparisons: Sequence[Comparison], records: Sequence[Record], by_edge: Sequence[Record]
) -> tuple[str, ...]:
    """From the comparisons by system, the records by system and the same records by edge."""
    return (
        *_suspicions(comparisons, records),
        *(sentence for comparison in comparisons for sentence in _compared(comparison)),
        *_money(records, by_edge),
    )


def what_was_compared(comparison: Comparison) -> str:
    """How many rows, and where the others went."""
    who = f"{comparison.population}, {comparison.group}" if comparison.group != "all" else comparison.population.value
    lost = ", ".join(f"{n:,} {why}" for why, n in comparison.left_out.items()) or "none"
    said = f"{who}: {comparison.shared:,} of {comparison.nights:,} nights compared, left out: {lost}."
    if comparison.apart:
        said += f" Not compared, as they predicted on too few of them: {', '.join(comparison.apart)}."
    return said


def _compared(comparison: Comparison) -> Iterator[str]:
    yield what_was_compared(comparison)
    for reference in REFERENCES:
        beside = {name: told[reference] for name, told in comparison.against.items() if reference in told}
        ours = {name: difference for name, difference in beside.items() if name not in REFERENCES}
        if ours:
            error = comparison.errors[reference].mae
            head = f"Error against {reference} (n = {comparison.shared:,}, {error:.2f} points a night)"
            yield f"{head}: {_told_apart(ours, 2, 'closer', 'further off')}."
    squared = {name: told["squared"] for name, told in comparison.chances_against.items() if name not in REFERENCES}
    if squared:
        score = comparison.chances[NO_VIG].brier
        head = f"Chances against the no-vig price (n = {comparison.chance_rows:,}, Brier {score:.4f})"
        yield f"{head}: {_told_apart(squared, 4, 'better', 'worse')}."


def _told_apart(differences: Mapping[str, Difference], digits: int, better: str, worse: str) -> str:
    """Who is shown to differ, by how much, and who is not: a difference inside its interval is none."""
    groups: dict[str, list[str]] = {f"shown {better}": [], f"shown {worse}": [], "not told apart": []}
    for name, d in differences.items():
        verdict = f"shown {better}" if d.better else f"shown {worse}" if d.worse else "not told apart"
        interval = "" if d.low is None else f" [{d.low:+.{digits}f}, {d.high:+.{digits}f}]"
        groups[verdict].append(f"{name} {d.mean:+.{digits}f}{interval}")
    return "; ".join(f"{verdict}: {', '.join(names) or 'none'}" for verdict, names in groups.items())


def _money(records: Sequence[Record], by_edge: Sequence[Record]) -> Iterator[str]:
    if not records:
        yield "No system picked anything, so there is no edge to speak of."
        return
    for record in records:
        bands = [_band(band) for band in by_edge if band.system == record.system and band.priced.n]
        tail = f" By points of edge: {'; '.join(bands)}." if bands else ""
        yield f"{record.system}: {_hits(record)}: an edge is {record.claim}.{tail}"
    shown = [record.system for record in records if record.claim is Claim.SHOWN]
    judged = [record for record in (*records, *by_edge) if record.priced.n >= ENOUGH_TO_CLAIM]
    yield (
        f"What it is: {', '.join(shown) or 'no system'} {'are' if len(shown) > 1 else 'is'} shown to make money at the "
        f"prices of the picks. A claim needs {ENOUGH_TO_CLAIM} decided picks with a price and an interval wholly above "
        "their break-even."
    )
    yield (
        f"What it is not: of {len(judged)} rates large enough to judge, luck alone lifts about "
        f"{MISSES * len(judged):.1f} above a break-even they only reach. Prices are the best shown before tip-off: "
        "limits, later moves and stakes that move a line are not in them."
    )


def _hits(record: Record) -> str:
    rate = f"{record.priced.hits:,} of {record.priced.n:,} decided picks with a price won, {record.priced}"
    if record.break_even is None or record.roi is None:
        return f"{record.picks:,} picks, hit rate {record.hit} of {record.hit.n:,}, none decided at a known price"
    money = f"their prices need {record.break_even:.1%}; return {record.roi:+.1%} on {record.staked:,} units"
    return f"{rate}; {money}{f', {record.unpriced:,} settled without a price' if record.unpriced else ''}"


def _band(record: Record) -> str:
    judged = f": {record.claim}" if record.priced.n >= ENOUGH_TO_CLAIM else ""
    return f"{record.group} {record.priced} of {record.priced.n:,} (needs {record.break_even:.1%}{judged})"


def _suspicions(comparisons: Sequence[Comparison], records: Sequence[Record]) -> Iterator[str]:
    """First of all: what is too good to be true makes everything after it worthless."""
    for comparison in comparisons:
        if comparison.population is Population.EVERYONE and comparison.shared >= ENOUGH_TO_CLAIM:
            small = {n: e.mae for n, e in comparison.errors.items() if e.mae is not None and e.mae < LEAST_ERROR}
            said = ", ".join(f"{name} {mae:.2f}" for name, mae in small.items())
            if said:
                yield f"{DOUBT}: errors below {LEAST_ERROR} points over {comparison.shared:,} nights ({said})."
        if comparison.shared >= LINE_ROWS:
            beside = {name: told[LINE].mean for name, told in comparison.against.items() if LINE in told}
            ahead = {n: gap for n, gap in beside.items() if gap is not None and gap < -MOST_ABOVE_LINE}
            said = ", ".join(f"{name} {gap:+.2f}" for name, gap in ahead.items() if name not in REFERENCES)
            if said:
                yield f"{DOUBT}: closer than the line by over {MOST_ABOVE_LINE} points ({said})."
    lucky = [r for r in records if r.hit.n >= ENOUGH_TO_CLAIM and r.hit.hits > MOST_HITS * r.hit.n]
    if lucky:
        said = ", ".join(f"{record.system} {record.hit} of {record.hit.n:,}" for record in lucky)
        yield f"{DOUBT}: more than {MOST_HITS:.0%} of the picks hit ({said})."

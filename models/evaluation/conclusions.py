"""Conclusions of an evaluation in sentences: errors, probabilities and returns, with rows, intervals and prices."""

from collections.abc import Iterator, Mapping, Sequence

from models.evaluation.betting_record import ALL, MIN_PICKS_TO_CLAIM, BettingRecord, Claim
from models.evaluation.compare import NO_VIG, Comparison, Population
from models.evaluation.scores import Difference
from models.evaluation.subject import Subject
from models.honest_limits import limits_of
from models.system_ids import REFERENCES, SystemId

CHANCE_ABOVE = 0.025  # how often a 95 % interval is wholly above the truth
DOUBT = "too good to be true, so look for a leak before reading on"
LINE = SystemId.MARKET_LINE


def write_conclusions(
    subject: Subject,
    comparisons: Sequence[Comparison],
    records: Sequence[BettingRecord],
    by_edge: Sequence[BettingRecord],
) -> tuple[str, ...]:
    """Return the sentences for comparisons by system, records by system and the same records by edge."""
    return (
        *_suspicions(subject, comparisons, records),
        *(sentence for comparison in comparisons for sentence in _comparison_sentences(subject, comparison)),
        *_record_sentences(subject, records, by_edge),
    )


def describe_comparison(subject: Subject, comparison: Comparison) -> str:
    """Return how many player-games are compared, and why the others are not."""
    group = f", {comparison.group}" if comparison.group != ALL else ""
    name = f"{subject}, {comparison.population}{group}"
    lost = ", ".join(f"{n:,} {why}" for why, n in comparison.left_out.items()) or "none"
    text = f"{name}: {comparison.shared:,} of {comparison.player_games:,} player-games compared, left out: {lost}."
    if comparison.apart:
        text += f" Not compared, as they predicted too few of them: {', '.join(comparison.apart)}."
    return text


def _comparison_sentences(subject: Subject, comparison: Comparison) -> Iterator[str]:
    yield describe_comparison(subject, comparison)
    for reference in REFERENCES:
        differences = {
            name: against[reference]
            for name, against in comparison.against.items()
            if reference in against and name not in REFERENCES
        }
        if differences:
            error = comparison.errors[reference].mae
            rows = f"n = {comparison.shared:,}, {error:.{subject.digits}f} {subject.unit} a game"
            head = f"{subject}, error against {reference} ({rows})"
            yield f"{head}: {_by_result(differences, subject.digits, 'smaller', 'larger')}."
    squared = {name: losses["squared"] for name, losses in comparison.chances_against.items() if name not in REFERENCES}
    if squared:
        score = comparison.chances[NO_VIG].brier
        head = f"{subject}, probabilities against the no-vig price (n = {comparison.chance_rows:,}, Brier {score:.4f})"
        yield f"{head}: {_by_result(squared, 4, 'better', 'worse')}."


def _by_result(differences: Mapping[str, Difference], digits: int, better: str, worse: str) -> str:
    """Return systems shown to be better, shown to be worse and neither; an interval around zero shows nothing."""
    groups: dict[str, list[str]] = {f"shown {better}": [], f"shown {worse}": [], "no difference shown": []}
    for name, d in differences.items():
        result = f"shown {better}" if d.better else f"shown {worse}" if d.worse else "no difference shown"
        interval = "" if d.low is None else f" [{d.low:+.{digits}f}, {d.high:+.{digits}f}]"
        groups[result].append(f"{name} {d.mean:+.{digits}f}{interval}")
    return "; ".join(f"{result}: {', '.join(names) or 'none'}" for result, names in groups.items())


def _record_sentences(
    subject: Subject, records: Sequence[BettingRecord], by_edge: Sequence[BettingRecord]
) -> Iterator[str]:
    if not records:
        yield f"{subject}: no system picked anything, so there is no profit to report."
        return
    for record in records:
        bands = [_band_text(band) for band in by_edge if band.system == record.system and band.priced.n]
        tail = f" By edge in {subject.unit}: {'; '.join(bands)}." if bands else ""
        yield f"{subject}, {record.system}: {_result_text(record)}: a profit is {record.claim}.{tail}"
    shown = [record.system for record in records if record.claim is Claim.SHOWN]
    judged = [record for record in (*records, *by_edge) if record.priced.n >= MIN_PICKS_TO_CLAIM]
    yield (
        f"Result, {subject}: {', '.join(shown) or 'no system'} {'are' if len(shown) > 1 else 'is'} shown to make money "
        f"at the prices of the picks. A claim needs {MIN_PICKS_TO_CLAIM} decided picks with a price and an interval "
        "wholly above their break-even."
    )
    yield (
        f"Limits: of {len(judged)} rates with enough picks to judge, chance alone puts about "
        f"{CHANCE_ABOVE * len(judged):.1f} above a break-even that they only equal. Prices are the best shown before "
        "tip-off; betting limits, later moves and bets large enough to move a line are not included."
    )


def _result_text(record: BettingRecord) -> str:
    rate = f"{record.priced.hits:,} of {record.priced.n:,} decided picks with a price won, {record.priced}"
    if record.break_even is None or record.roi is None:
        return f"{record.picks:,} picks, hit rate {record.hit} of {record.hit.n:,}, none decided at a known price"
    money = f"their prices need {record.break_even:.1%}; return {record.roi:+.1%} on {record.staked:,} units"
    return f"{rate}; {money}{f', {record.unpriced:,} settled without a price' if record.unpriced else ''}"


def _band_text(record: BettingRecord) -> str:
    claim = f": {record.claim}" if record.priced.n >= MIN_PICKS_TO_CLAIM else ""
    return f"{record.group} {record.priced} of {record.priced.n:,} (needs {record.break_even:.1%}{claim})"


def _suspicions(subject: Subject, comparisons: Sequence[Comparison], records: Sequence[BettingRecord]) -> Iterator[str]:
    """Return results that are too good to be true; they come first, because they invalidate all others."""
    limits, unit, doubt = limits_of(subject.market), subject.unit, f"{subject}: {DOUBT}"
    for comparison in comparisons:
        if comparison.population is Population.EVERYONE and comparison.shared >= limits.error_rows:
            maes = {name: errors.mae for name, errors in comparison.errors.items() if errors.mae is not None}
            if small := ", ".join(f"{name} {mae:.2f}" for name, mae in maes.items() if mae < limits.least_error):
                yield f"{doubt}: errors below {limits.least_error} {unit} over {comparison.shared:,} rows ({small})."
        if comparison.shared >= limits.line_rows:
            gaps = {name: against[LINE].mean for name, against in comparison.against.items() if LINE in against}
            ahead = ", ".join(
                f"{name} {gap:+.2f}"
                for name, gap in gaps.items()
                if gap is not None and gap < -limits.most_gain and name not in REFERENCES
            )
            if ahead:
                yield f"{doubt}: errors smaller than the line's by over {limits.most_gain} {unit} ({ahead})."
    lucky = [r for r in records if r.hit.n >= limits.hit_rows and r.hit.hits > limits.most_hits * r.hit.n]
    if lucky:
        rates = ", ".join(f"{record.system} {record.hit} of {record.hit.n:,}" for record in lucky)
        yield f"{doubt}: more than {limits.most_hits:.0%} of the picks hit ({rates})."

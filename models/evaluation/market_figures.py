"""The figures of a market's forecasts, beside the plain average, the line, the price and the close."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from models.evaluation.betting_record import BettingRecord, betting_records
from models.evaluation.closing_record import TIMELY, ClosingRecord, closing_records
from models.evaluation.compare import ALL, NO_VIG, Population, compare
from models.evaluation.graded_predictions import GradedPredictions
from models.evaluation.scores import Difference
from models.evaluation.subject import Subject
from models.system_ids import SystemId

MAIN_SYSTEMS = (SystemId.RATES, SystemId.MARKET_BLEND, SystemId.ENSEMBLE)  # fixed beforehand, as in the pictures
NOT_SHOWN = "not shown to differ from"
PLAIN, LINE = SystemId.PLAIN_AVERAGE, SystemId.MARKET_LINE


@dataclass(frozen=True)
class Beside:
    """A system's score beside another's on the `difference.n` rows that both have; below 0 favours the system."""

    ours: float
    theirs: float
    difference: Difference


@dataclass(frozen=True)
class MarketFigures:
    """The figures of one system in one market and edition; None where there are no rows to compare.

    `plain` is the mean absolute error beside the plain average's, of players with ten games; systems that need a line
    have it on rows with a line. `line` is the same beside the line, `price` the Brier score beside the no-vig price's.
    `closing` is of picks whose close is timely.
    """

    subject: Subject
    system: str
    plain: Beside | None
    line: Beside | None
    price: Beside | None
    calibration_error: float | None
    record: BettingRecord | None
    closing: ClosingRecord | None

    @property
    def ratio(self) -> float | None:
        """The error as a share of the plain average's."""
        return self.plain.ours / self.plain.theirs if self.plain and self.plain.theirs else None

    @property
    def sentence(self) -> str:
        """How much closer than the plain average, and how it stands to the line and the price."""
        parts = [*_against_plain(self), *_against_line(self), *_against_price(self)]
        return f"{self.subject}, {self.system}: {'; '.join(parts) or 'nothing to compare'}."

    def to_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        own = {"market": self.subject.market, "edition": self.subject.edition, "unit": self.subject.unit}
        beside = {name: getattr(self, name) and asdict(getattr(self, name)) for name in ("plain", "line", "price")}
        records = {name: getattr(self, name) and getattr(self, name).to_dict() for name in ("record", "closing")}
        derived = {"ratio": self.ratio, "calibration_error": self.calibration_error, "sentence": self.sentence}
        return {**own, "system": self.system, **beside, **derived, **records}


def market_figures(graded: GradedPredictions) -> tuple[MarketFigures, ...]:
    """Return the figures of the main systems that are stored."""
    records = {record.system: record for record in betting_records(graded)}
    closes = {close.system: close for close in closing_records(graded) if (close.state, close.side) == (TIMELY, ALL)}
    return tuple(
        _figures(graded, system, records.get(system), closes.get(system))
        for system in MAIN_SYSTEMS
        if system in graded.systems
    )


def _figures(
    graded: GradedPredictions, system: str, record: BettingRecord | None, closing: ClosingRecord | None
) -> MarketFigures:
    compared = {one.population: one for one in compare(graded, [system]) if system in one.errors}
    with_line = compared.get(Population.WITH_LINE)
    beside = {}
    for name, comparison in ((PLAIN, compared.get(Population.EVERYONE, with_line)), (LINE, with_line)):
        if comparison and comparison.shared and name in comparison.errors:
            ours, theirs = (comparison.errors[one].mae or 0.0 for one in (system, name))
            beside[name] = Beside(ours, theirs, comparison.against[system][name])
    chances = with_line.chances if with_line else {}
    price = None
    if with_line and system in chances:
        ours, theirs = (chances[one].brier or 0.0 for one in (system, NO_VIG))
        price = Beside(ours, theirs, with_line.chances_against[system]["squared"])
    return MarketFigures(
        subject=graded.subject,
        system=str(system),
        plain=beside.get(PLAIN),
        line=beside.get(LINE),
        price=price,
        calibration_error=chances[system].ece if price else None,
        record=record,
        closing=closing,
    )


def _against_plain(figures: MarketFigures) -> Iterator[str]:
    if figures.plain and figures.ratio is not None:
        gap = figures.plain.difference
        result = (
            f"{abs(1 - figures.ratio):.1%} {'closer' if figures.ratio <= 1 else 'farther off'} than the plain average"
        )
        chance = "" if gap.better or gap.worse else ", which may be chance"
        errors = f"{figures.plain.ours:.3f} against {figures.plain.theirs:.3f} {figures.subject.unit}"
        yield f"{result} ({errors}, n = {gap.n:,}{chance})"


def _against_line(figures: MarketFigures) -> Iterator[str]:
    if figures.line:
        gap = figures.line.difference
        result = "closer than" if gap.better else "farther off than" if gap.worse else NOT_SHOWN
        interval = "" if gap.low is None else f" [{gap.low:+.3f}, {gap.high:+.3f}]"
        yield f"{result} the line ({gap.mean:+.3f}{interval} {figures.subject.unit}, n = {gap.n:,})"


def _against_price(figures: MarketFigures) -> Iterator[str]:
    if figures.price:
        gap = figures.price.difference
        result = "better than" if gap.better else "worse than" if gap.worse else NOT_SHOWN
        scores = f"Brier {figures.price.ours:.4f} against {figures.price.theirs:.4f}, n = {gap.n:,}"
        yield f"chances {result} the price's ({scores}, calibration error {figures.calibration_error:.3f})"

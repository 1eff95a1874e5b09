"""One market's forecasts at tip-off beside those at the line's time, system by system on identical rows."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.evaluation.graded_predictions import KEY, GradedPredictions
from models.evaluation.scores import Difference, Flags, Numbers, mean, squared_losses
from models.evaluation.subject import Subject
from models.system_ids import REFERENCES


@dataclass(frozen=True)
class EditionComparison:
    """A system's two editions on the rows that both forecast; a difference below 0 favours `at_tip`.

    Errors are of players with ten games, chances of those of them with a line that went over or under.
    """

    market: str
    system: str
    at_line_mae: float | None
    at_tip_mae: float | None
    errors: Difference
    at_line_brier: float | None
    at_tip_brier: float | None
    chances: Difference

    @property
    def sentence(self) -> str:
        """The gain from facts published after the line."""
        subject, errors = Subject(self.market), self.errors
        name = f"{subject.unit}, {self.system}"
        if errors.mean is None:
            return f"{name}: no row has both editions."
        interval = "" if errors.low is None else f" [{errors.low:+.3f}, {errors.high:+.3f}]"
        shown = "smaller" if errors.better else "larger" if errors.worse else "not shown to differ"
        return (
            f"{name}: errors at_tip against at_line are {shown}: {errors.mean:+.3f}{interval} "
            f"{subject.unit} on {errors.n:,} identical rows."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        return asdict(self)


def compare_editions(at_line: GradedPredictions, at_tip: GradedPredictions) -> tuple[EditionComparison, ...]:
    """Compare the editions of every system that has both; references know no fact of the day and have one."""
    return tuple(_compared(at_line, at_tip))


def _compared(at_line: GradedPredictions, at_tip: GradedPredictions) -> Iterator[EditionComparison]:
    places = [one.player_games[KEY].assign(place=np.arange(len(one.player_games))) for one in (at_line, at_tip)]
    both = places[0].merge(places[1], on=KEY, suffixes=("_line", "_tip"))
    line_rows, tip_rows = both["place_line"].to_numpy(), both["place_tip"].to_numpy()
    actual, line = at_line.values("actual_value")[line_rows], at_line.values("line")[line_rows]
    seasoned = at_line.player_games["early_season"].eq(False).to_numpy(bool)[line_rows]
    games, over = at_line.games[line_rows], actual > line
    for system in at_line.systems:
        if system in REFERENCES or system not in at_tip.systems:
            continue
        early, late = (
            (one.predicted[rows, one.column_of(system)], one.chances[rows, one.column_of(system)])
            for one, rows in ((at_line, line_rows), (at_tip, tip_rows))
        )
        before, after = (np.abs(predicted - actual) for predicted, _ in (early, late))
        shared = seasoned & _known(before, after)
        decided = shared & _known(early[1], late[1], line) & (actual != line)
        promised, promised_late = (squared_losses(chance[decided], over[decided]) for _, chance in (early, late))
        yield EditionComparison(
            market=at_line.subject.market,
            system=system,
            at_line_mae=mean(before[shared]),
            at_tip_mae=mean(after[shared]),
            errors=Difference.of(after[shared], before[shared], games[shared]),
            at_line_brier=mean(promised),
            at_tip_brier=mean(promised_late),
            chances=Difference.of(promised_late, promised, games[decided]),
        )


def _known(*values: Numbers) -> Flags:
    known: Flags = ~np.any([np.isnan(one) for one in values], axis=0)
    return known

"""Closing values of picks: what they were worth at the other books' close, by how old that close is."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from models.evaluation.betting_record import ALL
from models.evaluation.graded_predictions import GradedPredictions
from models.evaluation.scores import Difference, Rate
from models.picks import PICKS

TIMELY = "closing"  # the state of a close that headlines may name; the others are late or unknown


@dataclass(frozen=True)
class ClosingRecord:
    """The picks of one system whose close is in one state, of one side or both.

    `value` is the mean closing value per unit staked, of the picks that have one: a book closed at their line and their
    price is known. `beat` counts those of them that were worth more than their price. `carried` is the mean of those
    whose line moved away, valued by carrying the close to their line. Void picks count like others, as nobody knew that
    they would be void; `voids` is their number.
    """

    system: str
    state: str
    side: str
    picks: int
    voids: int
    age_minutes: float | None
    value: Difference
    beat: Rate
    carried: Difference

    @property
    def sentence(self) -> str:
        """The value of the picks at the close, in words."""
        close = f"{self.system}: {self.picks:,} picks whose close is {self.state}, {self.voids:,} of them void"
        if self.value.mean is None:
            return f"{close}; no book closed at the line of any."
        interval = "" if self.value.low is None else f" [{self.value.low:+.1%}, {self.value.high:+.1%}]"
        return f"{close}; {self.value.n:,} have a value, {self.value.mean:+.1%}{interval} a unit; {self.beat} beat it."

    def to_dict(self) -> dict[str, Any]:
        """Return the record for JSON."""
        return {**asdict(self), "beat": self.beat.to_dict()}


def closing_records(graded: GradedPredictions) -> tuple[ClosingRecord, ...]:
    """Return the records of every system that picked anything: by state of the close, both sides and then each."""
    return tuple(
        record
        for (system, state), rows in graded.picks.groupby(["system_id", "close_state"])
        for record in _by_side(str(system), str(state), rows)
    )


def _by_side(system: str, state: str, picks: pd.DataFrame) -> Iterator[ClosingRecord]:
    sides = {ALL: picks} | {side: picks[picks["recommendation"] == side] for side in PICKS}
    for side, rows in sides.items():
        age = rows["close_age_minutes"].mean()
        if len(rows):
            yield ClosingRecord(
                system=system,
                state=state,
                side=side,
                picks=len(rows),
                voids=int((rows["grade"] == "VOID").sum()),
                age_minutes=None if pd.isna(age) else float(age),
                value=_mean(rows, "closing_value"),
                beat=Rate(int((rows["closing_value"] > 0).sum()), int(rows["closing_value"].count())),
                carried=_mean(rows, "carried_value"),
            )


def _mean(picks: pd.DataFrame, column: str) -> Difference:
    known = picks[picks[column].notna()]
    return Difference.of_values(known[column].to_numpy("float64"), known["game_id"].to_numpy())

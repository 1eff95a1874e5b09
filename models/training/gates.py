"""What a candidate must show on its validation rows before it may predict its month.

Each gate says what it measured, against which limit and on how many rows; one failure rejects. Where too few rows
speak, a gate is not judged and says so: a verdict from noise is worse than none.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from operator import ge, le, lt
from typing import Any

import pandas as pd

from models.inference.recommendation import OVER, PICKS

MOST_LEAN, LEAN_ROWS = 1.5, 200
MOST_LOST, PAIRED_ROWS = 0.02, 2_000
# What no honest result is beyond; grades and evaluations are held against the same limits.
LEAST_ERROR, ERROR_ROWS = 4.4, 500  # points a night, on average
MOST_HITS, HITS_ROWS = 0.58, 500
MOST_ABOVE_LINE, LINE_ROWS = 0.25, 1_000
MOST_FORM, FORM_ROWS = 0.80, 1_000  # an average that holds the game itself; clean seasons lie at 0.64 to 0.73


class Status(StrEnum):
    """Where a model stands in its life."""

    CANDIDATE = "candidate"
    PRODUCTION = "production"
    REJECTED = "rejected"
    RETIRED = "retired"


@dataclass(frozen=True)
class Gate:
    """One question to a candidate; `passed` is None where it was not judged."""

    gate: str
    value: float | None
    limit: float
    n: int
    passed: bool | None
    says: str

    def plain(self) -> dict[str, Any]:
        """For a model card."""
        return asdict(self)


def verdict(gates: Iterable[Gate]) -> Status:
    """One failure rejects."""
    return Status.REJECTED if any(gate.passed is False for gate in gates) else Status.CANDIDATE


def gates_of(spoken: pd.DataFrame, in_order: bool, learned: bool, incumbent: pd.Series | None = None) -> list[Gate]:
    """Every gate, over validation rows with `predicted`, `points`, `line`, `recommendation` and the season's mean.

    What learned nothing but its spread has no accuracy to answer for: of it only order and leaks are asked.
    `incumbent` holds the predictions of the month's production model on the same rows.
    """
    order = Gate("order", None, 0, len(spoken), in_order, "contract, library and dates are in order")
    return [order, *(_skill(spoken, incumbent) if learned else ()), *_leaks(spoken)]


def _skill(spoken: pd.DataFrame, incumbent: pd.Series | None) -> list[Gate]:
    error = (spoken.predicted - spoken.points).abs()
    season = (spoken.points_avg_season - spoken.points).abs()
    lean = (spoken.predicted - spoken.line).dropna()
    lost = pd.Series(dtype="float64") if incumbent is None else error - (incumbent - spoken.points).abs()
    return [
        _gate("season_average", error - season, 0.0, 1, "mean absolute error minus the season average's"),
        _gate("bias_to_line", lean, MOST_LEAN, LEAN_ROWS, "mean of prediction minus line, either way", abs),
        _gate("production", lost, MOST_LOST, PAIRED_ROWS, "error minus that of the month's production model"),
    ]


def _leaks(spoken: pd.DataFrame) -> list[Gate]:
    """Better than honest models are: the result is somewhere among the features."""
    eligible = spoken[spoken.is_prop_eligible.astype(bool)]
    lined = spoken[spoken.line.notna()]
    picks = spoken[spoken.recommendation.isin(PICKS) & (spoken.points != spoken.line)]
    hits = (picks.points > picks.line) == (picks.recommendation == OVER)
    error, line_error = (lined.predicted - lined.points).abs(), (lined.line - lined.points).abs()
    good = (eligible.predicted - eligible.points).abs()
    form = spoken[["points_avg_last_5", "points"]].dropna()
    return [
        _gate(
            "leak_error", good, LEAST_ERROR, ERROR_ROWS, "mean absolute error on players who may be bet on", holds=ge
        ),
        _gate("leak_hits", hits.astype("float64"), MOST_HITS, HITS_ROWS, "share of picks that won"),
        _gate("leak_line", line_error - error, MOST_ABOVE_LINE, LINE_ROWS, "how far the line's error is beaten"),
        _gate(
            "leak_form",
            form.points,
            MOST_FORM,
            FORM_ROWS,
            "correlation of the last five games with the result",
            lambda _: float(form.corr().iloc[0, 1]),
            holds=lt,
        ),
    ]


def _gate(
    name: str,
    values: pd.Series,
    limit: float,
    enough: int,
    what: str,
    measure: Callable[[Any], float] = float,
    holds: Callable[[float, float], bool] = le,
) -> Gate:
    values = values.dropna()
    if len(values) < enough:
        return Gate(name, None, limit, len(values), None, f"not judged: {len(values)} of {enough} rows; {what}")
    value = round(float(measure(values.mean())), 4)  # judged as it is told
    return Gate(name, value, limit, len(values), holds(value, limit), what)

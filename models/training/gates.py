"""Gates: tests on validation rows that a candidate model must pass before it may predict its month.

Each gate stores what it measured, its limit and the number of rows; one failed gate rejects the candidate. A gate with
too few rows is not judged, because its result would be mostly noise.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import ge, le, lt
from typing import Any

import pandas as pd

from models.honest_limits import limits_of
from models.markets import POINTS
from models.picks import OVER, PICKS
from models.training.cards import ModelStatus as ModelStatus

MAX_BIAS_TO_LINE, BIAS_ROWS = 1.5, 200
MAX_LOSS_TO_PRODUCTION, PAIRED_ROWS = 0.02, 2_000
HONEST = limits_of(POINTS)
MAX_FORM_CORRELATION, FORM_ROWS = 0.80, 1_000  # an average that includes the game itself; clean seasons: 0.64 to 0.73


@dataclass(frozen=True)
class GateResult:
    """Result of one gate; `passed` is None if it was not judged."""

    gate: str
    value: float | None
    limit: float
    n: int
    passed: bool | None
    says: str


def status_after(gates: Iterable[GateResult]) -> ModelStatus:
    """Return `rejected` if any gate failed, else `candidate`."""
    return ModelStatus.REJECTED if any(gate.passed is False for gate in gates) else ModelStatus.CANDIDATE


def judge(rows: pd.DataFrame, in_order: bool, learned: bool, incumbent: pd.Series | None = None) -> list[GateResult]:
    """Judge validation rows with `predicted`, `points`, `line`, `recommendation` and the season average by every gate.

    A system that learned only its spread is judged by order and leaks, not by accuracy. `incumbent` holds the
    predictions of the month's production model on the same rows.
    """
    order = GateResult("order", None, 0, len(rows), in_order, "contract, library and dates are in order")
    return [order, *(_accuracy(rows, incumbent) if learned else ()), *_leaks(rows)]


def _accuracy(rows: pd.DataFrame, incumbent: pd.Series | None) -> list[GateResult]:
    error = (rows.predicted - rows.points).abs()
    season = (rows.points_avg_season - rows.points).abs()
    bias = (rows.predicted - rows.line).dropna()
    loss = pd.Series(dtype="float64") if incumbent is None else error - (incumbent - rows.points).abs()
    return [
        _gate("season_average", error - season, 0.0, 1, "mean absolute error minus the season average's"),
        _gate("bias_to_line", bias, MAX_BIAS_TO_LINE, BIAS_ROWS, "mean of prediction minus line, either way", abs),
        _gate(
            "production", loss, MAX_LOSS_TO_PRODUCTION, PAIRED_ROWS, "error minus that of the month's production model"
        ),
    ]


def _leaks(rows: pd.DataFrame) -> list[GateResult]:
    """Judge results that are better than honest models reach: then the result is among the features."""
    eligible, lined = rows[rows.is_prop_eligible.astype(bool)], rows[rows.line.notna()]
    picks = rows[rows.recommendation.isin(PICKS) & (rows.points != rows.line)]
    hits = ((picks.points > picks.line) == (picks.recommendation == OVER)).astype("float64")
    gain = (lined.line - lined.points).abs() - (lined.predicted - lined.points).abs()
    error = (eligible.predicted - eligible.points).abs()
    form = rows[["points_avg_last_5", "points"]].dropna()
    return [
        _gate(
            "leak_error",
            error,
            HONEST.least_error,
            HONEST.error_rows,
            "mean absolute error on players who may be bet on",
            holds=ge,
        ),
        _gate("leak_hits", hits, HONEST.most_hits, HONEST.hit_rows, "share of picks that won"),
        _gate("leak_line", gain, HONEST.most_gain, HONEST.line_rows, "how far the line's error is beaten"),
        _gate(
            "leak_form",
            form.points,
            MAX_FORM_CORRELATION,
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
    min_rows: int,
    what: str,
    measure: Callable[[Any], float] = float,
    holds: Callable[[float, float], bool] = le,
) -> GateResult:
    values = values.dropna()
    if len(values) < min_rows:
        text = f"not judged: {len(values)} of {min_rows} rows; {what}"
        return GateResult(name, None, limit, len(values), None, text)
    value = round(float(measure(values.mean())), 4)  # compare the number that is stored
    return GateResult(name, value, limit, len(values), holds(value, limit), what)

"""Gates of the systems of every market: limits are shares, as each market has a unit of its own."""

import pandas as pd

from models.training.gates import GateResult

MAX_LOSS, LOSS_ROWS = 0.02, 500  # of the plain average's error; a month's noise is about one percent
MIN_SHARE, SHARE_ROWS = 0.75, 1_000  # of the same; honest models reach 0.81 on blocks and 0.94 to 0.96 on sums
MAX_GAIN, GAIN_ROWS = 0.10, 1_000  # of the line's error; honest ones gain up to 0.04, on threes
MAX_BRIER_LOSS, BRIER_ROWS = 0.002, 1_000


def judge_forecasts(rows: pd.DataFrame, in_order: bool) -> list[GateResult]:
    """Judge forecasts of earlier months, made by models of their own months; `rows` have value, actual, plain, line."""
    error, plain, line = ((rows[name] - rows.actual).abs() for name in ("value", "plain", "line"))
    told, lined = error.notna() & plain.notna(), error.notna() & line.notna()
    return [
        GateResult("order", None, 0, len(rows), in_order, "dates are in order"),
        _share("plain_average", error[told], plain[told], LOSS_ROWS, high=1 + MAX_LOSS),
        _share("leak_error", error[told], plain[told], SHARE_ROWS, low=MIN_SHARE),
        _share("leak_line", error[lined], line[lined], GAIN_ROWS, low=1 - MAX_GAIN),
    ]


def judge_chances(rows: pd.DataFrame, in_order: bool) -> list[GateResult]:
    """Judge blended chances beside the price's; `rows` have chance, price_over, actual and line."""
    decided = rows[rows[["chance", "price_over", "actual"]].notna().all(axis=1) & (rows.actual != rows.line)]
    over = (decided.actual > decided.line).astype("float64")
    loss = (decided.chance - over) ** 2 - (decided.price_over - over) ** 2
    order = GateResult("order", None, 0, len(rows), in_order, "dates are in order")
    what = "Brier score minus the price's"
    if len(loss) < BRIER_ROWS:
        told = f"not judged: {len(loss)} of {BRIER_ROWS} rows; {what}"
        return [order, GateResult("price", None, MAX_BRIER_LOSS, len(loss), None, told)]
    value = round(float(loss.mean()), 5)
    return [order, GateResult("price", value, MAX_BRIER_LOSS, len(loss), value <= MAX_BRIER_LOSS, what)]


def _share(
    name: str, error: pd.Series, other: pd.Series, least: int, low: float = 0.0, high: float = float("inf")
) -> GateResult:
    limit = low or high
    what = f"mean absolute error as a share of the {'line' if name == 'leak_line' else 'plain average'}'s"
    if len(error) < least or not other.sum():
        return GateResult(name, None, limit, len(error), None, f"not judged: {len(error)} of {least} rows; {what}")
    value = round(float(error.sum() / other.sum()), 4)
    return GateResult(name, value, limit, len(error), low <= value <= high, what)

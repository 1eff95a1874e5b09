import numpy as np
import pandas as pd
import pytest

from models.training.market_gates import GateResult, judge_chances, judge_forecasts


def judged(n: int, **errors: float) -> dict[str, GateResult]:
    """Judge `n` rows with results of 10, off by so much."""
    rows = pd.DataFrame({"actual": np.full(n, 10.0)})
    for name in ("value", "plain", "line"):
        rows[name] = rows.actual + errors.get(name, np.nan)
    return {gate.gate: gate for gate in judge_forecasts(rows, in_order=True)}


def test_a_forecast_much_worse_than_the_plain_average_is_rejected():
    """2.03 is 1.5 % more than 2, 2.06 is 3 %; the noise of a month is about one percent."""
    assert judged(500, value=2.03, plain=2)["plain_average"].passed
    assert judged(500, value=2.06, plain=2)["plain_average"].passed is False
    assert judged(499, value=2.06, plain=2)["plain_average"].passed is None


def test_a_forecast_better_than_honest_models_is_a_leak():
    assert judged(1_000, value=1.6, plain=2)["leak_error"].passed
    assert judged(1_000, value=1.4, plain=2)["leak_error"].passed is False
    assert judged(1_000, value=1.9, plain=2, line=2)["leak_line"].passed
    assert judged(1_000, value=1.7, plain=2, line=2)["leak_line"].passed is False
    assert judged(1_000, value=1.7, plain=2)["leak_line"].passed is None


@pytest.mark.parametrize(("chance", "passed"), [(0.5, True), (0.51, True), (0.6, False)])
def test_chances_may_not_be_worse_than_the_price(chance: float, passed: bool):
    """Half went over. At 0.5 the price scores 0.25, 0.51 loses 0.0001, 0.6 loses 0.01; a push counts for neither."""
    rows = pd.DataFrame({"actual": [11.0, 10.0] * 500 + [10.5] * 9, "line": 10.5, "price_over": 0.5, "chance": chance})
    order, price = judge_chances(rows, in_order=True)
    assert (order.passed, price.n, price.passed) == (True, 1_000, passed)
    assert price.value == pytest.approx((chance - 0.5) ** 2, abs=1e-5)


def test_results_in_the_wrong_order_are_rejected():
    rows = pd.DataFrame({name: [1.0] for name in ("actual", "value", "plain", "line")})
    assert judge_forecasts(rows, in_order=False)[0].passed is False

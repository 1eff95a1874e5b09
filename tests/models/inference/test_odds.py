import math

import numpy as np
import pandas as pd
import pytest

from models.inference.odds import ImpossiblePrice, expected_value, fair_price, implied_probability, payout


@pytest.mark.parametrize(("price", "expected"), [(-110, 100 / 110), (150, 1.5), (-100, 1.0), (100, 1.0), (-200, 0.5)])
def test_the_payout_of_a_winning_unit(price: int, expected: float):
    assert payout(price) == pytest.approx(expected)


@pytest.mark.parametrize(("price", "expected"), [(-115, 115 / 215), (-105, 105 / 205), (150, 0.4), (100, 0.5)])
def test_the_probability_a_price_implies(price: int, expected: float):
    assert implied_probability(price) == pytest.approx(expected)


def test_the_value_of_the_example():
    """0.6267 x 0.8696 - 0.3733."""
    assert expected_value(0.6267, 0.3733, -115) == pytest.approx(0.1717, abs=5e-5)


def test_a_push_returns_the_unit():
    assert expected_value(0.45, 0.45, 100) == pytest.approx(0)


def test_a_bet_at_the_chance_its_price_implies_is_worth_nothing():
    prices = np.array([-2000, -115, -100, 100, 137, 2000])
    chance = implied_probability(prices)
    assert expected_value(chance, 1 - chance, prices) == pytest.approx(np.zeros(6))


@pytest.mark.parametrize(
    ("win", "loss", "price"),
    [(0.5, 0.5, 100), (0.6, 0.4, -150), (0.4, 0.6, 150), (0.45, 0.50, 111), (0.627, 0.373, -168)],
)
def test_the_fair_price_is_worth_nothing(win: float, loss: float, price: float):
    assert fair_price(win, loss) == price
    assert expected_value(win, loss, price) == pytest.approx(0, abs=5e-3)


@pytest.mark.parametrize(("win", "loss"), [(1.0, 0.0), (0.0, 1.0), (float("nan"), 0.4)])
def test_no_price_is_fair_for_what_is_certain_or_unknown(win: float, loss: float):
    assert math.isnan(fair_price(win, loss))


def test_an_unknown_price_stays_unknown():
    prices = pd.Series([-110.0, float("nan")])
    for made in (payout(prices), implied_probability(prices), expected_value(0.6, 0.4, prices)):
        assert np.isnan(made).tolist() == [False, True]


@pytest.mark.parametrize("price", [0, 99, -99, 1.91, -99.99, float("inf"), float("-inf")])
def test_a_price_between_minus_100_and_100_is_refused_by_name(price: float):
    """A decimal price of 1.91 once paid 0.0191."""
    with pytest.raises(ImpossiblePrice, match=f"found {price:g};"):
        payout([-110, price])

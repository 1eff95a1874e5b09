"""American prices: payout, implied probability, expected value and fair price.

All functions take a number, an array or a column and return an array as long; an unknown price (NaN) stays unknown.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class ImpossiblePrice(ValueError):
    """A price between -100 and +100, which American odds do not have."""


def payout(price: Any) -> Numbers:
    """Return the profit of a won bet of one unit: 100 / -price for negative prices, else price / 100."""
    known = _checked(price)
    return np.where(known > 0, known, 100.0) / np.where(known > 0, 100.0, -known)


def implied_probability(price: Any) -> Numbers:
    """Return the probability at which the price breaks even; both sides sum to 1 plus the bookmaker's margin."""
    return 1 / (1 + payout(price))


def expected_value(win: Any, loss: Any, price: Any) -> Numbers:
    """Return the expected profit of one unit, from the probabilities to win and to lose; a push returns the unit."""
    return np.asarray(win, dtype="float64") * payout(price) - np.asarray(loss, dtype="float64")


def fair_price(win: Any, loss: Any) -> Numbers:
    """Return the price, to the nearest unit, with an expected value of zero; NaN where there is none."""
    won, lost = np.asarray(win, dtype="float64"), np.asarray(loss, dtype="float64")
    possible = (won > 0) & (lost > 0)
    ratio = np.divide(lost, won, out=np.full(np.broadcast(won, lost).shape, np.nan), where=possible)
    return np.round(np.where(ratio >= 1, 100 * ratio, -100 / ratio))


def _checked(price: Any) -> Numbers:
    prices = np.asarray(price, dtype="float64")
    wrong = np.unique(prices[(np.abs(prices) < 100) | np.isinf(prices)])
    if wrong.size:
        raise ImpossiblePrice(
            "expected American prices of -100 or lower, or +100 or higher; found "
            f"{', '.join(f'{value:g}' for value in wrong[:5])}; decimal odds d are +100 (d - 1) from 2 up, "
            "else -100 / (d - 1)"
        )
    return prices

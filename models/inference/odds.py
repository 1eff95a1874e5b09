"""American prices: what they pay, what they imply, what a bet at them is worth.

Everything takes a number, an array or a column and gives an array as long; an unknown price (NaN) stays unknown.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class ImpossiblePrice(ValueError):
    """American prices are -100 or lower, or +100 or higher."""


def payout(price: Any) -> Numbers:
    """What a winning unit earns beside the stake: 100 over the price when it is negative, else a hundredth of it."""
    known = _prices(price)
    return np.where(known > 0, known, 100.0) / np.where(known > 0, 100.0, -known)


def implied_probability(price: Any) -> Numbers:
    """The chance at which the price neither wins nor loses; both sides together exceed 1 by the margin."""
    return 1 / (1 + payout(price))


def expected_value(win: Any, loss: Any, price: Any) -> Numbers:
    """Per unit staked; what neither wins nor loses comes back."""
    return np.asarray(win, dtype="float64") * payout(price) - np.asarray(loss, dtype="float64")


def fair_price(win: Any, loss: Any) -> Numbers:
    """The American price, to the nearest unit, at which these chances are worth nothing; NaN where none is."""
    won, lost = np.asarray(win, dtype="float64"), np.asarray(loss, dtype="float64")
    possible = (won > 0) & (lost > 0)
    ratio = np.divide(lost, won, out=np.full(np.broadcast(won, lost).shape, np.nan), where=possible)
    return np.round(np.where(ratio >= 1, 100 * ratio, -100 / ratio))


def _prices(price: Any) -> Numbers:
    prices = np.asarray(price, dtype="float64")
    wrong = np.unique(prices[(np.abs(prices) < 100) | np.isinf(prices)])
    if wrong.size:
        raise ImpossiblePrice(
            "expected American prices of -100 or lower, or +100 or higher; found "
            f"{', '.join(f'{found:g}' for found in wrong[:5])}; decimal odds d are +100 (d - 1) from 2 up, "
            "else -100 / (d - 1)"
        )
    return prices

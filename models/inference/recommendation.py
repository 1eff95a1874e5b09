"""Recommendations: OVER, UNDER or no pick, from a forecast and a line, with the value of the bet."""

from typing import Any

import numpy as np
import pandas as pd

from models.inference.odds import expected_value
from models.picks import (
    LATE_FACTS,
    LOW_CONFIDENCE,
    NO_LINE,
    NO_MAJORITY,
    OVER,
    PASS,
    PICKS,
    REFERENCE,
    SMALL_EDGE,
    UNDER,
    UNTIMED_PRICE,
)
from models.systems.base import Forecasts, System, first_reason

DECIMALS = 9  # a sum of fractions that misses a limit only by a rounding error meets it
MARKET_COLUMNS = {  # inputs: each side's best price at the line, and the other side's price at the same bookmaker
    **dict.fromkeys(("line", "opening_line", "over_prob_novig"), "number"),
    **dict.fromkeys(("over_price", "over_counter_price", "under_price", "under_counter_price"), "number"),
    **dict.fromkeys(("over_book", "under_book"), "text"),
}


def recommend(
    system: System, rows: pd.DataFrame, forecast: pd.DataFrame, chances: pd.DataFrame, before: Forecasts
) -> pd.DataFrame:
    """Return edge, pick, prices and value of each row; `chances` has over, push and under.

    The direction of a pick is the sign of its edge and nothing else.
    """
    edge = forecast.predicted_value - rows.line
    reason = _pass_reason(system, rows, forecast, edge, before)
    pick = rows.line.notna() & reason.isna()
    over, under = pick & (edge > 0), pick & (edge < 0)
    recommendation = np.select([rows.line.isna(), over, under], [NO_LINE, OVER, UNDER], PASS)
    values = [
        expected_value(chances.over, chances.under, rows.over_price),
        expected_value(chances.under, chances.over, rows.under_price),
    ]
    return pd.DataFrame(
        {
            "edge": edge,
            **_prices(rows, over, under),
            "expected_value": np.select([over, under], values, np.nan),
            "recommendation": recommendation.astype(object),
            "pass_reason": reason.where(rows.line.notna(), None),
        },
        index=rows.index,
    )


def without_late_picks(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Turn picks that know more than the price they would be bet at into passes.

    A forecast with the injury report of the last hour beats a price of the afternoon, and nobody could have bought it.
    """
    untimed = forecasts.price_known_at.isna()
    late = untimed | (forecasts.known_until > forecasts.price_known_at)
    late &= forecasts.recommendation.isin(PICKS)
    return forecasts.assign(
        recommendation=forecasts.recommendation.mask(late, PASS),
        pass_reason=forecasts.pass_reason.mask(late, untimed.map({True: UNTIMED_PRICE, False: LATE_FACTS})),
        price_book=forecasts.price_book.mask(late, None),
        **{name: forecasts[name].mask(late) for name in ("over_price", "under_price", "expected_value")},
    )


def _pass_reason(
    system: System, rows: pd.DataFrame, forecast: pd.DataFrame, edge: pd.Series, before: Forecasts
) -> pd.Series:
    """Return the first reason against a pick, or None."""
    reasons: dict[str, Any] = {
        REFERENCE: np.full(len(rows), not system.picks),
        LOW_CONFIDENCE: ~(forecast.confidence_score.round(DECIMALS) >= system.limits.min_confidence),
        SMALL_EDGE: ~(edge.abs().round(DECIMALS) >= system.limits.min_edge),
    }
    if system.has_majority:
        reasons[NO_MAJORITY] = ~system.has_majority(edge, rows.line, before)
    return forecast.abstain_reason.where(forecast.abstain_reason.notna(), first_reason(rows.index, reasons))


def _prices(rows: pd.DataFrame, over: pd.Series, under: pd.Series) -> dict[str, Any]:
    """Return both prices at the bookmaker with the best price for the chosen side."""
    sides = [over, under]
    books = [rows.over_book.astype(object), rows.under_book.astype(object)]
    return {
        "over_price": np.select(sides, [rows.over_price, rows.under_counter_price], np.nan),
        "under_price": np.select(sides, [rows.over_counter_price, rows.under_price], np.nan),
        "price_book": np.select(sides, books, np.array(None, dtype=object)),
    }

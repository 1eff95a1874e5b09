"""From a forecast and a line to OVER, UNDER or nothing, and what the bet is worth."""

from typing import Any

import numpy as np
import pandas as pd

from models.inference.odds import expected_value
from models.systems.base import Forecasts, System, first_reason

OVER, UNDER, PASS, NO_LINE = "OVER", "UNDER", "PASS", "NO_LINE"
PICKS = (OVER, UNDER)
LOW_CONFIDENCE, SMALL_EDGE, NO_MAJORITY, REFERENCE = "LOW_CONFIDENCE", "SMALL_EDGE", "NO_MAJORITY", "REFERENCE"
PLACES = 9  # sums of fractions miss a limit by a hair's breadth; whoever meets it, meets it
MARKET = {  # of an evening: the best price of each side at the line, and the other side's at the same book
    **dict.fromkeys(("line", "opening_line", "over_prob_novig"), "number"),
    **dict.fromkeys(("over_price", "over_counter_price", "under_price", "under_counter_price"), "number"),
    **dict.fromkeys(("over_book", "under_book"), "text"),
}


def recommend(
    system: System, evenings: pd.DataFrame, forecast: pd.DataFrame, chances: pd.DataFrame, before: Forecasts
) -> pd.DataFrame:
    """`chances` has over, push and under. The direction is the edge's sign and nothing else."""
    edge = forecast.predicted_points - evenings.line
    why = _against(system, evenings, forecast, edge, before)
    pick = evenings.line.notna() & why.isna()
    over, under = pick & (edge > 0), pick & (edge < 0)
    chosen = np.select([evenings.line.isna(), over, under], [NO_LINE, OVER, UNDER], PASS)
    return pd.DataFrame(
        {
            "edge": edge,
            **_prices(evenings, over, under),
            "expected_value": _value(evenings, chances, over, under),
            "recommendation": chosen.astype(object),
            "pass_reason": why.where(evenings.line.notna(), None),
        },
        index=evenings.index,
    )


def _against(
    system: System, evenings: pd.DataFrame, forecast: pd.DataFrame, edge: pd.Series, before: Forecasts
) -> pd.Series:
    """The first thing that speaks against a pick."""
    reasons: dict[str, Any] = {
        REFERENCE: np.full(len(evenings), not system.picks),
        LOW_CONFIDENCE: ~(forecast.confidence_score.round(PLACES) >= system.least_confidence),
        SMALL_EDGE: ~(edge.abs().round(PLACES) >= system.least_edge),
    }
    if system.backed:
        reasons[NO_MAJORITY] = ~system.backed(edge, evenings.line, before)
    why = first_reason(evenings.index, reasons)
    return forecast.abstain_reason.where(forecast.abstain_reason.notna(), why)


def _prices(evenings: pd.DataFrame, over: pd.Series, under: pd.Series) -> dict[str, Any]:
    """Both prices at the book that pays the chosen side best."""
    sides = [over, under]
    books = [evenings.over_book.astype(object), evenings.under_book.astype(object)]
    return {
        "over_price": np.select(sides, [evenings.over_price, evenings.under_counter_price], np.nan),
        "under_price": np.select(sides, [evenings.over_counter_price, evenings.under_price], np.nan),
        "price_book": np.select(sides, books, np.array(None, dtype=object)),
    }


def _value(evenings: pd.DataFrame, chances: pd.DataFrame, over: pd.Series, under: pd.Series) -> Any:
    values = [
        expected_value(chances.over, chances.under, evenings.over_price),
        expected_value(chances.under, chances.over, evenings.under_price),
    ]
    return np.select([over, under], values, np.nan)

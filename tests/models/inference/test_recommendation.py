from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.inference.recommendation import recommend, without_late_picks
from models.systems import SYSTEMS_BY_ID
from models.systems.base import System, SystemId

from ..forecast_inputs import example_rows

AVERAGE = SYSTEMS_BY_ID[SystemId.MOVING_AVERAGE]
UNKNOWN = float("nan")


def recommended(
    points: float,
    confidence: float = 52.0,
    system: System = AVERAGE,
    abstained: str | None = None,
    chances: tuple[float, float, float] = (0.6, 0.0, 0.4),
    **change: Any,
) -> pd.Series:
    forecast = pd.DataFrame({"predicted_value": [points], "confidence_score": [confidence]})
    forecast["abstain_reason"] = pd.Series([abstained], dtype=object)
    probabilities = pd.DataFrame([chances], columns=["over", "push", "under"])
    return recommend(system, example_rows(change), forecast, probabilities, {}).iloc[0]


def test_the_pick_of_the_example():
    """22.18 against 19.5: over, at the best book's -110 with its -120 beside it; 0.6 / 1.1 - 0.4."""
    row = recommended(22.18)
    assert row.recommendation == "OVER"
    assert row.edge == pytest.approx(2.68)
    assert (row.over_price, row.under_price, row.price_book) == (-110, -120, "alpha")
    assert row.expected_value == pytest.approx(0.6 * 100 / 110 - 0.4)
    assert row.pass_reason is None


def test_an_under_has_the_prices_of_the_book_that_pays_under_best():
    row = recommended(16.0, chances=(0.3, 0.1, 0.6))
    assert row.recommendation == "UNDER"
    assert row.edge == -3.5
    assert (row.over_price, row.under_price, row.price_book) == (-130, 105, "beta")
    assert row.expected_value == pytest.approx(0.6 * 1.05 - 0.3)


@pytest.mark.parametrize("points", [float(points) for points in range(61)])
def test_the_direction_never_contradicts_the_edge(points: float):
    """A predecessor recommended over for every tenth forecast below the line."""
    row = recommended(points)
    assert row.recommendation == ("PASS" if abs(row.edge) < 2 else "OVER" if points > 19.5 else "UNDER")


@pytest.mark.parametrize(
    ("points", "confidence", "expected", "reason"),
    [
        *((21.5, 45.0, "OVER", None), (17.5, 45.0, "UNDER", None), (21.49, 45.0, "PASS", "SMALL_EDGE")),
        *((17.51, 45.0, "PASS", "SMALL_EDGE"), (21.5, 44.9, "PASS", "LOW_CONFIDENCE")),
        *((19.5, 80.0, "PASS", "SMALL_EDGE"), (19.5, 40.0, "PASS", "LOW_CONFIDENCE")),
    ],
)
def test_meeting_both_limits_makes_a_pick(points: float, confidence: float, expected: str, reason: str | None):
    row = recommended(points, confidence)
    assert (row.recommendation, row.pass_reason) == (expected, reason)


def test_a_limit_is_not_missed_by_the_error_of_a_sum():
    """0.1 + 0.2 is not 0.3: the terms of a forecast may add up to slightly less than two points."""
    assert recommended(19.5 + (2.0 - 4e-15)).recommendation == "OVER"


def test_without_a_line_nothing_is_recommended_and_no_price_is_made_up():
    """Lines were once invented from the season average; the hit rate against them was a mirage."""
    row = recommended(25.0, line=UNKNOWN)
    assert (row.recommendation, row.pass_reason, row.price_book) == ("NO_LINE", None, None)
    assert row[["edge", "over_price", "under_price", "expected_value"]].isna().all()


def test_an_abstention_passes_with_its_reason():
    row = recommended(UNKNOWN, UNKNOWN, abstained="NO_ZONE_DATA")
    assert (row.recommendation, row.pass_reason) == ("PASS", "NO_ZONE_DATA")
    assert np.isnan(row.edge)


def test_an_abstention_without_a_line_has_no_line():
    assert recommended(UNKNOWN, UNKNOWN, abstained="NO_ZONE_DATA", line=UNKNOWN).recommendation == "NO_LINE"


def test_a_pass_has_no_prices():
    row = recommended(20.0)
    assert row[["over_price", "under_price", "expected_value"]].isna().all()
    assert row.price_book is None


def test_a_pick_without_a_price_stands_and_claims_no_value():
    row = recommended(25.0, over_price=UNKNOWN, over_book=None, over_counter_price=UNKNOWN)
    assert (row.recommendation, row.price_book) == ("OVER", None)
    assert np.isnan(row.expected_value)


def test_a_pick_without_a_chance_claims_no_value():
    row = recommended(25.0, chances=(UNKNOWN, UNKNOWN, UNKNOWN))
    assert row.recommendation == "OVER"
    assert np.isnan(row.expected_value)


def test_the_market_line_never_picks():
    row = recommended(19.5, UNKNOWN, SYSTEMS_BY_ID[SystemId.MARKET_LINE])
    assert (row.recommendation, row.pass_reason, row.edge) == ("PASS", "REFERENCE", 0)


@pytest.mark.parametrize(("agreed", "expected"), [(True, ("OVER", None)), (False, ("PASS", "NO_MAJORITY"))])
def test_the_ensemble_picks_only_with_a_majority_of_its_members(agreed: bool, expected: tuple[str, str | None]):
    system = replace(SYSTEMS_BY_ID[SystemId.ENSEMBLE], has_majority=lambda edge, line, before: pd.Series([agreed]))
    row = recommended(22.55, 70.2, system)
    assert (row.recommendation, row.pass_reason) == expected


@pytest.mark.parametrize(
    ("known_until", "price_known_at", "expected"),
    [
        ("2024-12-10 20:00", "2024-12-10 20:00", ("OVER", None)),
        (None, "2024-12-10 20:00", ("OVER", None)),
        ("2024-12-10 20:01", "2024-12-10 20:00", ("PASS", "LATE_FACTS")),
        ("2024-12-10 19:00", None, ("PASS", "UNTIMED_PRICE")),
    ],
)
def test_a_pick_that_knows_more_than_its_price_is_a_pass(
    known_until: str | None, price_known_at: str | None, expected: tuple[str, str | None]
):
    """Half of what injury reports say of a game is published after the prices of the afternoon."""
    times = {"known_until": known_until, "price_known_at": price_known_at}
    known = {name: pd.to_datetime([time], utc=True) for name, time in times.items()}
    told = pd.DataFrame([recommended(22.18)]).assign(**known)
    row = without_late_picks(told).iloc[0]
    assert (row.recommendation, row.pass_reason) == expected
    money = row[["over_price", "under_price", "price_book", "expected_value"]]
    assert money.isna().all() == (expected[0] == "PASS")
    assert row.edge == pytest.approx(2.68)


def test_a_pass_stays_the_pass_it_was():
    told = pd.DataFrame([recommended(19.6)]).assign(known_until=pd.Timestamp("2024-12-10"), price_known_at=pd.NaT)
    assert without_late_picks(told).iloc[0].pass_reason == "SMALL_EDGE"

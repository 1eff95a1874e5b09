"""The rule systems against the worked examples of the rule book, and the directions its predecessors had wrong."""

import json
from typing import Any

import numpy as np
import pytest

from models.systems.base import SystemId

from ..forecast_inputs import example_rows, forecast_of, unknown_player

AVERAGE, ZONES, SIMILAR = SystemId.MOVING_AVERAGE, SystemId.ZONE_MATCHUP, SystemId.SIMILARITY
RULES = (AVERAGE, ZONES, SIMILAR)
UNKNOWN = float("nan")


def points(system: SystemId, **change: Any) -> float:
    return float(forecast_of(system, example_rows(change)).predicted_value[0])


def confidence(system: SystemId, **change: Any) -> float:
    return float(forecast_of(system, example_rows(change)).confidence_score[0])


def terms(system: SystemId, **change: Any) -> dict[str, float]:
    parts = json.loads(forecast_of(system, example_rows(change)).components[0])
    return {term["term"]: term["points"] for term in parts}


def test_the_moving_average_of_the_example():
    assert terms(AVERAGE) == {
        **{"form": 23.24, "fatigue": -1.0, "shot_zones": 0.0943, "back_to_back": -0.5},
        **{"pace": 0.42, "venue": -0.5, "usage": 0.4244},
    }
    assert points(AVERAGE) == pytest.approx(22.18, abs=0.005)
    assert confidence(AVERAGE) == 52


def test_the_zone_matchup_of_the_example():
    """Paint 0.7 x 0.360, mid-range 0.7 x 0.040, three 1.0 x 0.311; pace 0.56, away -0.8, tired -0.8."""
    parts = terms(ZONES)
    assert (parts["paint"], parts["mid_range"], parts["three"]) == pytest.approx((0.252, 0.028, 0.3111), abs=1e-4)
    assert (parts["season"], parts["pace"], parts["venue"], parts["fatigue"]) == (21.5, 0.56, -0.8, -0.8)
    assert points(ZONES) == pytest.approx(21.05, abs=0.005)
    assert confidence(ZONES) == 52


def test_the_similar_games_of_the_example():
    assert terms(SIMILAR) == {
        **{"similar_games": 23.8929, "fatigue": -0.075, "shot_zones": 0.3772},
        **{"pace": 1.12, "usage": 0.8488, "venue": -0.5},
    }
    assert points(SIMILAR) == pytest.approx(25.66, abs=0.005)
    assert confidence(SIMILAR) == 35 - 10 + 9 + 10


@pytest.mark.parametrize("zone", ["paint", "mid_range", "three"])
def test_a_weaker_defence_raises_the_forecast_by_zone(zone: str):
    """A predecessor had the sign reversed: a good defence added points."""
    weak, strong = (points(ZONES, **{f"{zone}_vs_league": gap}) for gap in (0.02, -0.02))
    assert weak > strong


@pytest.mark.parametrize("system", [AVERAGE, SIMILAR])
def test_a_weaker_defence_raises_the_forecast_by_mismatch(system: SystemId):
    assert points(system, shot_zone_mismatch_score=4.0) > points(system, shot_zone_mismatch_score=-4.0)


@pytest.mark.parametrize("system", RULES)
def test_a_faster_game_raises_the_forecast(system: SystemId):
    assert points(system, pace_score=2.0) > points(system, pace_score=-2.0)


@pytest.mark.parametrize("system", [AVERAGE, SIMILAR])
def test_absent_team_mates_raise_the_forecast(system: SystemId):
    assert points(system, usage_spike_score=2.0) > points(system, usage_spike_score=0.0)


@pytest.mark.parametrize("system", [AVERAGE, ZONES])
def test_a_rested_player_is_not_punished(system: SystemId):
    """100 is fresh; a predecessor read the score the other way round."""
    assert terms(system, fatigue_score=100.0)["fatigue"] == 0


@pytest.mark.parametrize(
    ("system", "costs"), [(AVERAGE, (-2.5, -1.0, -1.0, 0.0)), (ZONES, (-1.5, -0.8, -0.8, 0.0))], ids=str
)
def test_fatigue_costs_below_70_and_more_below_50(system: SystemId, costs: tuple[float, ...]):
    assert tuple(terms(system, fatigue_score=score)["fatigue"] for score in (49.9, 50.0, 69.9, 70.0)) == costs


@pytest.mark.parametrize(("system", "home", "away"), [(AVERAGE, 0.5, -0.5), (ZONES, 0.8, -0.8), (SIMILAR, 0.8, -0.5)])
def test_a_neutral_floor_adds_nothing(system: SystemId, home: float, away: float):
    assert [terms(system, home_away=venue)["venue"] for venue in (1.0, 0.5, 0.0)] == [home, 0.0, away]


def test_a_second_night_in_a_row_costs_half_a_point():
    assert points(AVERAGE, back_to_back=0.0) - points(AVERAGE) == pytest.approx(0.5)


def test_a_game_after_a_rest_day_has_a_component_of_zero():
    """-0.5 x 0 is -0.0, which reads as a mistake."""
    assert (
        '{"term": "back_to_back", "points": 0.0}'
        in forecast_of(AVERAGE, example_rows({"back_to_back": 0.0})).components[0]
    )


@pytest.mark.parametrize(("rate", "weight"), [(0.40, 1.0), (0.39, 0.7), (0.20, 0.7), (0.19, 0.4), (0.0, 0.4)])
def test_a_zone_weighs_by_how_often_he_shoots_there(rate: float, weight: float):
    """0.3 x 100 x 0.02 x 1.1 = 0.66 for a whole weight."""
    parts = terms(ZONES, pct_three=rate, three_vs_league=0.02)["three"]
    assert parts == pytest.approx(0.66 * weight)


def test_no_zone_moves_the_forecast_by_more_than_three_points():
    parts = terms(ZONES, pct_three=0.5, three_vs_league=0.5, pct_paint=0.45, paint_vs_league=-0.5)
    assert (parts["three"], parts["paint"]) == (3.0, -3.0)


@pytest.mark.parametrize(
    ("spread", "games", "expected"),
    [
        *((6.1, 4, 45), (6.0, 4, 52), (4.1, 4, 52), (4.0, 4, 60)),
        *((4.0, 3, 60), (4.0, 2, 55), (4.0, 1, 40), (4.0, 0, 40), (7.0, 0, 25)),
    ],
)
def test_confidence_in_form_rests_on_spread_and_games(spread: float, games: float, expected: float):
    for system in (AVERAGE, ZONES):
        assert confidence(system, points_std_last_10=spread, games_in_last_7_days=games) == expected


@pytest.mark.parametrize(
    ("games", "score", "spread", "expected"),
    [
        *((5, 84, 3.9, 44), (7, 84, 3.9, 60), (10, 84, 3.9, 63), (15, 84, 3.9, 66), (20, 85, 3.9, 69)),
        *((20, 74.9, 3.9, 63), (20, 75, 4.0, 62), (20, 75, 6.0, 58), (20, 75, 8.0, 51)),
    ],
)
def test_confidence_in_similar_games(games: float, score: float, spread: float, expected: float):
    change = {"similar_games": games, "similar_score": score, "similar_points_std": spread}
    assert confidence(SIMILAR, **change) == expected


@pytest.mark.parametrize(
    ("system", "optional", "term"),
    [
        *((AVERAGE, "shot_zone_mismatch_score", "shot_zones"), (AVERAGE, "back_to_back", "back_to_back")),
        *((AVERAGE, "pace_score", "pace"), (AVERAGE, "home_away", "venue"), (AVERAGE, "usage_spike_score", "usage")),
        *((ZONES, "pace_score", "pace"), (ZONES, "home_away", "venue")),
        *((SIMILAR, "fatigue_score", "fatigue"), (SIMILAR, "shot_zone_mismatch_score", "shot_zones")),
        *((SIMILAR, "pace_score", "pace"), (SIMILAR, "usage_spike_score", "usage"), (SIMILAR, "home_away", "venue")),
    ],
)
def test_an_unknown_term_is_left_out_and_named(system: SystemId, optional: str, term: str):
    row = forecast_of(system, example_rows({optional: UNKNOWN})).iloc[0]
    left = {part["term"]: part["points"] for part in json.loads(row.components)}
    assert row.missing_inputs == [optional]
    assert left == {name: added for name, added in terms(system).items() if name != term}
    assert row.predicted_value == pytest.approx(sum(left.values()), abs=1e-3)


@pytest.mark.parametrize(
    ("system", "unknown_input", "expected"),
    [
        *((AVERAGE, "points_std_last_10", 60), (AVERAGE, "games_in_last_7_days", 42)),
        *((ZONES, "points_std_last_10", 60), (ZONES, "games_in_last_7_days", 42), (SIMILAR, "similar_points_std", 34)),
    ],
)
def test_an_unknown_confidence_input_is_left_out_and_named(system: SystemId, unknown_input: str, expected: float):
    """An unknown spread was once a spread of 0: the least known players had the highest confidence."""
    row = forecast_of(system, example_rows({unknown_input: UNKNOWN})).iloc[0]
    assert row.confidence_score == expected
    assert row.missing_inputs == [unknown_input]


@pytest.mark.parametrize(
    ("system", "required", "reason"),
    [
        *((AVERAGE, "points_avg_last_5", "MISSING_INPUT"), (AVERAGE, "points_avg_last_10", "MISSING_INPUT")),
        *((AVERAGE, "points_avg_season", "MISSING_INPUT"), (AVERAGE, "fatigue_score", "MISSING_INPUT")),
        *((ZONES, "points_avg_season", "MISSING_INPUT"), (ZONES, "fatigue_score", "MISSING_INPUT")),
        *((ZONES, "pct_paint", "NO_ZONE_DATA"), (ZONES, "pct_mid_range", "NO_ZONE_DATA")),
        *((ZONES, "pct_three", "NO_ZONE_DATA"), (ZONES, "paint_vs_league", "NO_ZONE_DATA")),
        *((ZONES, "mid_range_vs_league", "NO_ZONE_DATA"), (ZONES, "three_vs_league", "NO_ZONE_DATA")),
        *((SIMILAR, "similar_games", "THIN_HISTORY"), (SIMILAR, "similar_points", "MISSING_INPUT")),
        (SIMILAR, "similar_score", "MISSING_INPUT"),
        (SystemId.SEASON_AVERAGE, "points_avg_season", "MISSING_INPUT"),
        (SystemId.MARKET_LINE, "line", "NO_LINE"),
    ],
)
def test_a_system_without_a_required_input_abstains_and_names_it(system: SystemId, required: str, reason: str):
    row = forecast_of(system, example_rows({required: UNKNOWN})).iloc[0]
    assert row.abstain_reason == reason
    assert row.missing_inputs == [required]
    assert np.isnan(row.predicted_value)
    assert np.isnan(row.confidence_score)
    assert row.components == "[]"


def test_four_similar_games_are_too_few():
    assert forecast_of(SIMILAR, example_rows({"similar_games": 4.0})).abstain_reason[0] == "THIN_HISTORY"
    assert forecast_of(SIMILAR, example_rows({"similar_games": 5.0})).abstain_reason[0] is None


def test_a_player_of_whom_nothing_is_known_gets_no_forecast():
    for system in (*RULES, SystemId.SEASON_AVERAGE, SystemId.MARKET_LINE):
        assert forecast_of(system, unknown_player()).predicted_value.isna().all(), system


def test_a_forecast_never_falls_below_nothing_and_the_parts_still_add_up():
    """A bench player on the road: 0.2 points on average, half of one off for the venue."""
    bench = {"points_avg_last_5": 0.2, "points_avg_last_10": 0.2, "points_avg_season": 0.2}
    assert points(AVERAGE, **bench, usage_spike_score=0.0, pace_score=0.0) == 0
    assert sum(terms(AVERAGE, **bench, usage_spike_score=0.0, pace_score=0.0).values()) == pytest.approx(0, abs=1e-9)


def test_no_forecast_exceeds_sixty_points():
    assert points(SIMILAR, similar_points=59.9) == 60
    assert sum(terms(SIMILAR, similar_points=59.9).values()) == pytest.approx(60)


def test_each_row_is_judged_by_itself():
    rows = example_rows({}, {"points_avg_season": UNKNOWN}, {"home_away": 1.0})
    together = forecast_of(AVERAGE, rows)
    assert together.abstain_reason.tolist() == [None, "MISSING_INPUT", None]
    assert together.predicted_value[2] - together.predicted_value[0] == pytest.approx(1.0)


def test_the_season_average_is_the_season_average():
    row = forecast_of(SystemId.SEASON_AVERAGE).iloc[0]
    assert (row.predicted_value, row.confidence_score) == (21.5, 50)


def test_the_market_line_is_the_line_and_claims_no_confidence():
    row = forecast_of(SystemId.MARKET_LINE).iloc[0]
    assert row.predicted_value == 19.5
    assert np.isnan(row.confidence_score)

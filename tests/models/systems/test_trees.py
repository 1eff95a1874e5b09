import json

import numpy as np
import pytest

from models.systems import BY_ID, SYSTEMS
from models.systems.base import SystemId
from models.systems.trees import UnusableAnswer

from ..forecast_inputs import Told, evenings, said, unknown

TRAINED = [system.id for system in SYSTEMS if system.trained]
BLIND = [system for system in TRAINED if system != SystemId.MARKET_ANCHORED]
UNKNOWN = float("nan")


def test_the_confidence_of_the_example():
    """Quality 88 and a spread of 5.1: 50 + 7 + 7."""
    row = said(SystemId.XGBOOST, learner=Told(22.4)).iloc[0]
    assert (row.predicted_points, row.confidence_score) == (22.4, 64)


@pytest.mark.parametrize(
    ("quality", "spread", "expected"),
    [
        *((90, 3.9, 70), (89.9, 3.9, 67), (80, 3.9, 67), (79.9, 3.9, 65), (70, 3.9, 65), (69.9, 3.9, 60)),
        *((60, 4.0, 57), (60, 6.0, 55), (60, 8.0, 50)),
    ],
)
def test_confidence_rests_on_quality_and_spread(quality: float, spread: float, expected: float):
    rows = evenings({"feature_quality_score": quality, "points_std_last_10": spread})
    assert said(SystemId.CATBOOST, rows, Told(20.0)).confidence_score[0] == expected


@pytest.mark.parametrize("system", TRAINED)
def test_without_a_model_of_the_month_a_trained_system_abstains(system: SystemId):
    """A predecessor fell back to a mock model in silence; a third of its picks were made up."""
    row = said(system).iloc[0]
    assert row.abstain_reason == "NO_MODEL"
    assert np.isnan(row.predicted_points)


@pytest.mark.parametrize("system", TRAINED)
def test_a_player_of_whom_nothing_is_known_is_not_put_to_the_model(system: SystemId):
    learner = Told(9.0)
    assert said(system, unknown(), learner).predicted_points.isna().all()
    assert learner.asked == []


@pytest.mark.parametrize("average", ["points_avg_last_5", "points_avg_last_10", "points_avg_season"])
def test_a_tree_is_not_asked_of_players_without_an_average(average: str):
    row = said(SystemId.CATBOOST, evenings({average: UNKNOWN}), Told(9.0)).iloc[0]
    assert row.abstain_reason == "MISSING_INPUT"
    assert average in row.missing_inputs


def test_the_market_anchored_system_abstains_without_a_line():
    rows = evenings({}, {"line": UNKNOWN}, {"line": 25.5})
    learner = Told([20.1, 25.1])
    told = said(SystemId.MARKET_ANCHORED, rows, learner)
    assert told.abstain_reason.tolist() == [None, "NO_LINE", None]
    assert told.predicted_points[[0, 2]].tolist() == [20.1, 25.1]
    assert learner.asked[0].line.tolist() == [19.5, 25.5]


@pytest.mark.parametrize("system", BLIND)
def test_other_trained_systems_need_no_line(system: SystemId):
    assert said(system, evenings({"line": UNKNOWN}), Told(20.0)).predicted_points[0] == 20


def test_a_model_is_given_unknown_features_as_unknown():
    learner = Told(20.0)
    row = said(SystemId.XGBOOST, evenings({"pace_score": UNKNOWN}), learner).iloc[0]
    assert np.isnan(learner.asked[0].pace_score[0])
    assert "pace_score" in row.missing_inputs


def test_only_the_extended_system_misses_extended_features():
    extra = "vacated_minutes"
    assert extra in said(SystemId.CATBOOST_EXTENDED, learner=Told(20.0)).missing_inputs[0]
    assert extra not in said(SystemId.CATBOOST, learner=Told(20.0)).missing_inputs[0]


def test_an_unknown_quality_or_spread_is_left_out_of_confidence_and_named():
    rows = evenings({"feature_quality_score": UNKNOWN}, {"points_std_last_10": UNKNOWN})
    told = said(SystemId.XGBOOST, rows, Told(20.0))
    assert told.confidence_score.tolist() == [57, 57]
    assert "feature_quality_score" in told.missing_inputs[0]
    assert "points_std_last_10" in told.missing_inputs[1]


def test_the_five_features_that_moved_a_prediction_most_are_told_strongest_first():
    moved = {
        **{"pace_score": 0.1, "points_avg_last_5": 4.0, "home_away": -0.3, "fatigue_score": -2.0},
        **{"injury_risk": 0.2, "usage_spike_score": 0.15},
    }
    row = said(SystemId.CATBOOST, learner=Told(20.0, moved)).iloc[0]
    assert json.loads(row.components) == [
        {"feature": "points_avg_last_5", "value": 24.2, "points": 4.0},
        {"feature": "fatigue_score", "value": 65.0, "points": -2.0},
        {"feature": "home_away", "value": 0.0, "points": -0.3},
        {"feature": "injury_risk", "value": None, "points": 0.2},
        {"feature": "usage_spike_score", "value": 1.061, "points": 0.15},
    ]


@pytest.mark.parametrize("answer", [[20.0, 21.0, 22.0], [20.0, UNKNOWN], [20.0, float("inf")]])
def test_an_answer_that_is_not_one_number_a_row_is_refused(answer: list[float]):
    with pytest.raises(UnusableAnswer, match="xgboost_v1: expected 2 finite numbers"):
        said(SystemId.XGBOOST, evenings({}, {}), Told(answer))


def test_what_a_model_says_beyond_the_limits_is_limited():
    assert said(SystemId.CATBOOST, evenings({}, {}), Told([-3.0, 75.0])).predicted_points.tolist() == [0, 60]


def test_the_limits_of_picks_are_those_of_the_rule_book():
    limits = {system.id: (system.least_confidence, system.least_edge) for system in SYSTEMS if system.picks}
    assert limits == {
        **dict.fromkeys((SystemId.MOVING_AVERAGE, SystemId.ZONE_MATCHUP, SystemId.SEASON_AVERAGE), (45, 2.0)),
        **{SystemId.SIMILARITY: (55, 2.0), SystemId.XGBOOST: (60, 1.5), SystemId.ENSEMBLE: (65, 1.5)},
        **dict.fromkeys((SystemId.CATBOOST, SystemId.CATBOOST_EXTENDED, SystemId.MARKET_ANCHORED), (60, 1.0)),
    }


def test_every_system_has_its_place_once():
    assert [system.id for system in SYSTEMS] == list(SystemId)
    assert set(BY_ID) == set(SystemId)

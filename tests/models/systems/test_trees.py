import json

import numpy as np
import pytest

from models.inference.forecast import every_row, forecast, no_row
from models.system_ids import POINT_SYSTEMS, SystemId
from models.systems import SYSTEMS, SYSTEMS_BY_ID
from models.systems.trees import CATBOOST, InvalidPrediction

from ..forecast_inputs import FakeLearner, example_rows, forecast_of, unknown_player

TRAINED = [system.id for system in SYSTEMS if system.trained]
BLIND = [system for system in TRAINED if system != SystemId.MARKET_ANCHORED]
UNKNOWN = float("nan")


def test_the_confidence_of_the_example():
    """Quality 88 and a spread of 5.1: 50 + 7 + 7."""
    row = forecast_of(SystemId.XGBOOST, learner=FakeLearner(22.4)).iloc[0]
    assert (row.predicted_value, row.confidence_score) == (22.4, 64)


@pytest.mark.parametrize(
    ("quality", "spread", "expected"),
    [
        *((90, 3.9, 70), (89.9, 3.9, 67), (80, 3.9, 67), (79.9, 3.9, 65), (70, 3.9, 65), (69.9, 3.9, 60)),
        *((60, 4.0, 57), (60, 6.0, 55), (60, 8.0, 50)),
    ],
)
def test_confidence_rests_on_quality_and_spread(quality: float, spread: float, expected: float):
    rows = example_rows({"feature_quality_score": quality, "points_std_last_10": spread})
    assert forecast_of(SystemId.CATBOOST, rows, FakeLearner(20.0)).confidence_score[0] == expected


@pytest.mark.parametrize("system", TRAINED)
def test_without_a_model_of_the_month_a_trained_system_abstains(system: SystemId):
    """A predecessor fell back to a mock model in silence; a third of its picks were made up."""
    row = forecast_of(system).iloc[0]
    assert row.abstain_reason == "NO_MODEL"
    assert np.isnan(row.predicted_value)


@pytest.mark.parametrize("system", TRAINED)
def test_the_model_does_not_receive_a_player_of_whom_nothing_is_known(system: SystemId):
    learner = FakeLearner(9.0)
    assert forecast_of(system, unknown_player(), learner).predicted_value.isna().all()
    assert learner.calls == []


@pytest.mark.parametrize("average", ["points_avg_last_5", "points_avg_last_10", "points_avg_season"])
def test_a_tree_does_not_predict_players_without_an_average(average: str):
    row = forecast_of(SystemId.CATBOOST, example_rows({average: UNKNOWN}), FakeLearner(9.0)).iloc[0]
    assert row.abstain_reason == "MISSING_INPUT"
    assert average in row.missing_inputs


def test_the_market_anchored_system_abstains_without_a_line():
    rows = example_rows({}, {"line": UNKNOWN}, {"line": 25.5})
    learner = FakeLearner([20.1, 25.1])
    forecasts = forecast_of(SystemId.MARKET_ANCHORED, rows, learner)
    assert forecasts.abstain_reason.tolist() == [None, "NO_LINE", None]
    assert forecasts.predicted_value[[0, 2]].tolist() == [20.1, 25.1]
    assert learner.calls[0].line.tolist() == [19.5, 25.5]


@pytest.mark.parametrize("system", BLIND)
def test_other_trained_systems_need_no_line(system: SystemId):
    assert forecast_of(system, example_rows({"line": UNKNOWN}), FakeLearner(20.0)).predicted_value[0] == 20


def test_a_model_is_given_unknown_features_as_unknown():
    learner = FakeLearner(20.0)
    row = forecast_of(SystemId.XGBOOST, example_rows({"pace_score": UNKNOWN}), learner).iloc[0]
    assert np.isnan(learner.calls[0].pace_score[0])
    assert "pace_score" in row.missing_inputs


def test_only_the_extended_system_misses_extended_features():
    extra = "vacated_minutes"
    assert extra in forecast_of(SystemId.CATBOOST_EXTENDED, learner=FakeLearner(20.0)).missing_inputs[0]
    assert extra not in forecast_of(SystemId.CATBOOST, learner=FakeLearner(20.0)).missing_inputs[0]


def test_an_unknown_quality_or_spread_is_left_out_of_confidence_and_named():
    rows = example_rows({"feature_quality_score": UNKNOWN}, {"points_std_last_10": UNKNOWN})
    forecasts = forecast_of(SystemId.XGBOOST, rows, FakeLearner(20.0))
    assert forecasts.confidence_score.tolist() == [57, 57]
    assert "feature_quality_score" in forecasts.missing_inputs[0]
    assert "points_std_last_10" in forecasts.missing_inputs[1]


def test_the_five_features_that_moved_a_prediction_most_are_components_strongest_first():
    moved = {
        **{"pace_score": 0.1, "points_avg_last_5": 4.0, "home_away": -0.3, "fatigue_score": -2.0},
        **{"injury_risk": 0.2, "usage_spike_score": 0.15},
    }
    forecasts = forecast(example_rows(), {SystemId.CATBOOST: FakeLearner(20.0, moved)}, {}, [CATBOOST])
    assert json.loads(forecasts.components[0]) == [
        {"feature": "points_avg_last_5", "value": 24.2, "points": 4.0},
        {"feature": "fatigue_score", "value": 65.0, "points": -2.0},
        {"feature": "home_away", "value": 0.0, "points": -0.3},
        {"feature": "injury_risk", "value": None, "points": 0.2},
        {"feature": "usage_spike_score", "value": 1.061, "points": 0.15},
    ]


def test_only_forecasts_with_a_line_are_explained_unless_all_are_asked_for():
    """SHAP values of rows that nobody reads took most of the time of a forecast over five seasons."""
    rows = example_rows({}, {"line": UNKNOWN}, {"points_avg_last_5": UNKNOWN})
    learner = FakeLearner(20.0, {"pace_score": 0.5})
    by_default, all_of_them, none = (
        forecast(rows, {SystemId.CATBOOST: learner}, {}, [CATBOOST], **chosen)
        for chosen in ({}, {"explained": every_row}, {"explained": no_row})
    )
    because = '[{"feature": "pace_score", "value": 1.4, "points": 0.5}]'
    assert by_default.components.tolist() == [because, "[]", "[]"]
    assert all_of_them.components.tolist() == [because, because, "[]"]
    assert none.components.tolist() == ["[]", "[]", "[]"]
    assert by_default.drop(columns="components").equals(none.drop(columns="components"))


@pytest.mark.parametrize("answer", [[20.0, 21.0, 22.0], [20.0, UNKNOWN], [20.0, float("inf")]])
def test_a_prediction_that_is_not_one_number_a_row_is_refused(answer: list[float]):
    with pytest.raises(InvalidPrediction, match="xgboost_v1: expected 2 finite numbers"):
        forecast_of(SystemId.XGBOOST, example_rows({}, {}), FakeLearner(answer))


def test_a_prediction_beyond_the_limits_is_limited():
    assert forecast_of(SystemId.CATBOOST, example_rows({}, {}), FakeLearner([-3.0, 75.0])).predicted_value.tolist() == [
        0,
        60,
    ]


def test_the_limits_of_picks_are_those_of_the_rule_book():
    limits = {system.id: tuple(system.limits) for system in SYSTEMS if system.picks}
    assert limits == {
        **dict.fromkeys((SystemId.MOVING_AVERAGE, SystemId.ZONE_MATCHUP, SystemId.SEASON_AVERAGE), (45, 2.0)),
        **{SystemId.SIMILARITY: (55, 2.0), SystemId.XGBOOST: (60, 1.5), SystemId.ENSEMBLE: (65, 1.5)},
        **dict.fromkeys((SystemId.CATBOOST, SystemId.CATBOOST_EXTENDED, SystemId.MARKET_ANCHORED), (60, 1.0)),
    }


def test_every_system_is_listed_once():
    assert [system.id for system in SYSTEMS] == [*POINT_SYSTEMS]
    assert set(SYSTEMS_BY_ID) == set(POINT_SYSTEMS)

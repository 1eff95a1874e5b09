import json
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from models.features import BASE
from models.inference.distribution import Band, ResidualSpread
from models.inference.forecast import COLUMNS, InvalidForecastInput, NoSuchLine, forecast, quote_lines
from models.systems import SYSTEMS
from models.systems.base import SystemId

from ..forecast_inputs import FakeLearner, example_rows, unknown_player

LEARNERS = {
    **{SystemId.XGBOOST: FakeLearner(22.40), SystemId.CATBOOST: FakeLearner(22.10)},
    **{SystemId.CATBOOST_EXTENDED: FakeLearner(21.0), SystemId.MARKET_ANCHORED: FakeLearner(19.6)},
}
SPREADS = {system.id: ResidualSpread((Band(0.0, 6.5, 2000),)) for system in SYSTEMS}
UNKNOWN = float("nan")


def by_system(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.set_index("system_id")


def test_the_forecasts_of_the_example():
    """The numbers of the rule book, from the averages to the ensemble's pick."""
    forecasts = by_system(forecast(example_rows(), LEARNERS, SPREADS))
    assert forecasts.predicted_value.round(2).to_dict() == {
        **{"moving_average_baseline_v1": 22.18, "zone_matchup_v1": 21.05, "similarity_balanced_v1": 25.66},
        **{"xgboost_v1": 22.40, "catboost_v8": 22.10, "ensemble_v1": 22.23, "catboost_v9": 21.0},
        **{"market_anchored_v1": 19.6, "season_average_v1": 21.5, "market_line": 19.5},
    }
    assert forecasts.recommendation.to_dict() == {
        **dict.fromkeys(("moving_average_baseline_v1", "xgboost_v1", "catboost_v8", "ensemble_v1"), "OVER"),
        **dict.fromkeys(("catboost_v9", "season_average_v1"), "OVER"),
        **dict.fromkeys(("zone_matchup_v1", "similarity_balanced_v1", "market_anchored_v1", "market_line"), "PASS"),
    }
    assert forecasts.pass_reason.dropna().to_dict() == {
        **{"zone_matchup_v1": "SMALL_EDGE", "similarity_balanced_v1": "LOW_CONFIDENCE"},
        **{"market_anchored_v1": "SMALL_EDGE", "market_line": "REFERENCE"},
    }
    ensemble = forecasts.loc["ensemble_v1"]
    assert ensemble.confidence_score == pytest.approx(75)
    assert ensemble.edge == pytest.approx(2.73, abs=0.005)


def test_every_system_has_one_row_for_every_player_game_abstaining_or_not():
    rows = pd.concat([example_rows({}, {"player_lookup": "other", "line": UNKNOWN}), unknown_player()])
    forecasts = forecast(rows.assign(player_lookup=["a", "b", "c"]), {}, {})
    assert tuple(forecasts.columns) == COLUMNS
    assert not forecasts.duplicated(["player_lookup", "system_id"]).any()
    assert len(forecasts) == 3 * len(SYSTEMS)
    assert (forecasts.predicted_value.isna() == forecasts.abstain_reason.notna()).all()


def test_a_player_of_whom_nothing_is_known_gets_no_forecast_from_anyone():
    forecasts = forecast(unknown_player(), LEARNERS, SPREADS)
    assert forecasts.abstain_reason.notna().all()
    assert (
        forecasts[["predicted_value", "confidence_score", "edge", "over_probability", "predicted_sd"]]
        .isna()
        .all()
        .all()
    )
    assert (forecasts.components == "[]").all()
    assert (forecasts.missing_inputs.str.len() > 0).all()
    assert (forecasts.recommendation == "NO_LINE").all()


def test_chances_are_taken_from_the_systems_own_spread_around_its_own_centre():
    """Points 22.5 and line 22.5 with the middle two below the mean: less than half of the games."""
    spreads = {
        SystemId.XGBOOST: ResidualSpread((Band(0.0, 6.5, 2000, shift=-2.0),)),
        SystemId.CATBOOST: SPREADS["catboost_v8"],
    }
    learners = {SystemId.XGBOOST: FakeLearner(22.5), SystemId.CATBOOST: FakeLearner(22.5)}
    forecasts = by_system(forecast(example_rows({"line": 22.5}), learners, spreads))
    assert forecasts.over_probability["catboost_v8"] == pytest.approx(0.5)
    assert forecasts.over_probability["xgboost_v1"] == pytest.approx(0.379, abs=5e-4)
    assert forecasts.predicted_sd["xgboost_v1"] == 6.5
    assert forecasts.loc["moving_average_baseline_v1", ["over_probability", "predicted_sd"]].isna().all()


def test_the_forecasts_of_a_player_do_not_depend_on_the_other_rows():
    three = example_rows({}, {"line": UNKNOWN, "home_away": 1.0}, {"points_avg_season": UNKNOWN})
    three["player_lookup"] = ["a", "b", "c"]
    together = forecast(three, LEARNERS, SPREADS)
    alone = pd.concat([forecast(three.iloc[[n]], LEARNERS, SPREADS) for n in range(3)])
    order = ["system_id", "player_lookup"]
    pd.testing.assert_frame_equal(
        together.sort_values(order, ignore_index=True), alone.sort_values(order, ignore_index=True), check_dtype=False
    )


def test_a_frame_without_rows_has_forecasts_without_rows():
    forecasts = forecast(example_rows().iloc[:0], LEARNERS, SPREADS)
    assert forecasts.empty
    assert tuple(forecasts.columns) == COLUMNS


def test_a_learner_is_called_once_and_the_input_frame_is_not_changed():
    given = example_rows({}, {})
    before = given.copy(deep=True)
    learner = FakeLearner(20.0)
    forecast(given, {SystemId.XGBOOST: learner}, SPREADS)
    assert len(learner.calls) == 1
    pd.testing.assert_frame_equal(given, before)


def test_any_index_will_do():
    rows = example_rows({}, {"points_avg_season": 10.0}).set_axis([40, 40])
    forecasts = forecast(rows, LEARNERS, SPREADS)
    assert forecasts[forecasts.system_id == "season_average_v1"].predicted_value.tolist() == [21.5, 10.0]
    assert forecasts.index.tolist() == list(range(20))


def test_components_and_lists_are_what_a_warehouse_can_hold():
    forecasts = forecast(example_rows({"pace_score": UNKNOWN}), LEARNERS, SPREADS)
    assert all(isinstance(json.loads(text), list) for text in forecasts.components)
    assert forecasts.missing_inputs.map(type).eq(list).all()


def test_a_missing_feature_is_refused_by_name():
    with pytest.raises(InvalidForecastInput, match="found no pace_score"):
        forecast(example_rows().drop(columns="pace_score"), LEARNERS, SPREADS)


def test_a_missing_price_or_piece_of_evidence_is_refused_by_name():
    with pytest.raises(InvalidForecastInput, match="found no similar_score, over_counter_price"):
        forecast(example_rows().drop(columns=["over_counter_price", "similar_score"]), LEARNERS, SPREADS)


def test_features_in_another_order_are_refused_by_name_and_never_put_in_order():
    """A predecessor's model was served another order, and answered."""
    columns = list(example_rows().columns)
    pace, usage = columns.index("pace_score"), columns.index("usage_spike_score")
    columns[pace], columns[usage] = columns[usage], columns[pace]
    with pytest.raises(InvalidForecastInput, match="found usage_spike_score where pace_score belongs"):
        forecast(example_rows()[columns], LEARNERS, SPREADS)


def test_a_feature_given_twice_is_refused():
    rows = example_rows()
    with pytest.raises(InvalidForecastInput, match="ppm_avg_last_10 again"):
        forecast(pd.concat([rows, rows[["ppm_avg_last_10"]]], axis=1), LEARNERS, SPREADS)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), 121.0, -0.1])
def test_a_feature_outside_its_range_is_refused(value: float):
    """Infinity, limited to sixty, would be the surest over there is."""
    with pytest.raises(InvalidForecastInput, match="points_avg_last_5: expected 0 to 120, found"):
        forecast(example_rows({"points_avg_last_5": value}), LEARNERS, SPREADS)


@pytest.mark.parametrize("column", ["similar_points", "over_price", "paint_vs_league"])
def test_infinity_is_not_unknown(column: str):
    with pytest.raises(InvalidForecastInput, match=f"{column}: found infinity"):
        forecast(example_rows({column: float("inf")}), LEARNERS, SPREADS)


def test_numbers_with_another_kind_of_unknown_are_read_alike():
    rows = example_rows({}, {"similar_games": UNKNOWN})
    typed = rows.astype({"similar_games": "Int64", "over_price": "Int64"})
    pd.testing.assert_frame_equal(forecast(typed, LEARNERS, SPREADS), forecast(rows, LEARNERS, SPREADS))


def test_any_lines_can_be_quoted():
    forecasts = forecast(example_rows(), LEARNERS, SPREADS)
    quotes = quote_lines(forecasts, SPREADS, [19.5, 22])
    assert len(quotes) == 2 * len(SYSTEMS)
    row = quotes[(quotes.system_id == "xgboost_v1") & (quotes.line == 19.5)].iloc[0]
    stored = by_system(forecasts).loc["xgboost_v1"]
    assert row.over_probability == stored.over_probability
    assert (row.fair_over_price, row.fair_under_price) == (-205, 205)
    assert row.over_probability == pytest.approx(1 - NormalDist(22.4, 6.5).cdf(19.5))
    whole = quotes[quotes.line == 22.0]
    assert (whole.push_probability > 0.04).all()
    assert np.allclose(whole.over_probability + whole.push_probability + whole.under_probability, 1)


def test_an_abstention_has_no_quotes():
    quotes = quote_lines(forecast(unknown_player(), LEARNERS, SPREADS), SPREADS, [19.5])
    assert quotes[["over_probability", "fair_over_price"]].isna().all().all()


@pytest.mark.parametrize("line", [0, -5, 1e9, UNKNOWN, 70.5, 22.25, float("inf")])
def test_a_line_nobody_offers_is_refused(line: float):
    with pytest.raises(NoSuchLine, match=r"expected a multiple of 0.5 from 0.5 to 70"):
        quote_lines(forecast(example_rows(), {}, SPREADS), SPREADS, [22.5, line])


def test_the_example_has_the_features_in_order():
    assert [name for name in example_rows().columns if name in set(BASE.names)] == list(BASE.names)

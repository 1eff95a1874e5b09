import numpy as np
import pandas as pd
import pytest

from models.rates.inputs import MINUTES, minutes_features
from models.rates.minutes import LEAST_MINUTES, fit_minutes, forecast_minutes
from models.training.learners import XGBoostLearner

from .frames import SMALL, rates_rows

CONFIG = SMALL.minutes


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return rates_rows(days=30)


@pytest.fixture(scope="module")
def model(rows: pd.DataFrame) -> XGBoostLearner:
    fitted = fit_minutes(minutes_features(rows), rows.actual_minutes, CONFIG)
    assert fitted
    return fitted


def test_minutes_follow_the_usual_ones(rows: pd.DataFrame, model: XGBoostLearner):
    error = forecast_minutes(model, minutes_features(rows)) - rows.minutes_half_life_15
    assert error.abs().mean() < 1.5


def test_a_player_with_under_three_games_has_no_forecast_and_teaches_nothing(rows: pd.DataFrame):
    new = rows.index < 100
    unknown = rows.assign(career_games=np.where(new, 2.0, 3.0))
    wrong = rows.actual_minutes.mask(pd.Series(new), 0.0)
    model, same = (fit_minutes(minutes_features(unknown), played, CONFIG) for played in (rows.actual_minutes, wrong))
    assert model
    assert same
    assert model.to_bytes() == same.to_bytes()
    forecast = forecast_minutes(model, minutes_features(unknown))
    assert np.isnan(forecast).tolist() == new.tolist()


def test_no_forecast_is_under_two_minutes(rows: pd.DataFrame):
    model = fit_minutes(minutes_features(rows), rows.actual_minutes * 0 + 0.5, CONFIG)
    assert model
    assert (forecast_minutes(model, minutes_features(rows)) == LEAST_MINUTES).all()


def test_too_few_rows_give_no_model(rows: pd.DataFrame):
    few = rows.head(CONFIG.least_rows - 1)
    assert fit_minutes(minutes_features(few), few.actual_minutes, CONFIG) is None


def test_a_stored_model_forecasts_the_same_and_equal_rows_give_equal_bytes(rows: pd.DataFrame, model: XGBoostLearner):
    features = minutes_features(rows)
    again = XGBoostLearner.from_bytes(model.to_bytes(), MINUTES)
    np.testing.assert_array_equal(forecast_minutes(again, features), forecast_minutes(model, features))
    twin = fit_minutes(features, rows.actual_minutes, CONFIG)
    assert twin
    assert twin.to_bytes() == model.to_bytes()

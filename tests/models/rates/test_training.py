import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.markets import MARKETS, Market
from models.rates import model, training
from models.rates.counts import LEAST_ROWS
from models.rates.inputs import minutes_features
from models.rates.minutes import fit_minutes, forecast_minutes
from models.rates.model import RatesModel
from models.rates.ridge import Ridge, products
from models.rates.terms import REASONS, terms
from models.rates.training import train_months
from models.training.learners import UnusableModel, XGBoostLearner

from .frames import SMALL, rates_rows

NOVEMBER, DECEMBER = dt.date(2024, 11, 1), dt.date(2024, 12, 1)
JANUARY, FEBRUARY = dt.date(2025, 1, 1), dt.date(2025, 2, 1)
FEW = {key: MARKETS[key] for key in ("player_points", "player_rebounds", "player_points_rebounds")}


Models = dict[dt.date, RatesModel]


def train(
    rows: pd.DataFrame,
    *months: dt.date,
    markets: Mapping[str, Market] = FEW,
    stored: Mapping[dt.date, XGBoostLearner] | None = None,
) -> Models:
    return dict(train_months(rows, months, SMALL, stored, markets))


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return rates_rows()


@pytest.fixture(scope="module")
def trained(rows: pd.DataFrame) -> Models:
    return train(rows, NOVEMBER, DECEMBER, JANUARY, FEBRUARY)


def test_a_mean_needs_a_month_of_forecast_minutes(trained: Models):
    """October trains the first minutes, November is forecast with them, and December's means are trained on it."""
    assert list(trained) == [DECEMBER, JANUARY, FEBRUARY]


def test_nothing_of_the_month_or_later_changes_a_byte(rows: pd.DataFrame, trained: Models):
    ahead = rows.game_date >= pd.Timestamp(JANUARY)
    changed = rows.assign(
        actual_points=rows.actual_points.mask(ahead, 60.0), actual_minutes=rows.actual_minutes.mask(ahead, 1.0)
    )
    assert train(changed, JANUARY)[JANUARY].to_bytes() == trained[JANUARY].to_bytes()
    assert train(rows[~ahead], JANUARY)[JANUARY].to_bytes() == trained[JANUARY].to_bytes()
    assert train(changed, FEBRUARY)[FEBRUARY].to_bytes() != trained[FEBRUARY].to_bytes()


def test_the_order_of_the_rows_and_the_months_asked_change_no_byte(rows: pd.DataFrame, trained: Models):
    again = train(rows.sample(frac=1, random_state=2), FEBRUARY)
    assert list(again) == [FEBRUARY]
    assert again[FEBRUARY].to_bytes() == trained[FEBRUARY].to_bytes()


def test_stored_models_of_minutes_save_their_fits(rows: pd.DataFrame, trained: Models, monkeypatch: pytest.MonkeyPatch):
    november = fit_minutes(*_before(rows, NOVEMBER), SMALL.minutes)
    assert november
    stored = {NOVEMBER: november} | {month: model.minutes for month, model in trained.items()}
    fits: list[int] = []
    monkeypatch.setattr(training, "fit_minutes", lambda features, *_: fits.append(len(features)))
    assert train(rows, FEBRUARY, stored=stored)[FEBRUARY].to_bytes() == trained[FEBRUARY].to_bytes()
    assert fits == [0]  # before October there is nothing to fit


def test_means_are_trained_on_minutes_as_they_were_forecast(rows: pd.DataFrame, trained: Models):
    """Fitted minutes are closer to the played ones than any forecast will be."""
    sums = 0.0
    for start, end in ((NOVEMBER, DECEMBER), (DECEMBER, JANUARY)):
        minutes = fit_minutes(*_before(rows, start), SMALL.minutes)
        own = rows[(rows.game_date >= pd.Timestamp(start)) & (rows.game_date < pd.Timestamp(end))]
        assert minutes
        expected = forecast_minutes(minutes, minutes_features(own))
        sums = sums + products(terms(own, "reb", expected), own.actual_reb)
    by_hand = Ridge.solve(tuple(REASONS), sums)
    np.testing.assert_allclose(trained[JANUARY].ridges["reb"].coefficients, by_hand.coefficients, rtol=1e-6, atol=1e-9)


def test_distributions_come_once_there_are_rows_forecast_out_of_sample(trained: Models):
    """December's 1,240 rows are the first with forecast means; with January's they are 2,480, under 3,000."""
    assert LEAST_ROWS == 3_000
    assert [len(model.distributions) for model in trained.values()] == [0, 0, 0]


def test_a_season_keeps_the_distributions_fitted_before_it():
    long = rates_rows(first="2024-02-01", days=290, seed=6)
    july, august, november = (dt.date(2024, 7, 1), dt.date(2024, 8, 1), dt.date(2024, 11, 1))
    models = train(long, july, august, november)
    assert models[july].distributions["player_points"].rows == 91 * 40  # April to June
    assert models[august].distributions == models[november].distributions


def test_a_new_market_of_existing_counts_is_its_row(rows: pd.DataFrame):
    both = Market("player_assists_steals", "as", "assists + steals", ("ast", "stl"), 40)
    trained = train(rows, FEBRUARY, markets={both.key: both})[FEBRUARY]
    assert set(trained.ridges) == {"ast", "stl"}
    new = rows.head(50)
    forecast = trained.forecast(new)
    mean = forecast.expected(both).mean
    np.testing.assert_allclose(mean, forecast.means["ast"] + forecast.means["stl"])
    assert abs(mean.mean() - 0.13 * new.minutes_half_life_15.mean()) < 0.5


def test_an_explanation_sums_to_the_mean_in_the_unit_of_the_market(rows: pd.DataFrame, trained: Models):
    february, few = trained[FEBRUARY], rows.head(20)
    forecast = february.forecast(few)
    for market in FEW.values():
        explanation = february.explain(few, forecast.minutes, market)
        assert list(explanation) == [*REASONS, "limit", "usual"]
        np.testing.assert_allclose(explanation.sum(axis=1), forecast.expected(market).mean, rtol=1e-12)


def test_a_stored_model_forecasts_the_same(rows: pd.DataFrame, trained: Models):
    february = trained[FEBRUARY]
    again, first = RatesModel.from_bytes(february.to_bytes()).forecast(rows), february.forecast(rows)
    np.testing.assert_array_equal(again.minutes, first.minutes)
    np.testing.assert_array_equal(again.means["points"], first.means["points"])


EMPTY = json.dumps({"contract": model.CONTRACT, "minutes": "", "ridges": {}, "distributions": {}}).encode()


@pytest.mark.parametrize("artifact", [b"", b"\xff", b"[]", b"{}", EMPTY])
def test_an_artefact_that_is_none_is_refused(artifact: bytes):
    with pytest.raises(UnusableModel):
        RatesModel.from_bytes(artifact)


def test_a_model_of_terms_with_another_meaning_is_refused(trained: Models, monkeypatch: pytest.MonkeyPatch):
    artifact = trained[FEBRUARY].to_bytes()
    monkeypatch.setattr(model, "CONTRACT", "rates_minutes_v1:0 rates_terms_v1:0")
    with pytest.raises(UnusableModel, match="expected features rates_minutes_v1:0 rates_terms_v1:0, found rates"):
        RatesModel.from_bytes(artifact)


def test_a_player_without_history_has_no_mean(rows: pd.DataFrame, trained: Models):
    new = rows.head(2).assign(career_games=[2.0, 3.0])
    forecast = trained[FEBRUARY].forecast(new)
    assert np.isnan(forecast.expected(FEW["player_points_rebounds"]).mean).tolist() == [True, False]


def test_too_few_rows_give_no_model(rows: pd.DataFrame):
    assert dict(train_months(rows, [FEBRUARY], replace(SMALL, least_rows=1_000_000), markets=FEW)) == {}


def _before(rows: pd.DataFrame, month: dt.date) -> tuple[pd.DataFrame, pd.Series]:
    earlier = rows[rows.game_date < pd.Timestamp(month)].sort_values(["game_date", "player_lookup"], ignore_index=True)
    return minutes_features(earlier), earlier.actual_minutes

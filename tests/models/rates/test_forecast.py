import datetime as dt

import numpy as np
import pandas as pd
import pytest

from models.markets import MARKETS
from models.rates.counts import KNOTS, CountDistribution
from models.rates.forecast import COLUMNS, forecast_markets
from models.rates.inputs import InvalidRatesInput
from models.rates.model import RatesModel
from models.rates.training import train_months
from models.rates.variants import Variant

from .frames import SMALL, rates_rows

POINTS, REBOUNDS, PR = "player_points", "player_rebounds", "player_points_rebounds"
FEW = {key: MARKETS[key] for key in (POINTS, REBOUNDS, PR)}
PLAIN = CountDistribution((1.5, 0.3, 0.0, 0.0), (0.0,), (tuple(KNOTS),), 5_000)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return rates_rows(days=75)


@pytest.fixture(scope="module")
def model(rows: pd.DataFrame) -> RatesModel:
    """A model with distributions on points and on points + rebounds only."""
    [(_, trained)] = train_months(rows, [dt.date(2024, 12, 1)], SMALL, markets=FEW)
    return RatesModel(trained.minutes, trained.ridges, {POINTS: PLAIN, PR: PLAIN})


def of(forecasts: pd.DataFrame, market: str) -> pd.DataFrame:
    return forecasts[forecasts.market == market]


def test_each_row_is_forecast_by_its_variant_and_unknown_without_its_model(rows: pd.DataFrame, model: RatesModel):
    asked = rows.head(4).assign(is_reported=[True, True, False, False], edition=["at_tip", "at_line"] * 2)
    forecasts = forecast_markets(asked, {Variant.AT_TIP: model, Variant.NO_REPORT: model}, markets=FEW)
    assert list(forecasts.columns) == list(COLUMNS)
    assert len(forecasts) == 4 * len(FEW)
    points = of(forecasts, POINTS).loc[asked.index]
    assert points.variant.tolist() == ["at_tip", "at_line", "no_report", "no_report"]
    assert points[["minutes", "mean", "median"]].isna().all(axis=1).tolist() == [False, True, False, False]
    np.testing.assert_allclose(points["mean"].iloc[[0, 2, 3]], model.forecast(asked).means["points"][[0, 2, 3]])


def test_chances_need_a_line_and_medians_a_distribution(rows: pd.DataFrame, model: RatesModel):
    asked = rows.head(3)
    lines = pd.DataFrame({POINTS: [10.5, np.nan, 9.0], REBOUNDS: 4.5}, asked.index)
    forecasts = forecast_markets(asked, {Variant.AT_TIP: model}, lines, FEW)
    points, rebounds, both = (of(forecasts, market) for market in (POINTS, REBOUNDS, PR))
    assert points.over.isna().tolist() == [False, True, False]
    assert (points.push > 0).tolist() == [False, False, True]
    assert points["median"].notna().all()
    assert both["median"].notna().all()
    assert both.over.isna().all()
    assert rebounds["mean"].notna().all()
    assert rebounds[["median", "over", "push"]].isna().all(axis=None)
    np.testing.assert_allclose(both["mean"], points["mean"] + rebounds["mean"])
    alone = PLAIN.at_most(10, model.forecast(asked).expected(FEW[POINTS]))[0]
    assert points.over.iloc[0] == pytest.approx(1 - alone)


def test_rows_against_the_contract_are_refused(rows: pd.DataFrame, model: RatesModel):
    with pytest.raises(InvalidRatesInput, match="is_home"):
        forecast_markets(rows.head(2).assign(is_home=3.0), {Variant.AT_TIP: model}, markets=FEW)

import numpy as np
import pandas as pd
import pytest

from models.markets import BASES
from models.rates.inputs import MINUTES, InvalidRatesInput, checked, form_columns, input_columns, minutes_features

from .frames import rates_rows


@pytest.fixture
def rows() -> pd.DataFrame:
    return rates_rows(days=2, players=4)


def test_every_count_of_a_market_has_its_columns():
    assert set(input_columns()) >= {name for base in BASES for name in form_columns(base)}
    assert "oreb_rate_50" in input_columns(["oreb"])


def test_numbers_are_floats_and_what_is_not_known_stays_unknown(rows: pd.DataFrame):
    given = rows.assign(total=pd.Series([None] * 7 + [225], dtype="object"), games_last_7_days=3)
    numbers = checked(given)[[*input_columns()]]
    assert set(numbers.dtypes) == {np.dtype("float64")}
    assert numbers.total.isna().tolist() == [True] * 7 + [False]
    assert numbers.spread_home.isna().all()


def test_a_missing_column_is_named(rows: pd.DataFrame):
    with pytest.raises(InvalidRatesInput, match="found no edition, mates_blk"):
        checked(rows.drop(columns=["mates_blk", "edition"]))


@pytest.mark.parametrize(("name", "value"), [("is_home", 2.0), ("points_rate_15", -0.1), ("spread_home", np.inf)])
def test_an_impossible_number_is_refused(rows: pd.DataFrame, name: str, value: float):
    rows.loc[3, name] = value
    with pytest.raises(InvalidRatesInput, match=rf"{name}: expected .*, found {value:g} in 1 of 8 rows"):
        checked(rows)


def test_features_of_minutes_have_the_order_of_the_contract_whatever_the_frame_has(rows: pd.DataFrame):
    features = minutes_features(rows[sorted(rows.columns, reverse=True)])
    assert tuple(features.columns) == MINUTES.names
    assert (features.career_games == 50).all()


def test_the_spread_is_that_of_his_own_team(rows: pd.DataFrame):
    features = minutes_features(rows.assign(spread_home=-7.5))
    assert features.spread.tolist() == [-7.5 if home else 7.5 for home in rows.is_home]
    assert (features.spread_size == 7.5).all()

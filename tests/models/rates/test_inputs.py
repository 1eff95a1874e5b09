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
    given = rows.assign(total=pd.Series([None] * 7 + [225], dtype="object"), games_in_7_days=3)
    numbers = checked(given)[[*input_columns()]]
    assert set(numbers.dtypes) == {np.dtype("float64")}
    assert numbers.total.isna().tolist() == [True] * 7 + [False]
    assert numbers.spread.isna().all()


def test_a_missing_column_is_named(rows: pd.DataFrame):
    with pytest.raises(InvalidRatesInput, match="found no edition, mates_blk"):
        checked(rows.drop(columns=["mates_blk", "edition"]))


@pytest.mark.parametrize(("name", "value"), [("home", 2.0), ("points_rate_15", -0.1), ("minutes_rank", np.inf)])
def test_an_impossible_number_is_refused(rows: pd.DataFrame, name: str, value: float):
    rows.loc[3, name] = value
    with pytest.raises(InvalidRatesInput, match=rf"{name}: expected .*, found {value:g} in 1 of 8 rows"):
        checked(rows)


def test_features_of_minutes_have_the_order_of_the_contract_whatever_the_frame_has(rows: pd.DataFrame):
    shuffled = rows.assign(spread=-7.5)[sorted(rows.columns, reverse=True)]
    features = minutes_features(shuffled)
    assert tuple(features.columns) == MINUTES.names
    assert (features.spread_size == 7.5).all()
    assert (features.spread == -7.5).all()

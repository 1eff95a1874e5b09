import pytest

import nba_assets
from models.rates.inputs import KEYS, MINUTES, SPREAD_HOME, input_columns
from nba_assets.kit.table import declared_tables
from nba_assets.precompute.player_market_form import FORMS

TABLES = declared_tables(nba_assets)
OF_ROWS = {
    name: column
    for table in ("player_presence", "player_minutes_form", "game_editions")
    for name, column in TABLES[table].contract.columns.items()
}
OF_FORMS = {f"{base}_{measure}" for base in FORMS for measure in TABLES["player_market_form"].contract.columns}
BOUNDED = [
    feature for feature in (*MINUTES, SPREAD_HOME) if feature.name in OF_ROWS and OF_ROWS[feature.name].high is not None
]


def test_every_input_of_the_rates_models_is_a_column_of_a_table():
    assert not [name for name in (*KEYS, *input_columns()) if name not in OF_ROWS and name not in OF_FORMS]


@pytest.mark.parametrize("feature", BOUNDED, ids=lambda feature: feature.name)
def test_the_models_accept_every_number_that_a_table_may_hold(feature):
    """A total of 355 passes its table: a narrower contract would stop the forecasts of a whole date."""
    column = OF_ROWS[feature.name]
    assert feature.low <= column.low
    assert column.high <= feature.high

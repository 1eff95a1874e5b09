"""Explanations that are not stored with a forecast, computed when somebody looks at it."""

from collections.abc import Mapping

import pandas as pd

from models.systems import SYSTEMS
from nba_assets.kit.calendar import month_of
from nba_assets.kit.table import Table
from nba_assets.predictions.forecast_inputs import KEY, forecast_inputs, with_counter_prices
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectMissing, ObjectStore
from nba_resources.warehouse.base import Warehouse

TRAINED = [system.id.value for system in SYSTEMS if system.trained]
UNEXPLAINED = "[]"
SAME_POINTS = 1e-9
_EXPLAINED = ("predicted_value", "components")
_INPUTS = ("ml_feature_store_v2", "prediction_evidence", "player_prop_lines")
_MODELS = "ml_model_registry"


def with_all_explanations(
    forecasts: pd.DataFrame, warehouse: Warehouse, tables: Mapping[str, Table], objects: ObjectStore
) -> pd.DataFrame:
    """Add the strongest features to stored forecasts of trained systems that have none, as those without a line.

    The models of the month forecast the players again. A forecast that comes out differently, because the model or an
    input has changed since, stays unexplained, and so do those whose model cannot be loaded any more.
    """
    is_open = forecasts.system_id.isin(TRAINED) & forecasts.predicted_value.notna()
    is_open &= forecasts.components == UNEXPLAINED
    read = [tables[name].contract for name in (*_INPUTS, _MODELS)]
    if not is_open.any() or len(warehouse.stored_keys(read)) < len(read):
        return forecasts
    keys = [*KEY, "system_id"]
    stored = forecasts[keys].assign(game_date=pd.to_datetime(forecasts.game_date))
    computed = _computed(stored[is_open], warehouse, tables, objects)
    found = stored.merge(computed[[*keys, *_EXPLAINED]], on=keys, how="left").set_axis(forecasts.index)
    same = is_open & ((found.predicted_value - forecasts.predicted_value).abs() < SAME_POINTS)
    return forecasts.assign(components=forecasts.components.mask(same, found.components))


def inputs_of(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, players: list[str]) -> pd.DataFrame:
    """Read the forecast inputs of some players."""
    features, evidence, lines = (
        tables[name].contract.table().filter(lambda row: row.game_date.between(dates.start, dates.end))
        for name in _INPUTS
    )
    rows = forecast_inputs(features, evidence, lines)
    return with_counter_prices(warehouse.read(rows.filter(rows.player_lookup.isin(players))))


def _computed(
    keys: pd.DataFrame, warehouse: Warehouse, tables: Mapping[str, Table], objects: ObjectStore
) -> pd.DataFrame:
    """Forecast some players again by the trained systems, and explain all of it."""
    from models.inference.forecast import COLUMNS, every_row, forecast
    from models.training.learners import UnusableModel
    from nba_assets.predictions.month_models import models_of  # the learners' libraries take a second to import

    days = keys.game_date.dt.date
    rows = inputs_of(warehouse, tables, DateRange(days.min(), days.max()), sorted(keys.player_lookup.unique()))
    register = tables[_MODELS].contract.table()
    models = warehouse.read(register.filter(register.model_month.isin(sorted({*map(month_of, days)}))))
    parts = []
    systems = [system for system in SYSTEMS if system.trained]
    for month, of_month in rows.groupby(rows.game_date.dt.date.map(month_of)):
        try:
            learners = models_of(models, month, objects.read).learners
        except (UnusableModel, ObjectMissing):
            continue
        parts.append(forecast(of_month, learners, {}, systems, explained=every_row))
    return pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS)).astype({"game_date": "datetime64[us]"})

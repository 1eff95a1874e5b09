"""Explanations that are not stored with a forecast, computed when somebody looks at it."""

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

import ibis.expr.types as ir
import pandas as pd

from models.systems import SYSTEMS
from nba_assets.kit.calendar import month_of
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table, Tables
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
    rows = warehouse.read(_inputs(tables, dates))
    return with_counter_prices(rows[rows.player_lookup.isin(players)].reset_index(drop=True))


@stored_query
def _inputs(tables: Tables, dates: DateRange) -> ir.Table:
    rows = (tables[name].contract.table() for name in _INPUTS)
    return forecast_inputs(*(of_table.filter(of_table.game_date.between(dates.start, dates.end)) for of_table in rows))


@stored_query
def _models_of(tables: Tables, dates: DateRange) -> ir.Table:
    models = tables[_MODELS].contract.table()
    return models.filter(models.model_month.between(month_of(dates.start), month_of(dates.end)))


@dataclass(frozen=True)
class ByContent:
    """A frame that equals another with the same rows, so that it can be the key of a cache."""

    content: bytes
    frame: pd.DataFrame = field(compare=False, repr=False)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """Hash the names of the columns and the rows."""
        return cls(",".join(frame).encode() + pd.util.hash_pandas_object(frame).to_numpy().tobytes(), frame)


def _computed(
    keys: pd.DataFrame, warehouse: Warehouse, tables: Mapping[str, Table], objects: ObjectStore
) -> pd.DataFrame:
    """Forecast some players again by the trained systems, and explain all of it."""
    from models.inference.forecast import COLUMNS
    from models.training.learners import UnusableModel

    days = keys.game_date.dt.date
    dates = DateRange(days.min(), days.max())
    with warehouse.session():
        rows = inputs_of(warehouse, tables, dates, sorted(keys.player_lookup.unique()))
        models = ByContent.of(warehouse.read(_models_of(tables, dates)))
    parts = []
    for month, of_month in rows.groupby(rows.game_date.dt.date.map(month_of)):
        with suppress(UnusableModel, ObjectMissing):
            parts.append(explained(ByContent.of(of_month), models, month, objects))
    return pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS)).astype({"game_date": "datetime64[us]"})


@lru_cache(maxsize=1)
def explained(rows: ByContent, models: ByContent, month: dt.date, objects: ObjectStore) -> pd.DataFrame:
    """Forecast and explain rows of a month by its models; kept, as several exports of a run show the same forecasts."""
    from models.inference.forecast import every_row, forecast
    from nba_assets.predictions.month_models import models_of  # the learners' libraries take a second to import

    systems = [system for system in SYSTEMS if system.trained]
    learners = models_of(models.frame, month, objects.read).learners
    return forecast(rows.frame, learners, {}, systems, explained=every_row)

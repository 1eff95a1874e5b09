"""Explanations that are not stored are computed when they are shown, and only if they explain what is stored."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from models.features import BASE
from models.systems.base import Learner, SystemId
from models.training.learners import UnusableModel
from nba_assets.predictions import explained_forecasts, month_models
from nba_assets.predictions.explained_forecasts import ByContent, with_all_explanations
from nba_assets.predictions.month_models import MonthModels
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...models.forecast_inputs import FakeLearner
from ...shared import warehouse_at
from ..rows import TABLES, store

TONIGHT, MONTH = dt.date(2024, 12, 4), dt.date(2024, 12, 1)
KNOWN = {feature.name: (feature.low + feature.high) / 2 for feature in BASE} | {"has_vegas_line": 0, "home_away": 1}
KNOWN |= {"back_to_back": 0, "playoff_game": 0}
NO_LINE = {"vegas_points_line": None, "vegas_opening_line": None}
BECAUSE = '[{"feature": "home_away", "value": 1.0, "points": 0.5}]'
STORED = '[{"feature": "pace_score", "value": 1.0, "points": 2.0}]'


def key(player: str) -> dict:
    return {"game_date": TONIGHT, "player_lookup": player, "game_id": "0022400300"}


def forecast(player: str, system: str = "xgboost_v1", **told) -> dict:
    return key(player) | {"system_id": system, "predicted_value": 20.0, "components": "[]"} | told


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    rows = [key(name) | KNOWN | NO_LINE | {"is_prop_eligible": True} for name in ("a", "b")]
    return store(
        warehouse_at(tmp_path_factory.mktemp("home") / "nba.duckdb"),
        ml_feature_store_v2=rows,
        prediction_evidence=[key(name) | {"similar_games": 0} for name in ("a", "b")],
        player_prop_lines=[],
        ml_model_registry=[],
    )


@pytest.fixture
def learner(monkeypatch: pytest.MonkeyPatch) -> FakeLearner:
    """The model of December, which the stored forecasts came from."""
    explained_forecasts.explained.cache_clear()
    learner = FakeLearner(20.0, {"home_away": 0.5})
    models: dict[SystemId, Learner] = {SystemId.XGBOOST: learner}
    monkeypatch.setattr(
        month_models, "models_of", lambda _, month, __: MonthModels(models if month == MONTH else {}, {}, {})
    )
    return learner


def explained(warehouse: DuckDBWarehouse, *rows: dict) -> list[str]:
    stored = pd.DataFrame([*rows]).assign(game_date=pd.Timestamp(TONIGHT)).set_axis(range(40, 40 + len(rows)))
    found = with_all_explanations(stored, warehouse, TABLES, ObjectStore(root="nowhere"))
    assert found.drop(columns="components").equals(stored.drop(columns="components"))
    return found.components.tolist()


def test_a_forecast_without_a_line_is_explained_and_a_stored_explanation_stays(warehouse, learner):
    rows = [forecast("a"), forecast("b", components=STORED), forecast("a", "season_average_v1")]
    assert explained(warehouse, *rows) == [BECAUSE, STORED, "[]"]


def test_a_forecast_that_would_come_out_differently_today_stays_unexplained(warehouse, learner):
    """Its model or an input has changed since, so the features would explain another number."""
    assert explained(warehouse, forecast("a", predicted_value=20.5), forecast("b")) == ["[]", BECAUSE]


def test_a_system_that_abstained_is_not_computed(warehouse, learner):
    assert explained(warehouse, forecast("a", predicted_value=None)) == ["[]"]
    assert learner.calls == []


def test_two_exports_that_show_the_same_forecasts_explain_them_once(warehouse, learner):
    assert explained(warehouse, forecast("a"), forecast("b")) == [BECAUSE, BECAUSE]
    once = len(learner.calls)
    assert explained(warehouse, forecast("b"), forecast("a")) == [BECAUSE, BECAUSE]
    assert len(learner.calls) == once
    assert explained(warehouse, forecast("a")) == [BECAUSE]
    assert len(learner.calls) == 2 * once, "other rows are computed"


def test_rows_are_the_same_only_if_every_value_and_name_is():
    rows = pd.DataFrame({"player": ["a", None], "points": [1.0, float("nan")]})
    assert ByContent.of(rows) == ByContent.of(rows.copy())
    others = [rows.assign(points=[1.0, 2.0]), rows.rename(columns={"points": "line"}), rows.iloc[::-1], rows.head(1)]
    assert ByContent.of(rows) not in [ByContent.of(other) for other in others]


def test_without_models_nothing_is_explained_and_nothing_fails(warehouse, monkeypatch, tmp_path: Path):
    def refuse(*_) -> MonthModels:
        raise UnusableModel("another library")

    explained_forecasts.explained.cache_clear()
    monkeypatch.setattr(month_models, "models_of", refuse)
    assert explained(warehouse, forecast("a")) == ["[]"]
    assert explained(warehouse_at(tmp_path / "nba.duckdb"), forecast("a")) == ["[]"]

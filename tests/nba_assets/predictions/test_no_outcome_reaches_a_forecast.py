"""A month's models and its first night's forecasts, made from two pasts that differ in nothing but what came after."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from models.training.config import TrainingConfig
from nba_assets.kit.table_context import TableContext, arrow_rows, parts_of
from nba_assets.predictions import ml_model_registry as training
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...autumn import TABLES, filled

MONTH = dt.date(2024, 12, 1)
NIGHT = DateRange(MONTH, MONTH)
NOVEMBER = TrainingConfig(validation_dates=8, least_rows=1_000, least_rows_with_line=100)
LINE = ("pts", "fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "minutes")
OUTCOMES = ("player_boxscores", "team_boxscores", "shots")
KEY = ("player_lookup", "market", "system_id", "edition")
FORECAST = (*KEY, "predicted_value", "over_probability", "abstain_reason", "model_id")


def of_the_month(rows: pa.Table) -> pa.Array:
    return pc.greater_equal(rows["game_date"], pa.scalar(MONTH))


def other_outcomes(feed: str, rows: pa.Table) -> pa.Table:
    """Delete the outcomes of every other game, and give the players of the rest the stat lines of others."""
    if feed not in OUTCOMES:
        return rows
    known, later = rows.filter(pc.invert(of_the_month(rows))), rows.filter(of_the_month(rows))
    games = pc.unique(later["game_id"]).sort()
    later = later.filter(pc.is_in(later["game_id"], games[::2]))
    assert 0 < len(later) < len(rows) - len(known)
    if feed == "player_boxscores":
        lines = later.take(pa.array(range(len(later) - 1, -1, -1))).select(LINE)
        for name in LINE:
            later = later.set_column(later.schema.get_field_index(name), name, lines[name])
    return pa.concat_tables([known, later])


def forecasts(warehouse: DuckDBWarehouse) -> pd.DataFrame:
    """Train the month and forecast its first night, as the two assets do."""
    objects = ObjectStore(root=str(Path(warehouse.path).with_suffix(".objects")))
    for name in ("ml_model_registry", "player_prop_predictions"):
        table = TABLES[name]
        gathered = {one: warehouse.read(query) for one, query in table.queries(TABLES, NIGHT).items()}
        context = TableContext(table.contract, "now", warehouse, objects, lambda message: None)
        computed = table.compute_frame(gathered, NIGHT, context)
        made = pd.concat([part.rows for part in parts_of(computed)], ignore_index=True)
        made = made.assign(code_version="now", computed_at=pd.Timestamp("2024-12-02", tz="UTC"))
        rows = arrow_rows(table.contract, made)
        (warehouse.append if table.appends else warehouse.replace)(table.contract, NIGHT, rows)
    return made[list(FORECAST)].sort_values(list(KEY), ignore_index=True)


@pytest.fixture
def small_november(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training, "CONFIG", NOVEMBER)


@pytest.mark.usefixtures("small_november")
def test_nothing_that_happened_from_the_month_on_changes_a_model_or_a_forecast(
    own_autumn: DuckDBWarehouse, tmp_path: Path
):
    """The predecessor's models had been trained on the months they were tested on."""
    honest = forecasts(own_autumn)
    trained = honest[honest.system_id.isin(["xgboost_v1", "catboost_v8", "catboost_v9"])]
    assert trained.predicted_value.notna().all()
    assert trained.model_id.nunique() == 3
    other = filled(tmp_path / "other.duckdb", other_outcomes)
    pd.testing.assert_frame_equal(forecasts(other), honest)

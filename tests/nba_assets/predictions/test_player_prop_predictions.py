import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from nba_assets.kit.assets import create_missing_tables
from nba_assets.kit.table_context import TableContext, arrow_rows, parts_of
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...autumn import NOW, TABLES

NIGHT = DateRange(dt.date(2024, 11, 12), dt.date(2024, 11, 12))
FORECASTS = TABLES["player_prop_predictions"]


@pytest.fixture
def frames(own_autumn: DuckDBWarehouse) -> dict[str, pd.DataFrame]:
    create_missing_tables(FORECASTS, TABLES, NIGHT, own_autumn)
    return {name: own_autumn.read(query) for name, query in FORECASTS.queries(TABLES, NIGHT).items()}


def made(frames: dict[str, pd.DataFrame], warehouse: DuckDBWarehouse, *absent: str) -> pd.DataFrame:
    """Return the forecasts of the night without the rows of some inputs, as they would be stored."""
    known = {name: rows.iloc[:0] if name in absent else rows for name, rows in frames.items()}
    objects = ObjectStore(root=str(Path(warehouse.path).with_suffix(".objects")))
    context = TableContext(FORECASTS.contract, "now", warehouse, objects, lambda message: None)
    parts = [part.rows for part in parts_of(FORECASTS.compute_frame(known, NIGHT, context))]
    rows = pd.concat(parts).assign(code_version="now", computed_at=pd.Timestamp(NOW))
    return arrow_rows(FORECASTS.contract, rows).to_pandas()


def test_inputs_of_one_kind_that_are_missing_cost_no_forecast_of_the_other(
    frames: dict[str, pd.DataFrame], own_autumn: DuckDBWarehouse
):
    """Points have ten systems on inputs of their own; without lines the two systems that need one have no row."""
    everything = made(frames, own_autumn)
    of_points, of_markets = made(frames, own_autumn, "market_inputs"), made(frames, own_autumn, "inputs")
    assert set(of_points.market) == {"player_points"}
    assert of_points.system_id.nunique() == 10
    assert len(everything) == len(of_points) + len(of_markets)
    without_lines = made(frames, own_autumn, "inputs", "market_lines")
    needing = of_markets.system_id.isin(["market_blend_v1", "market_line"])
    assert needing.any()
    assert len(without_lines) == len(of_markets[~needing])

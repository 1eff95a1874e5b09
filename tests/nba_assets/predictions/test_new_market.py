"""A market of existing counts is a row of `models/markets.py` and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

from ...shared import VARIABLE

ROW = """
from models import markets
NEW = "player_assists_steals"
markets.MARKETS[NEW] = markets.Market(NEW, "as", "assists + steals", ("ast", "stl"), 35)
"""
FORECAST = """
import datetime as dt
import pandas as pd
from models.forecast_keys import FORECAST_KEYS, house_key
from models.rates.systems import MonthRates, forecast_every_market
from models.rates.training import train_months
from models.forecast_keys import Variant
from models.system_ids import SystemId
from tests.models.rates.frames import SMALL, rates_rows

rows = rates_rows(days=75)
[(_, model)] = train_months(rows, [dt.date(2024, 12, 1)], SMALL)
ids = {(SystemId.RATES, NEW, Variant.AT_TIP): "model"}
asked = rows.head(1).assign(game_id="1", player_id=1, team_abbr="MIA", opponent_team_abbr="BOS", player_status=None)
asked = asked.assign(known_until=None, absences="[]")
nothing = pd.DataFrame(columns=["game_date", "player_lookup", "market"]).astype({"game_date": "datetime64[ns]"})
nothing = nothing.reindex(columns=[*nothing, "line", "over_prob_novig", "over_price", "over_counter_price",
    "under_price", "under_counter_price", "over_book", "under_book", "price_known_at", "is_timely"])
made = forecast_every_market(asked, nothing, MonthRates({Variant.AT_TIP: model}, None, ids))
(row,) = made[(made.market == NEW) & (made.system_id == "rates_v1")].to_dict("records")
means = model.forecast(asked).means
assert abs(row["predicted_value"] - means["ast"][0] - means["stl"][0]) < 1e-9, row
assert sum(key.market == NEW for key in FORECAST_KEYS) == 6
assert house_key(NEW).system_id == "market_blend_v1"
"""
GRADE = """
from tests.nba_assets.analytics.league import TABLES, League
from tests.nba_assets.predictions.forecasts import evening, forecast

for name in ("player_prop_lines", "prop_line_path", "player_prop_predictions", "ml_model_registry"):
    assert NEW in TABLES[name].contract.columns["market"].values, name
league = League()
game = evening(league)
forecast(league, game, 9.0, market=NEW, system="rates_v1", edition="at_line", line=8.5)
league.line(game, "BOS", 1, ast=6, stl=3)
(grade,) = league.compute("prediction_accuracy", "2024-12-10")
assert (grade["market"], grade["actual_value"], grade["grade"]) == (NEW, 9, "WIN"), grade
rows = [row for row in league.compute("system_daily_performance", "2024-12-10") if row["market"] == NEW]
assert sum(row["n_rows"] for row in rows if row["population"] == "with_line") == 1, rows
"""


def run(script: str) -> None:
    """Run a script in a process of its own: what names the markets is imported after the row is added.

    It shares no compiled SQL with other tests: their code has one market less.
    """
    root, own = Path(__file__).parents[3], {name: value for name, value in os.environ.items() if name != VARIABLE}
    command = [sys.executable, "-c", ROW + script]
    ended = subprocess.run(command, cwd=root, env=own, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_a_new_row_is_forecast_as_the_sum_of_its_counts():
    run(FORECAST)


def test_a_new_row_has_lines_models_grades_and_daily_performance():
    run(GRADE)

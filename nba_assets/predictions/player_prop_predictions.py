"""What every system says of every player who may be bet on, and what it would bet: made before the games, never after.

Each date is forecast by the models of its month, which saw nothing of that month. A month without models is no reason
to borrow another's: its trained systems abstain and say so.
"""

import datetime as dt
import json
from collections.abc import Mapping

import ibis.expr.types as ir
import pandas as pd

from models.features import BASE
from models.inference.forecast import forecast, prediction_ids
from models.inference.recommendation import PICKS
from models.training.gates import ModelStatus
from nba_assets.analytics.availability import is_out
from nba_assets.kit.calendar import Scope, month_of
from nba_assets.kit.table import Owed, table
from nba_assets.kit.table_context import Bench, Made
from nba_assets.predictions.forecast_inputs import KEY, evenings, with_counter_prices
from nba_assets.predictions.month_models import MonthModels, models_of
from nba_assets.predictions.prediction_columns import PREDICTION_COLUMNS, PREDICTION_GRAIN
from nba_resources.dates import DateRange


def forecasts(frames: Mapping[str, pd.DataFrame], dates: DateRange, bench: Bench) -> Made:
    """Month by month, as each month has its own models."""
    rows, models = with_counter_prices(frames["evenings"]), frames["models"]
    months = rows["game_date"].dt.date.map(month_of)
    told = []
    for month, of_month in rows.groupby(months):
        loaded = models_of(models, month, bench.objects.read)
        told.append(said_of(of_month, loaded))
        bench.say(f"{month:%Y-%m}: {len(of_month)} players, {len(loaded.learners)} trained models")
    made = pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=list(bench.contract.columns))
    return Made(made, _facts(made, frames["out"]))


@table(
    dataset="nba_predictions",
    grain=list(PREDICTION_GRAIN),
    owed=Owed.EVERY_FORECAST,
    scope=Scope.AFTER_BOOTSTRAP,
    columns=PREDICTION_COLUMNS,
    finish=forecasts,
)
def player_prop_predictions(
    ml_feature_store_v2: ir.Table,
    prediction_evidence: ir.Table,
    player_prop_lines: ir.Table,
    ml_model_registry: ir.Table,
) -> dict[str, ir.Table]:
    """A row for each player who may be bet on and each system; who abstains says why. Who is out gets no row."""
    rows = evenings(ml_feature_store_v2, prediction_evidence, player_prop_lines)
    out = prediction_evidence.filter(is_out(prediction_evidence))
    return {
        "evenings": rows.filter("is_prop_eligible"),
        "models": ml_model_registry.filter(ml_model_registry.status == ModelStatus.PRODUCTION.value),
        "out": out.group_by("game_date").aggregate(players=out.count()),
    }


def said_of(rows: pd.DataFrame, models: MonthModels) -> pd.DataFrame:
    """Every system's row for every evening of one month, as it is stored."""
    said = forecast(rows, models.learners, models.spreads)
    beside = pd.DataFrame({"features_snapshot": _snapshots(rows), "known_until": rows["line_seen"].to_numpy()})
    said = said.merge(rows[KEY].reset_index(drop=True).join(beside), on=KEY, how="left")
    model_ids = said["system_id"].map(models.ids).astype(object)
    return said.assign(model_id=model_ids.where(model_ids.notna(), None), prediction_id=prediction_ids(said, model_ids))


def _snapshots(rows: pd.DataFrame) -> list[str]:
    """The features as the systems saw them; NULL where nothing was known."""
    values = rows[list(BASE.names)].astype("float64").round(4).astype(object)
    plain = values.where(values.notna(), None).to_dict("records")
    return [json.dumps(row) for row in plain]


def _facts(made: pd.DataFrame, out: pd.DataFrame) -> dict[dt.date, dict[str, int]]:
    """Shown with each date: how many players were forecast, how many are out, how many bets there are."""
    facts: dict[dt.date, dict[str, int]] = {}
    by_date = {
        "players": made.groupby("game_date")["player_lookup"].nunique(),
        "picks": made["recommendation"].isin(PICKS).groupby(made["game_date"]).sum(),
        "players out": out.set_index("game_date")["players"],
    }
    for what, counts in by_date.items():
        for date, count in counts.items():
            facts.setdefault(pd.Timestamp(date).date(), {})[what] = int(count)
    return facts

"""The table of forecasts, made before the games by models that have seen nothing of the month."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import ibis.expr.types as ir
import pandas as pd

from models.features import BASE
from models.forecast_keys import Edition
from models.inference.forecast import forecast, prediction_ids
from models.inference.recommendation import without_late_picks
from models.picks import PICKS
from models.rates.systems import TIMES, forecast_every_market
from models.training.gates import ModelStatus
from nba_assets.analytics.availability import is_out
from nba_assets.kit.calendar import Scope, month_of
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.kit.table_context import ComputedFrame, TableContext
from nba_assets.predictions.forecast_inputs import KEY, forecast_inputs, rounded, with_counter_prices
from nba_assets.predictions.month_models import MonthModels, models_of, rates_of
from nba_assets.predictions.prediction_columns import NO_LATE_PICKS, PREDICTION_COLUMNS, PREDICTION_GRAIN
from nba_assets.predictions.rates_inputs import market_lines, may_be_bet_on, priced, rates_inputs
from nba_resources.dates import DateRange


def compute_forecasts(
    frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext
) -> Iterator[ComputedFrame]:
    """Forecast month by month, as each month has its own models."""
    in_month = {
        name: frames[name].groupby(_months(frames[name])) for name in ("inputs", "market_inputs", "market_lines")
    }
    models, out = frames["models"], frames["out"]
    for month in sorted({*in_month["inputs"].groups, *in_month["market_inputs"].groups}):
        players, every, lines = (_group(frames[name], groups, month) for name, groups in in_month.items())
        learned = models_of(models, month, context.objects.read)
        rates = rates_of(models, month, context.objects.read)
        of_points = _forecasts_of_points(with_counter_prices(players), learned)
        parts = (of_points, forecast_every_market(rounded(every), priced(lines), rates))
        made = pd.concat([part for part in parts if len(part)], ignore_index=True).reindex(
            columns=[*PREDICTION_COLUMNS]
        )
        made = without_late_picks(made.assign(prediction_id=prediction_ids(made, made.model_id)))
        context.log(
            f"{month:%Y-%m}: {len(players)} players, {len(learned.learners) + len(rates.models)} trained models"
        )
        yield ComputedFrame(made, _facts(made, out[_months(out) == month]))


@table(
    dataset="nba_predictions",
    grain=list(PREDICTION_GRAIN),
    expected_rows=ExpectedRows.FORECASTS,
    scope=Scope.AFTER_BOOTSTRAP,
    columns=PREDICTION_COLUMNS,
    not_later=(NO_LATE_PICKS,),
    compute_frame=compute_forecasts,
)
def player_prop_predictions(
    ml_feature_store_v2: ir.Table,
    prediction_evidence: ir.Table,
    player_prop_lines: ir.Table,
    game_editions: ir.Table,
    player_presence: ir.Table,
    player_minutes_form: ir.Table,
    player_market_form: ir.Table,
    ml_model_registry: ir.Table,
) -> dict[Literal["inputs", "market_inputs", "market_lines", "models", "out"], ir.Table]:
    """One row per player, date, market, system and edition: the forecast, the recommended bet, and what it rests on.

    Covers players who may be bet on. A system that abstains has a row with its reason; players who are out have none,
    and a system that needs a line has none where there is no line.
    """
    rows = forecast_inputs(ml_feature_store_v2, prediction_evidence, player_prop_lines)
    at_tip = game_editions.filter(game_editions.edition == Edition.AT_TIP.value)
    rows = with_columns_of(rows, at_tip.select("game_id", "known_until"), ["game_id"])
    out = prediction_evidence.filter(is_out(prediction_evidence))
    players = may_be_bet_on(ml_feature_store_v2, player_presence)
    lines = market_lines(player_prop_lines, game_editions)
    every = rates_inputs(player_presence, player_minutes_form, player_market_form, game_editions)
    every = with_columns_of(every, lines.select(*KEY).distinct().mutate(has_line=True), KEY)
    every = every.mutate(absences=every.has_line.ifelse(every.absences, None))  # long, and told beside a line only
    return {
        "inputs": rows.filter("is_prop_eligible"),
        "market_inputs": every.semi_join(players, [*KEY, "edition"]),
        "market_lines": lines.semi_join(players, [*KEY, "game_id"]),
        "models": ml_model_registry.filter(ml_model_registry.status == ModelStatus.PRODUCTION.value),
        "out": out.group_by("game_date").aggregate(players=out.count()),
    }


def _months(rows: pd.DataFrame) -> pd.Series:
    return rows["game_date"].dt.date.map(month_of)


def _group(rows: pd.DataFrame, groups: Any, month: dt.date) -> pd.DataFrame:
    return groups.get_group(month).reset_index(drop=True) if month in groups.groups else rows.iloc[:0]


def _forecasts_of_points(rows: pd.DataFrame, models: MonthModels) -> pd.DataFrame:
    """Return the ten systems' rows for the inputs of one month."""
    forecasts = forecast(rows, models.learners, models.spreads)
    values = rows[list(BASE.names)].astype("float64").round(4).astype(object)
    snapshots = [json.dumps(row) for row in values.where(values.notna(), None).to_dict("records")]
    known = rows[[*KEY, *TIMES]].assign(features_snapshot=snapshots)
    forecasts = forecasts.merge(known, on=KEY, how="left")
    model_ids = forecasts["system_id"].map(models.ids).astype(object)
    forecasts = forecasts.assign(model_id=model_ids.where(model_ids.notna(), None))
    return forecasts.sort_values(KEY, kind="stable")  # equal snapshots beside each other are packed as one


def _facts(forecasts: pd.DataFrame, out: pd.DataFrame) -> dict[dt.date, dict[str, int]]:
    """Count forecast players, picks and absent players by date."""
    facts: dict[dt.date, dict[str, int]] = {}
    by_date = {
        "players": forecasts.groupby("game_date")["player_lookup"].nunique(),
        "picks": forecasts["recommendation"].isin(PICKS).groupby(forecasts["game_date"]).sum(),
        "players out": out.set_index("game_date")["players"],
    }
    for name, counts in by_date.items():
        for date, count in counts.items():
            facts.setdefault(pd.Timestamp(date).date(), {})[name] = int(count)
    return facts

"""The `status` export: the state of the latest dates, the newest forecast and result, and the age of the models."""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.training.gates import ModelStatus
from nba_assets.exports.coverage import LACKING
from nba_assets.exports.forecasts import in_system_order, of_points
from nba_assets.kit.calendar import State, counted
from nba_assets.kit.export import MINUTE, Document, Edition, Frames, export, season_so_far, within
from nba_assets.kit.records import records
from nba_resources.dates import DateRange

RECENT = 7  # game dates
MODEL = ["system_id", "market", "variant"]


def status_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make one document; its envelope says whether tonight may be published."""
    judged, recent = frames["judged"], frames["recent"]
    dates = sorted(date.date() for date in recent["game_date"])
    content = {
        "recent_dates": dates,
        "tables": [_table(name, rows, dates) for name, rows in judged.groupby("table_name")],
        "forecasts_until": frames["forecasts"]["until"].iat[0],
        "results_until": frames["results"]["until"].iat[0],
        "models": _models(frames["models"], edition),
    }
    yield Document("status.json", edition.today, content)


@export(
    make_documents=status_documents,
    frames=("judged", "recent", "forecasts", "results", "models"),
    folder="status",
    max_age=MINUTE,
    critical=True,
)
def status(
    pipeline_coverage: ir.Table,
    schedule: ir.Table,
    player_prop_predictions: ir.Table,
    player_game_summary: ir.Table,
    ml_model_registry: ir.Table,
    dates: DateRange,
) -> dict[str, ir.Table]:
    """Each table on the last seven game dates and over the season, newest forecast and result, models in use."""
    days = within(counted(schedule), season_so_far(dates)).select("game_date").distinct()
    models = ml_model_registry.filter(ml_model_registry.status == ModelStatus.PRODUCTION.value)
    forecasts = of_points(within(player_prop_predictions, season_so_far(dates)))
    results = within(player_game_summary, season_so_far(dates))
    return {
        "judged": within(pipeline_coverage, season_so_far(dates)).select("game_date", "table_name", "state"),
        "recent": days.order_by(days.game_date.desc()).limit(RECENT),
        "forecasts": forecasts.aggregate(until=forecasts.game_date.max()),
        "results": results.aggregate(until=results.game_date.max()),
        "models": models.select(*MODEL, "model_id", "model_month", "validation_end", "mae_validation"),
    }


def _table(name: Any, rows: pd.DataFrame, dates: list[Any]) -> dict[str, Any]:
    """Summarise a table; `complete_share` is of the dates that should have rows."""
    states = dict(zip(rows["game_date"].dt.date, rows["state"], strict=True))
    complete = int(rows["state"].eq(State.COMPLETE.value).sum())
    expected = complete + int(rows["state"].isin(LACKING).sum())
    return {
        "table_name": name,
        "recent_states": [states.get(date) for date in dates],
        "complete_dates": complete,
        "owed_dates": expected,
        "complete_share": complete / expected if expected else None,
    }


def _models(rows: pd.DataFrame, edition: Edition) -> list[dict[str, Any]]:
    """Return the newest model of each system, market and variant up to this month, and its age since its last game."""
    today = pd.Timestamp(edition.today)
    newest = rows[rows["model_month"] <= today].sort_values("model_month").groupby(MODEL).tail(1)
    return [
        {**row, "age_days": (today - row["validation_end"]).days}
        for row in in_system_order(records(newest.sort_values(MODEL)))
    ]

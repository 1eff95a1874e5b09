"""The `performance` export: errors, hit rates and returns of every system over three windows."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir

from models.forecast_keys import ForecastKey
from nba_assets.exports.forecasts import of_points
from nba_assets.exports.results import POPULATIONS, totals_by_market
from nba_assets.kit.export import HOUR, Document, Edition, Frames, export, season_so_far, within
from nba_assets.predictions.system_daily_performance import graded_rows, measures
from nba_resources.dates import DateRange

DAYS = {"last_7_days": 7, "last_30_days": 30}
SEASON = "season"
NOTICE = (
    "With injury reports our forecasts are closer than averages in most markets, hardly in blocks and threes, and most "
    "of that arrives late in the day. On points the line is as good as we are. Our blended chances are calibrated a "
    "hair better than the price. Only choosing the best price among bookmakers looked profitable, which is not proven."
)


def performance_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make one document of three windows that end today."""
    totals, known = frames["totals"], frames["known"]
    starts = {name: edition.today - dt.timedelta(days=days - 1) for name, days in DAYS.items()}
    windows = [
        {"window": name, "start_date": start, **totals_by_market(totals[totals["window"] == name])}
        for name, start in {**starts, SEASON: edition.season.start}.items()
    ]
    content = {"notice": NOTICE, "results_until": known["until"].iat[0], "windows": windows}
    yield Document("systems/performance.json", edition.today, content)


@export(make_documents=performance_documents, frames=("totals", "known"), folder="systems", max_age=HOUR)
def performance(
    prediction_accuracy: ir.Table, player_prop_predictions: ir.Table, ml_feature_store_v2: ir.Table, dates: DateRange
) -> dict[str, ir.Table]:
    """Every system over seven days, thirty days and the season: errors, hit rate with interval, return at real prices.

    Each market and edition has its own block, and nothing is summed over them.

    For players with ten games or more, and for players with a line, who can be bet on.
    """
    grades = within(prediction_accuracy, season_so_far(dates))
    forecasts, features = (within(t, season_so_far(dates)) for t in (player_prop_predictions, ml_feature_store_v2))
    rows = graded_rows(grades, forecasts, features)
    rows = rows.filter(rows.population.isin(POPULATIONS))
    windows: list[Any] = [
        (rows.game_date > ibis.literal(dates.start - dt.timedelta(days=days))).ifelse(name, None)
        for name, days in DAYS.items()
    ]
    names = ibis.array([*windows, ibis.literal(SEASON)]).filter(lambda name: name.notnull())
    rows = rows.mutate(window=names.unnest())  # one row for every window that contains it
    played = of_points(grades).filter(lambda row: row.outcome_state == "PLAYED")
    return {
        "totals": measures(rows, ["window", *ForecastKey._fields, "population"]),
        "known": played.aggregate(until=played.game_date.max()),
    }

"""The `performance` export: errors, hit rates and returns of every system, over three windows, by month and by tier."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from models.evaluation.graded_predictions import TIER_NAMES
from models.forecast_keys import ForecastKey
from nba_assets.exports.calibration import MARKET, SYSTEM, binned_chances, curve_of
from nba_assets.exports.forecasts import in_system_order, of_points
from nba_assets.exports.other_markets import PLACES, place_of
from nba_assets.exports.player_pages import Grouped, grouped
from nba_assets.exports.results import CLOSING_VALUE, POPULATIONS, TOTALS, WITH_LINE, totals_by_market
from nba_assets.kit.export import HOUR, Document, Edition, Frames, export, season_so_far, within
from nba_assets.predictions.populations import CLASSES, in_populations
from nba_assets.predictions.system_daily_performance import graded_rows, measures, sums_of
from nba_resources.dates import DateRange

DAYS = {"last_7_days": 7, "last_30_days": 30}
SEASON = "season"
WINDOWS = (*DAYS, SEASON)
MONTH = len("2024-11")
PART = (
    *("n_shared_with_line", "mae_shared", "line_mae_shared", "n_picks", "wins", "losses"),
    *("hit_rate", "hit_rate_low", "hit_rate_high", "mean_break_even", "profit_units", "roi", "brier"),
    *("n_closing_value", "closing_value", "beat_close_rate"),
)  # what a month or a tier tells: its errors beside the line's, its picks beside break-even, and their close
GROUP = ("window", *ForecastKey._fields, "population")
TOTALLED = [name for name in dict.fromkeys([*TOTALS, *PART]) if name not in GROUP]
KEY = ("market", "edition", "system_id")
NOTICE = (  # of five seasons of the real archive
    "With injury reports our forecasts are about 5 % closer than averages; one to two points of that come after the "
    "line was seen. On points the line is as good as we are. Our chances beside the price are a hair better than the "
    "price: Brier 0.2447 against 0.2455 on 22,390 rows. Only choosing the best price among bookmakers looked "
    "profitable, which is not proven."
)


def performance_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make a document of three windows that end today, and one of the season by month, tier and chance."""
    totals, known = frames["totals"], frames["known"]
    starts = {name: edition.today - dt.timedelta(days=days - 1) for name, days in DAYS.items()}
    told = totals[totals["population"].isin(POPULATIONS)]
    windows = [
        {"window": name, "start_date": start, **totals_by_market(told[told["window"] == name])}
        for name, start in {**starts, SEASON: edition.season.start}.items()
    ]
    until = {"results_until": known["until"].iat[0]}
    yield Document("systems/performance.json", edition.today, {"notice": NOTICE, **until, "windows": windows})
    yield Document("systems/record.json", edition.today, {**until, "blocks": _blocks(totals, frames["calibration"])})


@export(
    make_documents=performance_documents,
    frames=("totals", "calibration", "known"),
    folder="systems",
    max_age=HOUR,
    settled=("prediction_accuracy", "player_prop_predictions", "ml_feature_store_v2", "player_prop_lines"),
)
def performance(
    prediction_accuracy: ir.Table,
    player_prop_predictions: ir.Table,
    ml_feature_store_v2: ir.Table,
    player_prop_lines: ir.Table,
    dates: DateRange,
) -> dict[str, ir.Table]:
    """Every system over seven days, thirty days and the season: errors, hit rate with interval, return at real prices.

    Each market and edition has its own block, and nothing is summed over them. For players with ten games or more, and
    for players with a line, who can be bet on. The season also by month and by points a game, and how often results
    were over by the chance told, the market's on the same rows beside it.
    """
    grades = within(prediction_accuracy, season_so_far(dates))
    forecasts, features = (within(t, season_so_far(dates)) for t in (player_prop_predictions, ml_feature_store_v2))
    graded = graded_rows(grades, forecasts, features)
    recent = {
        name: graded.game_date > ibis.literal(dates.start - dt.timedelta(days=days)) for name, days in DAYS.items()
    }
    rows = graded.mutate(month=graded.game_date.truncate("M"), **recent)
    sums = sums_of(rows, ["month", *recent, *ForecastKey._fields, *CLASSES])
    month: Any = sums.month.cast("string").substr(0, MONTH)
    names = [*(sums[name].ifelse(name, None) for name in recent), ibis.literal(SEASON), month]
    sums = sums.mutate(window=ibis.array(names).filter(lambda name: name.notnull()).unnest())
    sums = in_populations(sums)  # one row for every window and population that contains it
    sums = sums.filter(  # tiers of the season only, and months of players with a line only
        sums.population.isin(POPULATIONS) | (sums.window == SEASON),
        (sums.population == WITH_LINE) | sums.window.isin(WINDOWS),
    )
    played = of_points(grades).filter(lambda row: row.outcome_state == "PLAYED")
    with_line = graded_rows(grades.filter(grades.line.notnull()), forecasts, features)
    return {
        "totals": measures(sums, GROUP).rename(CLOSING_VALUE).select(*GROUP, *TOTALLED),
        "calibration": binned_chances(with_line, within(player_prop_lines, season_so_far(dates))),
        "known": played.aggregate(until=played.game_date.max()),
    }


def _blocks(totals: pd.DataFrame, calibration: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each market and edition with its systems by month and tier, and their curves."""
    months = grouped(totals[~totals["window"].isin(WINDOWS)].sort_values("window"), *KEY)
    of_tiers = totals[~totals["population"].isin(POPULATIONS)]
    tiers = grouped(of_tiers.sort_values("population", key=lambda names: names.map(TIER_NAMES.index)), *KEY)
    bins = grouped(calibration, *KEY)
    blocks = []
    for place in PLACES:
        known = [{"system_id": key[-1]} for key in {*months, *tiers} if key[:-1] == place]
        systems = [_system((*place, row["system_id"]), months, tiers, bins) for row in in_system_order(known)]
        blocks += [{**place_of(*place), "systems": systems}] if systems else []
    return blocks


def _system(key: tuple[str, ...], months: Grouped, tiers: Grouped, bins: Grouped) -> dict[str, Any]:
    curves = {SYSTEM: "calibration", MARKET: "market_calibration"}
    return {
        "system_id": key[-1],
        "months": [{"month": row["window"], **{name: row[name] for name in PART}} for row in months.get(key, [])],
        "tiers": [{name: row[name] for name in ("population", *PART)} for row in tiers.get(key, [])],
        **{name: curve_of(bins.get(key, []), voice) for voice, name in curves.items()},
    }

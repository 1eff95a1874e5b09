"""The `results` export: the graded forecasts of a date, by system and by player."""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from nba_assets.exports.forecasts import (
    HOUSE,
    Row,
    by_game,
    by_player,
    in_system_order,
    of_houses,
    of_points,
    player_of,
    with_games,
)
from nba_assets.exports.other_markets import PLACES, in_market_order, of_other_markets, place_of
from nba_assets.exports.player_pages import grouped
from nba_assets.kit.export import MINUTE, Document, Edition, Frames, export, within
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.predictions.prediction_columns import PREDICTION_GRAIN
from nba_assets.predictions.system_daily_performance import GRADE_COUNTS, OUTCOME_COUNTS
from nba_resources.dates import DateRange

WITH_LINE = "with_line"
POPULATIONS = ("all", WITH_LINE)
PICKED = ("n_picks", "n_over", "n_under", *GRADE_COUNTS.values())
MEASURES = (
    *("mae", "bias", "within_3_rate", "within_5_rate", "n_shared_with_line", "mae_shared", "line_mae_shared"),
    *("hit_rate", "hit_rate_low", "hit_rate_high", "mean_break_even", "profit_units", "staked_units", "roi", "brier"),
    *("n_closing", "n_late_close", "n_unknown_close", "n_closing_value", "closing_value", "beat_close_rate"),
    *("n_carried_value", "carried_closing_value"),
)
# in documents a closing value has the places of a value
CLOSING_VALUE = {"closing_value": "closing_value_mean", "carried_closing_value": "carried_value_mean"}
TOTALS = ("system_id", "population", "n_rows", "n_predicted", *OUTCOME_COUNTS.values(), *PICKED, *MEASURES)
OUTCOME = ("outcome_state", "actual_value", "actual_minutes", "line", "line_absolute_error")
OTHER_OUTCOME = ("outcome_state", "actual_value", "line", "line_absolute_error")
FORECAST = (
    *("system_id", "predicted_value", "signed_error", "recommendation", "grade", "grade_reason"),
    *("price_used", "break_even", "profit_units"),
)


def result_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make a document per date; the newest with a played game is also `results/latest.json`."""
    rows, totals = frames["grades"], frames["totals"]
    for date in edition.dates:
        of_date, others_of_date = (of[of["game_date"] == pd.Timestamp(date)] for of in (rows, frames["others"]))
        others = by_player(others_of_date)
        content = {
            **totals_by_market(totals[totals["game_date"] == pd.Timestamp(date)]),
            "games": [
                {**game, "players": [_player(rows, others.get(rows[0]["player_lookup"], [])) for rows in players]}
                for game, players in by_game(of_date)
            ],
        }
        played = date <= edition.today and of_date["outcome_state"].eq("PLAYED").any()
        yield Document(f"results/{date}.json", date, content, "results/latest.json" if played else None)


@export(
    make_documents=result_documents,
    frames=("grades", "others", "totals"),
    folder="results",
    max_age=MINUTE,
    dated=True,
)
def results(
    prediction_accuracy: ir.Table,
    player_prop_predictions: ir.Table,
    system_daily_performance: ir.Table,
    schedule: ir.Table,
    players: ir.Table,
    dates: DateRange,
) -> dict[str, ir.Table]:
    """Each system's errors beside the line's on the same rows, its picks by grade, and every player's result.

    Each market and edition has its own block, and nothing is summed over them. Of other markets a player has the
    results of the house's forecasts with a line. Games that are not over are left out.
    """
    teams = player_prop_predictions.select(*PREDICTION_GRAIN, "team_abbr", "opponent_team_abbr")
    grades = within(prediction_accuracy, dates)
    over = grades.filter(grades.outcome_state != "PENDING")
    rows = with_columns_of(of_points(over), teams, PREDICTION_GRAIN)
    others = of_houses(of_other_markets(over))
    totals = within(system_daily_performance, dates)
    return {
        "grades": with_games(rows, players, schedule),
        "others": others.filter(others.line.notnull()),
        "totals": totals.filter(totals.population.isin(POPULATIONS)).rename(CLOSING_VALUE),
    }


def totals_by_market(totals: pd.DataFrame) -> dict[str, Any]:
    """Return the totals on points in the edition of the house, and under `markets` those of each other pair."""
    rows = grouped(totals.sort_values("population"), "market", "edition")
    blocks = {place: _systems(rows.get(place, [])) for place in PLACES}
    points = (HOUSE.market, HOUSE.edition)
    others = [{**place_of(*key), "systems": systems} for key, systems in blocks.items() if systems and key != points]
    return {**place_of(*points), "systems": blocks[points], "markets": others}


def _systems(totals: list[Row]) -> list[dict[str, Any]]:
    """Return counts and measures of each system and population."""
    return [{name: row[name] for name in TOTALS} for row in in_system_order(totals)]


def _player(rows: list[Row], others: list[Row]) -> dict[str, Any]:
    outcome = {name: rows[0][name] for name in OUTCOME}
    systems = [{name: row[name] for name in FORECAST} for row in in_system_order(rows)]
    markets = [
        {**place_of(row["market"], row["edition"]), **{name: row[name] for name in (*OTHER_OUTCOME, *FORECAST)}}
        for row in in_market_order(others)
    ]
    return {**player_of(rows[0]), **outcome, "systems": systems, "markets": markets}

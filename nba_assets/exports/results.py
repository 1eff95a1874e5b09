"""What became of the forecasts of a date: every system's totals beside the line's, and player by player."""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from nba_assets.exports.forecasts import by_game, by_player, in_speaking_order, named, placed, who
from nba_assets.kit.export import MINUTE, Document, Edition, Frames, export
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.predictions.system_daily_performance import GRADE_COUNTS, OUTCOME_COUNTS

POPULATIONS = ("all", "with_line")
PICKED = ("n_picks", "n_over", "n_under", *GRADE_COUNTS.values())
MEASURES = (
    *("mae", "bias", "within_3_rate", "within_5_rate", "n_shared_with_line", "mae_shared", "line_mae_shared"),
    *("hit_rate", "hit_rate_low", "hit_rate_high", "mean_break_even", "profit_units", "staked_units", "roi", "brier"),
)
TOTALS = ("system_id", "population", "n_rows", "n_predicted", *OUTCOME_COUNTS.values(), *PICKED, *MEASURES)
OF_THE_NIGHT = ("outcome_state", "actual_points", "actual_minutes", "line", "line_absolute_error")
OF_A_SYSTEM = (
    *("system_id", "predicted_points", "signed_error", "recommendation", "grade", "grade_reason"),
    *("price_used", "break_even", "profit_units"),
)


def nights(frames: Frames, edition: Edition) -> Iterator[Document]:
    """A document for each date; the newest on which somebody is known to have played is the latest."""
    rows, totals = frames["grades"], frames["totals"]
    for date in edition.dates:
        of_date = rows[rows["game_date"] == pd.Timestamp(date)]
        content = {
            "systems": totals_of(totals[totals["game_date"] == pd.Timestamp(date)]),
            "games": [{**game, "players": _players(of_game)} for game, of_game in by_game(of_date)],
        }
        played = date <= edition.today and of_date["outcome_state"].eq("PLAYED").any()
        yield Document(f"results/{date}.json", date, content, "results/latest.json" if played else None)


@export(make=nights, folder="results", max_age=MINUTE, dated=True)
def results(
    prediction_accuracy: ir.Table,
    player_prop_predictions: ir.Table,
    system_daily_performance: ir.Table,
    schedule: ir.Table,
    players: ir.Table,
    edition: Edition,
) -> dict[str, ir.Table]:
    """Each system's errors beside the line's on the same rows, its picks in all six grades, every player's night.

    A game that is not over has no result: what is forecast of it is told by `predictions` alone, if it may be.
    """
    teams = player_prop_predictions.select("game_date", "player_lookup", "system_id", "team_abbr", "opponent_team_abbr")
    over = edition.within(prediction_accuracy).filter(lambda row: row.outcome_state != "PENDING")
    rows = with_columns_of(over, teams, ["game_date", "player_lookup", "system_id"])
    totals = edition.within(system_daily_performance)
    return {
        "grades": placed(named(rows, players), schedule),
        "totals": totals.filter(totals.population.isin(POPULATIONS)),
    }


def totals_of(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Counts and measures of each system and population."""
    return [{name: row[name] for name in TOTALS} for row in in_speaking_order(found.sort_values("population"))]


def _players(rows: pd.DataFrame) -> list[dict[str, Any]]:
    told = []
    for _, of_player in by_player(rows):
        first = of_player.iloc[0]
        night = {name: first[name] for name in OF_THE_NIGHT}
        systems = [{name: row[name] for name in OF_A_SYSTEM} for row in in_speaking_order(of_player)]
        told.append({**who(first), **night, "systems": systems})
    return told

"""The `players` export: an index and a profile of every player of the season."""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.evaluation.graded_predictions import GRADES
from models.system_ids import DEFAULT_SYSTEM
from nba_assets.exports.forecasts import with_player_names
from nba_assets.kit.export import HOUR, Document, Edition, Frames, export

LAST_GAMES, LAST_FORECASTS = 10, 20
GAME = (
    *("game_date", "game_id", "team_abbr", "opponent_team_abbr", "is_home", "played", "starter", "minutes", "points"),
    *("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "reb", "ast", "tov", "usage_rate", "ts_pct"),
)
MEANS = ("points", "minutes", "reb", "ast", "fga", "fg3a", "fta", "usage_rate")
FORECAST = (
    *("game_date", "game_id", "predicted_value", "line", "recommendation", "outcome_state", "actual_value"),
    *("absolute_error", "line_absolute_error", "grade", "price_used", "profit_units"),
)


def player_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make the index, then a profile of each player."""
    games = dict(list(frames["games"].groupby("player_lookup")))
    grades = dict(list(frames["grades"].groupby("player_lookup")))
    listed = frames["rosters"].sort_values(["last_listed", "team_abbr"], kind="stable")
    rosters = listed.groupby("player_lookup").tail(1)
    profiles = {
        row["player_lookup"]: _profile(row, games.get(row["player_lookup"]), grades.get(row["player_lookup"]))
        for row in rosters.sort_values(["player_name", "player_lookup"]).to_dict("records")
    }
    index = [
        {
            **profile["player"],
            **{name: profile["season"][name] for name in ("games_played", "points_per_game", "minutes_per_game")},
            "last_game_date": next((game["game_date"] for game in profile["last_games"]), None),
        }
        for profile in profiles.values()
    ]
    yield Document("players/index.json", edition.today, {"players": index})
    for lookup, profile in profiles.items():
        yield Document(f"players/{lookup}.json", edition.today, profile)


@export(make_documents=player_documents, folder="players", max_age=HOUR)
def players(
    player_game_summary: ir.Table,
    upcoming_player_game_context: ir.Table,
    prediction_accuracy: ir.Table,
    players: ir.Table,
    edition: Edition,
) -> dict[str, ir.Table]:
    """Every player on a roster or in a game of the season: averages, last ten games, and the house's forecasts of him.

    Games that are not over are left out.
    """
    games = edition.within(player_game_summary, edition.season)
    listed = edition.within(upcoming_player_game_context, edition.season)
    columns = ("game_date", "player_lookup", "player_id", "team_abbr")
    seen = games.select(*columns).union(listed.select(*columns))
    rosters = seen.group_by(["player_lookup", "player_id", "team_abbr"]).aggregate(last_listed=seen.game_date.max())
    grades = edition.within(prediction_accuracy, edition.season)
    grades = grades.filter(grades.system_id == DEFAULT_SYSTEM.value, grades.outcome_state != "PENDING")
    grades = grades.select("player_lookup", *FORECAST)
    return {
        "rosters": with_player_names(rosters, players),
        "games": games.select("player_lookup", *GAME).order_by("game_date"),
        "grades": grades.order_by("game_date"),
    }


def last_games(games: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the latest games, newest first, with those he did not play in."""
    return _newest(games, GAME, LAST_GAMES)


def _profile(row: dict[Any, Any], games: pd.DataFrame | None, grades: pd.DataFrame | None) -> dict[str, Any]:
    player = {name: row[name] for name in ("player_lookup", "player_id", "player_name", "team_abbr")}
    return {
        "player": player,
        "season": _season(games),
        "last_games": last_games(games),
        "house": {
            "system_id": DEFAULT_SYSTEM.value,
            **_record(grades),
            "forecasts": _newest(grades, FORECAST, LAST_FORECASTS),
        },
    }


def _season(games: pd.DataFrame | None) -> dict[str, Any]:
    """Return means over played games; null without one."""
    played = games[games["played"]] if games is not None else pd.DataFrame(columns=[*MEANS])
    return {
        "games_played": len(played),
        **{f"{name}_per_game" if name != "usage_rate" else name: played[name].mean() for name in MEANS},
    }


def _record(grades: pd.DataFrame | None) -> dict[str, Any]:
    """Return the house's mean error for a player and the grades of its picks."""
    known = grades[grades["absolute_error"].notna()] if grades is not None else pd.DataFrame(columns=[*FORECAST])
    all_grades = known["grade"] if grades is None else grades["grade"]
    return {
        "n_forecast": len(known),
        "mae": known["absolute_error"].mean(),
        "grades": {grade.lower(): int((all_grades == grade).sum()) for grade in GRADES if grade != "PENDING"},
    }


def _newest(rows: pd.DataFrame | None, names: tuple[str, ...], most: int) -> list[dict[str, Any]]:
    if rows is None:
        return []
    return rows.tail(most)[list(names)].iloc[::-1].to_dict("records")

"""Everybody of the season: who he is, how he has played, and how well he was forecast."""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.evaluation.graded_predictions import GRADES
from models.training.promotion import DEFAULT_SYSTEM
from nba_assets.exports.forecasts import named
from nba_assets.kit.export import HOUR, Content, Document, Edition, Frames, export

LAST_GAMES, LAST_FORECASTS = 10, 20
GAME = (
    *("game_date", "game_id", "team_abbr", "opponent_team_abbr", "is_home", "played", "starter", "minutes", "points"),
    *("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "reb", "ast", "tov", "usage_rate", "ts_pct"),
)
MEANS = ("points", "minutes", "reb", "ast", "fga", "fg3a", "fta", "usage_rate")
FORECAST = (
    *("game_date", "game_id", "predicted_points", "line", "recommendation", "outcome_state", "actual_points"),
    *("absolute_error", "line_absolute_error", "grade", "price_used", "profit_units"),
)


def people(frames: Frames, edition: Edition) -> Iterator[Document]:
    """The index, then a profile of each."""
    games = dict(list(frames["games"].groupby("player_lookup")))
    grades = dict(list(frames["grades"].groupby("player_lookup")))
    rosters = (
        frames["rosters"].sort_values(["last_listed", "team_abbr"], kind="stable").groupby("player_lookup").tail(1)
    )
    profiles = {
        row["player_lookup"]: _profile(row, games.get(row["player_lookup"]), grades.get(row["player_lookup"]))
        for row in rosters.sort_values(["player_name", "player_lookup"]).to_dict("records")
    }
    index = [{**profile["player"], **_in_short(profile)} for profile in profiles.values()]
    yield Document("players/index.json", edition.today, {"players": index})
    for lookup, profile in profiles.items():
        yield Document(f"players/{lookup}.json", edition.today, profile)


@export(make=people, folder="players", max_age=HOUR)
def players(
    player_game_summary: ir.Table,
    upcoming_player_game_context: ir.Table,
    prediction_accuracy: ir.Table,
    players: ir.Table,
    edition: Edition,
) -> dict[str, ir.Table]:
    """Everybody on a roster or in a game of the season: averages, last ten games, and what the house said of him.

    Of a game that is not over nothing is told here, whether it may be published or not.
    """
    games = edition.within(player_game_summary, edition.season)
    listed = edition.within(upcoming_player_game_context, edition.season)
    seen = games.select("game_date", "player_lookup", "player_id", "team_abbr").union(
        listed.select("game_date", "player_lookup", "player_id", "team_abbr")
    )
    rosters = seen.group_by(["player_lookup", "player_id", "team_abbr"]).aggregate(last_listed=seen.game_date.max())
    grades = edition.within(prediction_accuracy, edition.season)
    grades = grades.filter(grades.system_id == DEFAULT_SYSTEM.value, grades.outcome_state != "PENDING").select(
        "player_lookup", *FORECAST
    )
    return {
        "rosters": named(rosters, players),
        "games": games.select("player_lookup", *GAME).order_by("game_date"),
        "grades": grades.order_by("game_date"),
    }


def last_games(games: pd.DataFrame | None) -> list[dict[str, Any]]:
    """The latest he was part of, newest first; who did not play scored nothing, and it says so."""
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
    """Means over the games he played; nothing is averaged over none."""
    played = games[games["played"]] if games is not None else pd.DataFrame(columns=[*MEANS])
    return {
        "games_played": len(played),
        **{f"{name}_per_game" if name != "usage_rate" else name: played[name].mean() for name in MEANS},
    }


def _record(grades: pd.DataFrame | None) -> dict[str, Any]:
    """How far the house was off, and how its picks of him ended."""
    known = grades[grades["absolute_error"].notna()] if grades is not None else pd.DataFrame(columns=[*FORECAST])
    found = known["grade"] if grades is None else grades["grade"]
    return {
        "n_forecast": len(known),
        "mae": known["absolute_error"].mean(),
        "grades": {grade.lower(): int((found == grade).sum()) for grade in GRADES if grade != "PENDING"},
    }


def _newest(rows: pd.DataFrame | None, names: tuple[str, ...], most: int) -> list[dict[str, Any]]:
    if rows is None:
        return []
    return [{name: row[name] for name in names} for row in rows.tail(most).iloc[::-1].to_dict("records")]


def _in_short(profile: Content) -> dict[str, Any]:
    season, games = profile["season"], profile["last_games"]
    short = {name: season[name] for name in ("games_played", "points_per_game", "minutes_per_game")}
    return {**short, "last_game_date": games[0]["game_date"] if games else None}

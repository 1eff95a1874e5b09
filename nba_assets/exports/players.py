"""The `players` export: an index and a profile of every player of the season."""

from collections.abc import Iterator, Sequence
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.evaluation.graded_predictions import GRADES
from models.markets import MARKETS, POINTS
from nba_assets.exports.forecasts import Row, of_houses, with_player_names
from nba_assets.exports.other_markets import house_place
from nba_assets.kit.export import HOUR, Document, Edition, Frames, export, season_so_far, within
from nba_assets.kit.records import records
from nba_resources.dates import DateRange

LAST_GAMES, LAST_FORECASTS = 10, 20
PLAYER = ("player_lookup", "player_id", "player_name", "team_abbr")
GAME = (
    *("game_date", "game_id", "team_abbr", "opponent_team_abbr", "is_home", "played", "starter", "minutes", "points"),
    *("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "reb", "ast", "tov", "usage_rate", "ts_pct"),
)
MEANS = ("points", "minutes", "reb", "ast", "fga", "fg3a", "fta", "usage_rate")
AVERAGES = [name if name == "usage_rate" else f"{name}_per_game" for name in MEANS]
FORECAST = (
    *("game_date", "game_id", "predicted_value", "line", "recommendation", "outcome_state", "actual_value"),
    *("absolute_error", "line_absolute_error", "grade", "price_used", "profit_units"),
)

SHOWN_GRADES = [grade for grade in GRADES if grade != "PENDING"]
NO_SEASON: dict[str, Any] = {"games_played": 0, **dict.fromkeys(AVERAGES)}
NO_RECORD: dict[str, Any] = {
    "n_forecast": 0,
    "mae": None,
    "grades": {grade.lower(): 0 for grade in SHOWN_GRADES},
}


def player_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make the index, then a profile of each player."""
    grades = {market: frames["grades"][frames["grades"]["market"] == market] for market in MARKETS}
    points = grades[POINTS]
    seasons, houses = _seasons(frames["games"]), {market: _records(rows) for market, rows in grades.items()}
    games, forecasts = last_games(frames["games"]), newest(points, FORECAST, LAST_FORECASTS)
    listed = frames["rosters"].sort_values(["last_listed", "team_abbr"], kind="stable")
    rosters = listed.groupby("player_lookup").tail(1).sort_values(["player_name", "player_lookup"])
    profiles: dict[str, dict[str, Any]] = {
        lookup: {
            "player": {name: row[name] for name in PLAYER},
            "season": seasons.get(lookup, NO_SEASON),
            "last_games": games.get(lookup, []),
            "house": {
                **house_place(POINTS),
                **houses[POINTS].get(lookup, NO_RECORD),
                "forecasts": forecasts.get(lookup, []),
            },
            "markets": [
                {**house_place(market), **record[lookup]}
                for market, record in houses.items()
                if market != POINTS and lookup in record
            ],
        }
        for lookup, row in rosters.set_index("player_lookup", drop=False).to_dict("index").items()
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


@export(
    make_documents=player_documents,
    frames=("rosters", "games", "grades"),
    folder="players",
    max_age=HOUR,
    settled=("prediction_accuracy",),
)
def players(
    player_game_summary: ir.Table,
    upcoming_player_game_context: ir.Table,
    prediction_accuracy: ir.Table,
    players: ir.Table,
    dates: DateRange,
) -> dict[str, ir.Table]:
    """Every player on a roster or in a game of the season: averages, last ten games, and the house's forecasts of him.

    Games that are not over are left out.
    """
    games = within(player_game_summary, season_so_far(dates))
    listed = within(upcoming_player_game_context, season_so_far(dates))
    columns = ("game_date", "player_lookup", "player_id", "team_abbr")
    seen = games.select(*columns).union(listed.select(*columns))
    rosters = seen.group_by(["player_lookup", "player_id", "team_abbr"]).aggregate(last_listed=seen.game_date.max())
    grades = of_houses(within(prediction_accuracy, season_so_far(dates)))
    grades = grades.filter(grades.outcome_state != "PENDING")
    grades = grades.select("player_lookup", "market", *FORECAST)
    return {
        "rosters": with_player_names(rosters, players),
        "games": games.select("player_lookup", *GAME).order_by("game_date"),
        "grades": grades.order_by("game_date"),
    }


def last_games(games: pd.DataFrame) -> dict[str, list[Row]]:
    """Return each player's latest games, newest first, with those he did not play in."""
    return newest(games, GAME, LAST_GAMES)


def newest(rows: pd.DataFrame, names: Sequence[str], most: int) -> dict[str, list[Row]]:
    """Return the last rows of each player, the very last first."""
    last = rows[::-1].groupby("player_lookup").head(most)
    found: dict[str, list[Row]] = {}
    for lookup, row in zip(last["player_lookup"], records(last[[*names]]), strict=True):
        found.setdefault(lookup, []).append(row)
    return found


def _seasons(games: pd.DataFrame) -> dict[Any, dict[str, Any]]:
    """Return each player's means over the games he played."""
    played = games[games["played"]].groupby("player_lookup")
    means = played[[*MEANS]].mean().set_axis([*AVERAGES], axis="columns")
    return pd.concat([played.size().rename("games_played"), means], axis="columns").to_dict("index")


def _records(grades: pd.DataFrame) -> dict[Any, dict[str, Any]]:
    """Return the house's mean error for each player and the grades of its picks."""
    errors = grades.groupby("player_lookup")["absolute_error"].agg(n_forecast="count", mae="mean").to_dict("index")
    counts = grades.groupby(["player_lookup", "grade"]).size().to_dict()
    return {
        lookup: {**NO_RECORD, **error, "grades": {name.lower(): counts.get((lookup, name), 0) for name in SHOWN_GRADES}}
        for lookup, error in errors.items()
    }

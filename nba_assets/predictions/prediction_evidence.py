"""The evidence: inputs of forecasts that are not features."""

import ibis.expr.types as ir

from models.features import EXTENDED_ONLY
from models.systems.zone_matchup import VS_LEAGUE
from nba_assets.analytics.availability import STATUSES
from nba_assets.analytics.slate import MATCHUP, PLAYER_GAME
from nba_assets.kit.as_of import History, as_of
from nba_assets.kit.calendar import Scope
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.predictions.longer_form import longer_form, missed_last_game, vacated_minutes
from nba_assets.predictions.ml_feature_store_v2 import OPPONENT_DAYS
from nba_assets.predictions.similar_games import MIN_SCORE, MOST_GAMES, described, similar_games
from nba_assets.raw.player_boxscores import MOST_POINTS
from nba_resources.warehouse.contract import integer, number, text

LAST = 60
PLAYER = ["game_date", "player_id"]
_FROM_CONTEXT = ("player_status", "injury_info_available", "games_played_season", "days_rest")
_FROM_FEATURES = (
    *MATCHUP,
    *("home_away", "points_avg_last_5", "points_avg_last_10", "points_avg_season", "minutes_avg_last_10"),
)
_OF_A_GAME = (
    *("game_id", "game_date", "player_id", "opponent_team_abbr", "is_home", "days_rest"),
    *("points", "minutes", "starter", "fga", "fta"),
)


@table(
    dataset="nba_predictions",
    grain=["game_date", "player_lookup"],
    expected_rows=ExpectedRows.ROSTER_PLAYERS,
    scope=Scope.AFTER_BOOTSTRAP,
    columns={
        **PLAYER_GAME,
        "player_status": text("NULL when injuries are unknown", *STATUSES, null=True),
        **{name: number("Tonight's opponent; positive = weak defence", -1, 1, null=True) for name in VS_LEAGUE},
        "similar_games": integer("Number of his last 60 games, within a year, that are like tonight's", 0, MOST_GAMES),
        "similar_points": number(
            "Mean points of these games, weighted by score", 0, MOST_POINTS, unit="points", null=True
        ),
        "similar_score": number("Mean score of these games", MIN_SCORE, 100, null=True),
        "similar_points_std": number("Deviation of points in these games; needs 2", 0, 85, unit="points", null=True),
        **{f.name: number(f.meaning, f.low, f.high, unit=f.unit, null=True) for f in EXTENDED_ONLY},
    },
)
def prediction_evidence(
    ml_feature_store_v2: History,
    upcoming_player_game_context: ir.Table,
    upcoming_team_game_context: ir.Table,
    team_defense_zone_analysis: History,
    schedule: History,
    player_game_summary: History,
) -> ir.Table:
    """One row per player and game, as in the feature store: games like tonight's, longer form, and missing players.

    A table of its own, so that a new input leaves the feature contract and every trained model valid.
    """
    tonight = _tonight(ml_feature_store_v2, upcoming_player_game_context, team_defense_zone_analysis, schedule)
    rest = upcoming_team_game_context.select("game_date", "team_abbr", "team_days_rest")
    tonight = with_columns_of(tonight, rest, ["game_date", "team_abbr"])
    games = _games(player_game_summary, schedule, team_defense_zone_analysis, ml_feature_store_v2)
    past = as_of(games, tonight, ["player_id"], last=LAST, days=OPPONENT_DAYS, across_seasons=True)
    rows = with_columns_of(tonight, similar_games(past, tonight), PLAYER)
    rows = with_columns_of(rows, longer_form(past, tonight), PLAYER)
    rows = with_columns_of(rows, vacated_minutes(tonight), PLAYER)
    rows = with_columns_of(rows, missed_last_game(tonight), PLAYER)
    counted = rows.similar_games.isnull().ifelse(0, rows.similar_games)
    return rows.mutate(similar_games=counted).select(*prediction_evidence.computed_columns)


def _tonight(features: History, contexts: ir.Table, defences: History, schedule: History) -> ir.Table:
    """Return tonight's games of players, described like their past games."""
    rows = features.on().select(*_FROM_FEATURES)
    rows = rows.join(schedule.on().select("game_id", "season_year"), "game_id")
    key = ["game_date", "player_lookup"]
    rows = with_columns_of(rows, contexts.select(*key, *_FROM_CONTEXT), key)
    opponents = defences.on().select(
        *("def_rating_rank", *VS_LEAGUE), game_date="analysis_date", opponent_team_abbr="team_abbr"
    )
    rows = with_columns_of(rows, opponents, ["game_date", "opponent_team_abbr"])
    return rows.mutate(**described(rows))


def _games(summaries: History, schedule: History, defences: History, features: History) -> History:
    """Return played games, each described by what was known on its own morning, not by its result."""
    played = summaries.map(lambda games: games.filter("played").select(*_OF_A_GAME))
    venues = schedule.map(lambda games: games.select("game_id", "game_date", "season_year", "neutral_site"))
    opponents = defences.with_date_named("game_date").map(
        lambda rows: rows.select("game_date", "def_rating_rank", opponent_team_abbr="team_abbr")
    )
    form = features.map(lambda rows: rows.select(*PLAYER, "points_avg_last_5", "points_avg_season"))
    games = played.joined(venues, ["game_id", "game_date"])
    games = games.joined(opponents, ["game_date", "opponent_team_abbr"], how="left").joined(form, PLAYER, how="left")
    return games.map(_described)


def _described(games: ir.Table) -> ir.Table:
    home_away = games.neutral_site.ifelse(0.5, games.is_home.ifelse(1.0, 0.0))
    games = games.mutate(home_away=home_away)
    facts = ("game_date", "season_year", "player_id", "points", "minutes", "starter", "fga", "fta")
    return games.select(*facts, **described(games))

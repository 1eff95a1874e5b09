"""The feature store: the same rows for training and for forecasts."""

from functools import reduce
from operator import and_
from typing import Any

import ibis
import ibis.expr.types as ir

from models.features import BASE
from models.markets import POINTS
from nba_assets.analytics.availability import is_out
from nba_assets.analytics.slate import MATCHUP, PLAYER_GAME, certain
from nba_assets.kit.as_of import RECENCY, History, as_of
from nba_assets.kit.calendar import Scope
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.readiness import READINESS, readiness
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.shots import ZONES
from nba_resources.warehouse.contract import flag, number, text, texts

OPPONENT_DAYS = 3 * 365 + 1  # three years
RISK = {"available": 0, "probable": 1, "questionable": 2, "doubtful": 3, "out": 3}
ELIGIBLE_MINUTES = 15
MOST_WITHOUT_ONE, MOST_WITHOUT_MANY, MANY = 69.0, 49.0, 5  # scores with missing required features
TIERS = {"gold": 95, "silver": 85, "bronze": 70, "poor": 50}
_FROM_CONTEXT = ("is_home", "season_type", "days_rest", "opponent_days_rest", "back_to_back", "player_status")
_FACTORS = ("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score")
_KEY = ["game_date", "player_lookup"]
REQUIRED_FOR_ALL = ("points_avg_last_5", "points_avg_last_10", "points_avg_season")


@table(
    dataset="nba_predictions",
    grain=["game_date", "player_lookup"],
    expected_rows=ExpectedRows.ROSTER_PLAYERS,
    scope=Scope.AFTER_BOOTSTRAP,
    columns={
        **PLAYER_GAME,
        "team_abbr": text("Tricode"),
        "opponent_team_abbr": text("Tricode, from the schedule"),
        **{f.name: number(f.meaning, f.low, f.high, unit=f.unit, null=True) for f in BASE},
        "feature_contract": text("Name and hash of the feature contract"),
        "missing_features": texts("Features that are NULL"),
        "feature_quality_score": number("Percent known; at most 69 without a required one, 49 without five", 0, 100),
        "quality_tier": text("From 95, 85, 70, 50", "gold", "silver", "bronze", "poor", "critical"),
        "is_relevant": flag("Has a line or 15 minutes a game"),
        "is_prop_eligible": flag("Ready, relevant, and not out or doubtful"),
        "early_season": flag("Fewer than ten played games"),
        **READINESS,
    },
)
def ml_feature_store_v2(
    upcoming_player_game_context: ir.Table,
    upcoming_team_game_context: ir.Table,
    player_daily_cache: ir.Table,
    player_composite_factors: ir.Table,
    player_shot_zone_analysis: ir.Table,
    team_defense_zone_analysis: ir.Table,
    player_prop_lines: ir.Table,
    schedule: ir.Table,
    player_game_summary: History,
) -> ir.Table:
    """One row per player and game: the features that models are trained on and forecast with.

    A feature that is not known is NULL, is listed in `missing_features` and lowers the row's quality; no default is
    filled in.
    """
    slate = schedule.select("game_id", "season")
    players = upcoming_player_game_context.select(*MATCHUP, *_FROM_CONTEXT).join(slate, "game_id")
    played = player_game_summary.map(lambda games: games.filter("played"))
    trend = _trend(as_of(played, players, ["player_id"], last=5))
    met = as_of(played, players, ["player_id", "opponent_team_abbr"], days=OPPONENT_DAYS, across_seasons=True)
    met = met.group_by("game_date", "player_id").aggregate(avg_points_vs_opponent=met.points.mean(), met=met.count())
    factors = player_composite_factors.select(*_KEY, *_FACTORS, factors_ready="is_production_ready")
    zones = player_shot_zone_analysis.select(
        "player_lookup", game_date="analysis_date", **{f"pct_{zone}": f"{zone}_rate" for zone in ZONES}
    )
    lines = player_prop_lines.filter(player_prop_lines.market == POINTS)
    lines = lines.select(
        *_KEY,
        line_game="game_id",
        vegas_points_line="line",
        vegas_opening_line="opening_line",
        vegas_line_move="line_move",
    )
    teams = upcoming_team_game_context.select("game_date", "team_abbr", "neutral_site", team_win_pct="win_pct_season")
    defences = team_defense_zone_analysis.select(
        "opponent_pace",
        game_date="analysis_date",
        opponent_team_abbr="team_abbr",
        opponent_def_rating="defensive_rating",
        defence_ready="is_production_ready",
    )
    rows = players
    for added in (_form(player_daily_cache), factors, zones, lines):
        rows = with_columns_of(rows, added, _KEY)
    rows = with_columns_of(rows, teams, ["game_date", "team_abbr"])
    rows = with_columns_of(rows, defences, ["game_date", "opponent_team_abbr"])
    for added in (trend, met):
        rows = with_columns_of(rows, added, ["game_date", "player_id"])
    return _with_quality(rows.mutate(**_derived(rows))).select(*ml_feature_store_v2.computed_columns)


def _form(cache: ir.Table) -> ir.Table:
    return cache.select(
        *("player_lookup", "points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10"),
        *("minutes_avg_last_10", "minutes_avg_season", "ppm_avg_last_10", "early_season"),
        game_date="cache_date",
        games_in_last_7_days=cache.games_last_7_days.cast("float64"),
        pct_free_throw="free_throw_points_share_last_10",
        team_pace="team_pace_last_10",
        team_off_rating="team_off_rating_last_10",
        cache_ready="is_production_ready",
    )


def _trend(past: ir.Table) -> ir.Table:
    """Compare the newest two of his last five games with the three before."""
    newest: Any = past[RECENCY] <= 2
    means = past.group_by("game_date", "player_id").aggregate(
        games=past.count(), now=past.points.mean(where=newest), before=past.points.mean(where=~newest)
    )
    full = means.filter(means.games == 5)
    return full.select("game_date", "player_id", recent_trend=_steps(full.now - full.before, 2, 5))


def _steps(change: Any, some: float, much: float) -> Any:
    """Return a change as a step from -2 to 2."""
    return ibis.cases(
        (change >= much, 2.0),
        (change <= -much, -2.0),
        (change >= some, 1.0),
        (change <= -some, -1.0),
        (change.notnull(), 0.0),
        else_=None,
    )


def _derived(rows: ir.Table) -> dict[str, Any]:
    """Return the features that are not copied. A line counts only for the game he is listed in."""
    own = certain(rows.line_game == rows.game_id)
    line = own.ifelse(rows.vegas_points_line, None)
    change = (rows.minutes_avg_last_10 - rows.minutes_avg_season) / rows.minutes_avg_season.nullif(0)
    venue = rows.is_home.ifelse(1.0, 0.0)
    return {
        "rest_advantage": (rows.days_rest - rows.opponent_days_rest).cast("float64").clip(-2, 2),
        "injury_risk": rows.player_status.cases(*((status, float(risk)) for status, risk in RISK.items()), else_=None),
        "minutes_change": _steps(change, 0.10, 0.20),
        "home_away": rows.neutral_site.ifelse(0.5, venue),
        "back_to_back": rows.back_to_back.ifelse(1.0, rows.back_to_back.isnull().ifelse(None, 0.0)),
        "playoff_game": rows.season_type.isin(("play_in", "playoffs")).ifelse(1.0, 0.0),
        "vegas_points_line": line,
        "vegas_opening_line": own.ifelse(rows.vegas_opening_line, None),
        "vegas_line_move": own.ifelse(rows.vegas_line_move, None),
        "has_vegas_line": line.notnull().ifelse(1.0, 0.0),
        "games_vs_opponent": rows.met.isnull().ifelse(0, rows.met).cast("float64"),
        "early_season": rows.early_season.isnull().ifelse(True, rows.early_season),
    }


def _with_quality(rows: ir.Table) -> ir.Table:
    """Add missing features, quality, readiness, and whether the player may be bet on."""
    missing = ibis.array([rows[name].isnull().ifelse(name, None) for name in BASE.names])
    missing = missing.filter(lambda name: name.notnull())
    lacking: Any = sum(rows[name].isnull().ifelse(1, 0) for name in BASE.required)
    known = 100.0 * (len(BASE) - missing.length()) / len(BASE)
    score = ibis.cases(
        (lacking >= MANY, known.clip(upper=MOST_WITHOUT_MANY)),
        (lacking > 0, known.clip(upper=MOST_WITHOUT_ONE)),
        else_=known,
    )
    averages = reduce(and_, (rows[name].notnull() for name in REQUIRED_FOR_ALL))
    ready = readiness(
        ibis.literal(len(BASE.required)),
        len(BASE.required) - lacking,
        {"PDC": rows.cache_ready, "PCF": rows.factors_ready, "TDZA": rows.defence_ready, "averages": averages},
    )
    rows = rows.mutate(
        feature_contract=ibis.literal(BASE.stamp), missing_features=missing, feature_quality_score=score, **ready
    )
    relevant = certain((rows.has_vegas_line == 1) | (rows.minutes_avg_last_10 >= ELIGIBLE_MINUTES))
    quality = rows.feature_quality_score
    tier = ibis.cases(*((quality >= low, name) for name, low in TIERS.items()), else_="critical")
    eligible = rows.is_production_ready & relevant & ~is_out(rows)
    return rows.mutate(quality_tier=tier, is_relevant=relevant, is_prop_eligible=eligible)

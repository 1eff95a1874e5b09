"""The form of each player before his game."""

from typing import Any

import ibis.expr.types as ir

from nba_assets.analytics.player_game_summary import HIGHEST_USAGE
from nba_assets.analytics.team_offense_game_summary import PACE, RATING
from nba_assets.analytics.upcoming_player_game_context import upcoming_player_game_context
from nba_assets.kit.as_of import RECENCY, History, as_of
from nba_assets.kit.calendar import SEASON_GAMES, Scope
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.readiness import READINESS, readiness
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.precompute.player_shot_zone_analysis import player_shot_zone_analysis
from nba_assets.raw.player_boxscores import MOST_MINUTES, MOST_POINTS
from nba_resources.warehouse.contract import day, flag, integer, number, text

AVERAGE_OF, SPREAD_OF, TEAM_GAMES = 3, 5, 5  # minimum games for an average, a deviation and a team's form
_LOAD = (
    *("games_last_7_days", "games_last_14_days", "minutes_last_7_days", "minutes_last_14_days"),
    "back_to_backs_last_14_days",
)
_ZONES = ("paint_rate", "three_rate", "primary_zone", "shot_zone_data_available")


@table(
    dataset="nba_precompute",
    grain=["cache_date", "player_lookup"],
    expected_rows=ExpectedRows.ROSTER_PLAYERS,
    scope=Scope.AFTER_BOOTSTRAP,
    partition="cache_date",
    columns={
        "cache_date": day("US Eastern date"),
        "player_lookup": text("The player's key"),
        "player_id": integer("NBA id"),
        "team_abbr": text("Tricode"),
        "games_played_season": integer("Before the date", 1, SEASON_GAMES),
        "games_used_last_5": integer("Played games behind the last-5 averages", 1, 5),
        "games_used_last_10": integer("Played games behind the last-10 averages", 1, 10),
        "points_avg_last_5": number("Needs 3 games", 0, MOST_POINTS, unit="points", null=True),
        "points_avg_last_10": number("Needs 3 games", 0, MOST_POINTS, unit="points", null=True),
        "points_avg_season": number("", 0, MOST_POINTS, unit="points", null=True),
        "points_std_last_10": number("Sample deviation; needs 5 games", 0, 66, unit="points", null=True),
        "minutes_avg_last_10": number("Needs 3 games", 0, MOST_MINUTES, unit="minutes", null=True),
        "minutes_avg_season": number("", 0, MOST_MINUTES, unit="minutes", null=True),
        "ppm_avg_last_10": number("Sum of points / sum of minutes; needs 3 games", 0, 20, unit="points/min", null=True),
        "usage_rate_last_10": number("Mean of games", 0, HIGHEST_USAGE, null=True),
        "usage_rate_season": number("Mean of games", 0, HIGHEST_USAGE, null=True),
        "ts_pct_last_10": number("Mean of games", 0, 1.5, null=True),
        "free_throw_points_share_last_10": number("Sum of ftm / sum of points; needs 5 games", 0, 1, null=True),
        "team_pace_last_10": number("Team mean; needs 5 games", *PACE, unit="possessions per 48 min", null=True),
        "team_off_rating_last_10": number("Team mean; needs 5 games", *RATING, unit="points per 100", null=True),
        **upcoming_player_game_context.columns(*_LOAD),
        **player_shot_zone_analysis.columns("paint_rate", "three_rate", "primary_zone"),
        "shot_zone_data_available": flag("From the shot zones", null=True),
        "early_season": flag("Fewer than ten played games"),
        **READINESS,
    },
)
def player_daily_cache(
    upcoming_player_game_context: ir.Table,
    player_shot_zone_analysis: ir.Table,
    schedule: ir.Table,
    player_game_summary: History,
    team_offense_game_summary: History,
) -> ir.Table:
    """One row per player and game: season and recent averages, team form, load and shot zones.

    Covers players on the rosters with a played game this season. "Last n" counts played games; fewer are used if fewer
    exist, down to the minimum given with each column.
    """
    roster = upcoming_player_game_context.join(schedule.select("game_id", "season"), "game_id")
    played = player_game_summary.map(lambda rows: rows.filter("played"))
    rows = roster.select(
        *("game_date", "season", "player_id", "player_lookup", "team_abbr", "expected_count", "actual_count", *_LOAD),
        context_ready="is_production_ready",
    )
    rows = rows.join(_form(as_of(played, roster, ["player_id"], last=SEASON_GAMES)), ["game_date", "player_id"])
    games = as_of(team_offense_game_summary, roster, ["team_abbr"], last=10)
    team = games.group_by("game_date", "team_abbr").aggregate(
        team_pace_last_10=_mean_of_enough(games.pace), team_off_rating_last_10=_mean_of_enough(games.offensive_rating)
    )
    rows = with_columns_of(rows, team, ["game_date", "team_abbr"])
    renamed = {"game_date": "analysis_date", "zones_ready": "is_production_ready"}
    zones = player_shot_zone_analysis.select("player_lookup", *_ZONES, **renamed)
    rows = with_columns_of(rows, zones, ["game_date", "player_lookup"])
    return rows.mutate(
        cache_date=rows.game_date,
        early_season=rows.games_played_season < 10,
        **readiness(rows.expected_count, rows.actual_count, {"UPGC": rows.context_ready, "PSZA": rows.zones_ready}),
    ).select(*player_daily_cache.computed_columns)


def _form(past: ir.Table) -> ir.Table:
    last_5: Any = past[RECENCY] <= 5
    last_10: Any = past[RECENCY] <= 10
    form = past.group_by("game_date", "player_id").aggregate(
        games_played_season=past.count(),
        games_used_last_5=past.count(where=last_5),
        games_used_last_10=past.count(where=last_10),
        five=past.points.mean(where=last_5),
        ten=past.points.mean(where=last_10),
        points_avg_season=past.points.mean(),
        spread=past.points.cast("float64").std(where=last_10, how="sample"),
        minutes_ten=past.minutes.mean(where=last_10),
        minutes_avg_season=past.minutes.mean(),
        points_sum=past.points.sum(where=last_10),
        minutes_sum=past.minutes.sum(where=last_10),
        ftm_sum=past.ftm.sum(where=last_10),
        ftm_known=past.ftm.count(where=last_10),
        usage_rate_last_10=past.usage_rate.mean(where=last_10),
        usage_rate_season=past.usage_rate.mean(),
        ts_pct_last_10=past.ts_pct.mean(where=last_10),
    )
    averages: Any = form.games_used_last_10 >= AVERAGE_OF
    spreads: Any = form.games_used_last_10 >= SPREAD_OF
    return form.mutate(
        points_avg_last_5=averages.ifelse(form.five, None),
        points_avg_last_10=averages.ifelse(form.ten, None),
        points_std_last_10=spreads.ifelse(form.spread, None),
        minutes_avg_last_10=averages.ifelse(form.minutes_ten, None),
        ppm_avg_last_10=averages.ifelse(form.points_sum / form.minutes_sum.nullif(0), None),
        free_throw_points_share_last_10=(spreads & (form.ftm_known == form.games_used_last_10)).ifelse(
            form.ftm_sum / form.points_sum.nullif(0), None
        ),
    )


def _mean_of_enough(value: ir.NumericValue) -> ir.NumericValue:
    return (value.count() >= TEAM_GAMES).ifelse(value.mean(), None)

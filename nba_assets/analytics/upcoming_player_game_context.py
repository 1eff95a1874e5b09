"""The context of each player before his team's game."""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.availability import STATUSES, availability
from nba_assets.analytics.player_game_summary import HIGHEST_USAGE, player_game_summary
from nba_assets.analytics.slate import certain, full_rest_days, team_games
from nba_assets.analytics.universe import TEAM_GAMES, rosters, season_so_far
from nba_assets.analytics.upcoming_team_game_context import upcoming_team_game_context
from nba_assets.analytics.vacated_usage import vacated_usage
from nba_assets.kit.as_of import EVENT_DATE, RECENCY, History, as_of
from nba_assets.kit.calendar import COUNTED, SEASON_GAMES, WINDOW
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.readiness import READINESS, readiness
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.player_boxscores import MOST_MINUTES, MOST_POINTS
from nba_resources.warehouse.contract import flag, integer, number, text, texts

WEEK, FORTNIGHT = 7, 14
STAR_GAMES = 10


@table(
    dataset="nba_analytics",
    grain=["game_date", "player_lookup"],
    expected_rows=ExpectedRows.ROSTER_PLAYERS,
    columns={
        **player_game_summary.columns("game_id", "game_date", "player_lookup", "player_id", "team_abbr"),
        **player_game_summary.columns("opponent_team_abbr", "is_home"),
        "season_type": text("", *COUNTED),
        "universe_source": text("Reason for being listed", "recent_games", "roster"),
        "games_played_season": integer("Before the date", 0, SEASON_GAMES),
        "days_rest": integer("Full days since his last played game this season", 0, WINDOW - 1, unit="days", null=True),
        "back_to_back": flag("He played yesterday", null=True),
        "games_last_7_days": integer("Played games in [D-7, D-1]", 0, WEEK),
        "games_last_14_days": integer("Played games in [D-14, D-1]", 0, FORTNIGHT),
        "minutes_last_7_days": number("0 if he did not play", 0, WEEK * MOST_MINUTES, unit="minutes"),
        "minutes_last_14_days": number("0 if he did not play", 0, FORTNIGHT * MOST_MINUTES, unit="minutes"),
        "avg_minutes_last_7_days": number(
            "Per played game; NULL without one", 0, MOST_MINUTES, unit="minutes", null=True
        ),
        "back_to_backs_last_14_days": integer("Pairs of played games on consecutive dates", 0, FORTNIGHT - 1),
        "points_avg_last_5": number("Played games of this season", 0, MOST_POINTS, unit="points", null=True),
        "points_avg_last_10": number("Played games of this season", 0, MOST_POINTS, unit="points", null=True),
        "avg_usage_rate_last_10": number("Mean of his last ten played games", 0, HIGHEST_USAGE, null=True),
        "projected_usage_rate": number(
            "Usage with that of absent team-mates; NULL if injuries unknown", 0, HIGHEST_USAGE, null=True
        ),
        "injury_info_available": flag(
            "The game is on an injury report, or some injury source spoke in the week before tip-off"
        ),
        "player_status": text("NULL when injuries are unknown", *STATUSES, null=True),
        "star_teammates_out": integer("Absent stars, in at least half of his last ten games", 0, 20, null=True),
        "teammates_out": texts("Rotation team-mates out or doubtful; NULL when injuries are unknown", null=True),
        **upcoming_team_game_context.columns("pace_differential", "opponent_days_rest"),
        "player_age": number("NULL without a birth date", 17, 50, unit="years", null=True),
        **READINESS,
    },
)
def upcoming_player_game_context(
    schedule: History,
    player_game_summary: History,
    player_boxscores: History,
    injury_reports: History,
    upcoming_team_game_context: ir.Table,
    players: ir.Table,
) -> ir.Table:
    """One row per player on the two rosters and game: form, load and health, as known before tip-off.

    Rosters are those known before the date, whether or not a player will play. Lines stay in `player_prop_lines`: they
    move through the evening, and what does not read them need not be computed again.
    """
    so_far = season_so_far(schedule, player_game_summary)
    rows = rosters(schedule, so_far)
    rows = availability(rows, schedule, injury_reports, players, player_boxscores)
    rows = rows.join(_form(so_far), ["game_date", "player_id"])
    rows = vacated_usage(rows, so_far)
    team = upcoming_team_game_context.select("game_date", "team_abbr", "pace_differential", "opponent_days_rest")
    rows = with_columns_of(rows, team, ["game_date", "team_abbr"])
    rows = _with_team_history(rows, schedule, player_game_summary)
    rows = rows.join(players.select("player_id", "birth_date"), "player_id")
    days_rest = full_rest_days(rows.game_date, rows.last_played)
    return rows.select(
        *(name for name in upcoming_player_game_context.contract.columns if name in rows.columns),
        universe_source=ibis.literal("recent_games"),
        days_rest=days_rest,
        back_to_back=days_rest == 0,
        player_age=rows.game_date.delta(rows.birth_date, unit="day") / 365.25,
        **readiness(rows.final_games, rows.known_games),
    )


def _form(so_far: ir.Table) -> ir.Table:
    """Return one row per player and date from the games he had played by then."""
    ago = so_far.game_date.delta(so_far[EVENT_DATE], unit="day")
    recent: Any = so_far[RECENCY] <= 10
    in_week, in_fortnight = ago <= WEEK, ago <= FORTNIGHT
    form = so_far.group_by("game_date", "player_id").aggregate(
        games_played_season=so_far.count(),
        games_last_7_days=so_far.count(where=in_week),
        games_last_14_days=so_far.count(where=in_fortnight),
        minutes_last_7_days=in_week.ifelse(so_far.minutes, 0.0).sum(),
        minutes_last_14_days=in_fortnight.ifelse(so_far.minutes, 0.0).sum(),
        back_to_backs_last_14_days=so_far.count(where=certain((ago < FORTNIGHT) & (so_far.days_rest == 0))),
        points_avg_last_5=so_far.points.mean(where=so_far[RECENCY] <= 5),
        points_avg_last_10=so_far.points.mean(where=recent),
        minutes_avg_last_10=so_far.minutes.mean(where=recent),
        avg_usage_rate_last_10=so_far.usage_rate.mean(where=recent),
        points_avg=so_far.points.mean(),
        minutes_avg=so_far.minutes.mean(),
    )
    scores = (form.points_avg >= 18) | ((form.minutes_avg >= 28) & (form.points_avg >= 12))
    return form.mutate(
        avg_minutes_last_7_days=form.minutes_last_7_days / form.games_last_7_days.nullif(0),
        load=form.avg_usage_rate_last_10 * form.minutes_avg_last_10 / 48,
        is_star=(form.games_played_season >= STAR_GAMES) & scores,
    )


def _with_team_history(rows: ir.Table, schedule: History, player_game_summary: History) -> ir.Table:
    """Count how many of his team's last games have player rows; his own absence is not a gap."""
    games = schedule.map(lambda g: team_games(g).select("game_id", "game_date", "season", "team_abbr", "status"))
    lines = player_game_summary.first(["game_id", "team_abbr", "game_date"]).map(lambda g: g.mutate(has_lines=True))
    known = games.joined(lines, ["game_id", "team_abbr", "game_date"], how="left")
    past = as_of(known, rows, ["team_abbr"], last=TEAM_GAMES)
    final = past.status == "final"
    counts = past.group_by("game_date", "team_abbr").aggregate(
        final_games=past.count(where=final), known_games=past.has_lines.count(where=final)
    )
    return rows.join(counts, ["game_date", "team_abbr"])

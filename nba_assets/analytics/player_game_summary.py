"""The summary of each player's game."""

from typing import Any

import ibis.expr.types as ir

from nba_assets.analytics.slate import GAME, certain, full_rest_days, true_shooting
from nba_assets.kit.as_of import EVENT_DATE, History, as_of
from nba_assets.kit.calendar import WINDOW, counted
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.table import table
from nba_assets.raw.player_boxscores import COUNTS, MOST, MOST_POINTS, SHOOTING, player_boxscores
from nba_assets.raw.shots import ZONE_COUNTS, ZONES
from nba_resources.warehouse.contract import flag, integer, number, text

HIGHEST_USAGE = 0.6  # higher values come from a minute or two of garbage time
SHOWS_HE_PLAYED = ("pts", "fga", "fta", "reb", "ast", "stl", "blk", "tov", "pf")
ATTEMPTS_OFF = 1  # shots may differ this much from the box score: scorers correct one and forget the other


@table(
    dataset="nba_analytics",
    grain=["game_id", "player_lookup"],
    post=True,
    columns={
        **GAME,
        "player_lookup": text("The player's key"),
        **player_boxscores.columns("player_id", "player_name", "team_abbr", "opponent_team_abbr", "is_home"),
        "played": flag("Any minute or counting stat; averages use played games only"),
        **player_boxscores.columns("minutes"),
        "points": integer("", 0, MOST_POINTS, unit="points"),
        **player_boxscores.columns(*SHOOTING, *COUNTS, "plus_minus", "starter"),
        "days_rest": integer(
            "Full days since his previous played game this season", 0, WINDOW - 1, unit="days", null=True
        ),
        "usage_rate": number("Share of his team's possessions used while on court", 0, HIGHEST_USAGE, null=True),
        "ts_pct": number("True shooting; NULL without attempts", 0, 1.5, null=True),
        "efg_pct": number("Effective field goal share", 0, 1.5, null=True),
        **{name: integer("From shots; NULL for a game without", 0, MOST["fga"], null=True) for name in ZONE_COUNTS},
        "has_shot_zones": flag("The game has shots, and his differ from his attempts by at most one"),
    },
)
def player_game_summary(
    player_boxscores: History, team_boxscores: ir.Table, shots: ir.Table, schedule: History, players: ir.Table
) -> ir.Table:
    """One row per player and game: the box score with usage, efficiency, shot zones and rest.

    Players who did not play have a row with `played` false; averages leave them out.
    """
    facts = ("game_id", "game_date", "game_code", "season", "season_type")
    games = schedule.map(lambda rows: counted(rows).select(*facts))
    box = player_boxscores.map(lambda rows: rows.mutate(played=_played(rows))).joined(games, ["game_id", "game_date"])
    tonight = box.on().join(players.select("player_id", "player_lookup"), "player_id")
    played = box.map(lambda rows: rows.filter("played").select("player_id", "season", "game_date"))
    earlier = as_of(played, tonight, per=["player_id"])
    rest = earlier.group_by("game_date", "player_id").aggregate(last_played=earlier[EVENT_DATE].max())
    rows = with_columns_of(tonight, rest, ["game_date", "player_id"])
    rows = _with_zones(_with_usage(rows, team_boxscores), shots)
    return rows.mutate(
        points=rows.pts,
        days_rest=full_rest_days(rows.game_date, rows.last_played),
        ts_pct=true_shooting(rows.pts, rows.fga, rows.fta),
        efg_pct=(rows.fgm + 0.5 * rows.fg3m) / rows.fga.nullif(0),
    ).select(*player_game_summary.computed_columns)


def _played(rows: ir.Table) -> ir.BooleanValue:
    """Return whether he played; some real rows have 0 minutes with a rebound or a shot."""
    shows: Any = rows.minutes > 0
    for stat in SHOWS_HE_PLAYED:
        shows = shows | (rows[stat] > 0)
    return certain(shows)


def _with_usage(rows: ir.Table, team_boxscores: ir.Table) -> ir.Table:
    """Add usage; NULL unless all counts of the team are known and its players' points add up to the team's."""
    rows = rows.mutate(used=rows.fga + 0.44 * rows.fta + rows.tov)
    team = rows.group_by("game_id", "team_abbr").aggregate(
        team_used=rows.used.sum(),
        unknown=(rows.played & rows.used.isnull()).sum(),
        team_minutes=rows.minutes.sum(),
        players_pts=rows.pts.sum(),
    )
    team = team.join(team_boxscores.select("game_id", "team_abbr", team_pts="pts"), ["game_id", "team_abbr"])
    team = team.filter(team.unknown == 0, team.players_pts == team.team_pts)
    team = team.select("game_id", "team_abbr", "team_used", game_minutes=48 + 5 * overtime_periods(team.team_minutes))
    rows = with_columns_of(rows, team, ["game_id", "team_abbr"])
    usage = rows.used * rows.game_minutes / (rows.minutes * rows.team_used).nullif(0)
    trusted = (rows.minutes >= 1) & (usage <= HIGHEST_USAGE)
    return rows.mutate(usage_rate=trusted.ifelse(usage, None))


def overtime_periods(team_minutes: ir.NumericValue) -> ir.IntegerValue:
    """Return the number of overtimes from the minutes of a team's players, which may be rounded."""
    return ((team_minutes / 5 - 48) / 5).round().cast("int64").clip(lower=0)


def _with_zones(rows: ir.Table, shots: ir.Table) -> ir.Table:
    """Add shot zones: zeros for a player without shots in a game that has shots, else NULL."""
    taken = rows.select("game_id", "player_id").left_join(shots, ["game_id", "player_id"])
    sums = {
        f"{zone}_{what}": taken.zone.count(where=(taken.zone == zone) & (taken.made if what == "makes" else True))
        for zone in ZONES
        for what in ("attempts", "makes")
    }
    zones = taken.group_by("game_id", "player_id").aggregate(**sums)
    zones = zones.semi_join(shots, "game_id")
    rows = with_columns_of(rows, zones, ["game_id", "player_id"])
    attempts = rows.paint_attempts + rows.mid_range_attempts + rows.three_attempts
    return rows.mutate(has_shot_zones=certain((attempts - rows.fga).abs() <= ATTEMPTS_OFF))

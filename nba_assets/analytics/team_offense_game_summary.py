"""The summary of each team's game, for the attacking side."""

import ibis.expr.types as ir

from nba_assets.analytics.player_game_summary import overtime_periods
from nba_assets.analytics.slate import GAME, certain, full_rest_days, team_games, true_shooting
from nba_assets.kit.as_of import EVENT_DATE, History, as_of
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.player_boxscores import COUNTS, SHOOTING, player_boxscores
from nba_assets.raw.shots import ZONE_COUNTS
from nba_assets.raw.team_boxscores import MOST, POINTS, team_boxscores
from nba_resources.warehouse.contract import flag, integer, number

COUNTED = {name: meaning for name, meaning in (SHOOTING | COUNTS).items() if name not in ("stl", "blk")}
ATTEMPTS_OFF = 2
PACE = (60, 160)  # the slowest games of the nineties had about 70, the fastest about 140
POSSESSIONS = (PACE[0], PACE[1] * (48 + 6 * 5) / 48)  # at this pace for six overtimes
RATING = (30, 200)


@table(
    dataset="nba_analytics",
    grain=["game_id", "team_abbr"],
    expected_rows=ExpectedRows.FINAL_TEAMS,
    post=True,
    columns={
        **GAME,
        **player_boxscores.columns("team_abbr", "opponent_team_abbr", "is_home"),
        "points_scored": integer("", *POINTS, unit="points"),
        **team_boxscores.columns(*COUNTED),
        **{name: integer("From shots", 0, MOST["fga"], null=True) for name in ZONE_COUNTS},
        "has_shot_zones": flag("The game's shots differ from the team's attempts by at most two"),
        "overtime_periods": integer("NULL without player rows", 0, 6, null=True),
        "possessions": number("", *POSSESSIONS),
        "pace": number("NULL when overtime is unknown", *PACE, unit="possessions per 48 minutes", null=True),
        "offensive_rating": number("", *RATING, unit="points per 100 possessions"),
        "ts_pct": number("True shooting", 0.2, 1),
        "win": flag("From the score"),
        "margin": integer("Own minus opponent points", -100, 100, unit="points"),
        "team_days_rest": integer("NULL for the season's first game", 0, 200, unit="days", null=True),
    },
)
def team_offense_game_summary(team_boxscores: ir.Table, player_game_summary: ir.Table, schedule: History) -> ir.Table:
    """One row per team and game: its points, shooting, possessions, pace and rest.

    Possessions are estimated from the box score; pace needs overtime, which is derived from the players' minutes.
    """
    slate = team_games(schedule.on()).select("game_id", "game_code", "season", "season_type", "team_abbr")
    box = team_boxscores.join(slate, ["game_id", "team_abbr"])
    earlier = as_of(
        schedule.map(lambda games: team_games(games).select("season", "team_abbr", "game_date")), box, ["team_abbr"]
    )
    rest = earlier.group_by("game_date", "team_abbr").aggregate(last_game=earlier[EVENT_DATE].max())
    lines = player_game_summary
    players = lines.group_by("game_id", "team_abbr").aggregate(
        team_minutes=lines.minutes.sum(), **{name: lines[name].sum() for name in ZONE_COUNTS}
    )
    rows = with_columns_of(box, players, ["game_id", "team_abbr"])
    rows = with_columns_of(rows, rest, ["game_date", "team_abbr"])
    rows = rows.mutate(
        overtime_periods=overtime_periods(rows.team_minutes),
        possessions=rows.fga + 0.44 * rows.fta + rows.tov - rows.oreb,
    )
    attempts = rows.paint_attempts + rows.mid_range_attempts + rows.three_attempts
    return rows.select(
        *(name for name in team_offense_game_summary.contract.columns if name in rows.columns),
        points_scored=rows.pts,
        has_shot_zones=certain((attempts - rows.fga).abs() <= ATTEMPTS_OFF),
        pace=rows.possessions * 48 / (48 + 5 * rows.overtime_periods),
        offensive_rating=100 * rows.pts / rows.possessions,
        ts_pct=true_shooting(rows.pts, rows.fga, rows.fta),
        win=rows.pts > rows.opp_pts,
        margin=rows.pts - rows.opp_pts,
        team_days_rest=full_rest_days(rows.game_date, rows.last_game),
    )

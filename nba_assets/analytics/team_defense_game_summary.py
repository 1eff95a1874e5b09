"""The summary of each team's game, for the defending side."""

import ibis.expr.types as ir

from nba_assets.analytics.slate import GAME
from nba_assets.analytics.team_offense_game_summary import COUNTED, PACE, POSSESSIONS, RATING, team_offense_game_summary
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.shots import ZONE_COUNTS
from nba_assets.raw.team_boxscores import FEWEST, MOST, POINTS
from nba_resources.warehouse.contract import flag, integer, number, text


@table(
    dataset="nba_analytics",
    grain=["game_id", "defending_team_abbr"],
    expected_rows=ExpectedRows.FINAL_TEAMS,
    post=True,
    columns={
        **GAME,
        "defending_team_abbr": text("Tricode"),
        "opponent_team_abbr": text("Tricode"),
        "is_home": flag("The defending team is at home"),
        "points_allowed": integer("", *POINTS, unit="points"),
        **{f"opp_{name}": integer("Of the opponent", FEWEST.get(name, 0), MOST[name]) for name in COUNTED},
        "steals": integer("The defending team's own", 0, 40),
        "blocks": integer("The defending team's own", 0, 40),
        **{f"opp_{name}": integer("From the opponent's shots", 0, MOST["fga"], null=True) for name in ZONE_COUNTS},
        "has_shot_zones": flag("The game's shots differ from the opponent's attempts by at most two"),
        **team_offense_game_summary.columns("overtime_periods"),
        "opp_possessions": number("", *POSSESSIONS),
        "opponent_pace": number("NULL when overtime is unknown", *PACE, unit="possessions per 48 minutes", null=True),
        "defensive_rating": number("", *RATING, unit="points per 100 possessions"),
        "opp_ts_pct": number("True shooting", 0.2, 1),
        **team_offense_game_summary.columns("win", "margin", "team_days_rest"),
    },
)
def team_defense_game_summary(team_boxscores: ir.Table, team_offense_game_summary: ir.Table) -> ir.Table:
    """One row per team and game: what the opponent did against it.

    The values are those of `team_offense_game_summary`, seen from the other side.
    """
    attack = team_offense_game_summary
    own = team_boxscores.select("game_id", defending_team_abbr="team_abbr", steals="stl", blocks="blk")
    rest = attack.select("game_id", defending_team_abbr="team_abbr", own_days_rest="team_days_rest")
    rows = attack.select(
        *("game_id", "game_code", "game_date", "season", "season_type", "has_shot_zones", "overtime_periods"),
        defending_team_abbr=attack.opponent_team_abbr,
        opponent_team_abbr=attack.team_abbr,
        is_home=~attack.is_home,
        points_allowed=attack.points_scored,
        opp_possessions=attack.possessions,
        opponent_pace=attack.pace,
        defensive_rating=attack.offensive_rating,
        opp_ts_pct=attack.ts_pct,
        win=attack.margin < 0,
        margin=-attack.margin,
        **{f"opp_{name}": attack[name] for name in (*COUNTED, *ZONE_COUNTS)},
    )
    rows = rows.join(own, ["game_id", "defending_team_abbr"]).join(rest, ["game_id", "defending_team_abbr"])
    return rows.rename(team_days_rest="own_days_rest")

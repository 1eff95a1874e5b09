"""The raw table of games: the reference for which games exist."""

import ibis.expr.types as ir

from nba_assets.kit.table import ExpectedRows, table
from nba_resources.warehouse.contract import day, flag, integer, moment, text

TEAM_IDS = (1, 9_999_999_999)  # of ten digits


@table(
    dataset="nba_raw",
    grain=["game_id"],
    expected_rows=ExpectedRows.GAMES,
    feed="schedule",
    moves=("game_id",),
    columns={
        "game_id": text("NBA's ten-digit id"),
        "game_code": text("YYYYMMDD_AWAY_HOME, for people; never a join key"),
        "season": text("For instance 2024-25"),
        "season_year": integer("First year of the season", 1996, 2100),
        "game_date": day("US Eastern date"),
        "season_type": text(
            "As the league gives it", "preseason", "regular", "play_in", "playoffs", "nba_cup_final", "all_star"
        ),
        "status": text("", "scheduled", "live", "final", "postponed", "cancelled"),
        "start_time_utc": moment("Tip-off", null=True),
        "home_team": text("Tricode"),
        "away_team": text("Tricode"),
        "home_team_id": integer("NBA id", *TEAM_IDS),
        "away_team_id": integer("NBA id", *TEAM_IDS),
        "home_pts": integer("NULL unless final", 0, 220, unit="points", null=True, post=True),
        "away_pts": integer("NULL unless final", 0, 220, unit="points", null=True, post=True),
        "neutral_site": flag("Played on neutral ground; NULL until the league says", null=True),
        "arena": text("", null=True),
    },
)
def schedule(delivered: ir.Table) -> ir.Table:
    """One row per game, future games included. A game that is moved leaves its old date."""
    code = delivered.game_date.strftime("%Y%m%d") + "_" + delivered.away_team + "_" + delivered.home_team
    return delivered.mutate(game_code=code, season_year=delivered.season.substr(0, 4).cast("int64"))

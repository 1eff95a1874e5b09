"""What each player did in each game, as the league published it."""

import ibis.expr.types as ir

from nba_assets.kit.table import table
from nba_assets.raw.matching import off_schedule, on_schedule
from nba_resources.warehouse.contract import day, flag, integer, number, text

SHOOTING = ("fgm", "fga", "fg3m", "fg3a", "ftm", "fta")
COUNTS = ("oreb", "dreb", "reb", "ast", "stl", "blk", "tov", "pf")


@table(
    dataset="nba_raw",
    grain=["game_id", "player_id"],
    feed="player_boxscores",
    post=True,
    left_out=off_schedule,
    columns={
        "game_id": text("NBA's ten-digit id"),
        "game_date": day("US Eastern date, from the schedule"),
        "player_id": integer("NBA id"),
        "player_name": text("As published"),
        "team_abbr": text("Tricode"),
        "opponent_team_abbr": text("Tricode"),
        "is_home": flag(),
        "starter": flag("As published, never derived from minutes", null=True),
        "minutes": number("Decimal minutes", 0, 70, unit="minutes"),
        "pts": integer("", 0, 100, unit="points"),
        **{name: integer("NULL where the source lacks shooting splits", 0, 60, null=True) for name in SHOOTING},
        **{name: integer("", 0, 50, null=True) for name in COUNTS},
        "plus_minus": integer("", -80, 80, unit="points", null=True),
    },
)
def player_boxscores(published: ir.Table, schedule: ir.Table) -> ir.Table:
    """Only players with a stat line, or with 0 minutes where a source lists who did not play."""
    return on_schedule(published, schedule)

"""The raw table of team box scores."""

import ibis.expr.types as ir

from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.contradictions import team_faults, with_contradiction
from nba_assets.raw.matching import off_schedule, on_schedule
from nba_assets.raw.player_boxscores import COUNTS, SHOOTING, player_boxscores
from nba_assets.raw.schedule import TEAM_IDS
from nba_resources.warehouse.contract import integer, text

POINTS = (40, 220)  # 49 and 186 are the records with a shot clock
FEWEST = {"fgm": 8, "fga": 40}
_SHOOTING_MOST = {"fgm": 100, "fga": 200, "fg3m": 50, "fg3a": 110, "ftm": 80, "fta": 110}
_COUNTS_MOST = {"oreb": 60, "dreb": 90, "reb": 130, "ast": 70, "stl": 40, "blk": 40, "tov": 60, "pf": 80}
MOST = _SHOOTING_MOST | _COUNTS_MOST


@table(
    dataset="nba_raw",
    grain=["game_id", "team_abbr"],
    expected_rows=ExpectedRows.FINAL_TEAMS,
    feed="team_boxscores",
    post=True,
    left_out=off_schedule,
    columns={
        **player_boxscores.columns("game_id", "game_date"),
        "team_abbr": text("Tricode"),
        "team_id": integer("NBA id", *TEAM_IDS),
        **player_boxscores.columns("opponent_team_abbr", "is_home"),
        "pts": integer("", *POINTS, unit="points"),
        "opp_pts": integer("", *POINTS, unit="points"),
        **{name: integer(meaning, FEWEST.get(name, 0), MOST[name]) for name, meaning in (SHOOTING | COUNTS).items()},
        "tov": integer("Turnovers, team turnovers included", 0, MOST["tov"]),
        "plus_minus": integer("Sums to 0 over the game", -100, 100, unit="points"),
    },
)
def team_boxscores(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """One row per team and game; every game has exactly two, whose points are those of the schedule."""
    rows = on_schedule(delivered, schedule)
    return with_contradiction(rows, team_faults(rows, schedule))

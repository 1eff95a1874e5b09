"""What each team did in each game, as the league published it."""

import ibis.expr.types as ir

from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.matching import off_schedule, on_schedule
from nba_assets.raw.player_boxscores import COUNTS, SHOOTING
from nba_resources.warehouse.contract import day, flag, integer, text


@table(
    dataset="nba_raw",
    grain=["game_id", "team_abbr"],
    expected_rows=ExpectedRows.FINAL_TEAMS,
    feed="team_boxscores",
    post=True,
    left_out=off_schedule,
    columns={
        "game_id": text("NBA's ten-digit id"),
        "game_date": day("US Eastern date, from the schedule"),
        "team_abbr": text("Tricode"),
        "team_id": integer("NBA id"),
        "opponent_team_abbr": text("Tricode"),
        "is_home": flag("As the schedule lists it, neutral sites too"),
        "pts": integer("", 0, 200, unit="points"),
        "opp_pts": integer("", 0, 200, unit="points"),
        **{name: integer(meaning, 0, 200) for name, meaning in (SHOOTING | COUNTS).items()},
        "tov": integer("Turnovers, those of the team included", 0, 200),
        "plus_minus": integer("Sums to 0 over the game", unit="points"),
    },
)
def team_boxscores(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """Exactly two rows a game."""
    return on_schedule(delivered, schedule)

"""The raw table of player box scores."""

import ibis.expr.types as ir

from nba_assets.kit.expressions.joins import without
from nba_assets.kit.table import table
from nba_assets.raw.contradictions import player_faults, with_contradiction
from nba_assets.raw.matching import off_schedule, on_schedule
from nba_resources.warehouse.contract import day, flag, integer, number, text

SHOOTING = {
    "fgm": "Field goals made",
    "fga": "Field goals attempted",
    "fg3m": "Threes made",
    "fg3a": "Threes attempted",
    "ftm": "Free throws made",
    "fta": "Free throws attempted",
}
COUNTS = {
    "oreb": "Offensive rebounds",
    "dreb": "Defensive rebounds",
    "reb": "Rebounds",
    "ast": "Assists",
    "stl": "Steals",
    "blk": "Blocks",
    "tov": "Turnovers",
    "pf": "Personal fouls",
}
# Above the records of the league, so that a new one fits: 36 of 63 shots, 14 of 24 threes, 28 of 39 free throws.
_SHOOTING_MOST = {"fgm": 45, "fga": 75, "fg3m": 25, "fg3a": 40, "ftm": 40, "fta": 50}
_COUNTS_MOST = {"oreb": 30, "dreb": 45, "reb": 65, "ast": 40, "stl": 20, "blk": 25, "tov": 25, "pf": 10}
MOST = _SHOOTING_MOST | _COUNTS_MOST
PLAYER_IDS = (1, 99_999_999)  # of seven digits at most so far
MOST_MINUTES, MOST_POINTS = 78, 120  # six overtimes without a rest; the record is 100 points


@table(
    dataset="nba_raw",
    grain=["game_id", "player_id"],
    feed="player_boxscores",
    post=True,
    left_out=off_schedule,
    columns={
        "game_id": text("NBA's ten-digit id"),
        "game_date": day("US Eastern date, from the schedule"),
        "player_id": integer("NBA id", *PLAYER_IDS),
        "player_name": text("Name as the source gives it"),
        "team_abbr": text("Tricode"),
        "opponent_team_abbr": text("Tricode"),
        "is_home": flag("As the schedule lists it, neutral sites too"),
        "starter": flag("As the source gives it; NULL if it marks nobody of the team", null=True),
        "minutes": number("Decimal minutes", 0, MOST_MINUTES, unit="minutes"),
        "pts": integer("", 0, MOST_POINTS, unit="points"),
        **{name: integer(meaning, 0, MOST[name], null=True) for name, meaning in (SHOOTING | COUNTS).items()},
        "plus_minus": integer("", -100, 100, unit="points", null=True),
    },
)
def player_boxscores(delivered: ir.Table, schedule: ir.Table, team_boxscores: ir.Table) -> ir.Table:
    """One row per player and game: his stat line.

    Some sources also list players who did not play, with 0 minutes. The lines of a team's players add up to its own.
    """
    rows = on_schedule(delivered, schedule)
    rows = rows.mutate(marked=rows.starter.ifelse(1, 0).max().over(group_by=[rows.game_id, rows.team_abbr]))
    rows = without(rows.mutate(starter=(rows.marked == 1).ifelse(rows.starter, None)), "marked")
    return with_contradiction(rows, player_faults(rows, team_boxscores, schedule))

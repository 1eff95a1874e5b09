"""Who may play tonight, as known that morning: never who did play.

A backfill that lists the players of the box score knows who would be scratched; its accuracy cannot be repeated live.
"""

from collections.abc import Mapping

import ibis.expr.types as ir

from nba_assets.analytics.slate import team_games
from nba_assets.kit.as_of import RECENCY, History, as_of
from nba_assets.kit.table import Table
from nba_resources.dates import DateRange

TEAM_GAMES = 10
SEASON = 120  # more games than anyone plays


def season_so_far(schedule: History, player_game_summary: History) -> ir.Table:
    """The season's played games, newest first, of everyone seen in the last ten games of a team on the slate."""
    slate = team_games(schedule.on())
    games = schedule.map(lambda rows: team_games(rows).select("game_id", "game_date", "season", "team_abbr"))
    recent = as_of(games, slate, ["team_abbr"], last=TEAM_GAMES)
    played = player_game_summary.map(lambda rows: rows.filter("played"))
    sightings = played.map(lambda rows: rows.select("game_id", "team_abbr", "season", "game_date", "player_id"))
    seen = as_of(sightings, recent, ["game_id", "team_abbr"])
    return as_of(played, seen, ["player_id"], last=SEASON)


def rosters(schedule: History, so_far: ir.Table) -> ir.Table:
    """The players of each team on the slate; who was seen with two teams belongs to that of his latest game."""
    latest = so_far.filter(so_far[RECENCY] == 1)
    latest = latest.select("game_date", "player_id", "player_lookup", "team_abbr", last_played="event_date")
    return team_games(schedule.on()).join(latest, ["game_date", "team_abbr"])


def universe_size(tables: Mapping[str, Table], dates: DateRange) -> ir.Table:
    """How many players each date owes, recounted from the schedule and the summaries."""
    schedule, summaries = (History.of(tables[name].contract, dates) for name in ("schedule", "player_game_summary"))
    rows = rosters(schedule, season_so_far(schedule, summaries))
    return rows.group_by("game_date").aggregate(expected=rows.count())

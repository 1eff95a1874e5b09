"""The player universe: who may play tonight, as known in the morning, never who did play.

A backfill that took players from box scores would know late scratches, and its accuracy could not be repeated live.
"""

from collections.abc import Mapping

import ibis.expr.types as ir

from nba_assets.analytics.slate import team_games
from nba_assets.kit.as_of import EVENT_DATE, RECENCY, History, as_of
from nba_assets.kit.calendar import SEASON_GAMES, counted
from nba_assets.kit.running import InSeason, running
from nba_assets.kit.table import Table
from nba_resources.dates import DateRange

TEAM_GAMES = 10
ENOUGH_GAMES = 5  # fewer are no sample of a player or a team
_TEAM_GAME = ("game_id", "game_date", "season", "team_abbr")
_LATEST = {
    "player_lookup": InSeason(lambda games: games.player_lookup.max(), last=1),
    "team_abbr": InSeason(lambda games: games.team_abbr.max(), last=1),
    "played_games": InSeason(lambda games: games.count()),
}


def season_so_far(schedule: History, player_game_summary: History) -> ir.Table:
    """Return the season's played games of every player seen in the last ten games of a team on the slate."""
    slate = team_games(schedule.on())
    games = schedule.map(lambda rows: team_games(rows).select(*_TEAM_GAME))
    recent = as_of(games, slate, ["team_abbr"], last=TEAM_GAMES)
    played = player_game_summary.map(lambda rows: rows.filter("played"))
    sightings = played.map(lambda rows: rows.select("game_id", "team_abbr", "season", "game_date", "player_id"))
    seen = as_of(sightings, recent, ["game_id", "team_abbr"])
    return as_of(played, seen, ["player_id"], last=SEASON_GAMES)


def rosters(schedule: History, so_far: ir.Table) -> ir.Table:
    """Return the players of each team on the slate; a player belongs to the team of his latest game."""
    latest = so_far.filter(so_far[RECENCY] == 1)
    latest = latest.select("game_date", "player_id", "player_lookup", "team_abbr", last_played="event_date")
    return team_games(schedule.on()).join(latest, ["game_date", "team_abbr"])


def roster_players(schedule: History, player_game_summary: History) -> ir.Table:
    """Return the same players as `rosters` with the number of their games this season, without listing these games."""
    slate = team_games(schedule.on())
    games = schedule.map(lambda rows: team_games(rows).select(*_TEAM_GAME))
    facts = (*_TEAM_GAME, "player_id", "player_lookup")
    played = player_game_summary.map(lambda rows: rows.filter("played").select(*facts))
    seen = as_of(played, as_of(games, slate, ["team_abbr"], last=TEAM_GAMES), ["game_id", "team_abbr"])
    latest = running(played, seen, ["player_id"], _LATEST, order="game_id")
    latest = latest.select("game_date", "player_id", *_LATEST, last_played=EVENT_DATE)
    return slate.join(latest, ["game_date", "team_abbr"])


def universe_size(tables: Mapping[str, Table], dates: DateRange) -> ir.Table:
    """Count all players on the rosters of each date (`expected`), and those with games for a sample (`veterans`)."""
    rows = roster_players(*(History.of(tables[name].contract, dates) for name in ("schedule", "player_game_summary")))
    return rows.group_by("game_date").aggregate(
        expected=rows.count(), veterans=rows.count(where=rows.played_games >= ENOUGH_GAMES)
    )


def seasoned_teams(tables: Mapping[str, Table], dates: DateRange) -> ir.Table:
    """Count the teams with enough finished games this season before each date, playing on it or not."""
    schedule = History.of(tables["schedule"].contract, dates)
    dates_played = counted(schedule.on()).select("game_date", "season").distinct()
    final = schedule.map(lambda rows: team_games(rows).filter(lambda game: game.status == "final").select(*_TEAM_GAME))
    past = as_of(final, dates_played, [])
    teams = past.group_by("game_date", "team_abbr").aggregate(games=past.game_id.nunique())
    seasoned = teams.filter(teams.games >= ENOUGH_GAMES)
    return seasoned.group_by("game_date").aggregate(teams=seasoned.count())

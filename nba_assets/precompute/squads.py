"""Players of each team this season, their team-mates, and how lately they played."""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.slate import certain, team_games
from nba_assets.kit.as_of import EVENT_DATE, RECENCY, History, as_of
from nba_assets.kit.calendar import SEASON_GAMES

HALF_LIFE = 6  # games: a game weighs half as much as one six games later
RECENT_GAMES = 8
_TEAM = ("game_date", "team_abbr")
_IN_GAME = (*_TEAM, "game_id")


def team_games_so_far(schedule: History, player_game_summary: History) -> ir.Table:
    """Return the games of the season that each team of the slate has played; those without a box score are unknown."""
    facts = ("game_id", "game_date", "season", "team_abbr")
    scored = player_game_summary.map(lambda rows: rows.filter("played")).first(["game_id", "game_date", "team_abbr"])
    games = schedule.map(lambda rows: team_games(rows).select(*facts))
    games = games.joined(scored, ["game_id", "game_date", "team_abbr"])
    return as_of(games, team_games(schedule.on()), ["team_abbr"], last=SEASON_GAMES)


def appearances(team_so_far: ir.Table, player_game_summary: History) -> ir.Table:
    """Return who played in each of these games; `recency` counts his team's games back from the date."""
    facts = ("game_id", "game_date", "season", "team_abbr", "player_id", "player_lookup", "starter")
    played = player_game_summary.map(lambda rows: rows.filter("played").select(*facts))
    seen = as_of(played, team_so_far, ["game_id", "team_abbr"])
    return seen.join(team_so_far.select(*_IN_GAME, RECENCY), _IN_GAME)


def members(seen: ir.Table, team_so_far: ir.Table) -> ir.Table:
    """Return everyone who has played for the team this season, with his share of its recent games."""
    weights = team_so_far.group_by(_TEAM).aggregate(team_weight=_weight(team_so_far[RECENCY]).sum())
    latest: Any = seen[RECENCY] == 1
    players = seen.group_by(*_TEAM, "season", "player_id", "player_lookup").aggregate(
        weight=_weight(seen[RECENCY]).sum(),
        games_ago=seen[RECENCY].min(),
        started_last=certain(latest & seen.starter).max(),
    )
    players = players.join(weights, _TEAM)
    return players.mutate(team_share=players.weight / players.team_weight).select(
        *_TEAM, "season", "player_id", "player_lookup", "team_share", "games_ago", "started_last"
    )


def shares_together(seen: ir.Table, roster: ir.Table) -> ir.Table:
    """Return for each player of the roster the share of his recent games for the team in which each mate played too."""
    own = seen.semi_join(roster, [*_TEAM, "player_id"])
    of_player = [own.game_date, own.team_abbr, own.player_id]
    newest = ibis.window(group_by=of_player, order_by=[own[EVENT_DATE].desc(), own.game_id.desc()])
    own = own.mutate(place=ibis.row_number().over(newest) + 1, games=own.count().over(group_by=of_player))
    own = own.filter(lambda rows: rows.place <= rows.games)  # Ibis would count after a join that follows a window
    own = own.select(*_IN_GAME, "player_id", weight=_weight(own.place) / _weight_of_all(own.games))
    both = own.join(seen.select(*_IN_GAME, mate="player_id"), _IN_GAME)
    both = both.filter(both.player_id != both.mate)
    return both.group_by(*_TEAM, "player_id", "mate").aggregate(share=both.weight.sum())


def _weight(place: Any) -> ir.FloatingValue:
    """Return the weight of a game by its place from the newest, which is 1."""
    return ibis.literal(2.0) ** ((1 - place) / float(HALF_LIFE))


def _weight_of_all(games: Any) -> ir.FloatingValue:
    """Return the sum of the weights of so many games, a geometric series."""
    return (1 - _weight(games + 1)) / (1 - _weight(ibis.literal(2)))

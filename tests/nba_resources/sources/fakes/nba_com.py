"""NBA.com's files of the simulated league, with one more player on each bench and one who did not dress."""

import re
from typing import Any

from werkzeug import Request

from nba_resources.dates import EASTERN
from nba_resources.sources.simulated.shots import HOOP
from nba_resources.sources.teams import TEAMS

from .league import League, Row, by, iso
from .server import Fake

_COUNTS = {
    "fgm": "fieldGoalsMade",
    "fga": "fieldGoalsAttempted",
    "fg3m": "threePointersMade",
    "fg3a": "threePointersAttempted",
    "ftm": "freeThrowsMade",
    "fta": "freeThrowsAttempted",
    "oreb": "reboundsOffensive",
    "dreb": "reboundsDefensive",
    "ast": "assists",
    "stl": "steals",
    "blk": "blocks",
    "pf": "foulsPersonal",
    "pts": "points",
}
AREAS = {
    "restricted_area": "Restricted Area",
    "paint_non_ra": "In The Paint (Non-RA)",
    "mid_range": "Mid-Range",
    "above_break_3": "Above the Break 3",
    "left_corner_3": "Left Corner 3",
    "right_corner_3": "Right Corner 3",
    "backcourt": "Backcourt",
}


class FakeNbaCom(Fake):
    absent = 403

    def __init__(self, league: League) -> None:
        super().__init__()
        self.league = league

    def kind(self, path: str) -> str:
        return "schedule" if "schedule" in path else path.split("/")[2]

    def answer(self, path: str, request: Request) -> Any:
        if "scheduleLeagueV2" in path:
            return schedule(self.league.schedule)
        kind, game_id = re.fullmatch(r"/liveData/(\w+)/\w+_(\d{10})\.json", path).groups()
        game = next((game for game in self.league.played if game["game_id"] == game_id), None)
        if game is None or game["status"] != "final":
            return None
        if kind == "boxscore":
            return boxscore(game, self.league.players.get(game_id, []), self.league.teams[game_id])
        return playbyplay(game, self.league.shots[game_id]) if game_id in self.league.shots else None


def schedule(games: list[Row]) -> Row:
    dates = [
        {"gameDate": day.strftime("%m/%d/%Y 00:00:00"), "games": [_fixture(game) for game in of_day]}
        for day, of_day in sorted(by(games, "game_date").items())
    ]
    return {
        "meta": {"version": 1, "time": "2024-12-20T10:00:00Z"},
        "leagueSchedule": {"seasonYear": games[0]["season"], "leagueId": "00", "gameDates": dates, "weeks": []},
    }


def _fixture(game: Row) -> Row:
    day, tip = game["game_date"], game["start_time_utc"]
    eastern = None if tip is None else tip.astimezone(EASTERN).strftime("%Y-%m-%dT%H:%M:%SZ")  # the real Z is wrong too
    status = {"scheduled": 1, "live": 2, "final": 3}[game["status"]]
    sides = {
        side: {
            "teamId": game[f"{team}_team_id"],
            "teamTricode": game[f"{team}_team"],
            "score": 0 if game[f"{team}_pts"] is None else game[f"{team}_pts"],
        }
        for side, team in (("homeTeam", "home"), ("awayTeam", "away"))
    }
    return sides | {
        "gameId": game["game_id"],
        "gameCode": f"{day:%Y%m%d}/{game['away_team']}{game['home_team']}",
        "gameStatus": status,
        "gameStatusText": "Final" if status == 3 else "TBD" if tip is None else "7:00 pm ET",
        "gameDateEst": f"{day}T00:00:00Z",
        "gameTimeEst": "1900-01-01T19:00:00Z",
        "gameDateTimeEst": eastern or f"{day}T00:00:00Z",
        "gameDateTimeUTC": iso(tip),
        "isNeutral": game["neutral_site"],
        "arenaName": game["arena"],
        "ifNecessary": "false",
        "postponedStatus": "N",
    }


def boxscore(game: Row, players: list[Row], teams: list[Row]) -> Row:
    sides = {}
    for side, team in (("homeTeam", game["home_team"]), ("awayTeam", game["away_team"])):
        mine = [player for player in players if player["team_abbr"] == team]
        numbers = next(row for row in teams if row["team_abbr"] == team)
        bench = [
            _absent(game, team, 1, "ACTIVE", "DNP_COACH"),
            _absent(game, team, 2, "INACTIVE", "INACTIVE_INJURY"),
        ]
        sides[side] = {
            "teamId": numbers["team_id"],
            "teamTricode": team,
            "score": numbers["pts"],
            "players": [*map(_player, mine), *(bench if mine else [])],
            "statistics": _team(numbers, sum(player["tov"] for player in mine)),
        }
    about = {"gameId": game["game_id"], "gameTimeUTC": iso(game["start_time_utc"]), "gameStatus": 3, "period": 4}
    return {"meta": {"version": 1, "code": 200}, "game": about | sides}


def _player(player: Row) -> Row:
    minutes = round(player["minutes"] * 10)
    return {
        "status": "ACTIVE",
        "personId": player["player_id"],
        "starter": "1" if player["starter"] else "0",
        "played": "1" if player["minutes"] or player["pf"] else "0",
        "name": player["player_name"],
        "statistics": _statistics(player)
        | {
            "minutes": f"PT{minutes // 10:02d}M{minutes % 10 * 6:05.2f}S",
            "minutesCalculated": f"PT{minutes // 10:02d}M",
            "reboundsTotal": player["reb"],
            "turnovers": player["tov"],
            "plusMinusPoints": float(player["plus_minus"]),
        },
    }


def _absent(game: Row, team: str, number: int, status: str, reason: str) -> Row:
    nothing = dict.fromkeys([*_COUNTS, "reb", "tov", "plus_minus"], 0)
    player = {
        "player_id": 9_000_000 + 10 * TEAMS.index(team) + number,
        "player_name": f"{team} Bench {number}",
        "starter": False,
        "minutes": 0.0,
    }
    return _player(player | nothing) | {"status": status, "played": "0", "notPlayingReason": reason}


def _statistics(row: Row) -> Row:
    return {theirs: row[ours] for ours, theirs in _COUNTS.items()}


def _team(team: Row, charged: int) -> Row:
    """Give three numbers of turnovers and of rebounds, of which one each is the team's by our count."""
    return _statistics(team) | {
        "minutes": "PT240M00.00S",
        "turnovers": charged,
        "turnoversTeam": team["tov"] - charged,
        "turnoversTotal": team["tov"],
        "reboundsPersonal": team["reb"],
        "reboundsTeam": 6,
        "reboundsTotal": team["reb"] + 6,
    }


def playbyplay(game: Row, shots: list[Row]) -> Row:
    """Add other actions with fewer keys."""
    start = {"actionNumber": 2, "orderNumber": 20000, "actionType": "period", "clock": "PT12M00.00S", "period": 1}
    rebound = {"actionNumber": 8, "actionType": "rebound", "personId": 1, "isFieldGoal": 0, "clock": "PT11M38.00S"}
    actions = [_action(number, shot) for number, shot in enumerate(shots, 4)]
    return {"meta": {"code": 200}, "game": {"gameId": game["game_id"], "actions": [start, *actions, rebound]}}


def _action(number: int, shot: Row) -> Row:
    descriptor, _, kind = shot["action_type"].partition(" ")
    simple = kind in ("Shot", "Jump shot") or not kind
    minutes, seconds = divmod(shot["seconds_left"], 60)
    return {
        "actionNumber": number,
        "orderNumber": number * 10000,
        "clock": f"PT{minutes:02d}M{seconds:02d}.00S",
        "period": shot["period"],
        "teamTricode": shot["team_abbr"],
        "personId": shot["player_id"],
        "actionType": f"{shot['shot_value']}pt",
        "descriptor": "" if simple else descriptor.lower(),
        "subType": shot["action_type"] if simple else kind,
        "xLegacy": -shot["x"] * 10,
        "yLegacy": (shot["y"] - HOOP) * 10,
        "shotDistance": shot["distance_ft"] + 0.37,
        "shotResult": "Made" if shot["made"] else "Missed",
        "isFieldGoal": 1,
        "area": AREAS[shot["zone_basic"]],
    }

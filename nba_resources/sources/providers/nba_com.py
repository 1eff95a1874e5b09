"""NBA.com's own files: this season's schedule, and each game's box score and play-by-play.

For personal, non-commercial use by its terms, so it is asked only if the operator says so, at one question a second.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from nba_resources.dates import DateRange, days_of
from nba_resources.sources import eastern
from nba_resources.sources.feeds import TEAMS
from nba_resources.sources.providers.json_reader import Answer, Row, complaint, published
from nba_resources.sources.providers.provider import Door, Landed, Manners, NotOffered, Provider, Request
from nba_resources.sources.providers.shot_chart import label, outcome
from nba_resources.sources.validation.validate import DeliveredTable

FIRST_SEASON = 2020  # the oldest game file anybody documented
SCHEDULE_FILE = "scheduleLeagueV2_1.json"  # also seen: scheduleLeagueV2.json and _2; how they differ is not known
SEASON_TYPES = {
    "001": "preseason",
    "002": "regular",
    "003": "all_star",
    "004": "playoffs",
    "005": "play_in",
    "006": "nba_cup_final",
}
FINAL = 3
STATUSES = {1: "scheduled", 2: "live", FINAL: "final"}
STATUS_TEXTS = {"ppd": "postponed", "postponed": "postponed", "canceled": "cancelled", "cancelled": "cancelled"}

_SCHEDULE = {
    "game_id": "gameId",
    "home_team": "homeTeam.teamTricode",
    "away_team": "awayTeam.teamTricode",
    "home_team_id": "homeTeam.teamId",
    "away_team_id": "awayTeam.teamId",
    "start_time_utc": "gameDateTimeUTC",
    "home_pts": "homeTeam.score",
    "away_pts": "awayTeam.score",
}
_VENUE = {"neutral_site": "isNeutral", "arena": "arenaName"}  # left out by some versions
_COUNTS = {
    "fgm": "statistics.fieldGoalsMade",
    "fga": "statistics.fieldGoalsAttempted",
    "fg3m": "statistics.threePointersMade",
    "fg3a": "statistics.threePointersAttempted",
    "ftm": "statistics.freeThrowsMade",
    "fta": "statistics.freeThrowsAttempted",
    "oreb": "statistics.reboundsOffensive",
    "dreb": "statistics.reboundsDefensive",
    "ast": "statistics.assists",
    "stl": "statistics.steals",
    "blk": "statistics.blocks",
    "pf": "statistics.foulsPersonal",
    "pts": "statistics.points",
}
_PLAYER = _COUNTS | {
    "player_id": "personId",
    "player_name": "name",
    "starter": "starter",
    "minutes": "statistics.minutes",
    "reb": "statistics.reboundsTotal",
    "tov": "statistics.turnovers",
    "plus_minus": "statistics.plusMinusPoints",
}
# A team's `turnovers` lack those charged to nobody and its `reboundsTotal` have the rebounds of nobody, so both are
# read elsewhere than a player's.
_TEAM = _COUNTS | {"reb": "statistics.reboundsPersonal", "tov": "statistics.turnoversTotal"}
_SIDE = {"team_abbr": "teamTricode"}
_SHOT = {"player_id": "personId", "team_abbr": "teamTricode", "period": "period"}


class NbaCom(Provider):
    """The files behind NBA.com's own pages, read as they are."""

    name: ClassVar[str] = "nba_com"
    feeds: ClassVar[frozenset[str]] = frozenset({"schedule", "player_boxscores", "team_boxscores", "shots"})
    home: ClassVar[str] = "https://cdn.nba.com/static/json"
    manners: ClassVar[Manners] = Manners(
        headers={  # without the Referer every answer is a 403
            "Referer": "https://www.nba.com/",
            "Origin": "https://www.nba.com",
            "Accept": "application/json, text/plain, */*",
            "Accept-Language": "en-US,en;q=0.9",
        },
        absent=frozenset({403, 404}),  # a game without a file yet is refused like a stranger: see the canary
    )

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[DeliveredTable]:
        """The schedule from one file a season; the rest game by game, of games that are over."""
        seasons = list(self._schedules(dates, door))
        if feed == "schedule":
            return [_schedule(landed, games, dates) for landed, games in seasons]
        games = [game for _, season in seasons for game in season.values() if _day(game) in dates]
        final = [game for game in games if _status(game) == "final"]
        return list(self._games_of(feed, final, door))

    def canary(self) -> Request:
        """The schedule is there all year: if it is refused, we are."""
        return self._schedule_request(eastern.season_year(self.today()))

    def _schedule_request(self, year: int) -> Request:
        """One address for all seasons, which holds the one being played.

        Asked about a season that is over it would file this season's games under that one, so the end of the season is
        given as a tip-off: a door asks nothing after it.
        """
        over = days_of(eastern.season_name(year)).end < self.today()
        ended = dt.datetime(year + 1, 7, 1, tzinfo=dt.UTC) if over else None
        url = f"{self.base_url}/staticData/{SCHEDULE_FILE}"
        return Request(self.name, "schedule", url, eastern.season_name(year), settled=over, tip_off=ended)

    def _schedules(self, dates: DateRange, door: Door) -> Iterator[tuple[Landed, dict[str, Answer]]]:
        """The one file holds the season being played; those of seasons before are where they were landed."""
        current = eastern.season_year(self.today())
        found = False
        for year in eastern.season_years(dates, FIRST_SEASON, current):
            landed = door.get(self._schedule_request(year))
            if landed is None:
                continue
            league = Answer.of(landed)["leagueSchedule"]
            if league["seasonYear"].text()[:4] == str(year):
                found = True
                yield landed, _latest(league) or league["gameDates"].refuse("the games of a season")
        if not found:
            raise NotOffered(
                f"{self.name} has the schedule of the season being played and of seasons it was asked for while they "
                f"were; nothing is known of {dates}. Ask another provider for these dates, such as sportsdataverse"
            )

    def _games_of(self, feed: str, games: list[Answer], door: Door) -> Iterator[DeliveredTable]:
        endpoint = "playbyplay" if feed == "shots" else "boxscore"
        read = {"shots": _shots, "player_boxscores": _players, "team_boxscores": _teams}[feed]
        for game in games:
            game_id, day = game["gameId"].text(), _day(game)
            url = f"{self.base_url}/liveData/{endpoint}/{endpoint}_{game_id}.json"
            landed = door.get(Request(self.name, endpoint, url, day.isoformat(), settled=self.is_settled(day)))
            if landed is None:
                yield published(feed, game.landed, [], {}, {f"no {endpoint} yet: {game_id}": 1})
                continue
            told = Answer.of(landed)["game"]
            if told["gameId"].text() != game_id:
                told["gameId"].refuse(f"the game that was asked for, {game_id}")
            if endpoint == "boxscore" and told["gameStatus"].value != FINAL:
                yield published(feed, landed, [], {}, {f"box score not final yet: {game_id}": 1})
                continue
            yield read(told, {"game_id": game_id, "game_date": day})


def _latest(league: Answer) -> dict[str, Answer]:
    """Each game once: a postponed game was seen to stay where it was and to appear again on its new date."""
    games: dict[str, Answer] = {}
    for date in league["gameDates"].parts():
        for game in date["games"].parts():
            game_id = game["gameId"].text()
            if game_id not in games or _day(game) > _day(games[game_id]):
                games[game_id] = game
    return games


def _day(game: Answer) -> dt.date:
    """The Eastern date. Eastern times carry a Z that is not meant, so nothing else is read from them."""
    return game["gameDateEst"].day(such_as="2026-01-05T00:00:00Z")


def _status(game: Answer) -> str:
    """A final without both scores was not played, whatever number its status has."""
    told, text = game["gameStatus"], game["gameStatusText"].value
    stated = STATUS_TEXTS.get(str(text).strip().lower())
    if not isinstance(told.value, int) or told.value not in STATUSES:
        told.refuse(f"one of {', '.join(map(str, STATUSES))}")
    scores = (game["homeTeam.score"].value, game["awayTeam.score"].value)
    status = STATUSES[told.value]
    return stated or ("postponed" if status == "final" and not all(scores) else status)


def _schedule(landed: Landed, games: dict[str, Answer], dates: DateRange) -> DeliveredTable:
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for game in games.values():
        if _day(game) not in dates:
            continue
        row = game.row(_SCHEDULE)
        if not {row["home_team"], row["away_team"]} <= set(TEAMS):  # all-stars, guests, pairings not decided yet
            notes["games with a club outside the league"] += 1
            continue
        rows.append(row | _about(game))
    _refuse_twice_played(landed, rows)
    return published("schedule", landed, rows, _SCHEDULE | {"status": "gameStatus", "game_date": "gameDateEst"}, notes)


def _about(game: Answer) -> Row:
    """What the game's id and status say, and what only a finished or dated game has."""
    game_id, status = game["gameId"].text(), _status(game)
    if game_id[:3] not in SEASON_TYPES or not game_id[3:5].isdigit():
        game["gameId"].refuse(f"an id that begins with one of {', '.join(SEASON_TYPES)} and the year")
    year = 1900 + int(game_id[3:5]) + (100 if int(game_id[3:5]) < 46 else 0)
    about: Row = {
        "game_date": _day(game),
        "season": eastern.season_name(year),
        "season_type": SEASON_TYPES[game_id[:3]],
        "status": status,
    }
    about |= {name: part.value if (part := game.find(path)) else None for name, path in _VENUE.items()}
    if status != "final":
        about |= {"home_pts": None, "away_pts": None}
    if str(game["gameStatusText"].value).strip().upper() == "TBD":
        about["start_time_utc"] = None
    return about


def _refuse_twice_played(landed: Landed, rows: list[Row]) -> None:
    """One meeting under two ids would be two games for everything that finds a game by its teams."""
    seen: dict[tuple[Any, ...], str] = {}
    for row in rows:
        if row["status"] in ("postponed", "cancelled"):
            continue
        meeting = (row["game_date"], *sorted((row["home_team"], row["away_team"])))
        if (other := seen.setdefault(meeting, row["game_id"])) != row["game_id"]:
            day, one, two = meeting
            told = f"{one} and {two} meet twice on {day}, as gameId {other} and {row['game_id']}"
            raise complaint(landed, f"{told}; expected one of them to be postponed or cancelled")


def _sides(game: Answer) -> Iterator[tuple[Answer, Answer, Row]]:
    """Each team, its opponent, and what a row says of the two."""
    home, away = game["homeTeam"], game["awayTeam"]
    for side, other, is_home in ((home, away, True), (away, home, False)):
        clubs = {"team_abbr": side["teamTricode"].value, "opponent_team_abbr": other["teamTricode"].value}
        yield side, other, clubs | {"is_home": is_home}


def _players(game: Answer, about: Row) -> DeliveredTable:
    """Everyone who dressed: who did not play is listed by the league, and has 0 minutes."""
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for side, _, clubs in _sides(game):
        for player in side["players"].parts():
            if str(player["played"].value) == "0" and player["status"].value == "INACTIVE":
                notes["inactive players without a line"] += 1
                continue
            rows.append(about | clubs | player.row(_PLAYER))
    return published("player_boxscores", game.landed, rows, _PLAYER | _SIDE, notes)


def _teams(game: Answer, about: Row) -> DeliveredTable:
    rows: list[Row] = []
    for side, other, clubs in _sides(game):
        pts, opp_pts = side["statistics.points"].whole(), other["statistics.points"].whole()
        margin = {"opp_pts": opp_pts, "plus_minus": pts - opp_pts, "team_id": side["teamId"].value}
        rows.append(about | clubs | side.row(_TEAM) | margin)
    return published("team_boxscores", game.landed, rows, _TEAM | _SIDE | {"team_id": "teamId"})


def _shots(game: Answer, about: Row) -> DeliveredTable:
    actions = game["actions"].parts()
    attempts = [action for action in actions if (told := action.find("isFieldGoal")) and told.value == 1]
    if not attempts:
        raise complaint(
            game.landed, f"field isFieldGoal is 1 in none of {len(actions)} actions; a game that is over has attempts"
        )
    return published("shots", game.landed, [about | _shot(attempt) for attempt in attempts], _SHOT)


def _shot(attempt: Answer) -> Row:
    value = attempt.find("shotValue") or attempt["actionType"]
    where = label(*map(attempt.find, ("xLegacy", "yLegacy", "area", "descriptor", "subType")))
    told = outcome(attempt["clock"], value, attempt["shotResult"], attempt["shotDistance"])
    return attempt.row(_SHOT) | told | where

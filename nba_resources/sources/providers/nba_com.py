"""NBA.com's own files: the current season's schedule, and each game's box score and play-by-play.

Its terms allow personal, non-commercial use, so the operator must name it, and it gets one request a second.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from nba_resources.dates import DateRange, days_of, season_name, season_year
from nba_resources.sources.providers.json_reader import JsonValue, Row, bad_response, delivered_table, time_of_meta
from nba_resources.sources.providers.provider import (
    Fetcher,
    LandedResponse,
    NotOffered,
    Provider,
    Request,
    RequestPolicy,
)
from nba_resources.sources.providers.shot_chart import place_columns, shot_columns
from nba_resources.sources.teams import TEAMS
from nba_resources.sources.validation.validate import DeliveredTable

FIRST_SEASON = 2020  # the oldest game file in any documentation
SCHEDULE_FILE = "scheduleLeagueV2_1.json"  # scheduleLeagueV2.json and _2 also exist; how they differ is unknown
SEASON_TYPES = {
    "001": "preseason",
    "002": "regular",
    "003": "all_star",
    "004": "playoffs",
    "005": "play_in",
    "006": "nba_cup_final",
}
FINAL = 3
LINE_UP = 5
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
_VENUE = {"neutral_site": "isNeutral", "arena": "arenaName"}  # some versions omit them
STATISTICS = {
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
_COUNTS = {field: f"statistics.{name}" for field, name in STATISTICS.items()}
_PLAYER = _COUNTS | {
    "player_id": "personId",
    "player_name": "name",
    "starter": "starter",
    "minutes": "statistics.minutes",
    "reb": "statistics.reboundsTotal",
    "tov": "statistics.turnovers",
    "plus_minus": "statistics.plusMinusPoints",
}
# A team's `turnovers` lack team turnovers and its `reboundsTotal` include team rebounds, so other fields are read.
_TEAM = _COUNTS | {"reb": "statistics.reboundsPersonal", "tov": "statistics.turnoversTotal"}
_SIDE = {"team_abbr": "teamTricode"}
_SHOT = {"player_id": "personId", "team_abbr": "teamTricode", "period": "period"}


class NbaCom(Provider):
    """The files behind NBA.com's pages."""

    name: ClassVar[str] = "nba_com"
    feeds: ClassVar[frozenset[str]] = frozenset({"schedule", "player_boxscores", "team_boxscores", "shots"})
    default_url: ClassVar[str] = "https://cdn.nba.com/static/json"
    policy = RequestPolicy(
        headers={  # without the Referer every response is a 403, and plain programs were refused in 2026
            "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/141.0.0.0 Safari/537.36",
            "Referer": "https://www.nba.com/",
            "Origin": "https://www.nba.com",
            "Accept": "application/json, text/plain, */*",
            "Accept-Language": "en-US,en;q=0.9",
        },
        not_found=frozenset({403, 404}),  # 403 for a game without a file yet and for a blocked client: see the canary
    )

    if_refused: ClassVar[str] = (
        "Set NBA_NBA_COM_HEADERS to what your browser sends to www.nba.com, try a network that is no cloud and no VPN, "
        "or leave nba_com out of NBA_PROVIDERS: sportsdataverse has finished games, but no fixtures."
    )

    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        """Return the schedule from one file a season; other feeds from one file for each finished game."""
        seasons = list(self._schedules(dates, fetcher))
        if feed == "schedule":
            return [_schedule(landed, games, dates) for landed, games in seasons]
        games = [game for _, season in seasons for game in season.values() if _day(game) in dates]
        return list(self._games_of(feed, [game for game in games if _status(game) == "final"], fetcher))

    def canary(self) -> Request:
        """The schedule, which always exists: if it is refused, we are blocked."""
        return self._schedule_request(season_year(self.today()))

    def _schedule_request(self, year: int) -> Request:
        """Request a season's schedule, at the one URL that always holds the current season.

        Requested for a past season, the current games would be filed under it. So a past season gets a tip-off at its
        end: the fetcher sends nothing after a tip-off.
        """
        over = days_of(season_name(year)).end < self.today()
        end = dt.datetime(year + 1, 7, 1, tzinfo=dt.UTC) if over else None
        path, season = f"staticData/{SCHEDULE_FILE}", season_name(year)
        return self.request("schedule", path, season, settled=over, tip_off=end, made_at=time_of_meta)

    def _schedules(self, dates: DateRange, fetcher: Fetcher) -> Iterator[tuple[LandedResponse, dict[str, JsonValue]]]:
        """Yield the games of the current season, and of past seasons that were landed while they were current."""
        found = False
        for year in self.season_years(dates, FIRST_SEASON):
            landed = fetcher.get(self._schedule_request(year))
            if landed is None:
                continue
            league = JsonValue.parse(landed)["leagueSchedule"]
            if league["seasonYear"].text()[:4] == str(year):
                found = True
                yield landed, _latest(league) or league["gameDates"].fail("the games of a season")
        if not found:
            raise NotOffered(
                f"{self.name} has the schedule of the current season, and of past seasons only if it was landed while "
                f"they were current; it has nothing of {dates}. Use another provider for these dates, such as "
                "sportsdataverse"
            )

    def _games_of(self, feed: str, games: list[JsonValue], fetcher: Fetcher) -> Iterator[DeliveredTable]:
        endpoint = "playbyplay" if feed == "shots" else "boxscore"
        read = {"shots": _shots, "player_boxscores": _players, "team_boxscores": _teams}[feed]
        for listed in games:
            game_id, day = listed["gameId"].text(), _day(listed)
            path = f"liveData/{endpoint}/{endpoint}_{game_id}.json"
            landed = fetcher.get(self.request(endpoint, path, day, settled=self.is_settled(day), made_at=time_of_meta))
            if landed is None:
                yield delivered_table(feed, listed.landed, [], {}, {f"no {endpoint} yet: {game_id}": 1})
                continue
            game = JsonValue.parse(landed)["game"]
            if game["gameId"].text() != game_id:
                game["gameId"].fail(f"the requested game, {game_id}")
            if endpoint == "boxscore" and game["gameStatus"].value != FINAL:
                yield delivered_table(feed, landed, [], {}, {f"box score not final yet: {game_id}": 1})
                continue
            yield read(game, {"game_id": game_id, "game_date": day})


def _latest(league: JsonValue) -> dict[str, JsonValue]:
    """Return each game once: a postponed game may be listed on its old and its new date."""
    games: dict[str, JsonValue] = {}
    for date in league["gameDates"].items():
        for game in date["games"].items():
            game_id = game["gameId"].text()
            if game_id not in games or _day(game) > _day(games[game_id]):
                games[game_id] = game
    return games


def _day(game: JsonValue) -> dt.date:
    """Return the Eastern date; the time behind it has a wrong zone (Z) and is ignored."""
    return game["gameDateEst"].date(example="2026-01-05T00:00:00Z")


def _status(game: JsonValue) -> str:
    """Return the status; a final game without both scores was not played, whatever its status number."""
    number, text = game["gameStatus"], game["gameStatusText"].value
    if not isinstance(number.value, int) or number.value not in STATUSES:
        number.fail(f"one of {', '.join(map(str, STATUSES))}")
    scores = (game["homeTeam.score"].value, game["awayTeam.score"].value)
    not_played = number.value == FINAL and not all(scores)
    by_number = "postponed" if not_played else STATUSES[number.value]
    return STATUS_TEXTS.get(str(text).strip().lower(), by_number)


def _schedule(landed: LandedResponse, games: dict[str, JsonValue], dates: DateRange) -> DeliveredTable:
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for game in games.values():
        if _day(game) not in dates:
            continue
        row = game.row(_SCHEDULE)
        if not {row["home_team"], row["away_team"]} <= set(TEAMS):  # all-stars, guests, open pairings
            notes["games with a team outside the league"] += 1
            continue
        rows.append(row | _game_columns(game))
    _check_pairings(landed, rows)
    return delivered_table(
        "schedule", landed, rows, _SCHEDULE | {"status": "gameStatus", "game_date": "gameDateEst"}, notes
    )


def _game_columns(game: JsonValue) -> Row:
    """Return what follows from the game's id and status, and NULL for what the game does not have yet."""
    game_id, status = game["gameId"].text(), _status(game)
    if game_id[:3] not in SEASON_TYPES or not game_id[3:5].isdigit():
        game["gameId"].fail(f"an id that begins with one of {', '.join(SEASON_TYPES)} and the year")
    year = 1900 + int(game_id[3:5]) + (100 if int(game_id[3:5]) < 46 else 0)
    columns: Row = {"game_date": _day(game), "season": season_name(year), "status": status}
    columns["season_type"] = SEASON_TYPES[game_id[:3]]
    columns |= {name: part.value if (part := game.find(path)) else None for name, path in _VENUE.items()}
    if status != "final":
        columns |= {"home_pts": None, "away_pts": None}
    if str(game["gameStatusText"].value).strip().upper() == "TBD":
        columns["start_time_utc"] = None
    return columns


def _check_pairings(landed: LandedResponse, rows: list[Row]) -> None:
    """Refuse one game under two ids: everything that finds a game by its teams would see two games."""
    seen: dict[tuple[Any, ...], str] = {}
    for row in rows:
        if row["status"] in ("postponed", "cancelled"):
            continue
        pairing = (row["game_date"], *sorted((row["home_team"], row["away_team"])))
        if (other := seen.setdefault(pairing, row["game_id"])) != row["game_id"]:
            day, one, two = pairing
            problem = f"{one} and {two} meet twice on {day}, as gameId {other} and {row['game_id']}"
            raise bad_response(landed, f"{problem}; expected one of them to be postponed or cancelled")


def _sides(game: JsonValue) -> Iterator[tuple[JsonValue, JsonValue, Row]]:
    home, away = game["homeTeam"], game["awayTeam"]
    for side, other, is_home in ((home, away, True), (away, home, False)):
        teams = {"team_abbr": side["teamTricode"].value, "opponent_team_abbr": other["teamTricode"].value}
        yield side, other, teams | {"is_home": is_home}


def _players(game: JsonValue, game_columns: Row) -> DeliveredTable:
    """Return everyone who dressed; those who did not play are listed and have 0 minutes.

    A box score may be final before it has players, and may lose them again: it would delete the stored ones.
    """
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for side, _, teams in _sides(game):
        played = 0
        for player in side["players"].items():
            has_played = str(player["played"].value) != "0"
            played += has_played
            if not has_played and player["status"].value == "INACTIVE":
                notes["inactive players without a line"] += 1
                continue
            rows.append(game_columns | teams | player.row(_PLAYER))
        if played < LINE_UP:
            side["players"].fail(f"{LINE_UP} players who played in a finished game")
    return delivered_table("player_boxscores", game.landed, rows, _PLAYER | _SIDE, notes)


def _teams(game: JsonValue, game_columns: Row) -> DeliveredTable:
    rows: list[Row] = []
    for side, other, teams in _sides(game):
        pts, opp_pts = side["statistics.points"].integer(), other["statistics.points"].integer()
        result = {"opp_pts": opp_pts, "plus_minus": pts - opp_pts, "team_id": side["teamId"].value}
        rows.append(game_columns | teams | side.row(_TEAM) | result)
    return delivered_table("team_boxscores", game.landed, rows, _TEAM | _SIDE | {"team_id": "teamId"})


def _shots(game: JsonValue, game_columns: Row) -> DeliveredTable:
    """Return the shots of players. Since 2025-26 a heave at the end of a period belongs to the team."""
    actions = game["actions"].items()
    notes: Counter[str] = Counter()
    shots = [action for action in actions if (flag := action.find("isFieldGoal")) and flag.is_one()]
    if not shots:
        raise bad_response(
            game.landed, f"field isFieldGoal is 1 in none of {len(actions)} actions; a finished game has shots"
        )
    rows: list[Row] = []
    for shot in shots:
        player = shot.find("personId")
        if player is None or player.value == 0 or (_is_heave(shot) and not shot.find("shotResult")):
            notes["heaves of a team, which are no player's shots"] += 1
            continue
        value = shot.find("shotValue") or shot["actionType"]
        columns = shot_columns(shot["clock"], value, shot["shotResult"], shot["shotDistance"])
        place = place_columns(*map(shot.find, ("xLegacy", "yLegacy", "area", "descriptor", "subType")))
        rows.append(game_columns | shot.row(_SHOT) | columns | place)
    return delivered_table("shots", game.landed, rows, _SHOT, notes)


def _is_heave(shot: JsonValue) -> bool:
    return "heave" in (shot["actionType"].value, (kind := shot.find("subType")) and str(kind.value).lower())

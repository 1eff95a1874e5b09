"""The bulk releases of sportsdataverse-data: whole seasons in Parquet files with NBA.com's ids, free for everyone.

Whoever has no archive fills the history from them. Credit them: the data are published under CC BY 4.0.
"""

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from nba_resources.dates import DateRange, season_of
from nba_resources.sources import eastern
from nba_resources.sources.providers.json_reader import Answer, Row, complaint, published
from nba_resources.sources.providers.nba_com import SEASON_TYPES
from nba_resources.sources.providers.provider import Door, Landed, Manners, NotOffered, Provider, Request
from nba_resources.sources.providers.shot_chart import label, outcome
from nba_resources.sources.teams import tricode
from nba_resources.sources.validation.validate import DeliveredTable

FIRST_SEASON = 1996
# Endpoint: the release's tag and the file's stem; files are named after the year in which a season ends.
FILES = {
    "schedule": ("nba_stats_schedules", "nba_schedule"),
    "player_boxscores": ("nba_stats_player_boxscores", "player_boxscores"),
    "team_boxscores": ("nba_stats_team_boxscores", "team_boxscores"),
    "shots": ("nba_stats_shots", "shots"),
    "rosters": ("nba_stats_rosters", "rosters"),
}
# Where the same thing was seen under several names, the first that is there counts: one place to correct.
_GAME = {
    "game_id": ("game_id",),
    "game_date": ("game_date",),
    "home_team_id": ("home_team_id",),
    "away_team_id": ("away_team_id", "visitor_team_id"),
    "home_pts": ("home_pts", "home_team_pts", "home_score"),
    "away_pts": ("away_pts", "away_team_pts", "away_score"),
}
_COUNTS = {
    "fgm": ("field_goals_made",),
    "fga": ("field_goals_attempted",),
    "fg3m": ("three_pointers_made",),
    "fg3a": ("three_pointers_attempted",),
    "ftm": ("free_throws_made",),
    "fta": ("free_throws_attempted",),
    "oreb": ("rebounds_offensive",),
    "dreb": ("rebounds_defensive",),
    "ast": ("assists",),
    "stl": ("steals",),
    "blk": ("blocks",),
    "pf": ("fouls_personal",),
    "pts": ("points",),
    "reb": ("rebounds_personal", "rebounds_total"),
    "tov": ("turnovers_total", "turnovers"),
}
_TEAM = _COUNTS | {"team_id": ("team_id",)}
_PLAYER = _COUNTS | {
    "player_id": ("person_id", "player_id"),
    "plus_minus": ("plus_minus_points", "plus_minus"),
}
_SHOT = {"player_id": ("person_id", "player_id"), "period": ("period",)}


class SportsDataverse(Provider):
    """One file a season and feed; box scores and shots carry no date, so the schedule's file is read with them."""

    name: ClassVar[str] = "sportsdataverse"
    feeds: ClassVar[frozenset[str]] = frozenset(FILES)
    home: ClassVar[str] = "https://github.com/sportsdataverse/sportsdataverse-data/releases/download"
    manners: ClassVar[Manners] = Manners(read_seconds=120.0)

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[DeliveredTable]:
        """Season by season; a season that is not released is left to others, and if none is they are asked.

        Of rosters there is nobody else to ask, and those of other seasons tell most of the same.
        """
        current = eastern.season_year(self.today())
        years = eastern.season_years(dates, FIRST_SEASON, current)
        told = [one for year in years if (one := self._season(feed, year, dates, door)) is not None]
        if not told and feed != "rosters":
            raise NotOffered(f"{self.name} has released no {feed} of {dates}; its seasons begin in {FIRST_SEASON}")
        return told

    def canary(self) -> Request:
        """A season that was released long ago."""
        return self._request("schedule", FIRST_SEASON)

    def _season(self, feed: str, year: int, dates: DateRange, door: Door) -> DeliveredTable | None:
        if (landed := door.get(self._request(feed, year))) is None:
            return None
        if feed == "schedule":
            return _schedule(landed, dates)
        if feed == "rosters":
            return _rosters(landed, dt.date(year, 10, 1), dates)
        schedule = door.get(self._request("schedule", year))
        if schedule is None:
            raise complaint(landed, "the season's schedule is not released, so no row of it has a date")
        games = {row["game_id"]: row for row in _games(schedule, dates)[0]}
        read = {"player_boxscores": _players, "team_boxscores": _teams, "shots": _shots}[feed]
        return read(landed, games)

    def _request(self, feed: str, year: int) -> Request:
        tag, stem = FILES[feed]
        over = year < eastern.season_year(self.today())
        url = f"{self.base_url}/{tag}/{stem}_{year + 1}.parquet"
        season = eastern.season_name(year)
        return Request(self.name, feed, url, season, settled=over, large=True, content="parquet")


def _read(landed: Landed, names: Mapping[str, tuple[str, ...]]) -> tuple[Iterator[Answer], dict[str, str]]:
    """The rows of the file, and what each field is called in it; a column that is gone was renamed."""
    try:
        table = pq.read_table(io.BytesIO(landed.body))
    except (pa.ArrowInvalid, OSError) as broken:
        raise complaint(landed, f"expected a Parquet file, found {len(landed.body)} bytes: {broken}") from None
    if not table.num_rows:
        raise complaint(landed, "expected a season's rows, found none")
    called: dict[str, str] = {}
    for field, candidates in names.items():
        there = [name for name in candidates if name in table.column_names]
        if not there:
            has = ", ".join(table.column_names)
            raise complaint(landed, f"column {' or '.join(candidates)} is missing; the file has {has}")
        called[field] = there[0]
    return (Answer(landed, row, f"row {number}") for number, row in enumerate(table.to_pylist(), 1)), called


def _rows_of(games: Mapping[str, Row], rows: Iterable[Answer]) -> Iterator[tuple[Answer, Row]]:
    """The rows of these games, each with its game; a game the schedule does not know is none of these dates."""
    for row in rows:
        if (game := games.get(_game_id(row["game_id"]))) is not None:
            yield row, game


def _game_id(told: Answer) -> str:
    """Ten digits; as a number it has lost its leading zeros, which in an id of the NBA are always two."""
    game_id = f"{told.value:010d}" if isinstance(told.value, int) else told.text()
    if len(game_id) != 10 or game_id[:3] not in SEASON_TYPES:
        told.refuse(f"a ten-digit id that begins with one of {', '.join(SEASON_TYPES)}")
    return game_id


def _club(told: Answer) -> str | None:
    return tricode(told.whole())


def _games(landed: Landed, dates: DateRange) -> tuple[list[Row], dict[str, str]]:
    """The games played on these dates between clubs of the league, and what each field is called in the file."""
    rows, called = _read(landed, _GAME)
    return [game for row in rows if (game := _game(row, called, dates)) is not None], called


def _game(row: Answer, called: Mapping[str, str], dates: DateRange) -> Row | None:
    day = _day(row[called["game_date"]])
    home, away = (_club(row[called[side]]) for side in ("home_team_id", "away_team_id"))
    if day not in dates or home is None or away is None:
        return None
    game_id = _game_id(row[called["game_id"]])
    points = {side: row[called[side]].value for side in ("home_pts", "away_pts")}
    about: Row = {
        "game_id": game_id,
        "game_date": day,
        "season": season_of(day),
        "season_type": SEASON_TYPES[game_id[:3]],
        "status": "final" if all(points.values()) else "postponed",
        "home_team": home,
        "away_team": away,
    }
    return row.row({side: called[side] for side in ("home_team_id", "away_team_id")}) | about | points


def _day(told: Answer) -> dt.date:
    if isinstance(told.value, dt.datetime):
        return told.value.date()
    if isinstance(told.value, dt.date):
        return told.value
    return told.day(such_as="2024-12-04")


def _schedule(landed: Landed, dates: DateRange) -> DeliveredTable:
    games, called = _games(landed, dates)
    return published("schedule", landed, games, called)


def _rosters(landed: Landed, listed_on: dt.date, dates: DateRange) -> DeliveredTable:
    """A file is of a season and says no day, so it counts from the October in which the season begins."""
    rows, called = _read(landed, {"player_id": ("player_id", "person_id"), "birth_date": ("birth_date",)})
    told = (
        {
            "player_id": row[called["player_id"]].whole(),
            "birth_date": _birth_date(row[called["birth_date"]]),
            "listed_on": listed_on,
        }
        for row in rows
        if listed_on in dates
    )
    return published("rosters", landed, told, called)


def _birth_date(told: Answer) -> dt.date | None:
    """The league writes `JUL 05, 2002` in one place and `2002-07-05T00:00:00` in another; an empty one is not known."""
    if told.value is None or told.value == "":
        return None
    if isinstance(told.value, str):
        with suppress(ValueError):
            return dt.datetime.strptime(told.value, "%b %d, %Y").date()  # noqa: DTZ007 (a birth date has no zone)
    return _day(told)


def _players(landed: Landed, games: Mapping[str, Row]) -> DeliveredTable:
    """Those who did not play are listed with a comment and without minutes: they have 0."""
    names = _PLAYER | {"team_id": ("team_id",), "minutes": ("minutes",), "starter": ("position",)}
    rows, called = _read(landed, names | {"game_id": ("game_id",)})
    kept = {field: called[field] for field in _PLAYER}
    told = (
        row.row(kept) | _side(row[called["team_id"]], game) | _appearance(row, called)
        for row, game in _rows_of(games, rows)
    )
    return published("player_boxscores", landed, told, called)


def _appearance(row: Answer, called: Mapping[str, str]) -> Row:
    minutes, position = row[called["minutes"]].value, row[called["starter"]].value
    name = row.find("player_name", "name")
    told = [row["first_name"], row["family_name"]] if name is None else [name]
    return {
        "minutes": minutes if str(minutes or "").strip() else 0,
        "starter": bool(str(position or "").strip()),
        "player_name": " ".join(part.text() for part in told if part.value),
    }


def _teams(landed: Landed, games: Mapping[str, Row]) -> DeliveredTable:
    """V3 box scores were seen without the turnovers charged to nobody: `tov` may be lower than elsewhere."""
    rows, called = _read(landed, _TEAM | {"game_id": ("game_id",)})
    kept = {field: called[field] for field in _TEAM}
    told = [(row, _side(row[called["team_id"]], game)) for row, game in _rows_of(games, rows)]
    points = {(side["game_id"], side["team_abbr"]): row[called["pts"]].whole() for row, side in told}
    teams: list[Row] = []
    for row, side in told:
        if (opp_pts := points.get((side["game_id"], side["opponent_team_abbr"]))) is None:
            row[called["game_id"]].refuse(f"two rows, the other of {side['opponent_team_abbr']}")
        margin = points[side["game_id"], side["team_abbr"]] - opp_pts
        teams.append(row.row(kept) | side | {"opp_pts": opp_pts, "plus_minus": margin})
    return published("team_boxscores", landed, teams, called)


def _side(team: Answer, game: Row) -> Row:
    club, sides = _club(team), (game["home_team"], game["away_team"])
    if club not in sides:
        team.refuse(f"the id of one of {' and '.join(sides)}, who play game {game['game_id']}")
    other = sides[1] if club == sides[0] else sides[0]
    return {
        "game_id": game["game_id"],
        "game_date": game["game_date"],
        "team_abbr": club,
        "opponent_team_abbr": other,
        "is_home": club == sides[0],
    }


def _shots(landed: Landed, games: Mapping[str, Row]) -> DeliveredTable:
    names = {
        "seconds_left": ("clock",),
        "shot_value": ("shot_value", "action_type"),
        "made": ("shot_result",),
        "distance_ft": ("shot_distance",),
        "team_id": ("team_id",),
        "game_id": ("game_id",),
    }
    rows, called = _read(landed, _SHOT | names)
    kept = {field: called[field] for field in _SHOT}
    parts = [called[field] for field in ("seconds_left", "shot_value", "made", "distance_ft")]
    shots: list[Row] = []
    for row, game in _rows_of(games, rows):
        side = _side(row[called["team_id"]], game)
        where = label(*map(row.find, ("x_legacy", "y_legacy", "area", "sub_type")))
        shots.append(row.row(kept) | outcome(*(row[part] for part in parts)) | side | where)
    return published("shots", landed, shots, called)

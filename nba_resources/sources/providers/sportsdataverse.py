"""The bulk releases of sportsdataverse-data: whole seasons in Parquet files with NBA.com's ids, free of charge.

They provide the history without an archive. The data are licensed under CC BY 4.0 and must be credited.
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
from nba_resources.sources.providers.json_reader import (
    JsonValue,
    Row,
    bad_response,
    delivered_table,
    team_columns,
)
from nba_resources.sources.providers.nba_com import SEASON_TYPES
from nba_resources.sources.providers.provider import (
    Fetcher,
    LandedResponse,
    NotOffered,
    Provider,
    Request,
    RequestPolicy,
)
from nba_resources.sources.providers.shot_chart import place_columns, shot_columns
from nba_resources.sources.teams import tricode
from nba_resources.sources.validation.validate import DeliveredTable

FIRST_SEASON = 1996
# Endpoint: the release's tag and the start of the file's name, which ends with the year in which the season ends.
FILES = {
    "schedule": ("nba_stats_schedules", "nba_schedule"),
    "player_boxscores": ("nba_stats_player_boxscores", "player_boxscores"),
    "team_boxscores": ("nba_stats_team_boxscores", "team_boxscores"),
    "shots": ("nba_stats_shots", "shots"),
    "rosters": ("nba_stats_rosters", "rosters"),
}
# The possible column names of each field; the first one present is read.
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
_PLAYER = _COUNTS | {
    "player_id": ("person_id", "player_id"),
    "plus_minus": ("plus_minus_points", "plus_minus"),
}
_TEAM_AND_GAME = {"team_id": ("team_id",), "game_id": ("game_id",)}
_SHOT = {"player_id": ("person_id", "player_id"), "period": ("period",)}


class SportsDataverse(Provider):
    """One file for each season and feed. Box scores and shots have no date, so the schedule is read with them."""

    name: ClassVar[str] = "sportsdataverse"
    feeds: ClassVar[frozenset[str]] = frozenset(FILES)
    default_url: ClassVar[str] = "https://github.com/sportsdataverse/sportsdataverse-data/releases/download"
    policy: ClassVar[RequestPolicy] = RequestPolicy(read_seconds=120.0)

    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        """Return the released seasons; raise `NotOffered` if there are none, so that other providers are tried.

        Rosters have no other provider, and the rosters of other seasons contain most of the same players.
        """
        years = eastern.season_years(dates, FIRST_SEASON, eastern.season_year(self.today()))
        tables = [table for year in years if (table := self._season(feed, year, dates, fetcher)) is not None]
        if not tables and feed != "rosters":
            raise NotOffered(f"{self.name} has released no {feed} of {dates}; its seasons begin in {FIRST_SEASON}")
        return tables

    def canary(self) -> Request:
        """A season that was released long ago."""
        return self._request("schedule", FIRST_SEASON)

    def _season(self, feed: str, year: int, dates: DateRange, fetcher: Fetcher) -> DeliveredTable | None:
        if (landed := fetcher.get(self._request(feed, year))) is None:
            return None
        if feed == "schedule":
            return delivered_table("schedule", landed, *_games(landed, dates))
        if feed == "rosters":
            return _rosters(landed, dt.date(year, 10, 1), dates)
        schedule = fetcher.get(self._request("schedule", year))
        if schedule is None:
            raise bad_response(landed, "the season's schedule is not released, so its rows have no date")
        games = {row["game_id"]: row for row in _games(schedule, dates)[0]}
        return {"player_boxscores": _players, "team_boxscores": _teams, "shots": _shots}[feed](landed, games)

    def _request(self, feed: str, year: int) -> Request:
        tag, stem = FILES[feed]
        over = year < eastern.season_year(self.today())
        url = f"{self.base_url}/{tag}/{stem}_{year + 1}.parquet"
        season = eastern.season_name(year)
        return Request(self.name, feed, url, season, settled=over, large=True, content="parquet")


def _read(landed: LandedResponse, names: Mapping[str, tuple[str, ...]]) -> tuple[Iterator[JsonValue], dict[str, str]]:
    """Return the rows of a file, and the column name of each field; a missing column was renamed."""
    try:
        table = pq.read_table(io.BytesIO(landed.body))
    except (pa.ArrowInvalid, OSError) as error:
        raise bad_response(landed, f"expected a Parquet file, found {len(landed.body)} bytes: {error}") from None
    if not table.num_rows:
        raise bad_response(landed, "expected a season's rows, found none")
    columns: dict[str, str] = {}
    for field, candidates in names.items():
        present = [name for name in candidates if name in table.column_names]
        if not present:
            found = ", ".join(table.column_names)
            raise bad_response(landed, f"column {' or '.join(candidates)} is missing; the file has {found}")
        columns[field] = present[0]
    return (JsonValue(landed, row, f"row {number}") for number, row in enumerate(table.to_pylist(), 1)), columns


def _with_games(games: Mapping[str, Row], rows: Iterable[JsonValue]) -> Iterator[tuple[JsonValue, Row]]:
    """Yield the rows of these games, each with its game."""
    for row in rows:
        if (game := games.get(_game_id(row["game_id"]))) is not None:
            yield row, game


def _game_id(json: JsonValue) -> str:
    """Return ten digits; a number has lost its leading zeros, of which an NBA id always has two."""
    game_id = f"{json.value:010d}" if isinstance(json.value, int) else json.text()
    if len(game_id) != 10 or game_id[:3] not in SEASON_TYPES:
        json.fail(f"a ten-digit id that begins with one of {', '.join(SEASON_TYPES)}")
    return game_id


def _games(landed: LandedResponse, dates: DateRange) -> tuple[list[Row], dict[str, str]]:
    """Return the games on these dates between two NBA teams, and the column name of each field."""
    rows, columns = _read(landed, _GAME)
    return [game for row in rows if (game := _game(row, columns, dates)) is not None], columns


def _game(row: JsonValue, columns: Mapping[str, str], dates: DateRange) -> Row | None:
    day = _date(row[columns["game_date"]])
    home, away = (tricode(row[columns[side]].integer()) for side in ("home_team_id", "away_team_id"))
    if day not in dates or home is None or away is None:
        return None
    game_id = _game_id(row[columns["game_id"]])
    points = {side: row[columns[side]].value for side in ("home_pts", "away_pts")}
    return row.row({side: columns[side] for side in ("home_team_id", "away_team_id")}) | {
        "game_id": game_id,
        "game_date": day,
        "season": season_of(day),
        "season_type": SEASON_TYPES[game_id[:3]],
        "status": "final" if all(points.values()) else "postponed",
        "home_team": home,
        "away_team": away,
        **points,
    }


def _date(json: JsonValue) -> dt.date:
    if isinstance(json.value, dt.datetime):
        return json.value.date()
    if isinstance(json.value, dt.date):
        return json.value
    return json.date(example="2024-12-04")


def _rosters(landed: LandedResponse, listed_on: dt.date, dates: DateRange) -> DeliveredTable:
    """Date the rows by the first of October in which the season begins: the file has a season but no date."""
    rows, columns = _read(landed, {"player_id": ("player_id", "person_id"), "birth_date": ("birth_date",)})
    players = (
        {
            "player_id": row[columns["player_id"]].integer(),
            "birth_date": _birth_date(row[columns["birth_date"]]),
            "listed_on": listed_on,
        }
        for row in rows
        if listed_on in dates
    )
    return delivered_table("rosters", landed, players, columns)


def _birth_date(json: JsonValue) -> dt.date | None:
    """Read `JUL 05, 2002` or `2002-07-05T00:00:00`; an empty text is an unknown date."""
    if json.value is None or json.value == "":
        return None
    if isinstance(json.value, str):
        with suppress(ValueError):
            return dt.datetime.strptime(json.value, "%b %d, %Y").date()  # noqa: DTZ007 (a birth date has no zone)
    return _date(json)


def _players(landed: LandedResponse, games: Mapping[str, Row]) -> DeliveredTable:
    """Return all listed players; those who did not play have no minutes in the file and get 0."""
    names = _PLAYER | _TEAM_AND_GAME | {"minutes": ("minutes",), "starter": ("position",)}
    rows, columns = _read(landed, names)
    counts = {field: columns[field] for field in _PLAYER}
    players = (
        row.row(counts) | _side(row[columns["team_id"]], game) | _appearance(row, columns)
        for row, game in _with_games(games, rows)
    )
    return delivered_table("player_boxscores", landed, players, columns)


def _appearance(row: JsonValue, columns: Mapping[str, str]) -> Row:
    minutes, position = row[columns["minutes"]].value, row[columns["starter"]].value
    name = row.find("player_name", "name")
    parts = [row["first_name"], row["family_name"]] if name is None else [name]
    return {
        "minutes": minutes if str(minutes or "").strip() else 0,
        "starter": bool(str(position or "").strip()),
        "player_name": " ".join(part.text() for part in parts if part.value),
    }


def _teams(landed: LandedResponse, games: Mapping[str, Row]) -> DeliveredTable:
    """Return both teams of each game. V3 box scores were seen without team turnovers, so `tov` may be lower."""
    rows, columns = _read(landed, _COUNTS | _TEAM_AND_GAME)
    counts = {field: columns[field] for field in (*_COUNTS, "team_id")}
    sides = [(row, _side(row[columns["team_id"]], game)) for row, game in _with_games(games, rows)]
    points = {(side["game_id"], side["team_abbr"]): row[columns["pts"]].integer() for row, side in sides}
    teams: list[Row] = []
    for row, side in sides:
        if (opp_pts := points.get((side["game_id"], side["opponent_team_abbr"]))) is None:
            row[columns["game_id"]].fail(f"two rows, the other of {side['opponent_team_abbr']}")
        plus_minus = points[side["game_id"], side["team_abbr"]] - opp_pts
        teams.append(row.row(counts) | side | {"opp_pts": opp_pts, "plus_minus": plus_minus})
    return delivered_table("team_boxscores", landed, teams, columns)


def _side(team_id: JsonValue, game: Row) -> Row:
    team, teams = tricode(team_id.integer()), (game["home_team"], game["away_team"])
    if team is None or team not in teams:
        team_id.fail(f"the id of one of {' and '.join(teams)}, the teams of game {game['game_id']}")
    return team_columns(game, team)


def _shots(landed: LandedResponse, games: Mapping[str, Row]) -> DeliveredTable:
    measures = {
        "seconds_left": ("clock",),
        "shot_value": ("shot_value", "action_type"),
        "made": ("shot_result",),
        "distance_ft": ("shot_distance",),
    }
    rows, columns = _read(landed, _SHOT | measures | _TEAM_AND_GAME)
    names = {field: columns[field] for field in _SHOT}
    shots: list[Row] = []
    for row, game in _with_games(games, rows):
        side = _side(row[columns["team_id"]], game)
        place = place_columns(*map(row.find, ("x_legacy", "y_legacy", "area", "sub_type")))
        shots.append(row.row(names) | shot_columns(*(row[columns[field]] for field in measures)) | side | place)
    return delivered_table("shots", landed, shots, columns)

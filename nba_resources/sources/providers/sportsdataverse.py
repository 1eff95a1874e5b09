"""The bulk releases of sportsdataverse-data: whole seasons in Parquet files with NBA.com's ids, free of charge.

They provide the history without an archive. The data are licensed under CC BY 4.0 and must be credited.
"""

import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from nba_resources.dates import DateRange, season_name, season_of, season_year
from nba_resources.sources.providers.json_reader import JsonValue, Row, bad_response, delivered_table, team_columns
from nba_resources.sources.providers.nba_com import SEASON_TYPES, STATISTICS
from nba_resources.sources.providers.provider import (
    Fetcher,
    LandedResponse,
    NotOffered,
    Provider,
    Request,
    RequestPolicy,
)
from nba_resources.sources.providers.shot_chart import distance_from_rim, place_columns, shot_columns
from nba_resources.sources.teams import tricode
from nba_resources.sources.validation.validate import DeliveredTable

FIRST_SEASON = 1996
# Endpoint: the release's tag and the start of the file's name, which ends with the year in which the season ends.
FILES = {"schedule": ("nba_stats_schedules", "nba_schedule")}
FILES |= {feed: (f"nba_stats_{feed}", feed) for feed in ("player_boxscores", "team_boxscores", "shots", "rosters")}
# The possible column names of each field; the first one present is read.
_GAME = {
    "game_id": ("game_id",),
    "game_date": ("game_date",),
    "home_team_id": ("home_team_id",),
    "away_team_id": ("away_team_id", "visitor_team_id"),
    "home_pts": ("home_pts", "home_team_pts", "home_score"),
    "away_pts": ("away_pts", "away_team_pts", "away_score"),
}
_COUNTS: dict[str, tuple[str, ...]] = {
    field: (re.sub("(?=[A-Z])", "_", name).lower(),) for field, name in STATISTICS.items()
}
_COUNTS |= {"reb": ("rebounds_personal", "rebounds_total"), "tov": ("turnovers_total", "turnovers")}
_PLAYER = _COUNTS | {"player_id": ("person_id", "player_id"), "plus_minus": ("plus_minus_points", "plus_minus")}
_TEAM_AND_GAME = {"team_id": ("team_id",), "game_id": ("game_id",)}
_SHOT = {"player_id": ("person_id", "player_id"), "period": ("period",)}


class SportsDataverse(Provider):
    """One file for each season and feed. Box scores and shots have no date, so the schedule is read with them."""

    name: ClassVar[str] = "sportsdataverse"
    feeds: ClassVar[frozenset[str]] = frozenset(FILES)
    default_url: ClassVar[str] = "https://github.com/sportsdataverse/sportsdataverse-data/releases/download"
    policy = RequestPolicy(read_seconds=120.0)

    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        """Return the released seasons; raise `NotOffered` if there are none, so that other providers are tried.

        Rosters have no other provider, and the rosters of other seasons contain most of the same players.
        """
        years = self.season_years(dates, FIRST_SEASON)
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
        over = year < season_year(self.today())
        path = f"{tag}/{stem}_{year + 1}.parquet"
        return self.request(feed, path, season_name(year), settled=over, large=True, content="parquet")


def _read(landed: LandedResponse, names: Mapping[str, tuple[str, ...]]) -> tuple[Iterator[JsonValue], dict[str, str]]:
    """Return the rows of a file, and the column name of each field; a missing column was renamed."""
    try:
        table = pq.read_table(io.BytesIO(landed.body))
        rows = table.to_pylist()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
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
    return (JsonValue(landed, row, f"row {number}") for number, row in enumerate(rows, 1)), columns


def _with_games(games: Mapping[str, Row], rows: Iterable[JsonValue]) -> Iterator[tuple[JsonValue, Row]]:
    for row in rows:
        if (game := games.get(_game_id(row["game_id"]))) is not None:
            yield row, game


def _game_id(json: JsonValue) -> str:
    """Return ten digits; a number has lost its leading zeros, of which an NBA id always has two."""
    game_id = f"{json.value:010d}" if isinstance(json.value, int) else json.text()
    if len(game_id) != 10 or game_id[:3] not in SEASON_TYPES:
        json.fail(f"a ten-digit id that begins with one of {', '.join(SEASON_TYPES)}")
    return game_id


def _games(landed: LandedResponse, dates: DateRange) -> tuple[list[Row], dict[str, str], Counter[str]]:
    """Return the games on these dates between two NBA teams, the column name of each field, and notes.

    A game on neutral ground may have no home team. It is left out, and its date comes from the next provider.
    """
    rows, columns = _read(landed, _GAME)
    games: list[Row] = []
    notes: Counter[str] = Counter()
    for row in rows:
        day = _date(row[columns["game_date"]])
        home, away = (_team_id(row[columns[side]]) for side in ("home_team_id", "away_team_id"))
        if day not in dates:
            continue
        if home is None or away is None:
            notes["games without a home team, left out"] += 1
        elif tricode(home) and tricode(away):
            games.append(_game(row, columns, day, home, away))
    return games, columns, notes


def _team_id(json: JsonValue) -> int | None:
    """Return an id, or None for an unknown one, beside which the other ids of a column are floating-point numbers."""
    if json.value is None or json.value != json.value:
        return None
    return int(json.value) if isinstance(json.value, float) and json.value.is_integer() else json.integer()


def _game(row: JsonValue, columns: Mapping[str, str], day: dt.date, home: int, away: int) -> Row:
    game_id = _game_id(row[columns["game_id"]])
    points = {side: row[columns[side]].value for side in ("home_pts", "away_pts")}
    return {
        "game_id": game_id,
        "game_date": day,
        "season": season_of(day),
        "season_type": SEASON_TYPES[game_id[:3]],
        "status": "final" if all(points.values()) else "postponed",
        "home_team": tricode(home),
        "away_team": tricode(away),
        "home_team_id": home,
        "away_team_id": away,
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
    players: list[Row] = []
    for row in rows if listed_on in dates else ():
        player_id, born = row[columns["player_id"]].integer(), _birth_date(row[columns["birth_date"]])
        players.append({"player_id": player_id, "birth_date": born, "listed_on": listed_on})
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
    """Work the distance out from the coordinates: the file's own is rounded, and 0 for threes from the corner."""
    measures = {"seconds_left": ("clock",), "shot_value": ("shot_value", "action_type")}
    measures |= {"made": ("shot_result",), "distance_ft": ("shot_distance",)}
    rows, columns = _read(landed, _SHOT | measures | _TEAM_AND_GAME)
    names = {field: columns[field] for field in _SHOT}
    shots: list[Row] = []
    for row, game in _with_games(games, rows):
        side = _side(row[columns["team_id"]], game)
        place = place_columns(*map(row.find, ("x_legacy", "y_legacy", "area", "sub_type")))
        if (distance := distance_from_rim(row.find("x_legacy"), row.find("y_legacy"))) is not None:
            place["distance_ft"] = distance
        shots.append(row.row(names) | shot_columns(*(row[columns[field]] for field in measures)) | side | place)
    return delivered_table("shots", landed, shots, columns)

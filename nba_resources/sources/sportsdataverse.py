"""The bulk releases of sportsdataverse-data: whole seasons in Parquet files with NBA.com's ids, free for everyone.

What a stranger fills his history with. Credit them: the data are published under CC BY 4.0.
"""

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from nba_resources.dates import DateRange
from nba_resources.sources import eastern
from nba_resources.sources.answers import Answer, Row, complaint, published
from nba_resources.sources.conform import Published
from nba_resources.sources.nba_com import SEASON_TYPES
from nba_resources.sources.provider import Door, Landed, Manners, NotOffered, Provider, Request
from nba_resources.sources.shot_chart import label, outcome
from nba_resources.sources.teams import tricode

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
    "team_id": ("team_id",),
}
_PLAYER = {name: paths for name, paths in _COUNTS.items() if name != "team_id"} | {
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

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[Published]:
        """Season by season; a season that is not released is left to others, and if none is they are asked.

        Of rosters there is nobody else to ask, and those of other seasons tell most of the same.
        """
        current = eastern.season_year(self.today())
        years = eastern.season_years(dates, FIRST_SEASON, current)
        told = [one for year in years for one in self._season(feed, year, dates, door)]
        if not told and feed != "rosters":
            raise NotOffered(f"{self.name} has released no {feed} of {dates}; its seasons begin in {FIRST_SEASON}")
        return told

    def canary(self) -> Request:
        """A season that was released long ago."""
        return self._request("schedule", FIRST_SEASON)

    def _season(self, feed: str, year: int, dates: DateRange, door: Door) -> Iterator[Published]:
        asked = self._request(feed, year)
        if (landed := door.get(asked)) is None:
            return
        if feed == "schedule":
            yield _schedule(landed, dates)
            return
        if feed == "rosters":
            yield _rosters(landed, dt.date(year, 10, 1), dates)
            return
        schedule = door.get(self._request("schedule", year))
        if schedule is None:
            raise complaint(landed, "the season's schedule is not released, so no row of it has a date")
        games = {row["game_id"]: row for row in _games(schedule, dates)}
        read = {"player_boxscores": _players, "team_boxscores": _teams, "shots": _shots}[feed]
        yield read(landed, games)

    def _request(self, feed: str, year: int) -> Request:
        tag, stem = FILES[feed]
        over = year < eastern.season_year(self.today())
        url = f"{self.base_url}/{tag}/{stem}_{year + 1}.parquet"
        season = eastern.season_name(year)
        return Request(self.name, feed, url, season, settled=over, large=True, content="parquet")


def _table(landed: Landed, names: Mapping[str, tuple[str, ...]]) -> tuple[pa.Table, dict[str, str]]:
    """The file, and what each field is called in it; a column that is gone was renamed."""
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
    return table, called


def _rows_of(landed: Landed, table: pa.Table, games: Mapping[str, Row]) -> Iterator[tuple[Answer, Row]]:
    """The rows of these games, each with its game; a game the schedule does not know is none of these dates."""
    for number, row in enumerate(table.to_pylist(), 1):
        if (game := games.get(_game_id(Answer(landed, row["game_id"], f"row {number} game_id")))) is not None:
            yield Answer(landed, row, f"row {number}"), game


def _game_id(told: Answer) -> str:
    """Ten digits; as a number it has lost its leading zeros, which in an id of the NBA are always two."""
    game_id = f"{told.value:010d}" if isinstance(told.value, int) else told.text()
    if len(game_id) != 10 or game_id[:3] not in SEASON_TYPES:
        told.refuse(f"a ten-digit id that begins with one of {', '.join(SEASON_TYPES)}")
    return game_id


def _club(told: Answer) -> str | None:
    return tricode(told.whole() if not isinstance(told.value, str) else int(told.text()))


def _games(landed: Landed, dates: DateRange) -> Iterator[Row]:
    """The games played on these dates, between clubs of the league."""
    table, called = _table(landed, _GAME)
    for number, values in enumerate(table.to_pylist(), 1):
        row = Answer(landed, values, f"row {number}")
        day = _day(row[called["game_date"]])
        home, away = (_club(row[called[side]]) for side in ("home_team_id", "away_team_id"))
        if day not in dates or home is None or away is None:
            continue
        game_id = _game_id(row[called["game_id"]])
        points = [row[called[side]].value for side in ("home_pts", "away_pts")]
        yield row.row({"home_team_id": called["home_team_id"], "away_team_id": called["away_team_id"]}) | {
            "game_id": game_id,
            "game_date": day,
            "season": eastern.season_name(eastern.season_year(day)),
            "season_type": SEASON_TYPES[game_id[:3]],
            "status": "final" if all(points) else "postponed",
            "home_team": home,
            "away_team": away,
            "home_pts": points[0],
            "away_pts": points[1],
        }


def _day(told: Answer) -> dt.date:
    if isinstance(told.value, dt.datetime):
        return told.value.date()
    if isinstance(told.value, dt.date):
        return told.value
    return told.day(such_as="2024-12-04")


def _schedule(landed: Landed, dates: DateRange) -> Published:
    _, called = _table(landed, _GAME)
    return published("schedule", landed, _games(landed, dates), called)


def _rosters(landed: Landed, listed_on: dt.date, dates: DateRange) -> Published:
    """A file is of a season and says no day, so it counts from the October in which the season begins."""
    table, called = _table(landed, {"player_id": ("player_id", "person_id"), "birth_date": ("birth_date",)})
    rows = (Answer(landed, row, f"row {number}") for number, row in enumerate(table.to_pylist(), 1))
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


def _players(landed: Landed, games: Mapping[str, Row]) -> Published:
    """Those who did not play are listed with a comment and without minutes: they have 0."""
    names = _PLAYER | {"team_id": ("team_id",), "minutes": ("minutes",), "starter": ("position",)}
    table, called = _table(landed, names | {"game_id": ("game_id",)})
    kept = {field: called[field] for field in _PLAYER}
    rows = (
        row.row(kept) | _side(row[called["team_id"]], game) | _appearance(row, called)
        for row, game in _rows_of(landed, table, games)
    )
    return published("player_boxscores", landed, rows, called)


def _appearance(row: Answer, called: Mapping[str, str]) -> Row:
    minutes, position = row[called["minutes"]].value, row[called["starter"]].value
    name = row.find("player_name", "name")
    told = [row["first_name"], row["family_name"]] if name is None else [name]
    return {
        "minutes": minutes if str(minutes or "").strip() else 0,
        "starter": bool(str(position or "").strip()),
        "player_name": " ".join(part.text() for part in told if part.value),
    }


def _teams(landed: Landed, games: Mapping[str, Row]) -> Published:
    """V3 box scores were seen without the turnovers charged to nobody: `tov` may be lower than elsewhere."""
    table, called = _table(landed, _COUNTS | {"game_id": ("game_id",)})
    kept = {field: called[field] for field in _COUNTS}
    told = [(row, _side(row[called["team_id"]], game)) for row, game in _rows_of(landed, table, games)]
    points = {(side["game_id"], side["team_abbr"]): row[called["pts"]].whole() for row, side in told}
    rows: list[Row] = []
    for row, side in told:
        if (opp_pts := points.get((side["game_id"], side["opponent_team_abbr"]))) is None:
            row[called["game_id"]].refuse(f"two rows, the other of {side['opponent_team_abbr']}")
        margin = points[side["game_id"], side["team_abbr"]] - opp_pts
        rows.append(row.row(kept) | side | {"opp_pts": opp_pts, "plus_minus": margin})
    return published("team_boxscores", landed, rows, called)


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


def _shots(landed: Landed, games: Mapping[str, Row]) -> Published:
    names = {
        "seconds_left": ("clock",),
        "shot_value": ("shot_value", "action_type"),
        "made": ("shot_result",),
        "distance_ft": ("shot_distance",),
        "team_id": ("team_id",),
        "game_id": ("game_id",),
    }
    table, called = _table(landed, _SHOT | names)
    kept = {field: called[field] for field in _SHOT}
    parts = [called[field] for field in ("seconds_left", "shot_value", "made", "distance_ft")]
    rows: list[Row] = []
    for row, game in _rows_of(landed, table, games):
        side = _side(row[called["team_id"]], game)
        where = label(row.find("x_legacy"), row.find("y_legacy"), row.find("area"), row.find("sub_type"))
        rows.append(row.row(kept) | outcome(*(row[part] for part in parts)) | side | where)
    return published("shots", landed, rows, called)

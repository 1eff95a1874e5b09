"""The bulk releases from a fake server: the simulated league's history arrives row for row."""

import datetime as dt

import pyarrow as pa
import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.provider import NotOffered
from nba_resources.sources.providers.sportsdataverse import SportsDataverse

from ..fakes.compare import assert_same_rows, assert_same_shots
from ..fakes.league import DATES, SEASON, League
from ..fakes.sportsdataverse import FakeSportsDataverse
from ..harness import MemoryFetcher


@pytest.fixture
def fake(httpserver: HTTPServer, league: League) -> FakeSportsDataverse:
    return FakeSportsDataverse(league).behind(httpserver)


@pytest.fixture
def bulk(fake: FakeSportsDataverse, httpserver: HTTPServer, fetcher: MemoryFetcher) -> SportsDataverse:
    return SportsDataverse(httpserver.url_for(""), clock=fetcher.now)


def test_finished_games_arrive_row_for_row_without_time_and_arena(bulk, fetcher, league):
    expected = league.frame("schedule")
    lacks = ("start_time_utc", "neutral_site", "arena")
    assert_same_rows(fetcher.rows(bulk, "schedule", DATES), expected, "schedule", lacks)


def test_box_scores_and_shots_arrive_row_for_row_from_four_files(bulk, fake, fetcher, league):
    assert_same_shots(fetcher.rows(bulk, "shots", DATES), league.frame("shots"))
    players = fetcher.rows(bulk, "player_boxscores", DATES)
    sat = players.player_id == 9_000_001
    assert_same_rows(players[~sat], league.frame("player_boxscores"), "player_boxscores")
    assert (players[sat].minutes == 0).all()
    teams, expected = fetcher.rows(bulk, "team_boxscores", DATES), league.frame("team_boxscores")
    assert_same_rows(teams.drop(columns="tov"), expected.drop(columns="tov"), "team_boxscores")
    assert fake.counts() == {
        "nba_schedule_2025.parquet": 1,
        "shots_2025.parquet": 1,
        "player_boxscores_2025.parquet": 1,
        "team_boxscores_2025.parquet": 1,
    }


def test_birth_dates_arrive_from_the_season_s_rosters_dated_the_first_of_october(bulk, fetcher, league):
    result, expected = fetcher.rows(bulk, "rosters", SEASON), league.frame("rosters", SEASON)
    assert_same_rows(result, expected, "rosters", own={"listed_on": dt.date(2024, 10, 1)})


@pytest.mark.parametrize("spelled", ["JUL 05, 2002", "2002-07-05T00:00:00", "2002-07-05"])
def test_a_birth_date_is_read_in_each_known_format(bulk, fake, fetcher, spelled):
    fake.table_changes["rosters"] = recast("birth_date", spelled)
    assert dt.date(2002, 7, 5) in set(fetcher.rows(bulk, "rosters", SEASON).birth_date)


def test_a_season_without_rosters_is_not_an_error(bulk, fetcher):
    assert fetcher.rows(bulk, "rosters", DateRange(dt.date(2023, 8, 1), dt.date(2024, 7, 31))).empty


def test_team_turnovers_are_not_included(bulk, fetcher, league):
    """So a team's `tov` may be lower than NBA.com's: providers are never mixed within a game."""
    charged = league.frame("player_boxscores").groupby(["game_id", "team_abbr"]).tov.sum()
    turnovers = fetcher.rows(bulk, "team_boxscores", DATES).set_index(["game_id", "team_abbr"]).tov
    assert turnovers.loc[charged.index].equals(charged)
    assert league.frame("team_boxscores").tov.sum() > charged.sum()


def test_a_season_that_is_not_released_is_not_offered(bulk, fetcher):
    with pytest.raises(NotOffered, match="has released no schedule of 2023-12-01"):
        fetcher.rows(bulk, "schedule", DateRange(dt.date(2023, 12, 1), dt.date(2023, 12, 1)))


@pytest.mark.parametrize("unknown", ["home_team_id", "away_team_id"])
def test_a_game_without_a_home_team_is_left_out_and_counted(bulk, fake, fetcher, league, unknown):
    """On neutral ground both rows of the league's log may say `@`; the other ids of the column are then floats."""
    game = min(league.played, key=lambda game: game["game_id"])

    def without(table: pa.Table) -> pa.Table:
        rows = table.to_pylist()
        ids = [None if row["game_id"] == int(game["game_id"]) else float(row[unknown]) for row in rows]
        return table.set_column(table.column_names.index(unknown), unknown, pa.array(ids))

    fake.table_changes["schedules"] = without
    delivery = fetcher.delivery(bulk, "schedule", DATES)
    expected = league.frame("schedule")
    others = expected[expected.game_id != game["game_id"]]
    assert_same_rows(delivery.rows.to_pandas(), others, "schedule", ("start_time_utc", "neutral_site", "arena"))
    assert delivery.notes == {"games without a home team, left out": 1}
    assert game["game_id"] not in set(fetcher.rows(bulk, "shots", DATES).game_id)


def renamed(name: str, to: str):
    return lambda table: table.rename_columns([to if column == name else column for column in table.column_names])


def recast(name: str, first: object):
    def change(table: pa.Table) -> pa.Table:
        values = [first, *table[name].to_pylist()[1:]]
        texts = pa.array([None if value is None else str(value) for value in values])
        return table.set_column(table.column_names.index(name), name, texts)

    return change


FAULTS = [
    ("schedule", "schedules", renamed("game_date", "date"), "column game_date is missing; the file has"),
    ("schedule", "schedules", recast("game_date", "soon"), "row 1.game_date: found str 'soon', expected a date"),
    ("schedule", "schedules", lambda table: table.slice(0, 0), "expected a season's rows, found none"),
    ("player_boxscores", "player_boxscores", renamed("points", "pts"), "column points is missing"),
    ("player_boxscores", "player_boxscores", recast("points", "many"), r"column pts \(points\): found 'many'"),
    ("team_boxscores", "team_boxscores", renamed("rebounds_total", "rebounds"), "rebounds_personal or rebounds_total"),
    ("team_boxscores", "team_boxscores", lambda table: table.slice(1), "two rows, the other of"),
    ("shots", "shots", recast("shot_result", "Maybe"), "shot_result: found str 'Maybe'"),
    ("rosters", "rosters", renamed("birth_date", "born"), "column birth_date is missing"),
    ("rosters", "rosters", recast("birth_date", "young"), "birth_date: found str 'young', expected a date"),
    ("shots", "shots", recast("team_id", "1610612799"), "expected the id of one of"),
    ("shots", "shots", recast("team_id", "BOS"), "row 1.team_id: found str 'BOS', expected a whole number"),
]


@pytest.mark.parametrize(("feed", "file", "change", "message"), FAULTS, ids=[message for *_, message in FAULTS])
def test_an_error_names_provider_endpoint_column_and_landed_file(bulk, fake, fetcher, feed, file, change, message):
    fake.table_changes[file] = change
    with pytest.raises(BadInput, match=message) as error:
        fetcher.rows(bulk, feed, DateRange(dt.date(2024, 8, 1), DATES.end))
    assert f"landing/sportsdataverse/{feed}/2024-25/" in str(error.value)


def test_half_a_file_is_an_error(bulk, fake, fetcher):
    fake.change("shots", lambda body: body[: len(body) // 2])
    with pytest.raises(BadInput, match="expected a Parquet file, found"):
        fetcher.rows(bulk, "shots", DATES)

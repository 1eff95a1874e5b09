"""Bulk releases as a fake writes them: a stranger's history is the simulated league's."""

import datetime as dt

import pyarrow as pa
import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.provider import NotOffered
from nba_resources.sources.providers.sportsdataverse import SportsDataverse

from ..fakes.compare import assert_same_rows
from ..fakes.desks import PlainDoor
from ..fakes.league import DATES, SEASON, League
from ..fakes.sportsdataverse import FakeSportsDataverse


@pytest.fixture
def fake(httpserver: HTTPServer, league: League) -> FakeSportsDataverse:
    return FakeSportsDataverse(league).behind(httpserver)


@pytest.fixture
def bulk(fake: FakeSportsDataverse, httpserver: HTTPServer, door: PlainDoor) -> SportsDataverse:
    return SportsDataverse(httpserver.url_for(""), clock=door.now)


def test_games_that_were_played_arrive_row_for_row_without_time_and_place(bulk, door, league):
    expected = league.frame("schedule")
    lacks = ("start_time_utc", "neutral_site", "arena")
    assert_same_rows(door.told(bulk, "schedule", DATES), expected, "schedule", lacks)


def test_box_scores_and_shots_arrive_row_for_row_from_four_files(bulk, fake, door, league):
    assert_same_rows(door.told(bulk, "shots", DATES), league.frame("shots"), "shots", ("zone_basic",))
    players = door.told(bulk, "player_boxscores", DATES)
    sat = players.player_id == 9_000_001
    assert_same_rows(players[~sat], league.frame("player_boxscores"), "player_boxscores")
    assert (players[sat].minutes == 0).all()
    teams, expected = door.told(bulk, "team_boxscores", DATES), league.frame("team_boxscores")
    assert_same_rows(teams.drop(columns="tov"), expected.drop(columns="tov"), "team_boxscores")
    assert fake.counted() == {
        "nba_schedule_2025.parquet": 1,
        "shots_2025.parquet": 1,
        "player_boxscores_2025.parquet": 1,
        "team_boxscores_2025.parquet": 1,
    }


def test_birth_dates_arrive_from_the_season_s_rosters_dated_the_first_of_october(bulk, door, league):
    found, expected = door.told(bulk, "rosters", SEASON), league.frame("rosters", SEASON)
    assert_same_rows(found, expected, "rosters", told={"listed_on": dt.date(2024, 10, 1)})


@pytest.mark.parametrize("spelled", ["JUL 05, 2002", "2002-07-05T00:00:00", "2002-07-05"])
def test_a_birth_date_is_read_in_each_spelling_it_was_seen_in(bulk, fake, door, spelled):
    fake.changes["rosters"] = recast("birth_date", spelled)
    assert dt.date(2002, 7, 5) in set(door.told(bulk, "rosters", SEASON).birth_date)


def test_a_season_without_rosters_is_no_reason_to_do_without_the_others(bulk, door):
    assert door.told(bulk, "rosters", DateRange(dt.date(2023, 8, 1), dt.date(2024, 7, 31))).empty


def test_turnovers_charged_to_nobody_are_not_among_a_teams(bulk, door, league):
    """So a team's `tov` may be lower than NBA.com's: providers are never mixed inside a game."""
    charged = league.frame("player_boxscores").groupby(["game_id", "team_abbr"]).tov.sum()
    told = door.told(bulk, "team_boxscores", DATES).set_index(["game_id", "team_abbr"]).tov
    assert told.loc[charged.index].equals(charged)
    assert league.frame("team_boxscores").tov.sum() > charged.sum()


def test_a_season_that_is_not_released_is_not_offered(bulk, door):
    with pytest.raises(NotOffered, match="has released no schedule of 2023-12-01"):
        door.told(bulk, "schedule", DateRange(dt.date(2023, 12, 1), dt.date(2023, 12, 1)))


def renamed(name: str, to: str):
    return lambda table: table.rename_columns([to if column == name else column for column in table.column_names])


def recast(name: str, value: object):
    def change(table: pa.Table) -> pa.Table:
        values = [value, *table[name].to_pylist()[1:]]
        told = pa.array([None if one is None else str(one) for one in values])
        return table.set_column(table.column_names.index(name), name, told)

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


@pytest.mark.parametrize(("feed", "file", "change", "said"), FAULTS, ids=[said for *_, said in FAULTS])
def test_a_fault_is_told_with_provider_endpoint_column_and_landed_file(bulk, fake, door, feed, file, change, said):
    fake.changes[file] = change
    with pytest.raises(BadInput, match=said) as told:
        door.told(bulk, feed, DateRange(dt.date(2024, 8, 1), DATES.end))
    assert f"landing/sportsdataverse/{feed}/2024-25/" in str(told.value)


def test_half_a_file_is_told_as_such(bulk, fake, door):
    fake.twist("shots", lambda body: body[: len(body) // 2])
    with pytest.raises(BadInput, match="expected a Parquet file, found"):
        door.told(bulk, "shots", DATES)

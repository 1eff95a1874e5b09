"""balldontlie as a fake speaks it: its ids become the league's, or its games are left out."""

import datetime as dt

import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.balldontlie import BallDontLie
from nba_resources.sources.providers.identities import Identities, name_key, of_landing, one_of_each
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.provider import NotOffered
from nba_resources.sources.simulated import SimulatedSource

from ..fakes.balldontlie import FakeBallDontLie
from ..fakes.compare import assert_same_rows
from ..fakes.desks import Desk, PlainDoor
from ..fakes.league import DATES, League
from ..fakes.nba_com import FakeNbaCom
from .twists import put, rename

DAY = DateRange(dt.date(2024, 12, 10), dt.date(2024, 12, 10))


@pytest.fixture
def fake(httpserver: HTTPServer, league: League, door: PlainDoor) -> FakeBallDontLie:
    return FakeBallDontLie(league, door.now).behind(httpserver)


@pytest.fixture
def bdl(fake: FakeBallDontLie, httpserver: HTTPServer, door: PlainDoor, league: League) -> BallDontLie:
    everyone = SimulatedSource(today=league.today)
    known = Identities(lambda feed, dates: everyone.fetch(feed, dates).rows)
    return BallDontLie(httpserver.url_for(""), clock=door.now, identities=known)


def test_schedule_and_box_scores_arrive_row_for_row_under_the_leagues_ids(bdl, fake, door, league):
    assert_same_rows(door.told(bdl, "schedule", DATES), league.frame("schedule"), "schedule")
    players = door.told(bdl, "player_boxscores", DATES)
    lacks = ("starter",)
    assert_same_rows(players, league.frame("player_boxscores"), "player_boxscores", lacks)
    games = league.frame("player_boxscores").game_id.unique()
    fake.twist("box_scores", lambda box: {"data": [game for game in box["data"] if game["home_team"]["players"]]})
    door.moment += dt.timedelta(hours=1)
    teams, expected = door.told(bdl, "team_boxscores", DATES), league.frame("team_boxscores")
    expected = expected[expected.game_id.isin(games)]
    assert_same_rows(teams.drop(columns="tov"), expected.drop(columns="tov"), "team_boxscores")


def test_lines_and_quotes_arrive_row_for_row_without_ladders_and_quarters(bdl, fake, door, league):
    for feed in ("player_points_props", "game_odds"):
        told = league.frame(feed, DAY)
        told = told[told.snapshot_utc < told.start_time_utc]
        for moment in sorted(told.snapshot_utc.unique()):
            door.moment = moment.to_pydatetime()
            bdl.fetch(feed, DAY, door)
        found = door.told(bdl, feed, DAY)
        by_own = {"source": "balldontlie"} if feed == "player_points_props" else {}
        assert_same_rows(found, told, feed, told=by_own)


def test_without_anybody_elses_ids_games_are_not_offered(fake, door, httpserver):
    with pytest.raises(NotOffered, match="has ids of its own, and nobody else knows the games of 2024-12-10"):
        door.told(BallDontLie(httpserver.url_for(""), clock=door.now), "player_boxscores", DAY)


def test_ids_are_found_in_what_another_provider_landed(httpserver, league, desk: Desk):
    fake = FakeNbaCom(league).behind(httpserver)
    nba = NbaCom(httpserver.url_for(""), clock=desk.now)
    desk.told(nba, "player_boxscores", DAY)
    asked = len(fake.asked)
    known = of_landing(desk.landing, [nba])
    games = {game["game_id"] for game in known.games(DAY)}
    assert games == {game["game_id"] for game in league.played if game["game_date"] == DAY.start}
    told = league.frame("player_boxscores", DAY)
    man = told.iloc[0]
    assert known.players(DAY)[man.team_abbr, name_key(man.player_name)] == man.player_id
    assert len(fake.asked) == asked


def test_a_game_with_a_man_nobody_knows_is_left_out_and_counted(bdl, fake, door):
    fake.twist("box_scores", put("data.0.home_team.players.0.player.last_name", "Nobody-Knows"))
    delivery = door.deliver(bdl, "player_boxscores", DAY)
    games = sum(game["game_date"] == DAY.start for game in fake.league.played)
    assert len(set(delivery.rows["game_id"].to_pylist())) == games - 1
    assert delivery.notes["players nobody could be found for, their games left out"] == 1


def test_two_men_of_a_club_with_one_name_are_nobody():
    assert name_key("Michael Porter Jr.") == name_key("Michael Porter") == "michaelporter"
    people = [("DEN", "Michael Porter Jr.", 1), ("DEN", "Michael Porter", 2), ("BOS", "Michael Porter", 3)]
    assert one_of_each(people) == {("BOS", "michaelporter"): 3}


@pytest.mark.parametrize(
    ("twist", "said"),
    [
        (rename("data.0.home_team.players.0.pts", "points"), r"players\[0\].pts is missing"),
        (put("data.0.home_team.players.0.min", "a lot"), r"column minutes \(min\): found 'a lot'"),
        (put("data.0.date", "today"), "date: found str 'today', expected a date"),
        (put("data", None), "field data: found null, expected a list"),
        (lambda box: b"<html>", "expected JSON, found 6 bytes"),
    ],
)
def test_a_fault_is_told_with_provider_endpoint_field_and_landed_file(bdl, fake, door, twist, said):
    fake.twist("box_scores", twist)
    with pytest.raises(BadInput, match=said) as told:
        door.told(bdl, "player_boxscores", DAY)
    assert "landing/balldontlie/box_scores/2024-12-10/" in str(told.value)

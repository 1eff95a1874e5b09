"""balldontlie from a fake server: its ids become the league's, or its games are left out."""

import datetime as dt

import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.names import name_key_without_suffix
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.balldontlie import BallDontLie
from nba_resources.sources.providers.identities import Identities, landed_identities, unique_ids
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.provider import NotOffered
from nba_resources.sources.simulated import SimulatedSource

from ..fakes.balldontlie import FakeBallDontLie
from ..fakes.compare import assert_same_rows
from ..fakes.league import DATES, League
from ..fakes.nba_com import FakeNbaCom
from ..harness import Harness, MemoryFetcher
from .changes import put, rename

DAY = DateRange(dt.date(2024, 12, 10), dt.date(2024, 12, 10))


@pytest.fixture
def fake(httpserver: HTTPServer, league: League, fetcher: MemoryFetcher) -> FakeBallDontLie:
    return FakeBallDontLie(league, fetcher.now).behind(httpserver)


@pytest.fixture
def bdl(fake: FakeBallDontLie, httpserver: HTTPServer, fetcher: MemoryFetcher, league: League) -> BallDontLie:
    simulated = SimulatedSource(today=league.today)
    known = Identities(lambda feed, dates: simulated.fetch(feed, dates).rows)
    return BallDontLie(httpserver.url_for(""), clock=fetcher.now, identities=known)


def test_schedule_and_box_scores_arrive_row_for_row_under_the_leagues_ids(bdl, fake, fetcher, league):
    assert_same_rows(fetcher.rows(bdl, "schedule", DATES), league.frame("schedule"), "schedule")
    players = fetcher.rows(bdl, "player_boxscores", DATES)
    lacks = ("starter",)
    assert_same_rows(players, league.frame("player_boxscores"), "player_boxscores", lacks)
    games = league.frame("player_boxscores").game_id.unique()
    fake.change("box_scores", lambda box: {"data": [game for game in box["data"] if game["home_team"]["players"]]})
    fetcher.time += dt.timedelta(hours=1)
    teams, expected = fetcher.rows(bdl, "team_boxscores", DATES), league.frame("team_boxscores")
    expected = expected[expected.game_id.isin(games)]
    assert_same_rows(teams.drop(columns="tov"), expected.drop(columns="tov"), "team_boxscores")


def test_lines_and_odds_arrive_row_for_row_without_ladders_and_quarters(bdl, fake, fetcher, league):
    for feed in ("player_props", "game_odds"):
        expected = league.frame(feed, DAY)
        expected = expected[expected.snapshot_utc < expected.start_time_utc]
        for time in sorted(expected.snapshot_utc.unique()):
            fetcher.time = time.to_pydatetime()
            bdl.fetch(feed, DAY, fetcher)
        result = fetcher.rows(bdl, feed, DAY)
        own = {"source": "balldontlie"} if feed == "player_props" else {}
        assert_same_rows(result, expected, feed, own=own)


def test_without_known_ids_games_are_not_offered(fake, fetcher, httpserver):
    with pytest.raises(NotOffered, match="has ids of its own, and no other provider has the games of 2024-12-10"):
        fetcher.rows(BallDontLie(httpserver.url_for(""), clock=fetcher.now), "player_boxscores", DAY)


def test_ids_are_read_from_another_providers_landed_responses(httpserver, league, harness: Harness):
    fake = FakeNbaCom(league).behind(httpserver)
    nba = NbaCom(httpserver.url_for(""), clock=harness.now)
    harness.rows(nba, "player_boxscores", DAY)
    requests = len(fake.requests)
    known = landed_identities(harness.landing, [nba])
    games = {game["game_id"] for game in known.games(DAY)}
    assert games == {game["game_id"] for game in league.played if game["game_date"] == DAY.start}
    player = league.frame("player_boxscores", DAY).iloc[0]
    assert known.players(DAY)[player.team_abbr, name_key_without_suffix(player.player_name)] == player.player_id
    assert len(fake.requests) == requests


def test_a_game_with_an_unknown_player_is_left_out_and_counted(bdl, fake, fetcher):
    fake.change("box_scores", put("data.0.home_team.players.0.player.last_name", "Unknown"))
    delivery = fetcher.delivery(bdl, "player_boxscores", DAY)
    games = sum(game["game_date"] == DAY.start for game in fake.league.played)
    assert len(set(delivery.rows["game_id"].to_pylist())) == games - 1
    assert delivery.notes["players without an NBA.com id, their games left out"] == 1


def test_a_name_shared_by_two_players_of_a_team_is_left_out():
    assert name_key_without_suffix("Michael Porter Jr.") == name_key_without_suffix("Michael Porter") == "michaelporter"
    people = [("DEN", "Michael Porter Jr.", 1), ("DEN", "Michael Porter", 2), ("BOS", "Michael Porter", 3)]
    assert unique_ids(people) == {("BOS", "michaelporter"): 3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (rename("data.0.home_team.players.0.pts", "points"), r"players\[0\].pts is missing"),
        (put("data.0.home_team.players.0.min", "a lot"), r"column minutes \(min\): found 'a lot'"),
        (put("data.0.date", "today"), "date: found str 'today', expected a date"),
        (put("data", None), "field data: found null, expected a list"),
        (lambda box: b"<html>", "expected JSON, found 6 bytes"),
    ],
)
def test_an_error_names_provider_endpoint_field_and_landed_file(bdl, fake, fetcher, change, message):
    fake.change("box_scores", change)
    with pytest.raises(BadInput, match=message) as error:
        fetcher.rows(bdl, "player_boxscores", DAY)
    assert "landing/balldontlie/box_scores/2024-12-10/" in str(error.value)

"""The number of requests to each provider for a night of twelve games.

docs/live-sources.md states the same numbers; change both together.
"""

import datetime as dt

import pyarrow as pa
import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import EASTERN, DateRange
from nba_resources.sources.base import BEFORE_TIP
from nba_resources.sources.provider_priority import LINE_PLANS
from nba_resources.sources.providers import injury_report
from nba_resources.sources.providers.injury_report import InjuryReport
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.sportsdataverse import SportsDataverse
from nba_resources.sources.providers.the_odds_api import TheOddsApi
from nba_resources.sources.providers.the_odds_api_responses import PLAYER_MARKETS
from nba_resources.sources.validation.validate import DeliveredTable

from ..fakes.league import League
from ..fakes.nba_com import FakeNbaCom
from ..fakes.odds import FakeOddsApi
from ..fakes.report import FakeReports
from ..fakes.server import Fake
from ..fakes.sportsdataverse import FakeSportsDataverse
from ..harness import Harness

NIGHT = dt.date(2024, 11, 29)
DAY = DateRange(NIGHT, NIGHT)
GAMES, LOADS = 12, 1 + 7
NEXT_MORNING = dt.datetime(2024, 11, 30, 15, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def night() -> League:
    league = League(dt.date(2024, 11, 30), DAY)
    assert len(league.played) == GAMES
    return league


def serve(httpserver: HTTPServer, fake: Fake) -> str:
    fake.behind(httpserver)
    return httpserver.url_for("")


def test_nba_com_gets_a_request_for_the_schedule_and_two_for_each_game(httpserver, night, fetcher):
    """1 + 12 + 12 for each load of a night, here after the games and on the next morning of corrections."""
    fake = FakeNbaCom(night)
    nba = NbaCom(serve(httpserver, fake), clock=fetcher.now)
    for days in range(2):
        fetcher.time = NEXT_MORNING + dt.timedelta(days=days)
        for feed in nba.feeds:
            fetcher.rows(nba, feed, DAY)
    assert len(fake.requests) == 2 * (1 + GAMES + GAMES) == 50


def test_nba_com_gets_no_request_for_games_that_are_no_longer_loaded_again(httpserver, night, fetcher):
    fake = FakeNbaCom(night)
    nba = NbaCom(serve(httpserver, fake), clock=fetcher.now)
    for days in (16, 17, 18):
        fetcher.time = NEXT_MORNING + dt.timedelta(days=days)
        fetcher.rows(nba, "player_boxscores", DAY)
    assert fake.counts() == {"schedule": 3, "boxscore": GAMES}


def test_lines_are_requested_when_first_seen_and_seven_times_before_tip_off(httpserver, night, harness: Harness):
    """With the real fetcher and two games; no requests in between and afterwards."""
    fake = FakeOddsApi(night, harness.now, "player_props")
    fake.events = sorted(fake.events, key=lambda game: game["starts"])[:: GAMES - 1]
    api = TheOddsApi(serve(httpserver, fake), clock=harness.now)
    starts = [game["starts"] for game in fake.events]
    times = sorted({tip - before for tip in starts for before in BEFORE_TIP})
    for time in (times[0] - dt.timedelta(hours=1), *times, max(starts) + dt.timedelta(hours=1)):
        for minutes in (0, 2):
            harness.time = time + dt.timedelta(minutes=minutes)
            harness.rows(api, "player_props", DAY)
    assert len(set(starts)) == 2
    assert len(BEFORE_TIP) == 7
    assert fake.counts()["sports/basketball_nba/events/id/odds"] == 2 * LOADS


@pytest.mark.parametrize("markets", [1, 4])
def test_a_night_of_lines_costs_96_credits_a_market(httpserver, night, fetcher, markets):
    fake = FakeOddsApi(night, fetcher.now, "player_props")
    api = TheOddsApi(serve(httpserver, fake), clock=fetcher.now, markets=PLAYER_MARKETS[:markets])
    first = min(game["starts"] for game in fake.events)
    for look in range(LOADS):
        fetcher.time = first - dt.timedelta(hours=LOADS - look)
        fetcher.rows(api, "player_props", DAY)
    assert fetcher.spent == fake.charged == 96 * markets
    assert api.policy.quota is not None
    assert LOADS * GAMES * api.policy.quota.per_look == fake.charged
    assert api.policy.quota.per_game == 20 * markets, "two looks at ten times the price"


def test_the_free_plan_requests_each_game_twice_within_its_credits(httpserver, night, harness: Harness):
    """235 games in the busiest month: 470 of 500 credits, as ten are never spent."""
    fake = FakeOddsApi(night, harness.now, "player_props")
    api = TheOddsApi(serve(httpserver, fake), clock=harness.now)
    (game, *_) = fake.events
    fake.events = [game]
    for minutes in (600, *range(480, -15, -15)):
        harness.time = game["starts"] - dt.timedelta(minutes=minutes)
        harness.rows(api, "player_props", DAY, LINE_PLANS["free"])
    loads = fake.counts()["sports/basketball_nba/events/id/odds"]
    quota = api.policy.quota
    assert quota is not None
    assert loads == 2
    assert 235 * loads <= quota.monthly_default - quota.min_remaining


@pytest.mark.parametrize(("day", "files"), [(NIGHT, 16), (dt.date(2026, 1, 5), 64)], ids=["hourly", "quarterly"])
def test_injury_reports_are_files_of_a_day_each_fetched_once(httpserver, night, fetcher, monkeypatch, day, files):
    monkeypatch.setattr(injury_report, "_changes", lambda *report: DeliveredTable("", pa.table({}), {}))
    fake = FakeReports(night)
    fake.answer = lambda path, _: b"%PDF-"
    reports = InjuryReport(serve(httpserver, fake), clock=fetcher.now)
    fetcher.time = dt.datetime.combine(day, dt.time(23, 45), EASTERN)
    tables = [reports.fetch("injury_reports", DateRange(day, day), fetcher) for _ in range(2)]
    assert [len(read) for read in tables] == [files, files]
    assert len(fake.requests) == files


def test_sportsdataverse_is_five_files_a_day(httpserver, night, fetcher):
    fake = FakeSportsDataverse(night)
    bulk = SportsDataverse(serve(httpserver, fake), clock=fetcher.now)
    fetcher.time = NEXT_MORNING
    for feed in bulk.feeds:
        fetcher.rows(bulk, feed, DAY)
    assert len(fake.requests) == 5

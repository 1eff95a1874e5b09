"""What a night of twelve games costs each provider: counted on fakes, worked out by hand beside it.

The sums stand in docs/live-sources.md; whoever changes how often a provider is asked changes them there too.
"""

import datetime as dt

import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.sources.http.fetchers import BEFORE_TIP
from nba_resources.sources.provider_priority import LINES
from nba_resources.sources.providers.balldontlie import BallDontLie
from nba_resources.sources.providers.injury_report import InjuryReport
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.sportsdataverse import SportsDataverse
from nba_resources.sources.providers.the_odds_api import TheOddsApi

from ..fakes.balldontlie import FakeBallDontLie
from ..fakes.desks import Desk
from ..fakes.league import League
from ..fakes.nba_com import FakeNbaCom
from ..fakes.odds import FakeOddsApi
from ..fakes.report import FakeReports
from ..fakes.server import Fake
from ..fakes.sportsdataverse import FakeSportsDataverse

NIGHT = dt.date(2024, 11, 29)
DAY = DateRange(NIGHT, NIGHT)
GAMES, LOOKS = 12, 1 + 7
NOON = dt.datetime(2024, 11, 29, 17, tzinfo=dt.UTC)
NEXT_MORNING = dt.datetime(2024, 11, 30, 15, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def night() -> League:
    league = League(dt.date(2024, 11, 30), DAY)
    assert len(league.played) == GAMES
    return league


def serve(httpserver: HTTPServer, fake: Fake) -> str:
    fake.behind(httpserver)
    return httpserver.url_for("")


def test_nba_com_is_asked_for_the_schedule_and_twice_a_game(httpserver, night, door):
    """1 + 12 + 12 in a pass over a night: here after the finals and on the first of three mornings of corrections."""
    fake = FakeNbaCom(night)
    nba = NbaCom(serve(httpserver, fake), clock=door.now)
    for days in range(2):
        door.moment = NEXT_MORNING + dt.timedelta(days=days)
        for feed in nba.feeds:
            door.told(nba, feed, DAY)
    assert len(fake.asked) == 2 * (1 + GAMES + GAMES) == 50


def test_nba_com_is_not_asked_again_once_nobody_corrects_a_game(httpserver, night, door):
    fake = FakeNbaCom(night)
    nba = NbaCom(serve(httpserver, fake), clock=door.now)
    for days in (10, 11, 12):
        door.moment = NEXT_MORNING + dt.timedelta(days=days)
        door.told(nba, "player_boxscores", DAY)
    assert fake.counted() == {"schedule": 3, "boxscore": GAMES}


def test_lines_are_asked_for_when_first_seen_and_seven_times_before_tip_off(httpserver, night, desk: Desk):
    """Through the real door, which knows the times, for two games; in between and afterwards nothing is asked."""
    fake = FakeOddsApi(night, desk.now, "player_points_props")
    fake.events = sorted(fake.events, key=lambda game: game["starts"])[:: GAMES - 1]
    api = TheOddsApi(serve(httpserver, fake), clock=desk.now)
    starts = [game["starts"] for game in fake.events]
    times = sorted({tip - before for tip in starts for before in BEFORE_TIP})
    for moment in (times[0] - dt.timedelta(hours=1), *times, max(starts) + dt.timedelta(hours=1)):
        for minutes in (0, 2):
            desk.moment = moment + dt.timedelta(minutes=minutes)
            desk.told(api, "player_points_props", DAY)
    assert len(set(starts)) == 2
    assert len(BEFORE_TIP) == 7
    assert fake.counted()["sports/basketball_nba/events/id/odds"] == 2 * LOOKS


def test_the_free_plan_is_two_looks_a_game_which_fit_into_its_credits(httpserver, night, desk: Desk):
    """235 games in the busiest month: 470 of 500 credits, of which ten are never spent."""
    fake = FakeOddsApi(night, desk.now, "player_points_props")
    api = TheOddsApi(serve(httpserver, fake), clock=desk.now)
    (game, *_) = fake.events
    fake.events = [game]
    for minutes in (600, *range(480, -15, -15)):
        desk.moment = game["starts"] - dt.timedelta(minutes=minutes)
        desk.told(api, "player_points_props", DAY, LINES["free"])
    looks = fake.counted()["sports/basketball_nba/events/id/odds"]
    quota = api.manners.quota
    assert quota is not None
    assert looks == 2
    assert 235 * looks <= quota.monthly_default - quota.min_remaining


def test_injury_reports_are_fifteen_files_a_day_each_fetched_once(httpserver, night, door):
    fake = FakeReports(night)
    fake.answer = lambda path, _: b"%PDF-"
    reports = InjuryReport(serve(httpserver, fake), clock=door.now)
    door.moment = dt.datetime(2024, 11, 30, 4, 30, tzinfo=dt.UTC)  # half past eleven in New York
    for moment in reports._moments(NIGHT):
        reports._report(moment, door)
        reports._report(moment, door)
    assert len(fake.asked) == len(range(9, 24)) == 15


def test_sportsdataverse_is_five_files_a_day(httpserver, night, door):
    fake = FakeSportsDataverse(night)
    bulk = SportsDataverse(serve(httpserver, fake), clock=door.now)
    door.moment = NEXT_MORNING
    for feed in bulk.feeds:
        door.told(bulk, feed, DAY)
    assert len(fake.asked) == 5


def test_balldontlie_lines_are_a_page_of_games_and_a_question_a_game(httpserver, night, door):
    """A look: one page of games, of a hundred each (the fake's have three: four pages), and twelve of lines."""
    fake = FakeBallDontLie(night, door.now)
    bdl = BallDontLie(serve(httpserver, fake), clock=door.now)
    door.moment = NOON
    door.told(bdl, "player_points_props", DAY)
    assert fake.counted() == {"/v1/games": 4, "/v2/odds/player_props": GAMES}

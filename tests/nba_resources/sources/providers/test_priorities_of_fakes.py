"""Several providers in one live source: the first by priority is used."""

import datetime as dt
import re

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from nba_resources.dates import DateRange
from nba_resources.sources.http.client import Client
from nba_resources.sources.live import LiveSource
from nba_resources.sources.provider_priority import PRIORITIES
from nba_resources.sources.providers.injury_report import InjuryReport
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.sportsdataverse import SportsDataverse

from ..fakes.compare import assert_same_rows, assert_same_shots
from ..fakes.league import League
from ..fakes.nba_com import FakeNbaCom
from ..fakes.report import FakeReports
from ..fakes.server import Fake
from ..fakes.sportsdataverse import FakeSportsDataverse
from ..harness import KEYS, Harness

DAY = DateRange(dt.date(2024, 12, 12), dt.date(2024, 12, 12))
OF_GAMES = ("team_boxscores", "shots")


@pytest.fixture
def fakes(httpserver: HTTPServer, league: League) -> dict[str, Fake]:
    fakes = {"Data": FakeNbaCom(league), "nba_stats": FakeSportsDataverse(league), "Injury": FakeReports(league)}

    def respond(request: Request) -> Response:
        return next(fake for part, fake in fakes.items() if part in request.path)(request)

    httpserver.expect_request(re.compile("/.*")).respond_with_handler(respond)
    return fakes


@pytest.fixture
def live(fakes: dict[str, Fake], httpserver: HTTPServer, harness: Harness) -> LiveSource:
    client = Client(harness.home, now=harness.now, sleep=harness.sleep, environment=KEYS, max_skew=None)
    providers = [kind(httpserver.url_for(""), harness.now) for kind in (NbaCom, SportsDataverse, InjuryReport)]
    return LiveSource(providers, harness.landing, client, PRIORITIES)


def test_a_day_is_delivered_by_the_first_provider_of_each_feed(live, league):
    for feed in ("schedule", *OF_GAMES):
        result = live.fetch(feed, DAY).rows.to_pandas()
        assert set(result.pop("source")) == {"nba_com"}
        assert_same_rows(result, league.frame(feed, DAY), feed)


def test_while_nba_com_blocks_us_complete_games_come_from_the_bulk_releases(live, fakes, league):
    fakes["Data"].change("", lambda _: Response("<HTML>Access Denied</HTML>", 403))
    result = live.fetch("shots", DAY).rows.to_pandas()
    assert set(result.pop("source")) == {"sportsdataverse"}
    assert_same_shots(result, league.frame("shots", DAY))

"""All providers behind one source, as `NBA_SOURCE=live` has them: the first in each chain is believed."""

import datetime as dt
import re

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from nba_resources.dates import DateRange
from nba_resources.sources.http.client import Client
from nba_resources.sources.live import LiveSource
from nba_resources.sources.provider_priority import CHAINS
from nba_resources.sources.providers.injury_report import InjuryReport
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.sportsdataverse import SportsDataverse

from ..fakes.compare import assert_same_rows
from ..fakes.desks import KEYS, Desk
from ..fakes.league import League
from ..fakes.nba_com import FakeNbaCom
from ..fakes.report import FakeReports
from ..fakes.server import Fake
from ..fakes.sportsdataverse import FakeSportsDataverse

DAY = DateRange(dt.date(2024, 12, 12), dt.date(2024, 12, 12))
OF_GAMES = ("team_boxscores", "shots")


@pytest.fixture
def fakes(httpserver: HTTPServer, league: League) -> dict[str, Fake]:
    fakes = {"Data": FakeNbaCom(league), "nba_stats": FakeSportsDataverse(league), "Injury": FakeReports(league)}

    def answer(asked: Request) -> Response:
        return next(fake for part, fake in fakes.items() if part in asked.path)(asked)

    httpserver.expect_request(re.compile("/.*")).respond_with_handler(answer)
    return fakes


@pytest.fixture
def live(fakes: dict[str, Fake], httpserver: HTTPServer, desk: Desk) -> LiveSource:
    client = Client(desk.home, now=desk.now, sleep=desk.sleep, environment=KEYS, skew=None)
    providers = [kind(httpserver.url_for(""), desk.now) for kind in (NbaCom, SportsDataverse, InjuryReport)]
    return LiveSource(providers, desk.landing, client, CHAINS)


def test_a_day_comes_from_the_first_of_each_chain(live, league):
    for feed in ("schedule", *OF_GAMES):
        found = live.fetch(feed, DAY).rows.to_pandas()
        assert set(found.pop("source")) == {"nba_com"}
        assert_same_rows(found, league.frame(feed, DAY), feed)


def test_while_nba_com_shuts_us_out_whole_games_come_from_the_bulk_releases(live, fakes, league):
    fakes["Data"].twist("", lambda _: Response("<HTML>Access Denied</HTML>", 403))
    found = live.fetch("shots", DAY).rows.to_pandas()
    assert set(found.pop("source")) == {"sportsdataverse"}
    assert_same_rows(found, league.frame("shots", DAY), "shots", ("zone_basic",))

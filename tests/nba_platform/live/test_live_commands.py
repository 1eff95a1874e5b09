import datetime as dt
import json
import re
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pyarrow as pa
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response

from nba_platform.config import environments
from nba_platform.config.settings import Settings
from nba_platform.definitions import TABLES
from nba_resources.dates import DateRange, season_of
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.live import LiveSource, ProviderPriority
from nba_resources.sources.provider_priority import parse_time
from nba_resources.sources.providers.provider import Fetcher, Provider, Request, RequestPolicy
from nba_resources.sources.providers.the_odds_api import TheOddsApi
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.sources.validation.validate import DeliveredTable

from ...shared import share_compiled, warehouse_at

OPENING, TONIGHT = dt.date(2021, 10, 19), dt.date(2021, 10, 22)
MORNING = dt.datetime(2021, 10, 22, 14, tzinfo=dt.UTC)


class League(Provider):
    """The simulated league by wire: a document for each feed and date, its schedule in one."""

    name = "league"
    feeds: ClassVar[frozenset[str]] = frozenset(FEEDS)
    default_url = "http://unused"
    policy = RequestPolicy(seconds_between=0.001, tries=1)

    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        filed = [season_of(dates.start)] if feed == "schedule" else [str(day) for day in dates]
        asked = [Request(self.name, feed, f"{self.base_url}/{feed}/{place}", place) for place in filed]
        return [self._read(feed, dates, landed) for request in asked if (landed := fetcher.get(request))]

    def _read(self, feed: str, dates: DateRange, landed) -> DeliveredTable:
        texts = pa.schema([(name, pa.string()) for name in FEEDS[feed].fields])
        rows = [row for row in json.loads(landed.body) if dt.date.fromisoformat(row[FEEDS[feed].date]) in dates]
        return DeliveredTable(landed.path, pa.Table.from_pylist(rows, texts))


class Wire:
    """Serves the league as of a morning, and counts what it is asked."""

    def __init__(self, server: HTTPServer, home: Path) -> None:
        self.server, self.home, self.now, self.asked, self.corrected = server, home, MORNING, [], {}
        self.league = SimulatedSource(today=TONIGHT)
        server.expect_request(re.compile(".*")).respond_with_handler(self.answer)

    def answer(self, request: Asked) -> Response:
        self.asked.append(request.path)
        _, feed, filed = request.path.split("/")
        day = None if feed == "schedule" else dt.date.fromisoformat(filed)
        dates = DateRange(day, day) if day else DateRange(dt.date(2021, 8, 1), dt.date(2022, 7, 31))
        rows = self.league.fetch(feed, dates).rows.to_pylist()
        texts = [{name: None if value is None else str(value) for name, value in row.items()} for row in rows]
        return Response(json.dumps([row | self.corrected if feed == "player_boxscores" else row for row in texts]))

    def sleep(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    def source(self, settings: Settings) -> LiveSource:
        known_by = settings.live.known_by
        landing = Landing(ObjectStore(root=str(self.home / "objects")), parse_time(known_by) if known_by else None)
        client = None if known_by else Client(self.home, now=lambda: self.now, sleep=self.sleep, max_skew=None)
        chains = {feed: ProviderPriority(("league",), ("league",)) for feed in FEEDS}
        return LiveSource([League(self.server.url_for("").rstrip("/"))], landing, client, chains)


@pytest.fixture
def wire(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire(httpserver, tmp_path)
    monkeypatch.setitem(environments.SOURCES, "live", wire.source)
    monkeypatch.setenv("NBA_TODAY", str(TONIGHT))
    for name in ("NBA_SOURCE", "NBA_HISTORY_CREDITS", "NBA_KNOWN_BY"):
        monkeypatch.delenv(name, raising=False)
    live_in(tmp_path, monkeypatch)
    return wire


def live_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share_compiled(folder)
    monkeypatch.setenv("NBA_HOME", str(folder))
    monkeypatch.setenv("DAGSTER_HOME", str(folder / "dagster"))


def stored(folder: Path, name: str) -> pd.DataFrame:
    contract = TABLES[name].contract
    rows = warehouse_at(folder / "nba.duckdb").read(contract.table())
    return rows.drop(columns="ingested_at").sort_values(list(contract.grain), ignore_index=True)


def test_a_season_is_filled_goes_on_from_what_is_done_is_replayed_as_a_morning_knew_it_and_shared(
    wire: Wire, nba, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Ingested, ingested again, corrected two days later, and replayed elsewhere as of the first morning."""
    first = nba("ingest", "2021-22", "--json")
    assert first.code == 0, first.err
    document = first.document()
    assert document["months"] == 1
    assert document["estimates"][0]["provider"] == "the_odds_api"
    boxes = stored(tmp_path, "player_boxscores")
    assert set(boxes.source) == {"league"}
    expected = wire.league.fetch("player_boxscores", DateRange(OPENING, TONIGHT)).rows.num_rows
    assert len(boxes) == expected
    assert not [one for one in document["missing"] if one["table"] in ("player_boxscores", "shots")]

    asked, morning = len(wire.asked), wire.now.isoformat()
    again = nba("ingest", "2021-22", "--json")
    assert again.code == 0, again.err
    assert not [path for path in wire.asked[asked:] if "boxscores" in path and str(OPENING) in path]

    wire.now += dt.timedelta(days=2)
    wire.corrected = {"tov": "24"}
    monkeypatch.setenv("NBA_SOURCE", "live")
    corrected = nba("backfill", str(OPENING), "--select", "player_boxscores", "--force", "--json")
    assert corrected.code == 0, corrected.err
    assert 24 in set(stored(tmp_path, "player_boxscores").tov)

    asked, then = len(wire.asked), tmp_path / "then"
    live_in(then, monkeypatch)
    replayed = nba("replay", str(OPENING), str(TONIGHT), "--known-by", morning, "--json")
    assert replayed.code == 0, replayed.err
    assert len(wire.asked) == asked
    pd.testing.assert_frame_equal(stored(then, "player_boxscores"), boxes)

    monkeypatch.delenv("NBA_SOURCE")
    shared = nba("archive", str(tmp_path / "shared"), "--json")
    assert shared.code == 0, shared.err
    assert {"path": "player_boxscores/2021-22.parquet", "rows": len(boxes)} in shared.document()["files"]


def test_what_paid_history_would_cost_is_told_without_asking(wire: Wire, nba):
    """A season of 1,320 games on 215 dates, as nothing is loaded yet."""
    said = nba("ingest", "2021-22", "--dry-run", "--json")
    assert said.code == 0, said.err
    (paid,) = said.document()["estimates"]
    quota = TheOddsApi.policy.quota
    assert quota is not None
    assert paid["credits"] == 1_320 * quota.per_game + 215 * quota.per_date
    assert "--credits allows 0" in said.err
    assert not wire.asked


def test_a_million_credits_are_a_number_of_credits(wire: Wire, nba):
    """They were handed on as 1e+06, which was refused."""
    said = nba("ingest", "2021-22", "--credits", "1000000", "--dry-run", "--json")
    assert said.code == 0, said.err
    assert "--credits allows 1,000,000" in said.err

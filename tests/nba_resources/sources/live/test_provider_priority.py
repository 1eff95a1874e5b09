import datetime as dt
import io
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.landing import Landing, ReceivedResponse
from nba_resources.sources.live import LiveSource
from nba_resources.sources.provider_priority import (
    OPT_IN,
    PRIORITIES,
    PROVIDERS,
    LiveSettings,
    live_source,
    make_provider,
    parse_time,
    provider_class,
)
from nba_resources.sources.providers.provider import Request


def test_every_feed_has_providers_that_deliver_it():
    assert set(PRIORITIES) == set(FEEDS)
    for feed, order in PRIORITIES.items():
        assert all(feed in provider_class(name).feeds for name in (*order.daily, *order.history)), feed


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_has_the_name_of_its_module(name: str):
    assert provider_class(name).name == name


def test_a_provider_whose_terms_must_be_accepted_is_used_only_if_it_is_named(tmp_path: Path):
    names = {finding.subject.split()[-1] for finding in _replay(tmp_path).health()}
    assert names == set(PROVIDERS) - OPT_IN
    names = {finding.subject.split()[-1] for finding in _replay(tmp_path, ("nba_com", "sportsdataverse")).health()}
    assert names == {"nba_com", "sportsdataverse"}


def _replay(home: Path, providers: tuple[str, ...] = LiveSettings.providers) -> LiveSource:
    return live_source(ObjectStore(root=str(home)), home, LiveSettings(providers, known_by="2025-01-15T09:00-05:00"))


def test_ids_are_read_from_the_configured_address_of_their_provider(tmp_path: Path):
    """Landed responses are found by URL: with another address nothing would be found."""
    landing, morning = Landing(ObjectStore(root=str(tmp_path))), dt.datetime(2025, 1, 15, tzinfo=dt.UTC)
    url = "http://127.0.0.1:1/nba_stats_schedules/nba_schedule_2025.parquet"
    request = Request("sportsdataverse", "schedule", url, "2024-25")
    game = {"game_id": 22400001, "game_date": "2024-12-10", "home_team_id": 1610612738, "away_team_id": 1610612752}
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([game | {"home_pts": 100, "away_pts": 90}]), file)
    landing.land(request, ReceivedResponse(file.getvalue(), morning, "application/octet-stream"))
    urls = {"sportsdataverse": "http://127.0.0.1:1"}
    known = make_provider("balldontlie", lambda: morning, landing, urls).identities
    day = dt.date(2024, 12, 10)
    assert [game["game_id"] for game in known.games(DateRange(day, day))] == ["0022400001"]


def test_the_free_plan_spends_no_credits_on_game_odds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBA_THE_ODDS_API_KEY", "no-key")
    source = live_source(ObjectStore(root=str(tmp_path)), tmp_path, LiveSettings(lines="free"))
    names = {feed: [provider.name for provider in source._by_priority(feed, source.today())] for feed in PRIORITIES}
    assert names["game_odds"] == []
    assert names["player_props"] == ["the_odds_api"]
    assert source.before_tip == (dt.timedelta(minutes=30),)


def test_a_replay_has_the_date_of_its_time(tmp_path: Path):
    assert _replay(tmp_path).today() == dt.date(2025, 1, 15)


@pytest.mark.parametrize("text", ["2025-01-15T09:00", "2025-01-15", "yesterday", ""])
def test_a_time_without_a_zone_is_refused(text: str):
    with pytest.raises(SourceUnavailable, match="a time with its zone"):
        parse_time(text)

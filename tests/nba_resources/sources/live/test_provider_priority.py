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
from nba_resources.sources.http.landing import Landing, Received
from nba_resources.sources.live import LiveSource
from nba_resources.sources.provider_priority import (
    BY_REQUEST,
    CHAINS,
    OFFERED,
    LiveSettings,
    kind_named,
    live_source,
    moment_named,
    provider_named,
)
from nba_resources.sources.providers.provider import Request


def test_every_feed_has_a_chain_of_providers_that_deliver_it():
    assert set(CHAINS) == set(FEEDS)
    for feed, chain in CHAINS.items():
        assert all(feed in kind_named(name).feeds for name in (*chain.daily, *chain.history)), feed


@pytest.mark.parametrize("name", OFFERED)
def test_a_provider_is_called_as_its_module(name: str):
    assert kind_named(name).name == name


def test_a_provider_whose_terms_are_to_be_accepted_is_asked_only_if_it_is_named(tmp_path: Path):
    told = {finding.subject.split()[-1] for finding in _replay(tmp_path).health()}
    assert told == set(OFFERED) - BY_REQUEST
    told = {finding.subject.split()[-1] for finding in _replay(tmp_path, ("nba_com", "sportsdataverse")).health()}
    assert told == {"nba_com", "sportsdataverse"}


def _replay(home: Path, providers: tuple[str, ...] = LiveSettings.providers) -> LiveSource:
    return live_source(ObjectStore(root=str(home)), home, LiveSettings(providers, known_by="2025-01-15T09:00-05:00"))


def test_ids_are_looked_for_where_their_providers_are_asked(tmp_path: Path):
    """Landed answers are found by their questions: of another address nothing would be found."""
    landing, morning = Landing(ObjectStore(root=str(tmp_path))), dt.datetime(2025, 1, 15, tzinfo=dt.UTC)
    url = "http://127.0.0.1:1/nba_stats_schedules/nba_schedule_2025.parquet"
    asked = Request("sportsdataverse", "schedule", url, "2024-25")
    game = {"game_id": 22400001, "game_date": "2024-12-10", "home_team_id": 1610612738, "away_team_id": 1610612752}
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([game | {"home_pts": 100, "away_pts": 90}]), file)
    landing.land(asked, Received(file.getvalue(), morning, "application/octet-stream"))
    known = provider_named(
        "balldontlie", lambda: morning, landing, {"sportsdataverse": "http://127.0.0.1:1"}
    ).identities
    day = dt.date(2024, 12, 10)
    assert [game["game_id"] for game in known.games(DateRange(day, day))] == ["0022400001"]


def test_with_the_free_plan_nobody_pays_for_odds_on_games(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBA_THE_ODDS_API_KEY", "no-key")
    source = live_source(ObjectStore(root=str(tmp_path)), tmp_path, LiveSettings(lines="free"))
    asked = {feed: [one.name for one in source._chain(feed, source.today())] for feed in CHAINS}
    assert asked["game_odds"] == []
    assert asked["player_points_props"] == ["the_odds_api"]
    assert source.before_tip == (dt.timedelta(minutes=30),)


def test_a_replay_has_the_date_of_its_moment(tmp_path: Path):
    assert _replay(tmp_path).today() == dt.date(2025, 1, 15)


@pytest.mark.parametrize("said", ["2025-01-15T09:00", "2025-01-15", "yesterday", ""])
def test_a_moment_without_a_zone_is_none(said: str):
    with pytest.raises(SourceUnavailable, match="one with its zone"):
        moment_named(said)

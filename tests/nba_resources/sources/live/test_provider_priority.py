import datetime as dt
from pathlib import Path

import pytest

from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.live import LiveSource
from nba_resources.sources.provider_priority import (
    OPT_IN,
    PRIORITIES,
    PROVIDERS,
    LiveSettings,
    live_source,
    parse_time,
    provider_class,
)


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

"""Of each game the first provider by priority that has it is used."""

import datetime as dt
import re

import pytest

from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS, SourceUnavailable
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.providers.provider import Fetcher, NotOffered
from nba_resources.sources.validation.parsers import arrow_schema
from nba_resources.sources.validation.validate import DeliveredTable

from ..loopback import ONE, OTHER, TODAY, YESTERDAY, First, Paid, ProviderServer, Second, fetched, game, line

LEFT = "credits left at paid"


def test_today_is_the_date_in_new_york_and_not_in_utc(server: ProviderServer, harness):
    harness.time = dt.datetime(2025, 1, 16, 4, 59, tzinfo=dt.UTC)
    assert server.source(First).today() == TODAY
    harness.advance(2)
    assert server.source(First).today() == TODAY + dt.timedelta(days=1)


def test_each_row_names_its_provider(server: ProviderServer):
    server.serve("first", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    delivery = server.source(First, Second).fetch("player_boxscores", DateRange(YESTERDAY, YESTERDAY))
    assert delivery.rows["source"].to_pylist() == ["first"]
    assert delivery.rows.drop_columns("source").schema == arrow_schema(FEEDS["player_boxscores"])
    assert delivery.facts["rows from first"] == 1
    assert not delivery.notes


def test_an_unavailable_provider_is_replaced_and_the_notes_give_the_reason(server: ProviderServer):
    server.serve("first", "player_boxscores", "2025-01-14", 503)
    server.serve("second", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    delivery = server.source(First, Second).fetch("player_boxscores", DateRange(YESTERDAY, YESTERDAY))
    assert delivery.rows["source"].to_pylist() == ["second"]
    reason = str(delivery.notes["why not from the first provider"])
    assert "first player_boxscores of 2025-01-14: answered 503" in reason


def test_without_any_available_provider_the_error_names_all_of_them(server: ProviderServer):
    for name in ("first", "second"):
        server.serve(name, "player_boxscores", "2025-01-14", 503)
    with pytest.raises(
        SourceUnavailable, match=r"no provider delivers player_boxscores of 2025-01-14: first.*; second"
    ):
        fetched(server.source(First, Second))


def test_a_game_with_an_unreadable_value_is_set_aside_with_its_provider(server: ProviderServer):
    server.serve("first", "player_boxscores", "2025-01-14", [line(ONE, 1, 31) | {"pts": "many"}, line(OTHER, 2, 12)])
    delivery = server.source(First, Second).fetch("player_boxscores", DateRange(YESTERDAY, YESTERDAY))
    assert delivery.rows["game_id"].to_pylist() == [OTHER]
    (rejected,) = delivery.rejected
    assert (rejected.source, rejected.unit) == ("first", ONE)
    assert re.search(r"landing/first/player_boxscores/2025-01-14/.*column pts: found 'many'", rejected.reason)


def test_two_providers_are_never_mixed_inside_one_game(server: ProviderServer):
    """The second provider has another line of one game and the only lines of the other."""
    server.serve("first", "schedule", "2024-25", [game(ONE, YESTERDAY), game(OTHER, YESTERDAY)])
    server.serve("first", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    server.serve("second", "player_boxscores", "2025-01-14", [line(ONE, 9, 99), line(OTHER, 2, 12), line(OTHER, 3, 5)])
    source = server.source(First, Second)
    source.fetch("schedule", DateRange(YESTERDAY, TODAY))
    assert fetched(source) == [(ONE, "first", 31), (OTHER, "second", 5), (OTHER, "second", 12)]


def test_a_box_score_becomes_late_only_hours_after_tip_off(server: ProviderServer, harness):
    """Its box score is late five and a half hours after tip-off: at 0:30 in New York for one that began at 19:00."""
    server.serve("first", "schedule", "2024-25", [game(ONE, YESTERDAY)])
    server.serve("second", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    harness.time = dt.datetime(2025, 1, 15, 5, 29, tzinfo=dt.UTC)
    source = server.source(First, Second)
    source.fetch("schedule", DateRange(YESTERDAY, YESTERDAY))
    assert fetched(source) == []
    harness.advance(2)
    assert fetched(source) == [(ONE, "second", 31)]


def test_a_game_without_any_provider_is_counted(server: ProviderServer):
    server.serve("first", "schedule", "2024-25", [game(ONE, YESTERDAY), game(OTHER, YESTERDAY, "postponed")])
    source = server.source(First, Second)
    source.fetch("schedule", DateRange(YESTERDAY, YESTERDAY))
    delivery = source.fetch("player_boxscores", DateRange(YESTERDAY, YESTERDAY))
    assert delivery.notes == {"games no provider has yet": 1}


def test_a_past_season_is_requested_from_the_bulk_provider_first(server: ProviderServer):
    server.serve("second", "player_boxscores", "2024-01-14", [line("0022300560", 1, 31, dt.date(2024, 1, 14))])
    delivered = fetched(server.source(First, Second), start=dt.date(2024, 1, 14))
    assert delivered == [("0022300560", "second", 31)]
    assert server.requests[0].startswith("/second/")


def test_all_dates_means_the_seasons_with_partitions(server: ProviderServer):
    server.serve("first", "schedule", "2024-25", [game(ONE, YESTERDAY)])
    assert len(fetched(server.source(First), "schedule", ALWAYS.start, ALWAYS.end)) == 1


def test_a_feed_without_a_key_is_empty_and_the_notes_give_the_reason(server: ProviderServer, harness):
    source = server.source(Paid, environment={})
    delivery = source.fetch("player_props", DateRange(TODAY, TODAY))
    assert delivery.rows.num_rows == 0
    assert "its key is not set" in next(iter(delivery.notes))
    assert not server.requests


def test_without_an_allowance_for_paid_history_only_landed_rows_are_used(server: ProviderServer):
    server.serve("paid", "player_props", "2025-01-14", [])
    source = server.source(Paid)
    assert source.fetch("player_props", DateRange(YESTERDAY, YESTERDAY)).facts[LEFT] == 490
    source = server.source(Paid, environment={"NBA_TEST_KEY": "k", "NBA_TEST_CREDITS": "10"})
    past = source.fetch("player_props", DateRange(YESTERDAY - dt.timedelta(days=3), YESTERDAY))
    assert past.notes == {"paid history that was not requested: only landed rows are used": 1}
    with pytest.raises(SourceUnavailable, match="10 of 10 credits"):
        source.fetch("player_props", DateRange(TODAY, TODAY))


class ProviderWithoutDates(First):
    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        raise NotOffered("only the current season is offered")


def test_a_provider_that_does_not_offer_the_dates_is_skipped(server: ProviderServer):
    server.serve("second", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    assert fetched(server.source(ProviderWithoutDates, Second)) == [(ONE, "second", 31)]

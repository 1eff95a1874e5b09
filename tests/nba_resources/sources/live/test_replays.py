"""Reading the landing without requests: replays, moved games, the rows of each provider."""

import datetime as dt

import pytest

from nba_resources.dates import DateRange
from nba_resources.sources.base import SourceUnavailable

from ..loopback import ONE, OTHER, TODAY, YESTERDAY, First, ProviderServer, Second, fetched, game, line


def test_a_replay_of_a_morning_sees_what_was_known_then(server: ProviderServer, harness):
    """A box score corrected two days later is not known the morning after the game."""
    server.serve("first", "schedule", "2024-25", [game(ONE, YESTERDAY)])
    server.serve("first", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    live = server.source(First, Second)
    for feed in ("schedule", "player_boxscores"):
        live.fetch(feed, DateRange(YESTERDAY, YESTERDAY))
    morning = harness.now()
    harness.advance(2 * 24 * 60)
    server.serve("first", "player_boxscores", "2025-01-14", [line(ONE, 1, 29)])
    assert fetched(live) == [(ONE, "first", 29)]
    requests = len(server.requests)
    assert fetched(server.source(First, Second, known_by=morning)) == [(ONE, "first", 31)]
    assert fetched(server.source(First, Second, known_by=harness.now())) == [(ONE, "first", 29)]
    assert server.source(First, known_by=morning).today() == TODAY
    assert len(server.requests) == requests


def test_a_replay_uses_the_fallback_that_the_live_run_used(server: ProviderServer, harness):
    server.serve("first", "schedule", "2024-25", [game(ONE, YESTERDAY)])
    server.serve("first", "player_boxscores", "2025-01-14", 503)
    server.serve("second", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    live = server.source(First, Second)
    live.fetch("schedule", DateRange(YESTERDAY, YESTERDAY))
    then = fetched(live)
    assert fetched(server.source(First, Second, known_by=harness.now())) == then == [(ONE, "second", 31)]


def test_a_replay_of_rows_that_were_never_landed_is_an_error(server: ProviderServer, harness):
    with pytest.raises(SourceUnavailable, match="no schedule of 2025-01-15 was landed by then"):
        fetched(server.source(First, known_by=harness.now()), "schedule", TODAY)


def test_a_moved_game_changes_the_fingerprints_of_both_dates_and_a_final_score_of_none(server: ProviderServer, harness):
    live, pages = server.source(First), [game(ONE, YESTERDAY, "scheduled"), game(OTHER, TODAY, "scheduled")]
    assert live.signature() is None
    server.serve("first", "schedule", "2024-25", pages)
    live.fetch("schedule", DateRange(TODAY, TODAY))
    signature, before = live.signature(), live.fingerprints("schedule")
    assert live.signature() == signature
    harness.advance(60)
    server.serve("first", "schedule", "2024-25", [game(ONE, YESTERDAY, "final", home_pts="101"), pages[1]])
    live.fetch("schedule", DateRange(TODAY, TODAY))
    assert live.signature() != signature
    assert live.fingerprints("schedule") == before
    harness.advance(60)
    server.serve("first", "schedule", "2024-25", [pages[0], game(OTHER, dt.date(2025, 1, 18), "scheduled")])
    live.fetch("schedule", DateRange(TODAY, TODAY))
    after = live.fingerprints("schedule")
    assert {day for day in before.keys() | after.keys() if before.get(day) != after.get(day)} == {
        TODAY,
        dt.date(2025, 1, 18),
    }
    assert live.fingerprints("player_boxscores") == {}


def test_the_rows_of_each_provider_are_read_without_a_request(server: ProviderServer):
    for name, points in (("first", 31), ("second", 30)):
        server.serve(name, "player_boxscores", "2025-01-14", [line(ONE, 1, points)])
        fetched(server.source({"first": First, "second": Second}[name]))
    requests = len(server.requests)
    each = server.source(First, Second).rows_by_provider("player_boxscores", DateRange(YESTERDAY, YESTERDAY))
    assert {name: rows["pts"].to_pylist() for name, rows in each.items()} == {"first": [31], "second": [30]}
    assert server.source(First).rows_by_provider("player_boxscores", DateRange(YESTERDAY, YESTERDAY)) == {}
    assert len(server.requests) == requests

"""What landed answers tell without asking anybody: a morning once more, games that moved, who said what."""

import datetime as dt

import pytest

from nba_resources.dates import DateRange
from nba_resources.sources.base import SourceUnavailable

from ..papers import LAST_NIGHT, ONE, OTHER, TONIGHT, Evening, Morning, Press, game, line, told


def test_a_replay_of_a_morning_sees_what_was_known_then(press: Press, desk):
    """A box score corrected two days later is not known the morning after the game."""
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT)])
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    live = press.source(Morning, Evening)
    for feed in ("schedule", "player_boxscores"):
        live.fetch(feed, DateRange(LAST_NIGHT, LAST_NIGHT))
    morning = desk.clock.now()
    desk.clock.pass_minutes(2 * 24 * 60)
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 29)])
    assert told(live) == [(ONE, "morning", 29)]
    asked = len(press.asked)
    assert told(press.source(Morning, Evening, known_by=morning)) == [(ONE, "morning", 31)]
    assert told(press.source(Morning, Evening, known_by=desk.clock.now())) == [(ONE, "morning", 29)]
    assert press.source(Morning, known_by=morning).today() == TONIGHT
    assert len(press.asked) == asked


def test_a_replay_gives_what_the_fallback_gave_when_it_was_used(press: Press, desk):
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT)])
    press.prints("morning", "player_boxscores", "2025-01-14", 503)
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    live = press.source(Morning, Evening)
    live.fetch("schedule", DateRange(LAST_NIGHT, LAST_NIGHT))
    then = told(live)
    assert told(press.source(Morning, Evening, known_by=desk.clock.now())) == then == [(ONE, "evening", 31)]


def test_a_replay_of_what_was_never_landed_says_so(press: Press, desk):
    with pytest.raises(SourceUnavailable, match="nothing of schedule was landed for 2025-01-15 by then"):
        told(press.source(Morning, known_by=desk.clock.now()), "schedule", TONIGHT)


def test_a_moved_game_changes_the_fingerprints_of_both_dates_and_a_final_score_of_none(press: Press, desk):
    live, pages = press.source(Morning), [game(ONE, LAST_NIGHT, "scheduled"), game(OTHER, TONIGHT, "scheduled")]
    assert live.signature() is None
    press.prints("morning", "schedule", "2024-25", pages)
    live.fetch("schedule", DateRange(TONIGHT, TONIGHT))
    signature, before = live.signature(), live.fingerprints("schedule")
    assert live.signature() == signature
    desk.clock.pass_minutes(60)
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT, "final", home_pts="101"), pages[1]])
    live.fetch("schedule", DateRange(TONIGHT, TONIGHT))
    assert live.signature() != signature
    assert live.fingerprints("schedule") == before
    desk.clock.pass_minutes(60)
    press.prints("morning", "schedule", "2024-25", [pages[0], game(OTHER, dt.date(2025, 1, 18), "scheduled")])
    live.fetch("schedule", DateRange(TONIGHT, TONIGHT))
    after = live.fingerprints("schedule")
    assert {day for day in before.keys() | after.keys() if before.get(day) != after.get(day)} == {
        TONIGHT,
        dt.date(2025, 1, 18),
    }
    assert live.fingerprints("player_boxscores") == {}


def test_what_each_provider_said_is_compared_without_asking(press: Press):
    for paper, points in (("morning", 31), ("evening", 30)):
        press.prints(paper, "player_boxscores", "2025-01-14", [line(ONE, 1, points)])
        told(press.source({"morning": Morning, "evening": Evening}[paper]))
    asked = len(press.asked)
    each = press.source(Morning, Evening).told_by_each("player_boxscores", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert {name: rows["pts"].to_pylist() for name, rows in each.items()} == {"morning": [31], "evening": [30]}
    assert len(press.asked) == asked

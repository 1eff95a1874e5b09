"""Who is believed: of each game one provider, the first in the chain that has it."""

import datetime as dt

import pytest

from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS, BadInput, SourceUnavailable
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.providers.provider import Door, NotOffered
from nba_resources.sources.validation.parsers import arrow_schema
from nba_resources.sources.validation.validate import DeliveredTable

from ..papers import LAST_NIGHT, ONE, OTHER, TONIGHT, Dear, Evening, Morning, Press, game, line, told

LEFT = "credits left at dear"


def test_tonight_is_the_date_in_new_york_and_not_in_greenwich(press: Press, desk):
    desk.clock.moment = dt.datetime(2025, 1, 16, 4, 59, tzinfo=dt.UTC)
    assert press.source(Morning).today() == TONIGHT
    desk.clock.pass_minutes(2)
    assert press.source(Morning).today() == TONIGHT + dt.timedelta(days=1)


def test_each_row_says_who_published_it(press: Press):
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    delivery = press.source(Morning, Evening).fetch("player_boxscores", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert delivery.rows["source"].to_pylist() == ["morning"]
    assert delivery.rows.drop_columns("source").schema == arrow_schema(FEEDS["player_boxscores"])
    assert delivery.facts["rows from morning"] == 1
    assert not delivery.notes


def test_who_cannot_be_reached_is_replaced_and_the_notes_say_why(press: Press):
    press.prints("morning", "player_boxscores", "2025-01-14", 503)
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    delivery = press.source(Morning, Evening).fetch("player_boxscores", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert delivery.rows["source"].to_pylist() == ["evening"]
    assert "morning player_boxscores of 2025-01-14: answered 503" in str(
        delivery.notes["not from the first in the chain"]
    )


def test_nobody_is_a_refusal_that_names_everybody(press: Press):
    for paper in ("morning", "evening"):
        press.prints(paper, "player_boxscores", "2025-01-14", 503)
    with pytest.raises(SourceUnavailable, match=r"nobody delivers player_boxscores of 2025-01-14: morning.*; evening"):
        told(press.source(Morning, Evening))


def test_what_cannot_be_read_is_an_error_and_no_reason_to_believe_somebody_else(press: Press):
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 31) | {"pts": "many"}])
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    with pytest.raises(BadInput, match=r"landing/morning/player_boxscores/2025-01-14/.*column pts: found 'many'"):
        told(press.source(Morning, Evening))


def test_two_providers_are_never_mixed_inside_one_game(press: Press):
    """The evening paper has another line of the first game and the only ones of the second."""
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT), game(OTHER, LAST_NIGHT)])
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 9, 99), line(OTHER, 2, 12), line(OTHER, 3, 5)])
    source = press.source(Morning, Evening)
    source.fetch("schedule", DateRange(LAST_NIGHT, TONIGHT))
    assert told(source) == [(ONE, "morning", 31), (OTHER, "evening", 5), (OTHER, "evening", 12)]


def test_a_game_that_ended_this_minute_is_waited_for(press: Press, desk):
    """Its box score is late five and a half hours after tip-off: at 0:30 in New York for one that began at 19:00."""
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT)])
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    desk.clock.moment = dt.datetime(2025, 1, 15, 5, 29, tzinfo=dt.UTC)
    source = press.source(Morning, Evening)
    source.fetch("schedule", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert told(source) == []
    desk.clock.pass_minutes(2)
    assert told(source) == [(ONE, "evening", 31)]


def test_a_game_nobody_has_is_counted(press: Press):
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT), game(OTHER, LAST_NIGHT, "postponed")])
    source = press.source(Morning, Evening)
    source.fetch("schedule", DateRange(LAST_NIGHT, LAST_NIGHT))
    delivery = source.fetch("player_boxscores", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert delivery.notes == {"games nobody has yet": 1}


def test_a_season_that_is_over_is_asked_of_the_archives_first(press: Press):
    press.prints("evening", "player_boxscores", "2024-01-14", [line("0022300560", 1, 31, dt.date(2024, 1, 14))])
    delivered = told(press.source(Morning, Evening), start=dt.date(2024, 1, 14))
    assert delivered == [("0022300560", "evening", 31)]
    assert press.asked[0].startswith("/evening/")


def test_all_there_is_means_the_seasons_there_are_dates_for(press: Press):
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT)])
    assert len(told(press.source(Morning), "schedule", ALWAYS.start, ALWAYS.end)) == 1


def test_a_feed_nobody_has_a_key_for_is_empty_and_says_so(press: Press, desk):
    source = press.source(Dear, environment={})
    delivery = source.fetch("player_points_props", DateRange(TONIGHT, TONIGHT))
    assert delivery.rows.num_rows == 0
    assert "its key is not set" in next(iter(delivery.notes))
    assert not press.asked


def test_paid_history_nobody_allowed_leaves_what_is_landed(press: Press):
    press.prints("dear", "player_points_props", "2025-01-14", [])
    source = press.source(Dear)
    assert source.fetch("player_points_props", DateRange(LAST_NIGHT, LAST_NIGHT)).facts[LEFT] == 490
    source = press.source(Dear, environment={"NBA_TEST_KEY": "k", "NBA_TEST_CREDITS": "10"})
    past = source.fetch("player_points_props", DateRange(LAST_NIGHT - dt.timedelta(days=3), LAST_NIGHT))
    assert past.notes == {"paid history that was not asked for: what is landed is all there is": 1}
    with pytest.raises(SourceUnavailable, match="10 of 10 credits"):
        source.fetch("player_points_props", DateRange(TONIGHT, TONIGHT))


class Young(Morning):
    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[DeliveredTable]:
        raise NotOffered("the morning paper has only the current season")


def test_who_never_has_such_dates_is_passed_over(press: Press):
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    assert told(press.source(Young, Evening)) == [(ONE, "evening", 31)]

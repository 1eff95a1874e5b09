import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from nba_assets.raw.player_props import player_props

from .delivered import TIPOFF, a_line, at, delivered, rows_of, slate


def lines(*found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return rows_of(player_props(delivered("player_props", *found), slate()))


def test_a_lines_tipoff_is_the_sources_own_else_that_of_the_schedule():
    own, scheduled, turned, unknown = (
        lines(a_line(**changes))[0]["start_time_utc"]
        for changes in (
            {"start_time_utc": at(22)},
            {},
            {"home_team": "NYK", "away_team": "BOS"},
            {"home_team": None, "away_team": None},
        )
    )
    assert (own, scheduled, turned, unknown) == (at(22), TIPOFF, TIPOFF, None)


@pytest.mark.parametrize(
    ("seen", "key", "minutes"),
    [
        (at(20), "2025-01-13T20:00:00Z", 180.0),
        (at(23, 12), "2025-01-13T23:12:00Z", -12.0),
        (at(22, 59), "2025-01-13T22:59:00Z", 1.0),
        (None, "date_only", None),
    ],
)
def test_a_line_seen_in_play_has_negative_minutes(seen: dt.datetime | None, key: str, minutes: float | None):
    (found,) = lines(a_line(snapshot_utc=seen))
    assert (found["snapshot_key"], found["minutes_before_tip"]) == (key, minutes)


def test_a_line_without_a_scheduled_game_is_kept_as_published():
    (found,) = lines(a_line(home_team="LAL"))
    assert (found["home_team"], found["minutes_before_tip"]) == ("LAL", None)


def test_a_book_is_a_sportsbook_once_it_shows_both_sides_on_the_date():
    found = lines(
        a_line(),
        a_line(line=30.5, under_price=None),
        a_line(bookmaker="one_sided", under_price=None),
        a_line(source="line_only", bookmaker="unknown", over_price=None, under_price=None),
        a_line(source="pickem_2024", bookmaker="prizepicks"),
        a_line(source="consensus_2024", bookmaker="consensus"),
    )
    kinds = {(row["bookmaker"], row["line"]): row["book_kind"] for row in found}
    assert kinds == {
        ("fanduel", 27.5): "sportsbook",
        ("fanduel", 30.5): "sportsbook",
        ("one_sided", 27.5): "unknown",
        ("unknown", 27.5): "unknown",
        ("prizepicks", 27.5): "pickem",
        ("consensus", 27.5): "consensus",
    }

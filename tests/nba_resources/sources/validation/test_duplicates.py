"""Duplicate facts: equal rows collapse, some fields are merged, contradictions are set aside."""

import datetime as dt
import json

import pyarrow as pa
import pytest

from nba_resources.sources.base import BadInput
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.validate import DeliveredTable, validate_feed

from .rows import a_box_score, a_line, an_injury, assert_refused, boxes, injuries, lines


def test_rows_of_a_feed_that_is_all_key_collapse_and_never_conflict():
    """A traded player is on two rosters; rosters that disagree are two facts, and the table chooses."""
    listed = {"player_id": 1, "listed_on": "2024-10-01", "birth_date": "1998-03-03"}
    rows = pa.Table.from_pylist([listed, listed, listed | {"birth_date": "1998-03-04"}, listed | {"birth_date": None}])
    delivery = validate_feed(FEEDS["rosters"], DeliveredTable("rosters.csv", rows))
    assert delivery.rows.num_rows == 3
    assert delivery.notes == {"exact duplicates collapsed": 1}


def test_exact_duplicates_collapse_and_are_counted():
    delivery = lines(a_line(), a_line(line="28.5"), a_line(), a_line())
    assert delivery.rows["line"].to_pylist() == [27.5, 28.5]
    assert delivery.notes == {"exact duplicates collapsed": 2}


def test_duplicates_without_a_time_are_the_same_fact_too():
    assert lines(a_line(snapshot_utc=""), a_line(snapshot_utc=None)).notes == {"exact duplicates collapsed": 1}


def test_duplicates_across_files_collapse_whatever_their_types():
    feed = FEEDS["player_props"]
    typed = a_line(line=27.5, over_price=-110, snapshot_utc=dt.datetime(2025, 1, 14, 17, tzinfo=dt.UTC))
    files = [DeliveredTable(f"props/{n}", pa.Table.from_pylist([row])) for n, row in enumerate((a_line(), typed))]
    assert validate_feed(feed, *files).notes == {"exact duplicates collapsed": 1}


def test_the_earliest_of_several_tip_offs_is_used():
    delivery = lines(
        a_line(start_time_utc="2025-01-15T00:40:00Z"), a_line(start_time_utc=""), a_line(), a_line(line="28.5")
    )
    assert delivery.rows["start_time_utc"].to_pylist() == [dt.datetime(2025, 1, 15, 0, 30, tzinfo=dt.UTC)] * 2
    assert delivery.notes == {"duplicates merged": 2}


def test_notes_on_one_injury_are_joined_in_a_fixed_order():
    rows = [an_injury(note=note) for note in ("sore knee", "flu", "", "sore knee")]
    assert injuries(*rows).rows["note"].to_pylist() == ["flu; sore knee"]
    assert injuries(*rows).notes == {"exact duplicates collapsed": 1, "duplicates merged": 2}
    assert injuries(*reversed(rows)).rows.equals(injuries(*rows).rows)


def test_a_conflicting_duplicate_names_both_rows_the_key_and_the_difference():
    delivery = boxes(a_box_score(), a_box_score(player_id="2"), a_box_score(pts="23", fga=""))
    conflict = (
        "boxes.csv row 1 and boxes.csv row 3 hold the same fact (game_id 0022400561, player_id 1628369) but differ in "
        "pts (22 and 23), fga (1 and nothing)"
    )
    assert delivery.rows.num_rows == 0, "the game is set aside"
    assert [one.reason for one in delivery.rejected] == [
        conflict,
        conflict,
        f"another row of the game is rejected: {conflict}",
    ]


def test_both_versions_of_a_line_are_set_aside_and_no_other_line():
    """To choose one of them would be a guess."""
    delivery = lines(a_line(), a_line(over_price="-120"), a_line(), a_line(line="28.5"))
    assert delivery.rows["line"].to_pylist() == [28.5]
    assert sorted(json.loads(one.row)["over_price"] for one in delivery.rejected) == [-120, -110, -110]


def test_a_conflict_between_two_files_names_both():
    feed = FEEDS["player_props"]
    files = [
        DeliveredTable(f"props/{price}.csv", pa.Table.from_pylist([a_line(over_price=price, snapshot_utc="")]))
        for price in ("-105", "-120")
    ]
    expected = (
        r"props/-105\.csv row 1 and props/-120\.csv row 1 .* snapshot_utc nothing, .*over_price \(-105 and -120\)"
    )
    assert_refused(validate_feed(feed, *files), expected)


def test_a_schedule_that_contradicts_itself_is_refused():
    game = dict.fromkeys(FEEDS["schedule"].fields, "1") | {"game_date": "2025-01-14", "home_team": "TOR"}
    game |= {"start_time_utc": None, "away_team": "BOS"}
    games = [game | {"game_id": str(n), "home_pts": pts} for n in range(1, 6) for pts in ("100", "101")]
    with pytest.raises(BadInput, match=r"conflicting duplicate: .*game_id 3\) .*; and 2 more; correct") as error:
        validate_feed(FEEDS["schedule"], DeliveredTable("games.csv", pa.Table.from_pylist(games)))
    assert "game_id 4" not in str(error.value)

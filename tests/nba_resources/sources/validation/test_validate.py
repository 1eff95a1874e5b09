"""Validation of delivered tables: one shape for each feed, and errors with file, row and column."""

import datetime as dt
import json

import pyarrow as pa
import pytest

from nba_resources.sources.base import BadInput
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.parsers import arrow_schema
from nba_resources.sources.validation.validate import DeliveredTable, validate_feed

from .rows import COUNTS, a_box_score, a_line, assert_refused, boxes, lines

LINE = "a line, a multiple of 0.5 from 0.5 to 100"


def test_text_becomes_the_types_and_the_order_of_the_feed():
    delivery = boxes(a_box_score())
    assert delivery.rows.schema.equals(
        pa.schema(
            [
                ("game_id", pa.string()),
                ("game_date", pa.date32()),
                ("player_id", pa.int64()),
                ("player_name", pa.string()),
                ("team_abbr", pa.string()),
                ("opponent_team_abbr", pa.string()),
                ("is_home", pa.bool_()),
                ("minutes", pa.float64()),
                ("pts", pa.int64()),
                ("starter", pa.bool_()),
                *((name, pa.int64()) for name in COUNTS),
            ]
        )
    )
    assert delivery.rows.slice(0, 1).select(
        ["game_id", "game_date", "player_id", "is_home", "minutes"]
    ).to_pylist() == [
        {
            "game_id": "0022400561",
            "game_date": dt.date(2025, 1, 14),
            "player_id": 1628369,
            "is_home": False,
            "minutes": 34.0,
        }
    ]
    assert delivery.notes == {}


def test_a_typed_table_is_read_like_text():
    text = boxes(a_box_score())
    numbers = a_box_score(
        game_date=dt.date(2025, 1, 14), player_id=1628369, is_home=False, minutes=34.0, pts=22, starter=True
    ) | dict.fromkeys(COUNTS, 1)
    assert boxes(numbers).rows.equals(text.rows)


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.name)
def test_no_table_is_an_empty_delivery_of_the_right_shape(feed):
    delivery = validate_feed(feed)
    assert delivery.rows.num_rows == 0
    assert delivery.rows.schema.equals(arrow_schema(feed))


def test_rows_with_prices_out_of_range_keep_their_line_and_are_counted():
    delivery = lines(
        a_line(line="20.5", over_price="-10000", under_price="-99"),
        a_line(line="21.5", over_price="2000", under_price="-100"),
        a_line(line="22.5", over_price="2001"),
    )
    assert delivery.rows["over_price"].to_pylist() == [None, 2000, None]
    assert delivery.rows["under_price"].to_pylist() == [None, -100, -114]
    assert delivery.notes == {"prices out of range": 2}


def test_equal_shots_are_different_events():
    shot = dict.fromkeys(FEEDS["shots"].fields, "1") | {"game_date": "2025-01-14", "team_abbr": "BOS"}
    delivery = validate_feed(FEEDS["shots"], DeliveredTable("shots.csv", pa.Table.from_pylist([shot, shot])))
    assert delivery.rows.num_rows == 2
    assert delivery.notes == {}


def test_a_missing_column_is_named_as_the_file_would_name_it():
    row = a_line()
    del row["player_name_raw"]
    with pytest.raises(BadInput, match=r"props\.csv: missing column player_name; it has source, market, bookmaker"):
        lines(row, columns={"player_name_raw": "player_name"})


def test_an_unknown_column_is_ignored_and_counted():
    delivery = lines(a_line(**{'odd "name"; DROP': "x"}), a_line(line="28.5", **{'odd "name"; DROP': "y"}))
    assert delivery.notes == {'column ignored: odd "name"; DROP': 2}
    assert delivery.rows.column_names == list(FEEDS["player_props"].fields)


def test_a_row_is_set_aside_with_its_values_as_delivered_and_all_its_mistakes():
    delivery = lines(a_line(), a_line(line="2.25", over_price="x", bookmaker="<b>betmgm</b>"))
    assert delivery.rows["line"].to_pylist() == [27.5]
    (rejected,) = delivery.rejected
    assert (rejected.date, rejected.source, rejected.unit) == (dt.date(2025, 1, 14), "a_feed", "")
    assert json.loads(rejected.row) == a_line(line="2.25", over_price="x", bookmaker="<b>betmgm</b>")
    assert rejected.reason == (
        "props.csv: row 2, column line: found '2.25', expected a line, a multiple of 0.5 from 0.5 to 100; "
        "column over_price: found 'x', expected American odds as a whole number such as -110"
    )


def test_a_broken_row_of_a_game_sets_the_whole_game_aside():
    whole = a_box_score(), a_box_score(player_id="2", minutes="thirty")
    delivery = boxes(*whole, a_box_score(game_id="0022400562"))
    assert delivery.rows["game_id"].to_pylist() == ["0022400562"]
    reasons = {json.loads(one.row)["player_id"]: (one.unit, one.reason) for one in delivery.rejected}
    found = "boxes.csv: row 2, column minutes: found 'thirty', expected minutes such as 34.2, 34:12 or PT34M12.00S"
    assert reasons == {
        "2": ("0022400561", found),
        1628369: ("0022400561", f"another row of the game is rejected: {found}"),
    }


@pytest.mark.parametrize("name", ["x" * 101, "Tatum\x00", "Tatum\nBOS"])
def test_a_name_that_cannot_be_one_is_set_aside(name: str):
    assert_refused(
        lines(a_line(player_name_raw=name)), "column player_name_raw: found .*, expected a name of at most 100"
    )


def test_markup_in_a_name_is_text_like_any_other():
    assert lines(a_line(player_name_raw="<script>alert(1)</script>")).rows.num_rows == 1


def test_a_line_of_a_game_a_year_away_from_its_date_is_set_aside():
    delivery = lines(a_line(), a_line(line="28.5", start_time_utc="2026-01-15T00:30:00Z"))
    assert delivery.rows["line"].to_pylist() == [27.5]
    assert_refused(delivery, "starts at 2026-01-15 00:30 UTC, but game_date is 2025-01-14")


def test_a_scheduled_game_loses_a_start_a_year_away_from_its_date():
    game = dict.fromkeys(FEEDS["schedule"].fields) | {"game_id": "1", "season": "2024-25", "status": "final"}
    game |= {"game_date": "2025-01-14", "season_type": "regular", "home_team": "TOR", "away_team": "BOS"}
    game |= {"home_team_id": "1", "away_team_id": "2", "start_time_utc": "2026-01-15T00:30:00Z"}
    delivery = validate_feed(FEEDS["schedule"], DeliveredTable("games.csv", pa.Table.from_pylist([game])))
    assert delivery.rows["start_time_utc"].to_pylist() == [None]
    assert delivery.notes == {"start times off their date": 1}


def test_the_first_mistakes_of_a_schedule_are_named_and_all_are_counted():
    game = dict.fromkeys(FEEDS["schedule"].fields, "1") | {"game_date": "2025-01-14", "home_team": "TOR"}
    game |= {"start_time_utc": None, "away_team": "SEA"}
    games = pa.Table.from_pylist([game | {"home_pts": "x" if n == 2 else "1"} for n in range(1, 9)])
    with pytest.raises(BadInput) as error:
        validate_feed(FEEDS["schedule"], DeliveredTable("games.csv", games))
    message = str(error.value)
    assert [f"row {n}, column away_team: unknown team 'SEA'" in message for n in range(1, 9)] == [True] * 4 + [
        False
    ] * 4
    assert "row 2, column home_pts: found 'x'" in message
    assert message.endswith("; and 4 more")


def test_rows_of_a_larger_file_are_named_by_their_number_in_it():
    assert_refused(lines(a_line(line="x"), numbers=pa.array([4711])), "row 4711, column line")


def test_the_order_of_delivered_rows_does_not_matter():
    rows = [a_line(line=f"{n}.5", bookmaker=book) for n in range(3) for book in ("fanduel", "betmgm")]
    assert lines(*rows).rows.equals(lines(*reversed(rows)).rows)


def test_tables_of_one_shape_are_read_together_and_each_mistake_is_told_where_it_is():
    """The second names a column in its own way, and the third has numbers where the others have text."""
    first = pa.Table.from_pylist([a_line(line="20.5"), a_line(line="none")])
    second = pa.Table.from_pylist([a_line(line="21.5"), a_line(line="x")]).rename_columns(
        ["handicap" if name == "line" else name for name in first.column_names]
    )
    third = pa.Table.from_pylist([a_line(line=22.5), a_line(line=None)])
    delivery = validate_feed(
        FEEDS["player_props"],
        DeliveredTable("a.csv", first),
        DeliveredTable("b.csv", second, {"line": "handicap"}, numbers=pa.array([7, 8])),
        DeliveredTable("c.csv", third),
    )
    assert delivery.rows["line"].to_pylist() == [20.5, 21.5, 22.5]
    assert [one.reason for one in delivery.rejected] == [
        f"a.csv: row 2, column line: found 'none', expected {LINE}",
        f"b.csv: row 8, column handicap: found 'x', expected {LINE}",
        f"c.csv: row 2, column line: is empty, expected {LINE}",
    ]

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from nba_resources.sources.base import BadInput, Delivery
from nba_resources.sources.conform import Published, conform
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.readings import arrow_schema

COUNTS = ["fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "reb", "ast", "stl", "blk", "tov", "pf"]
COUNTS += ["plus_minus"]
MIDNIGHT = dt.datetime(2025, 1, 14)  # noqa: DTZ001 - published without a zone


def a_box_score(**changes: Any) -> dict[str, Any]:
    return (
        {
            "game_id": "0022400561",
            "game_date": "2025-01-14",
            "player_id": "1628369",
            "player_name": "Jayson Tatum",
            "team_abbr": "BOS",
            "opponent_team_abbr": "TOR",
            "is_home": "false",
            "minutes": "34",
            "pts": "22",
            "starter": "true",
        }
        | {name: "1" for name in COUNTS}
        | changes
    )


def a_line(**changes: Any) -> dict[str, Any]:
    return {
        "source": "a_feed",
        "bookmaker": "fanduel",
        "player_name_raw": "Jayson Tatum",
        "game_date": "2025-01-14",
        "line": "27.5",
        "home_team": "TOR",
        "away_team": "BOS",
        "snapshot_utc": "2025-01-14T17:00:00Z",
        "start_time_utc": "2025-01-15T00:30:00Z",
        "over_price": "-110",
        "under_price": "-114",
    } | changes


def an_injury(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "status_report",
        "player_name_raw": "Jayson Tatum",
        "event": "status",
        "report_date": "2025-01-14",
        "team_abbr": "BOS",
        "known_at": "2025-01-14T17:30:00Z",
        "status": "questionable",
        "note": "left knee",
    } | changes


def boxes(*rows: Mapping[str, Any]) -> Delivery:
    return conform(FEEDS["player_boxscores"], Published("boxes.csv", pa.Table.from_pylist(list(rows))))


def lines(*rows: Mapping[str, Any], **how: Any) -> Delivery:
    return conform(FEEDS["player_points_props"], Published("props.csv", pa.Table.from_pylist(list(rows)), **how))


def injuries(*rows: Mapping[str, Any], **how: Any) -> Delivery:
    return conform(FEEDS["injury_reports"], Published("injuries.csv", pa.Table.from_pylist(list(rows)), **how))


def only(delivery: Delivery, name: str) -> Any:
    (value,) = delivery.rows[name].to_pylist()
    return value


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


def test_a_typed_table_a_frame_and_a_frame_of_objects_are_read_like_text():
    text = boxes(a_box_score())
    numbers = a_box_score(
        game_date=dt.date(2025, 1, 14), player_id=1628369, is_home=False, minutes=34.0, pts=22, starter=True
    ) | dict.fromkeys(COUNTS, 1)
    frame = pd.DataFrame([numbers, a_box_score(player_id=2, pts="7", minutes="12:30")])
    assert boxes(numbers).rows.equals(text.rows)
    assert conform(FEEDS["player_boxscores"], Published("v1/stats", frame.head(1))).rows.equals(text.rows)
    assert conform(FEEDS["player_boxscores"], Published("v1/stats", frame)).rows["minutes"].to_pylist() == [12.5, 34.0]


def test_a_fact_that_is_nothing_but_its_key_is_told_twice_and_never_contradicted():
    """Whoever was traded is on two rosters; rosters that disagree are two facts, and the table chooses."""
    listed = {"player_id": 1, "listed_on": "2024-10-01", "birth_date": "1998-03-03"}
    rows = pa.Table.from_pylist([listed, listed, listed | {"birth_date": "1998-03-04"}, listed | {"birth_date": None}])
    delivery = conform(FEEDS["rosters"], Published("rosters.csv", rows))
    assert delivery.rows.num_rows == 3
    assert delivery.notes == {"exact duplicates collapsed": 1}


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.name)
def test_nothing_published_is_an_empty_delivery_of_the_right_shape(feed):
    delivery = conform(feed)
    assert delivery.rows.num_rows == 0
    assert delivery.rows.schema.equals(arrow_schema(feed))


@pytest.mark.parametrize(
    ("published", "minutes"),
    [
        ("34.2", 34.2),
        ("34:12", 34.2),
        ("PT34M12.00S", 34.2),
        ("PT34M12S", 34.2),
        ("0", 0.0),
        ("00:00", 0.0),
        ("240:00", 240.0),
        ("PT05M", 5.0),
    ],
)
def test_minutes_are_decimal_whatever_way_they_are_written(published, minutes):
    assert only(boxes(a_box_score(minutes=published)), "minutes") == minutes


@pytest.mark.parametrize("published", ["34:72", "PT34M60S", "34:1:2", "thirty", "-3", "34:", "3 4", "inf"])
def test_minutes_that_say_no_time_are_refused(published):
    with pytest.raises(
        BadInput, match=rf"boxes\.csv: row 1, column minutes: found '{published}', expected minutes such"
    ):
        boxes(a_box_score(minutes=published))


@pytest.mark.parametrize("published", ["", "  ", None, float("nan")])
def test_empty_minutes_are_refused_because_a_stat_line_has_minutes(published):
    with pytest.raises(BadInput, match=r"row 1, column minutes: is empty, expected minutes"):
        boxes(a_box_score(minutes=published))


@pytest.mark.parametrize(("published", "pts"), [("12", 12), ("12.0", 12), (12.0, 12), (12, 12), ("+12", 12)])
def test_a_whole_number_may_carry_an_empty_fraction(published, pts):
    assert only(boxes(a_box_score(pts=published)), "pts") == pts


@pytest.mark.parametrize("published", ["12.5", 12.5, "1_000", "0x10", "twelve", True, "inf", "99999999999999999999"])
def test_what_is_no_whole_number_is_refused(published):
    with pytest.raises(BadInput, match=r"column pts: found .* expected a whole number"):
        boxes(a_box_score(pts=published))


@pytest.mark.parametrize("published", ["", "NaN", None, float("nan")])
def test_a_missing_count_stays_unknown(published):
    assert only(boxes(a_box_score(fga=published)), "fga") is None


@pytest.mark.parametrize(
    ("published", "flag"),
    [
        ("true", True),
        ("T", True),
        ("YES", True),
        ("1", True),
        (1, True),
        (True, True),
        (0.0, False),
        ("f", False),
        ("no", False),
    ],
)
def test_a_flag_is_read_in_its_usual_spellings(published, flag):
    assert only(boxes(a_box_score(starter=published)), "starter") is flag


def test_a_flag_that_is_neither_is_refused():
    with pytest.raises(BadInput, match="column starter: found 'maybe', expected true or false"):
        boxes(a_box_score(starter="maybe"))


@pytest.mark.parametrize("published", ["2025-01-14", "2025-01-14 00:00:00", "2025-01-14T00:00:00Z", MIDNIGHT])
def test_a_day_may_come_as_its_midnight(published):
    assert only(boxes(a_box_score(game_date=published)), "game_date") == dt.date(2025, 1, 14)


@pytest.mark.parametrize(
    "published", ["2025-02-30", "01/14/2025", "2025-01-14 19:30:00", "20250114", 20250114, "2025-1-4"]
)
def test_a_day_that_is_none_is_refused(published):
    with pytest.raises(BadInput, match=f"column game_date: found '{published}', expected a day"):
        boxes(a_box_score(game_date=published))


@pytest.mark.parametrize(
    "published",
    [
        "2025-01-14T17:00:00Z",
        "2025-01-14 17:00:00",
        "2025-01-14T17:00Z",
        "2025-01-14T17:00",
        "2025-01-14T12:00:00-05:00",
        "2025-01-14 12:00:00.000-0500",
        "2025-01-14 17:00:00 UTC",
        dt.datetime(2025, 1, 14, 17, tzinfo=dt.UTC),
        dt.datetime(2025, 1, 14, 12, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
        MIDNIGHT.replace(hour=17),
    ],
)
def test_a_time_is_stored_in_utc_and_without_a_zone_it_is_utc(published):
    assert only(lines(a_line(snapshot_utc=published)), "snapshot_utc") == dt.datetime(2025, 1, 14, 17, tzinfo=dt.UTC)


@pytest.mark.parametrize("published", ["2025-01-14", "5 pm", "2025-01-14 25:00:00", "2025-01-14T17:00:00 Mars"])
def test_a_time_that_is_none_is_refused(published):
    with pytest.raises(BadInput, match=f"column snapshot_utc: found '{published}', expected a time"):
        lines(a_line(snapshot_utc=published))


@pytest.mark.parametrize(
    ("eastern", "utc"),
    [
        ("2025-01-14 12:30:00", dt.datetime(2025, 1, 14, 17, 30, tzinfo=dt.UTC)),
        ("2025-03-09 01:59:00", dt.datetime(2025, 3, 9, 6, 59, tzinfo=dt.UTC)),
        ("2025-03-09 03:00:00", dt.datetime(2025, 3, 9, 7, 0, tzinfo=dt.UTC)),
        ("2025-11-02 01:30:00", dt.datetime(2025, 11, 2, 6, 30, tzinfo=dt.UTC)),
        ("2025-04-14T17:30:00Z", dt.datetime(2025, 4, 14, 17, 30, tzinfo=dt.UTC)),
    ],
    ids=["winter", "before the jump", "after the jump", "the hour lived twice is the later one", "its own zone wins"],
)
def test_local_times_follow_daylight_saving(eastern, utc):
    assert only(injuries(an_injury(known_at=eastern), zone="America/New_York"), "known_at") == utc


def test_an_unknown_team_is_refused_by_file_row_and_column():
    with pytest.raises(
        BadInput, match=r"boxes\.csv: row 2, column team_abbr: unknown team 'SEA', expected one of the 30"
    ):
        boxes(a_box_score(), a_box_score(player_id="2", team_abbr="SEA"))


@pytest.mark.parametrize("published", ["over", "27.25", "0", "70.5", "-2.5", "nan", "inf", ""])
def test_a_line_nobody_offers_is_refused(published):
    with pytest.raises(BadInput, match=r"props\.csv: row 1, column line: .* expected a line in points"):
        lines(a_line(line=published))


@pytest.mark.parametrize(("published", "line"), [("0.5", 0.5), ("70", 70.0), (22, 22.0)])
def test_a_line_on_the_grid_is_kept(published, line):
    assert only(lines(a_line(line=published)), "line") == line


def test_rows_with_prices_out_of_range_keep_their_line_and_are_counted():
    delivery = lines(
        a_line(line="20.5", over_price="-10000", under_price="-99"),
        a_line(line="21.5", over_price="2000", under_price="-100"),
        a_line(line="22.5", over_price="2001"),
    )
    assert delivery.rows["over_price"].to_pylist() == [None, 2000, None]
    assert delivery.rows["under_price"].to_pylist() == [None, -100, -114]
    assert delivery.notes == {"prices out of range": 2}


@pytest.mark.parametrize("published", ["EVEN", "1.91", "-110.5"])
def test_a_price_that_is_no_american_odds_is_refused(published):
    with pytest.raises(BadInput, match=f"column over_price: found '{published}', expected American odds"):
        lines(a_line(over_price=published))


def test_an_id_stored_as_a_number_is_refused_because_its_zeros_are_gone():
    with pytest.raises(BadInput, match="column game_id: found '22400561', expected text"):
        boxes(a_box_score(game_id=22400561))


def test_a_32_bit_float_is_read_as_the_decimal_it_stands_for():
    shot = {
        "game_id": "0022400561",
        "game_date": "2025-01-14",
        "player_id": 1628369,
        "period": 1,
        "seconds_left": 484,
        "shot_value": 3,
        "distance_ft": 24,
        "team_abbr": "BOS",
        "made": True,
        "zone_basic": "left_corner_3",
        "action_type": "Jump Shot",
    }
    rows = pa.Table.from_pylist([shot]).append_column("x", pa.array([-22.8], pa.float32()))
    delivery = conform(FEEDS["shots"], Published("shots", rows.append_column("y", pa.array([-0.0]))))
    assert only(delivery, "x") == -22.8
    assert str(only(delivery, "y")) == "0.0"


def test_equal_shots_are_different_events():
    shot = dict.fromkeys(FEEDS["shots"].fields, "1") | {"game_date": "2025-01-14", "team_abbr": "BOS"}
    delivery = conform(FEEDS["shots"], Published("shots.csv", pa.Table.from_pylist([shot, shot])))
    assert delivery.rows.num_rows == 2
    assert delivery.notes == {}


def test_a_missing_column_is_named_as_the_file_would_name_it():
    row = a_line()
    del row["player_name_raw"]
    with pytest.raises(BadInput, match=r"props\.csv: missing column player_name; it has source, bookmaker, game_date"):
        lines(row, columns={"player_name_raw": "player_name"})


def test_a_column_nobody_asked_for_is_ignored_and_counted():
    delivery = lines(a_line(**{'odd "name"; DROP': "x"}), a_line(line="28.5", **{'odd "name"; DROP': "y"}))
    assert delivery.notes == {'column ignored: odd "name"; DROP': 2}
    assert delivery.rows.column_names == list(FEEDS["player_points_props"].fields)


def test_an_empty_value_is_refused_where_the_fact_needs_one():
    with pytest.raises(BadInput, match=r"row 1, column bookmaker: is empty, expected text"):
        lines(a_line(bookmaker=" "))


def test_of_many_mistakes_the_first_are_told_and_all_are_counted():
    with pytest.raises(BadInput) as refusal:
        lines(*(a_line(line=f"{n}.25", over_price="x" if n == 2 else "-110") for n in range(1, 9)))
    told = str(refusal.value)
    assert [f"row {n}, column line: found '{n}.25'" in told for n in range(1, 9)] == [True] * 4 + [False] * 4
    assert "row 2, column over_price: found 'x'" in told
    assert told.endswith("; and 4 more")


def test_rows_taken_from_a_larger_file_are_named_by_their_place_in_it():
    with pytest.raises(BadInput, match="row 4711, column line"):
        lines(a_line(line="x"), numbers=pa.array([4711]))


def test_exact_duplicates_collapse_and_are_counted():
    delivery = lines(a_line(), a_line(line="28.5"), a_line(), a_line())
    assert delivery.rows["line"].to_pylist() == [27.5, 28.5]
    assert delivery.notes == {"exact duplicates collapsed": 2}


def test_duplicates_without_a_time_are_the_same_fact_too():
    assert lines(a_line(snapshot_utc=""), a_line(snapshot_utc=None)).notes == {"exact duplicates collapsed": 1}


def test_duplicates_across_files_collapse_whatever_their_types():
    feed = FEEDS["player_points_props"]
    typed = a_line(line=27.5, over_price=-110, snapshot_utc=dt.datetime(2025, 1, 14, 17, tzinfo=dt.UTC))
    files = [Published(f"props/{n}", pa.Table.from_pylist([row])) for n, row in enumerate((a_line(), typed))]
    assert conform(feed, *files).notes == {"exact duplicates collapsed": 1}


def test_the_earliest_of_several_stated_tip_offs_stands():
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
    with pytest.raises(BadInput) as refusal:
        boxes(a_box_score(), a_box_score(player_id="2"), a_box_score(pts="23", fga=""))
    assert str(refusal.value) == (
        "conflicting duplicate: boxes.csv row 1 and boxes.csv row 3 tell the same fact (game_id 0022400561, "
        "player_id 1628369) but differ in pts (22 and 23), fga (1 and nothing); correct or remove one of them"
    )


def test_a_conflict_between_two_files_names_both():
    feed = FEEDS["player_points_props"]
    files = [
        Published(f"props/{price}.csv", pa.Table.from_pylist([a_line(over_price=price, snapshot_utc="")]))
        for price in ("-105", "-120")
    ]
    expected = (
        r"props/-105\.csv row 1 and props/-120\.csv row 1 .* snapshot_utc nothing, .*over_price \(-105 and -120\)"
    )
    with pytest.raises(BadInput, match=expected):
        conform(feed, *files)


def test_of_many_conflicts_the_first_are_told_and_all_are_counted():
    rows = [a_box_score(player_id=str(player), pts=str(pts)) for player in range(1, 6) for pts in (10, 11, 12)]
    with pytest.raises(BadInput, match=r"player_id 3\) .*; and 2 more; correct") as refusal:
        boxes(*rows)
    assert "player_id 4" not in str(refusal.value)


def test_the_order_published_never_shows():
    rows = [a_line(line=f"{n}.5", bookmaker=book) for n in range(3) for book in ("fanduel", "betmgm")]
    assert lines(*rows).rows.equals(lines(*reversed(rows)).rows)

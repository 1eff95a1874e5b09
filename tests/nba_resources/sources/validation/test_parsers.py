"""Parsing of each kind of value: accepted spellings and refused values."""

import datetime as dt

import pyarrow as pa
import pytest

from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.validate import DeliveredTable, validate_feed

from .rows import a_box_score, a_line, an_injury, assert_refused, boxes, injuries, lines, only

MIDNIGHT = dt.datetime(2025, 1, 14)  # noqa: DTZ001 - delivered without a zone


@pytest.mark.parametrize(
    ("delivered", "minutes"),
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
def test_minutes_are_decimal_in_every_spelling(delivered, minutes):
    assert only(boxes(a_box_score(minutes=delivered)), "minutes") == minutes


@pytest.mark.parametrize("delivered", ["34:72", "PT34M60S", "34:1:2", "thirty", "-3", "34:", "3 4", "inf"])
def test_unreadable_minutes_are_refused(delivered):
    assert_refused(
        boxes(a_box_score(minutes=delivered)),
        rf"boxes\.csv: row 1, column minutes: found '{delivered}', expected minutes such",
    )


@pytest.mark.parametrize("delivered", ["", "  ", None, float("nan")])
def test_empty_minutes_are_refused_because_a_stat_line_has_minutes(delivered):
    assert_refused(boxes(a_box_score(minutes=delivered)), r"row 1, column minutes: is empty, expected minutes")


IMPOSSIBLE = {
    "an infinite day": ("game_date", pa.array([2**31 - 1], pa.int32()).cast(pa.date32())),
    "the year 10183": ("game_date", pa.array([3_000_000], pa.int32()).cast(pa.date32())),
    "the year 0": ("game_date", pa.array(["0000-01-01"])),
    "a midnight of the year 10183": ("game_date", pa.array([3_000_000 * 86_400], pa.int64()).cast(pa.timestamp("s"))),
    "an infinite time": ("snapshot_utc", pa.array([2**63 - 1], pa.int64()).cast(pa.timestamp("us", "UTC"))),
    "an infinite time without a zone": ("snapshot_utc", pa.array([2**63 - 1], pa.int64()).cast(pa.timestamp("us"))),
    "a time of the year 0": ("snapshot_utc", pa.array(["0000-01-01T12:00:00Z"])),
    "the last evening Python knows": ("snapshot_utc", pa.array(["9999-12-31T23:59:00-12:00"])),
}


@pytest.mark.parametrize(("column", "value"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_days_and_times_beyond_known_years_are_refused(column, value):
    """They were accepted, and ended in a trace where Python read them."""
    rows = pa.Table.from_pylist([a_line()])
    rows = rows.set_column(rows.column_names.index(column), column, value)
    delivery = validate_feed(FEEDS["player_props"], DeliveredTable("props.csv", rows))
    assert delivery.rows.to_pylist() == []
    assert_refused(delivery, rf"row 1, column {column}: found .* expected a (day|time) such")


@pytest.mark.parametrize(("delivered", "pts"), [("12", 12), ("12.0", 12), (12.0, 12), (12, 12), ("+12", 12)])
def test_a_whole_number_may_carry_an_empty_fraction(delivered, pts):
    assert only(boxes(a_box_score(pts=delivered)), "pts") == pts


@pytest.mark.parametrize("delivered", ["12.5", 12.5, "1_000", "0x10", "twelve", True, "inf", "99999999999999999999"])
def test_other_values_than_whole_numbers_are_refused(delivered):
    assert_refused(boxes(a_box_score(pts=delivered)), r"column pts: found .* expected a whole number")


@pytest.mark.parametrize("delivered", ["", "NaN", None, float("nan")])
def test_a_missing_count_stays_unknown(delivered):
    assert only(boxes(a_box_score(fga=delivered)), "fga") is None


@pytest.mark.parametrize(
    ("delivered", "flag"),
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
def test_a_flag_is_read_in_its_usual_spellings(delivered, flag):
    assert only(boxes(a_box_score(starter=delivered)), "starter") is flag


def test_other_values_than_true_and_false_are_refused():
    assert_refused(boxes(a_box_score(starter="maybe")), "column starter: found 'maybe', expected true or false")


@pytest.mark.parametrize("delivered", ["2025-01-14", "2025-01-14 00:00:00", "2025-01-14T00:00:00Z", MIDNIGHT])
def test_a_day_may_be_delivered_as_its_midnight(delivered):
    assert only(boxes(a_box_score(game_date=delivered)), "game_date") == dt.date(2025, 1, 14)


@pytest.mark.parametrize(
    "delivered", ["2025-02-30", "01/14/2025", "2025-01-14 19:30:00", "20250114", 20250114, "2025-1-4"]
)
def test_an_invalid_day_is_refused(delivered):
    assert_refused(boxes(a_box_score(game_date=delivered)), f"column game_date: found '{delivered}', expected a day")


@pytest.mark.parametrize(
    "delivered",
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
def test_a_time_is_stored_in_utc_and_without_a_zone_it_is_utc(delivered):
    assert only(lines(a_line(snapshot_utc=delivered)), "snapshot_utc") == dt.datetime(2025, 1, 14, 17, tzinfo=dt.UTC)


@pytest.mark.parametrize("delivered", ["2025-01-14", "5 pm", "2025-01-14 25:00:00", "2025-01-14T17:00:00 Mars"])
def test_an_invalid_time_is_refused(delivered):
    assert_refused(lines(a_line(snapshot_utc=delivered)), f"column snapshot_utc: found '{delivered}', expected a time")


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
    assert_refused(
        boxes(a_box_score(), a_box_score(player_id="2", team_abbr="SEA")),
        r"boxes\.csv: row 2, column team_abbr: unknown team 'SEA', expected one of the 30",
    )


@pytest.mark.parametrize("delivered", ["over", "27.25", "0", "100.5", "-2.5", "nan", "inf", ""])
def test_an_impossible_line_is_refused(delivered):
    assert_refused(
        lines(a_line(line=delivered)),
        r"props\.csv: row 1, column line: .* expected a line, a multiple of 0.5 from 0.5 to 100",
    )


@pytest.mark.parametrize(("delivered", "line"), [("0.5", 0.5), ("70", 70.0), (22, 22.0)])
def test_a_multiple_of_a_half_is_a_line(delivered, line):
    assert only(lines(a_line(line=delivered)), "line") == line


@pytest.mark.parametrize("delivered", ["EVEN", "1.91", "-110.5"])
def test_other_values_than_american_odds_are_refused(delivered):
    assert_refused(
        lines(a_line(over_price=delivered)), f"column over_price: found '{delivered}', expected American odds"
    )


def test_an_id_stored_as_a_number_is_refused_because_it_lost_its_zeros():
    assert_refused(boxes(a_box_score(game_id=22400561)), "column game_id: found '22400561', expected text")


def test_a_32_bit_float_is_read_as_its_shortest_decimal():
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
    delivery = validate_feed(FEEDS["shots"], DeliveredTable("shots", rows.append_column("y", pa.array([-0.0]))))
    assert only(delivery, "x") == -22.8
    assert str(only(delivery, "y")) == "0.0"


def test_an_empty_value_is_refused_in_a_required_field():
    assert_refused(lines(a_line(bookmaker=" ")), r"row 1, column bookmaker: is empty, expected text")

"""Rows of a frame as dicts."""

import datetime as dt

import pandas as pd

from nba_assets.kit.records import records

TIPPED = pd.Timestamp("2024-12-02 00:30", tz="UTC")


def test_rows_are_dicts_of_plain_values_in_the_order_of_the_columns():
    rows = pd.DataFrame(
        {
            "game_date": pd.to_datetime(["2024-12-01", None, "2024-12-01"]),
            "player": ["curry", None, "doncic"],
            "points": [31, 0, 12],
            "line": [27.5, float("nan"), 28.5],
            "starts": [True, False, True],
            "start": [TIPPED, TIPPED, pd.NaT],
        }
    )
    first, second, third = records(rows)
    assert first == {
        "game_date": pd.Timestamp("2024-12-01"),
        "player": "curry",
        "points": 31,
        "line": 27.5,
        "starts": True,
        "start": TIPPED,
    }
    assert [*first] == [*rows.columns]
    assert {name: type(value) for name, value in first.items()} == {
        "game_date": pd.Timestamp,
        "player": str,
        "points": int,
        "line": float,
        "starts": bool,
        "start": pd.Timestamp,
    }
    assert second["game_date"] is pd.NaT
    assert second["player"] is None
    assert second["line"] != second["line"]
    assert third["start"] is pd.NaT
    assert third["game_date"].date() == dt.date(2024, 12, 1)


def test_a_frame_without_rows_has_none():
    assert records(pd.DataFrame({"game_date": pd.to_datetime([]), "player": []})) == []

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from nba_assets.kit.canonical_json import encode


def text(**content) -> str:
    return encode(content).decode()


def test_a_document_is_one_line_of_compact_json_in_its_own_order():
    assert encode({"b": 1, "a": [True, None, "x"]}) == b'{"b":1,"a":[true,null,"x"]}\n'


@pytest.mark.parametrize("unknown", [None, float("nan"), np.nan, pd.NaT, pd.NA])
def test_what_is_not_known_is_null(unknown):
    assert text(points=unknown) == '{"points":null}\n'


def test_an_infinity_is_refused_and_not_written_as_something_no_reader_knows():
    with pytest.raises((ValueError, OverflowError)):
        encode({"points": float("inf")})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("predicted_value", 22.3456, "22.35"),
        ("over_probability", 0.612345, "0.6123"),
        ("hit_rate_low", 0.515049, "0.515"),
        ("expected_value", -0.04555, "-0.0456"),
        ("line_mae_shared", 5.12346, "5.1235"),
        ("price", -110.0, "-110"),
        ("edge", -0.001, "0"),
    ],
)
def test_numbers_are_rounded_by_what_they_are(name, value, expected):
    assert text(**{name: value}) == f'{{"{name}":{expected}}}\n'


def test_values_of_a_frame_are_plain_values():
    row = pd.DataFrame({"n": np.array([3]), "day": [pd.Timestamp("2024-12-04")], "names": [np.array(["a"])]}).iloc[0]
    assert text(**row) == '{"n":3,"day":"2024-12-04","names":["a"]}\n'


def test_a_date_and_a_moment_are_iso_texts():
    at = dt.datetime(2024, 12, 4, 17, tzinfo=dt.UTC)
    assert text(day=dt.date(2024, 12, 4), at=at) == '{"day":"2024-12-04","at":"2024-12-04T17:00:00+00:00"}\n'


@pytest.mark.parametrize("name", ['O"Neal', "Luka Dončić", "</script><script>alert(1)</script>", "a\u2028b", "姚明"])
def test_a_name_is_data_wherever_a_page_puts_it(name):
    """A document is often pasted into a script of a page, where `</script>` ends it."""
    encoded = text(player_name=name)
    assert json.loads(encoded) == {"player_name": name}
    assert not set("<>&\u2028\u2029") & set(encoded)

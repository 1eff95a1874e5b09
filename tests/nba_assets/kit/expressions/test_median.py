import ibis
from hypothesis import given, settings
from hypothesis import strategies as st

from nba_assets.kit.expressions.median import median_by


def medians(**lines: list[float | None]) -> dict[str, float]:
    rows = [{"player": player, "line": line} for player, found in lines.items() for line in found]
    table = ibis.memtable(rows, schema=ibis.schema({"player": "string", "line": "float64"}))
    found = median_by(table, ["player"], "line").execute()
    return dict(zip(found["player"], found["line"], strict=True))


def test_the_median_is_the_middle_value_or_the_mean_of_the_two_in_the_middle():
    assert medians(odd=[22.5, 20.5, 30.5], even=[20.5, 21.5, 22.5, 40.5], one=[17.5], two=[10.5, 11.5]) == {
        "odd": 22.5,
        "even": 22.0,
        "one": 17.5,
        "two": 11.0,
    }


def test_equal_values_count_as_often_as_they_occur():
    assert medians(tatum=[20.5, 20.5, 20.5, 30.5]) == {"tatum": 20.5}


def test_unknown_values_take_no_part_and_a_group_of_them_has_no_median():
    assert medians(tatum=[None, 20.5, 21.5, 22.5], nobody=[None, None]) == {"tatum": 21.5}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=9))
def test_half_of_the_values_lie_on_either_side(values: list[int]):
    found = medians(x=[float(value) for value in values])["x"]
    below, above = sum(value < found for value in values), sum(value > found for value in values)
    assert below <= len(values) / 2
    assert above <= len(values) / 2

"""The interval of a share, against published figures and at its ends."""

import ibis
import pytest

from nba_assets.kit.expressions.wilson import wilson


def interval(hits: int, cases: int) -> tuple[float | None, float | None]:
    counts = ibis.memtable({"hits": [hits], "cases": [cases]})
    low, high = wilson(counts.hits, counts.cases)
    found = counts.select(low=low, high=high).to_pyarrow().to_pylist()[0]
    return found["low"], found["high"]


def test_the_example_of_the_book():
    assert interval(108, 184) == pytest.approx((0.515, 0.656), abs=5e-4)


@pytest.mark.parametrize(("hits", "expected"), [(0, (0.0, 3.8416 / 13.8416)), (10, (10 / 13.8416, 1.0))])
def test_ten_of_ten_are_no_certainty_and_stay_within_bounds(hits: int, expected: tuple[float, float]):
    """0 of 10: the upper end is z^2 / (n + z^2) = 3.8416 / 13.8416."""
    low, high = interval(hits, 10)
    assert low is not None
    assert high is not None
    assert (low, high) == pytest.approx(expected)
    assert 0 <= low <= high <= 1


def test_nothing_is_known_of_no_cases():
    assert interval(0, 0) == (None, None)

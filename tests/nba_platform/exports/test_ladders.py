"""Chances at any line from the stored chance at one."""

import math
from typing import Any

import pytest

from models.inference.distribution import probabilities
from models.system_ids import SystemId
from nba_assets.exports.ladders import Ladder


def stored(system: SystemId, line: float | None, over: float | None, sd: float | None) -> dict[str, Any]:
    return {"system_id": system.value, "line": line, "over_probability": over, "predicted_sd": sd}


def chance(ladder: Ladder, count: int) -> float:
    return ladder.above[count - ladder.first]


@pytest.mark.parametrize("line", [20.5, 21.0])
def test_a_normal_ladder_agrees_with_the_chances_of_the_models_at_every_line(line: float):
    """The stored chance is of one line; the others come from the same curve, around 22.4 with a deviation of 6.1."""
    over, _, _ = probabilities(22.4, 6.1, line)
    ladder = Ladder.of(stored(SystemId.ENSEMBLE, line, float(over), 6.1))
    assert ladder is not None
    for other in (12.5, 20.5, 27.5, 33.5):
        assert chance(ladder, math.floor(other)) == pytest.approx(float(probabilities(22.4, 6.1, other)[0]), abs=1e-9)
    push = float(probabilities(22.4, 6.1, 25.0)[1])
    assert chance(ladder, 24) - chance(ladder, 25) == pytest.approx(push, abs=1e-9)


def test_a_ladder_of_counts_with_the_spread_of_a_poisson_distribution_is_one():
    """Of mean 1: more than none with 1 - 1/e, more than one with 1 - 2/e, more than two with 1 - 2.5/e."""
    ladder = Ladder.of(stored(SystemId.RATES, 0.5, 1 - 1 / math.e, 1.0))
    assert ladder is not None
    found = [chance(ladder, count) for count in range(3)]
    assert found == pytest.approx([1 - 1 / math.e, 1 - 2 / math.e, 1 - 2.5 / math.e], abs=1e-5)


def test_a_wider_ladder_of_counts_keeps_the_stored_chance_and_has_longer_tails():
    """Of a geometric distribution of mean 2, (2/3)^(n+1) exceed n, and its variance is 2 + 2 x 2 = 6."""
    ladder = Ladder.of(stored(SystemId.MARKET_BLEND, 1.5, (2 / 3) ** 2, math.sqrt(6)))
    assert ladder is not None
    assert [chance(ladder, n) for n in (0, 1, 4)] == pytest.approx([(2 / 3) ** (n + 1) for n in (0, 1, 4)], abs=1e-6)


def test_the_interval_holds_the_share_that_it_names():
    ladder = Ladder.of(stored(SystemId.ENSEMBLE, 20.5, 0.5, 6.0))
    assert ladder is not None
    low, high = ladder.interval() or (0, 0)
    assert chance(ladder, low - 1) - chance(ladder, high) >= 0.8
    assert chance(ladder, low) - chance(ladder, high) < 0.8


@pytest.mark.parametrize("missing", range(3))
def test_without_a_line_a_chance_or_a_spread_there_is_no_ladder(missing: int):
    known = [20.5, 0.5, 6.0]
    known[missing] = float("nan")
    assert Ladder.of(stored(SystemId.ENSEMBLE, *known)) is None
    assert Ladder.of(stored(SystemId.ENSEMBLE, 20.5, 1.0, 6.0)) is None, "a sure chance says nothing of the spread"

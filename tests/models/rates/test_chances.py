import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.markets import MARKETS
from models.rates.chances import PlayerChances
from models.rates.counts import KNOTS, CountDistribution, Expectation

POINTS, REBOUNDS, ASSISTS = "player_points", "player_rebounds", "player_assists"
PR, PRA = "player_points_rebounds", "player_points_rebounds_assists"


def distribution(log_size: float) -> CountDistribution:
    return CountDistribution((log_size, 0.0, 0.0, 0.0), (0.0,), (tuple(KNOTS),), 5_000)


def chances(**given: tuple[float, float]) -> PlayerChances:
    """One row; a market's mean and logarithm of its size."""
    expected = {
        key: Expectation(np.array([mean]), np.array([30.0]), np.array([5.0])) for key, (mean, _) in given.items()
    }
    return PlayerChances({key: distribution(size) for key, (_, size) in given.items()}, expected, MARKETS)


def test_a_half_line_is_never_pushed_and_a_whole_one_by_its_count():
    own = chances(player_rebounds=(7.0, 2.0))
    alone, expected = own.distributions[REBOUNDS], own.expected[REBOUNDS]
    over, push, under = own.over(REBOUNDS, np.array([6.5]))
    assert under == pytest.approx(alone.at_most(6, expected))
    assert push == 0
    assert over == pytest.approx(1 - under)
    over, push, under = own.over(REBOUNDS, np.array([7.0]))
    assert under == pytest.approx(alone.at_most(6, expected))
    assert over == pytest.approx(1 - alone.at_most(7, expected))
    assert push == pytest.approx(alone.at_most(7, expected) - alone.at_most(6, expected))


def test_a_higher_line_is_harder_to_beat():
    own = chances(player_points=(20.0, 1.5), player_points_rebounds=(22.0, 3.0))
    lines = np.arange(0.5, 60, 0.5)
    over, _, under = own[np.zeros(len(lines), dtype=int)].over(PR, lines)
    assert (np.diff(over) <= 1e-12).all()
    assert (np.diff(under) >= -1e-12).all()
    assert own.over(PR, np.array([20.5]))[0] == over[40]


def test_a_sum_is_at_least_as_likely_as_its_parts():
    """On their own, points over 40.5 are likelier here than points + rebounds: their distribution is wider."""
    own = chances(player_points=(25.0, 0.5), player_points_rebounds=(26.0, 5.0))
    alone = 1 - own.distributions[PR].at_most(40, own.expected[PR])
    points = own.over(POINTS, np.array([40.5]))[0]
    assert alone < points
    assert own.over(PR, np.array([40.5]))[0] == points


@given(
    st.lists(st.tuples(st.floats(0.1, 30), st.floats(-1, 5)), min_size=5, max_size=5),
    st.integers(0, 100).map(lambda half: half / 2 + 0.5),
)
@settings(deadline=None, max_examples=50)
def test_the_order_of_chances_holds_whatever_the_distributions(given_: list[tuple[float, float]], line: float):
    own = chances(**dict(zip((POINTS, REBOUNDS, ASSISTS, PR, PRA), given_, strict=True)))
    over = {key: own.over(key, np.array([line])) for key in own.distributions}
    for part, whole in [(POINTS, PR), (REBOUNDS, PR), (PR, PRA), (ASSISTS, PRA), (POINTS, PRA)]:
        assert over[part][0] <= over[whole][0]
        assert over[part][2] >= over[whole][2]
        assert own.median(part) <= own.median(whole)
    assert all(sum(sides) == pytest.approx(1) for sides in over.values())
    assert all(min(sides) >= 0 for sides in over.values())


def test_an_unknown_line_or_mean_has_no_chance():
    own = chances(player_points=(20.0, 1.5), player_points_rebounds=(np.nan, 3.0))
    assert all(np.isnan(side).all() for side in own.over(POINTS, np.array([np.nan])))
    assert all(np.isnan(side).all() for side in own.over(PR, np.array([20.5])))

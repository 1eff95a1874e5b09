from math import log

import numpy as np
import pytest

from models.evaluation.scores import Difference, ErrorScores, ProbabilityScores, Rate, calibration


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype="float64")


def test_108_of_184_is_anything_from_51_to_66_percent():
    rate = Rate(108, 184)

    assert rate.value == pytest.approx(0.587, abs=5e-4)
    assert rate.interval == pytest.approx((0.515, 0.656), abs=5e-4)
    assert str(rate) == "58.7% [51.5%, 65.6%]"


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (5, 5), (1, 1), (37, 100), (5200, 10000)])
def test_the_ends_of_the_interval_are_the_shares_that_lie_196_deviations_from_what_was_seen(hits, n):
    """Wilson's interval solves |p - k/n| = z sqrt(p (1 - p) / n) for p."""
    low, high = Rate(hits, n).interval

    for end in (low, high):
        assert abs(end - hits / n) == pytest.approx(1.96 * (end * (1 - end) / n) ** 0.5, abs=1e-9)
    assert 0 <= low < high <= 1


def test_a_share_of_nothing_is_not_zero():
    assert (Rate(0, 0).value, Rate(0, 0).interval, str(Rate(0, 0))) == (None, None, "-")


def test_more_hits_than_cases_are_refused():
    with pytest.raises(ValueError, match="between 0 and n"):
        Rate(3, 2)


def test_errors_by_hand():
    """Off by +4, -3 and -5: the mean of 4, 3 and 5, of +4 - 3 - 5, one within three, all within five."""
    errors = ErrorScores.of(array(24, 10, 15), array(20, 13, 20), array(22.5, np.nan, 14.5))

    assert errors.mae == 4
    assert errors.bias == pytest.approx(-4 / 3)
    assert (errors.within_3, errors.within_5) == (pytest.approx(1 / 3), 1)
    assert (errors.n_with_line, errors.bias_to_line) == (2, 1)


def test_no_rows_have_no_error():
    errors = ErrorScores.of(array(), array(), array())

    assert (errors.n, errors.mae, errors.bias, errors.bias_to_line) == (0, None, None, None)


def test_a_difference_inside_its_interval_is_none():
    """-1, 0, 0 and +2 have the mean 0.25 and the sample deviation 1.258: 0.25 +- 1.233."""
    difference = Difference.of(array(1, 2, 3, 4), array(2, 2, 3, 2), np.arange(4))

    assert difference.mean == 0.25
    assert (difference.low, difference.high) == pytest.approx((-0.983, 1.483), abs=1e-3)
    assert not difference.better
    assert not difference.worse


def test_two_players_of_one_game_count_as_one_surprise():
    """By hand: the mean is 0.25, the games sum to 1.5 and -1.5 around it: variance 2 x (1.5^2 + 1.5^2) / 4^2."""
    difference = Difference.of(array(1, 1, 0, 0), array(0, 0, 1, 0), np.array(["a", "a", "b", "b"]))

    assert difference.mean == 0.25
    assert (difference.low, difference.high) == pytest.approx((0.25 - 1.96 * 0.75, 0.25 + 1.96 * 0.75))


def test_a_difference_beside_zero_is_better_or_worse_and_one_game_is_neither():
    low, high, games = array(1, 1.1, 0.9), array(2, 2.2, 2.1), np.arange(3)

    assert Difference.of(low, high, games).better
    assert Difference.of(high, low, games).worse
    assert Difference.of(low[:2], high[1:], np.array(["a", "a"])) == Difference(2, pytest.approx(-1.1), None, None)
    assert Difference.of(low[:0], high[:0], games[:0]) == Difference(0, None, None, None)


def test_brier_and_log_loss_by_hand():
    chances = ProbabilityScores.of(array(0.8, 0.4), np.array([True, True]))

    assert chances.brier == pytest.approx((0.2**2 + 0.6**2) / 2)
    assert chances.log_loss == pytest.approx(-(log(0.8) + log(0.4)) / 2)


def test_a_certainty_that_fails_costs_much_and_not_everything():
    assert ProbabilityScores.of(array(1.0), np.array([False])).log_loss == pytest.approx(-log(1e-6))


def test_the_calibration_error_weighs_each_bin_by_its_rows():
    """Three rows at 0.52 of which one went over, one at 0.93 that did: 3/4 x |0.52 - 1/3| + 1/4 x |0.93 - 1|."""
    chances = ProbabilityScores.of(array(0.52, 0.52, 0.52, 0.93), np.array([True, False, False, True]))

    assert chances.ece == pytest.approx(0.75 * (0.52 - 1 / 3) + 0.25 * 0.07)
    assert [(b.low, b.high, b.happened) for b in chances.bins] == [(0.5, 0.55, Rate(1, 3)), (0.9, 0.95, Rate(1, 1))]


def test_a_chance_on_the_edge_of_two_bins_counts_in_the_upper_and_one_in_the_last():
    bins = calibration(array(0.15, 0.3, 0.35, 1.0), np.array([True, True, True, True]))

    assert [b.low for b in bins] == [0.15, 0.3, 0.35, 0.95]


def test_bins_lose_no_row():
    rng = np.random.default_rng(7)
    promised, happened = rng.random(1000), rng.random(1000) < 0.5

    bins = calibration(promised, happened)

    assert sum(b.happened.n for b in bins) == 1000
    for b in bins:
        inside = (promised >= b.low) & (promised < b.high)
        assert (b.happened.hits, b.happened.n) == (happened[inside].sum(), inside.sum())
        assert b.promised == pytest.approx(promised[inside].mean())

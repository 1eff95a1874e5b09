import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.inference.odds import Numbers
from models.rates.counts import BLOCK, KNOTS, LEAST_ROWS, CountDistribution, Expectation

PLAIN = CountDistribution((1.0, 0.4, -0.2, 0.3), (0.0,), (tuple(KNOTS),), 5_000)


def expected(mean: object, minutes: float = 30.0, deviation: float = 6.0) -> Expectation:
    means = np.atleast_1d(np.asarray(mean, dtype="float64"))
    return Expectation(means, np.full(means.shape, minutes), np.full(means.shape, deviation))


def size(mean: float, minutes: float, deviation: float) -> float:
    return math.exp(1.0 + 0.4 * math.log(mean) - 0.2 * math.log(1 + deviation) + 0.3 * math.log(minutes / 20))


def drawn(rows: int = 40_000, seed: int = 4) -> tuple[Expectation, Numbers]:
    """Counts of the negative binomial with the coefficients of `PLAIN`."""
    chance = np.random.default_rng(seed)
    expected = Expectation(chance.uniform(1, 25, rows), chance.uniform(8, 36, rows), chance.uniform(1, 10, rows))
    sizes = np.exp(expected.size_terms @ np.array(PLAIN.coefficients))
    return expected, chance.negative_binomial(sizes, sizes / (sizes + expected.mean)).astype("float64")


@pytest.fixture(scope="module")
def sample() -> tuple[Expectation, Numbers]:
    return drawn()


@pytest.fixture(scope="module")
def fitted(sample: tuple[Expectation, Numbers]) -> CountDistribution:
    distribution = CountDistribution.fit(*sample)
    assert distribution
    return distribution


@given(st.floats(0.05, 60), st.integers(0, 90), st.floats(2, 44), st.floats(0, 15))
@settings(deadline=None)
def test_chances_are_those_of_the_negative_binomial(mean: float, count: int, minutes: float, deviation: float):
    r = size(mean, minutes, deviation)
    chance = PLAIN.at_most(count, expected(mean, minutes, deviation)).item()
    assert chance == pytest.approx(stats.nbinom.cdf(count, r, r / (r + mean)), abs=1e-10)


def test_a_huge_size_is_a_poisson_distribution():
    poisson = replace(PLAIN, coefficients=(50.0, 0.0, 0.0, 0.0))
    chances = poisson.at_most(np.arange(12), expected([4.0] * 12))
    np.testing.assert_allclose(chances, stats.poisson.cdf(np.arange(12), 4.0), atol=0.002)


def test_fewer_than_none_is_impossible():
    assert PLAIN.at_most(-1, expected([0.2, 20.0])).tolist() == [0, 0]


def test_the_fit_finds_the_coefficients_that_made_the_counts(fitted: CountDistribution):
    np.testing.assert_allclose(fitted.coefficients, PLAIN.coefficients, atol=0.15)
    assert fitted.rows == 40_000
    off = np.abs(np.array(fitted.corrections) - KNOTS)
    assert off.max() < 0.02


def test_a_deviation_that_is_known_of_nobody_says_nothing(sample: tuple[Expectation, Numbers]):
    rows, actual = sample
    unknown = Expectation(rows.mean, rows.minutes, np.full(len(rows), np.nan))
    fitted = CountDistribution.fit(unknown, actual)
    assert fitted
    assert np.abs(fitted.coefficients).max() < 3
    np.testing.assert_allclose(fitted.coefficients[1], PLAIN.coefficients[1], atol=0.15)


def test_the_correction_brings_what_the_negative_binomial_misses():
    """A fifth of the games end at once: at a mean of 16 the plain distribution promises 0 in one of a hundred."""
    chance = np.random.default_rng(8)
    cut, rows = chance.random(20_000) < 0.2, expected(np.full(20_000, 16.0))
    actual = np.where(cut, 0, chance.poisson(20.0, 20_000)).astype("float64")
    fitted = CountDistribution.fit(rows, actual)
    assert fitted
    plain = replace(fitted, corrections=(tuple(KNOTS),) * 4)
    for count in (0, 10, 15, 20, 25):
        happened = (actual <= count).mean()
        corrected, uncorrected = (d.at_most(count, expected(16.0)).item() for d in (fitted, plain))
        assert abs(corrected - happened) < max(0.04, 0.7 * abs(uncorrected - happened))


def test_each_band_of_means_is_corrected_on_its_own(sample: tuple[Expectation, Numbers]):
    """Below a mean of 7 nothing is changed; above, every second game ends at 0."""
    rows, actual = sample
    half = np.where((rows.mean > 7) & (np.arange(len(rows)) % 2 == 0), 0.0, actual)
    fitted = CountDistribution.fit(rows, half)
    assert fitted
    assert fitted.band_starts == pytest.approx((0, 7, 13, 19), abs=0.2)
    low, high = (fitted.at_most(0, expected(mean)).item() for mean in (2.0, 16.0))
    assert low < 0.35
    assert high > 0.4


@given(st.floats(0.05, 50), st.floats(2, 44))
@settings(deadline=None)
def test_the_median_is_the_least_count_with_a_chance_of_half(fitted: CountDistribution, mean: float, minutes: float):
    row = expected(mean, minutes)
    median = fitted.median(row).item()
    assert median == int(median)
    assert fitted.at_most(median, row).item() >= 0.5 - 1e-9
    assert fitted.at_most(median - 1, row).item() < 0.5 + 1e-9


def test_what_is_not_known_has_no_chance(fitted: CountDistribution):
    rows = Expectation(np.array([np.nan, 9.0, 9.0]), np.array([20.0, np.nan, 20.0]), np.array([5.0, 5.0, np.nan]))
    assert np.isnan(fitted.at_most([5, 5, 5], rows)).tolist() == [True, True, False]
    assert np.isnan(fitted.median(rows)).tolist() == [True, True, False]
    assert np.isnan(fitted.at_most([np.nan, np.inf], expected([9.0, 9.0]))).all()


def test_rows_beyond_one_block_are_as_good_as_the_first(fitted: CountDistribution):
    many = expected(np.tile([3.0, 17.0], BLOCK))
    pair = expected([3.0, 17.0])
    np.testing.assert_array_equal(fitted.at_most(8, many), np.tile(fitted.at_most(8, pair), BLOCK))
    np.testing.assert_array_equal(fitted.median(many), np.tile(fitted.median(pair), BLOCK))


def test_too_few_rows_give_no_distribution(sample: tuple[Expectation, Numbers]):
    rows, actual = sample
    few = actual.copy()
    few[LEAST_ROWS - 1 :] = np.nan
    assert CountDistribution.fit(rows, few) is None
    assert CountDistribution.fit(rows[: LEAST_ROWS - 1], actual[: LEAST_ROWS - 1]) is None


def test_a_distribution_survives_json(fitted: CountDistribution):
    assert CountDistribution.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one number of each kind a row"):
        Expectation(np.ones(2), np.ones(3), np.ones(2))

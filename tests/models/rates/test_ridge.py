import json

import numpy as np
import pandas as pd
import pytest

from models.rates.ridge import FLOOR, FLOOR_COLUMN, LIMIT, Ridge, TooFewRows, products

NAMES = ("form", "minutes", "playoff")


def sample(rows: int = 400, seed: int = 5) -> tuple[pd.DataFrame, pd.Series]:
    chance = np.random.default_rng(seed)
    terms = pd.DataFrame({"form": chance.gamma(3, 4, rows), "minutes": chance.normal(0, 9, rows), "playoff": 0.0})
    terms.loc[::10, "minutes"] = np.nan
    actual = 2 + terms.form + 0.3 * terms.minutes.where(terms.minutes.notna(), 0) + chance.normal(0, 3, rows)
    return terms, actual


def fitted(penalty: float = 50.0) -> tuple[Ridge, pd.DataFrame, pd.Series]:
    terms, actual = sample()
    return Ridge.solve(NAMES, products(terms, actual), penalty), terms, actual


def test_sums_of_months_give_the_solution_of_all_rows():
    """Least squares on standardised columns, with one more row for each coefficient: the textbook's ridge."""
    terms, actual = sample()
    months = [products(terms[start : start + 100], actual[start : start + 100]) for start in range(0, 400, 100)]
    ridge = Ridge.solve(NAMES, sum(months), 50.0)
    filled = terms[["form", "minutes"]].where(terms.notna(), 0.0)
    standard = ((filled - filled.mean()) / filled.std(ddof=0)).to_numpy()
    stacked = np.vstack([standard, np.sqrt(50.0) * np.eye(2)])
    direct, *_ = np.linalg.lstsq(stacked, np.concatenate([actual - actual.mean(), [0, 0]]), rcond=None)
    np.testing.assert_allclose(ridge.coefficients[:2], direct, rtol=1e-10)
    assert ridge.intercept == pytest.approx(actual.mean())
    assert ridge.rows == 400


def test_a_term_that_never_varied_adds_nothing():
    ridge, terms, _ = fitted()
    assert ridge.coefficients[2] == 0
    assert (ridge.contributions(terms.assign(playoff=1.0)).playoff == 0).all()


def test_contributions_and_the_intercept_sum_to_the_mean_exactly():
    ridge, terms, actual = fitted()
    mean = ridge.mean(terms)
    np.testing.assert_array_equal(mean, ridge.intercept + ridge.contributions(terms).sum(axis=1))
    assert np.abs(mean - actual).mean() < 2.6


def test_a_term_far_outside_counts_five_deviations():
    ridge, terms, _ = fitted()
    far = ridge.contributions(terms.head(1).assign(minutes=10_000.0)).minutes
    assert far.item() == pytest.approx(LIMIT * ridge.coefficients[1])


def test_an_unknown_term_counts_as_its_centre_and_an_unknown_row_stays_unknown():
    ridge, terms, actual = fitted()
    row = terms.head(1)
    np.testing.assert_array_equal(ridge.mean(row.assign(minutes=np.nan)), ridge.mean(row.assign(minutes=0.0)))
    nothing = terms.head(2).mask(pd.Series([True, False]), axis=0)
    assert np.isnan(ridge.mean(nothing)).tolist() == [True, False]
    np.testing.assert_array_equal(products(nothing, actual.head(2)), products(terms[1:2], actual[1:2]))


def test_a_row_without_a_result_teaches_nothing():
    terms, actual = sample()
    gone = actual.where(actual.index >= 50)
    np.testing.assert_allclose(products(terms, gone), products(terms[50:], actual[50:]))


def test_a_mean_below_zero_is_lifted_and_says_so():
    ridge, terms, _ = fitted()
    low = terms.head(1).assign(form=-20.0, minutes=-30.0)
    assert ridge.mean(low).item() == pytest.approx(FLOOR)
    assert ridge.contributions(low)[FLOOR_COLUMN].item() > 1
    assert (ridge.contributions(terms)[FLOOR_COLUMN] == 0).all()


def test_a_ridge_survives_json():
    ridge, _, _ = fitted()
    assert Ridge.from_dict(json.loads(json.dumps(ridge.to_dict()))) == ridge


def test_fewer_rows_than_terms_are_refused():
    terms, actual = sample(rows=3)
    with pytest.raises(TooFewRows, match="3 rows for 3 terms"):
        Ridge.solve(NAMES, products(terms, actual))

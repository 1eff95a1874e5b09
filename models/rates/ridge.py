"""Linear regression with a penalty (ridge) on the terms of a count, from sums of products.

A month's products are one small matrix, and matrices add up: the model of any month is solved from the sum over the
months before it, and is the one that their rows give. What a linear model adds up explains itself: no SHAP is needed.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from models.inference.odds import Numbers

PENALTY = 50.0
LIMIT = 5.0  # deviations of a term: beyond it a value is more likely an error of the data than news
ROUNDING = 1e-6  # a deviation below it is an error of the sums: the term is a constant
FLOOR = 0.01  # a count has no mean below it
FLOOR_COLUMN = "limit"


class TooFewRows(ValueError):
    """Fewer rows than terms: any coefficient would fit them."""


def products(terms: pd.DataFrame, actual: Any) -> Numbers:
    """Return the sums of products of all pairs of 1, the terms and the actual count, over complete rows.

    A term that is not known counts as its centre, 0; a row of which nothing is known does not count.
    """
    result = np.asarray(actual, dtype="float64")
    known = terms.notna().any(axis=1).to_numpy() & np.isfinite(result)
    columns = np.vstack([np.ones(known.sum()), _filled(terms)[known].T, result[known]])
    return np.einsum("in,jn->ij", columns, columns)  # sums of BLAS depend on its number of threads


@dataclass(frozen=True)
class Ridge:
    """Means and deviations of the terms in the training rows, a coefficient for each, and the mean of the count."""

    names: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    rows: int

    @classmethod
    def solve(cls, names: tuple[str, ...], sums: Numbers, penalty: float = PENALTY) -> Self:
        """Return the coefficients with the least squared error plus penalty, from the sum of `products`."""
        rows = int(sums[0, 0])
        if rows <= len(names):
            raise TooFewRows(f"{rows:,} rows for {len(names)} terms: give the rows of more months")
        mean = sums[0] / rows
        centred = sums / rows - np.outer(mean, mean)
        spread = np.sqrt(np.clip(np.diag(centred)[1:-1], 0, None))
        varies = spread > ROUNDING * (1 + np.abs(mean[1:-1]))
        scale = np.where(varies, spread, 1.0)
        correlations = np.where(np.outer(varies, varies), centred[1:-1, 1:-1] / np.outer(scale, scale), 0.0)
        with_actual = np.where(varies, centred[1:-1, -1] / scale, 0.0)
        solved = np.linalg.solve(correlations + np.eye(len(names)) * penalty / rows, with_actual)
        means, deviations, coefficients = (tuple(map(float, values)) for values in (mean[1:-1], scale, solved))
        return cls(names, means, deviations, coefficients, float(mean[-1]), rows)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `to_dict` returned."""
        names, *by_term = (tuple(values[name]) for name in ("names", "means", "deviations", "coefficients"))
        means, deviations, coefficients = by_term
        return cls(names, means, deviations, coefficients, values["intercept"], values["rows"])

    def to_dict(self) -> dict[str, Any]:
        """Return the model for JSON."""
        return asdict(self)

    def contributions(self, terms: pd.DataFrame) -> pd.DataFrame:
        """Return what each term adds to the intercept, in the unit of the count; the sum is the mean, exactly.

        The last column is what lifts a negative mean to a small positive one. NaN where nothing is known.
        """
        standard = (_filled(terms[list(self.names)]) - self.means) / self.deviations
        added = pd.DataFrame(np.clip(standard, -LIMIT, LIMIT) * self.coefficients, terms.index, list(self.names))
        added[FLOOR_COLUMN] = (FLOOR - self.intercept - added.sum(axis=1)).clip(lower=0)
        return added.where(terms.notna().any(axis=1), np.nan)

    def mean(self, terms: pd.DataFrame) -> Numbers:
        """Return the mean of the count for each row."""
        return self.intercept + self.contributions(terms).sum(axis=1, skipna=False).to_numpy()


def _filled(terms: pd.DataFrame) -> Numbers:
    return np.nan_to_num(terms.to_numpy("float64"), nan=0.0)

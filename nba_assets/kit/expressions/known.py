"""Sums that leave out NULL, the only place where this is allowed."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir


def sum_known(terms: Mapping[str, ir.NumericValue]) -> tuple[ir.NumericValue, ir.ArrayValue]:
    """Return the sum of the known terms and the names of the unknown ones."""
    known, missing = ibis.literal(0.0), []
    for name, term in terms.items():
        known = known + term.fill_null(0.0)
        missing.append(term.isnull().ifelse(name, None))
    return known, ibis.array(missing).filter(lambda name: name.notnull())

"""The one place where a NULL may be left out of a sum."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir


def sum_known(terms: Mapping[str, ir.NumericValue]) -> tuple[ir.NumericValue, ir.ArrayValue]:
    """The sum of the terms that are known, and the names of those that are not: what was left out is always said."""
    known, missing = ibis.literal(0.0), []
    for name, term in terms.items():
        known = known + term.fill_null(0.0)
        missing.append(term.isnull().ifelse(name, None))
    return known, ibis.array(missing).filter(lambda name: name.notnull())

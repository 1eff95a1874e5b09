"""The Wilson interval of a share."""

import ibis.expr.types as ir

Z = 1.96  # 95 %


def wilson(hits: ir.IntegerValue, cases: ir.IntegerValue) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """Return the 95 % interval of a share, valid for few cases and near 0 and 1; NULL without a case."""
    n = cases.nullif(0).cast("float64")
    share = hits / n
    whole = 1 + Z * Z / n
    centre = (share + Z * Z / (2 * n)) / whole
    half = Z * (share * (1 - share) / n + Z * Z / (4 * n * n)).sqrt() / whole
    return (centre - half).clip(lower=0), (centre + half).clip(upper=1)

"""A left join, a union and a column selection that many tables use.

Tables avoid `drop`: Ibis never compiles it into a common table expression, so a relation that is used twice would be
computed twice.
"""

from collections.abc import Sequence

import ibis.expr.types as ir


def with_columns_of(rows: ir.Table, other: ir.Table, on: Sequence[str]) -> ir.Table:
    """Return every row with the columns of its match in the other table, or NULL."""
    joined = rows.left_join(other, list(on))
    return joined.select(*rows.columns, *(name for name in other.columns if name not in on))


def stacked(one: ir.Table, other: ir.Table) -> ir.Table:
    """Return the rows of both tables, whose columns may differ in whether they are nullable."""
    return _nullable(one).union(_nullable(other))


def _nullable(rows: ir.Table) -> ir.Table:
    return rows.cast({name: dtype.copy(nullable=True) for name, dtype in rows.schema().items()})


def without(rows: ir.Table, *names: str) -> ir.Table:
    """Return the rows without some columns."""
    return rows.select(*(name for name in rows.columns if name not in names))

"""Two joins said in one word each.

`drop` is avoided throughout: Ibis never turns it into a common table expression, so a relation that is used
twice is written out and computed twice.
"""

from collections.abc import Sequence

import ibis.expr.types as ir


def with_columns_of(rows: ir.Table, other: ir.Table, on: Sequence[str]) -> ir.Table:
    """Every row, with the other table's columns where a match is found and NULL where none is."""
    found = rows.left_join(other, list(on))
    return found.select(*rows.columns, *(name for name in other.columns if name not in on))


def without(rows: ir.Table, *names: str) -> ir.Table:
    """All columns but these."""
    return rows.select(*(name for name in rows.columns if name not in names))

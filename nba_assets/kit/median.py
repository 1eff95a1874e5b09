"""A median both engines compute alike: BigQuery has no exact one."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def median_by(rows: ir.Table, by: Sequence[str], value: str) -> ir.Table:
    """The median of a column within each group: the middle value, or the mean of the two in the middle."""
    known = rows.filter(rows[value].notnull())
    place = ibis.row_number().over(group_by=list(by), order_by=[known[value]])
    ranked = known.mutate(place=place, size=known.count().over(group_by=list(by)))
    middle = ranked.filter((2 * ranked.place - ranked["size"] + 1).abs() <= 1)
    return middle.group_by(*by).aggregate(**{value: middle[value].mean()})

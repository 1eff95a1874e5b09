"""A median that both engines compute alike, as BigQuery has no exact one."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def with_median(rows: ir.Table, by: Sequence[str], value: str) -> ir.Table:
    """Add the `median` of a column within each group. The column must not be NULL: engines place NULL differently."""
    place = ibis.row_number().over(group_by=list(by), order_by=rows[value])
    placed = rows.mutate(place=place, in_group=rows.count().over(group_by=list(by)))
    middle = (2 * placed.place + 1 - placed.in_group).abs() <= 1
    median = placed[value].mean(where=middle).over(group_by=list(by))
    return placed.mutate(median=median).select(*rows.columns, "median")


def median_by(rows: ir.Table, by: Sequence[str], value: str) -> ir.Table:
    """Return one row per group: the median of the known values."""
    known = with_median(rows.filter(rows[value].notnull()), by, value)
    return known.group_by(*by).aggregate(**{value: known["median"].max()})

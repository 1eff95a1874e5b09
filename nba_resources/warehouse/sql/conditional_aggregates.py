"""Compile a condition of an aggregate for DuckDB as `max(CASE WHEN c THEN x END)`, not `max(x) FILTER (WHERE c)`.

DuckDB 1.5 copies the rows of a grouping with all their columns for each aggregate that has a filter: eighty of them
over 2,000 rows take 0.28 s, with cases 0.01 s. Aggregates that ignore NULL return the same either way.
"""

from functools import cache
from typing import Any

from ibis.backends.sql.compilers.base import NULL, STAR, AggGen
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from sqlglot import exp

IGNORE_NULL = frozenset(("avg", "count", "max", "min", "stddev_samp", "sum"))


class ConditionsAsCases(AggGen):
    """Compiles aggregates like Ibis, but for conditions of those that ignore NULL."""

    def aggregate(self, compiler: Any, name: str, *args: Any, where: Any = None, order_by: tuple[Any, ...] = ()) -> Any:
        """Move the condition into the argument, where that changes nothing."""
        if where is not None and name in IGNORE_NULL and len(args) == 1 and not order_by:
            counted = exp.Literal.number(1) if args[0] == STAR else args[0]
            args, where = (compiler.if_(where, counted, NULL),), None
        return super().aggregate(compiler, name, *args, where=where, order_by=order_by)


@cache
def compile_conditions_as_cases() -> None:
    """Let Ibis compile all statements of this process so."""
    DuckDBCompiler.agg = ConditionsAsCases(supports_filter=True, supports_order_by=True)

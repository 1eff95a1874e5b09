"""Queries over stored tables that are compiled once for each version of the code, as the statements of tables are."""

from collections.abc import Callable
from functools import wraps
from typing import Protocol

import ibis.expr.types as ir

from nba_assets.kit.table import Tables
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS
from nba_resources.warehouse.sql.statements import Query

Build = Callable[..., ir.Table]  # of tables, dates and texts
QUERIES: dict[str, Build] = {}


class MakeQuery(Protocol):
    """Returns the query of some dates; the texts choose a variant, with a template of its own."""

    def __call__(self, tables: Tables, dates: DateRange = ALWAYS, *texts: str) -> Query: ...  # noqa: D102


def stored_query(build: Build) -> MakeQuery:
    """Turn a function that builds an expression into one that returns its query, which is built only if necessary.

    The expression must depend on nothing but its arguments, and on the dates only by dates made from them.
    """
    name = f"{build.__module__}.{build.__qualname__.replace('<lambda>', 'lambda')}"
    QUERIES[name] = build

    @wraps(build)
    def make(tables: Tables, dates: DateRange = ALWAYS, *texts: str) -> Query:
        return Query(".".join((name, *texts)), lambda dates: build(tables, dates, *texts), dates)

    return make

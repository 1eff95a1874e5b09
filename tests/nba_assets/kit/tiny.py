"""Small tables for tests: of games, written after games, without dates, and one that reads in every way."""

from collections.abc import Callable, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.as_of import History
from nba_assets.kit.table import Table, table
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import day, integer, text


def declared(**changes: Any) -> Callable[[Callable[..., ir.Table]], Table]:
    columns = {"game_date": day(), "team": text(), "season": text(), "pts": integer("", 0, 200, post=True)}
    return table(**{"dataset": "nba_test", "grain": ["game_date", "team"], "columns": columns} | changes)


@declared()
def games() -> ir.Table:
    """What happened."""
    return ibis.table({"game_date": "date", "team": "string", "season": "string", "pts": "int64"}, name="elsewhere")


@declared(post=True)
def boxes(games: ir.Table) -> ir.Table:
    """Rows that exist only after the games."""
    return games


@declared(partition=None, grain=["team"])
def teams(games: ir.Table) -> ir.Table:
    """A table without dates."""
    return games


@declared(feed="schedule")
def calls(delivered: ir.Table, teams: ir.Table, boxes: History, dates: DateRange) -> ir.Table:
    """Reads other tables in every way."""
    assert isinstance(boxes, History)
    return delivered.mutate(until=dates.end).cross_join(teams.select(club="team"))


TINY: Mapping[str, Table] = {"games": games, "boxes": boxes, "teams": teams, "calls": calls}

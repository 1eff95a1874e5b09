"""A small table for the tests of every warehouse."""

import datetime as dt
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import ibis
import ibis.expr.types as ir

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.changes import Written
from nba_resources.warehouse.contract import Contract, day, integer, number, text

SUNDAY, MONDAY, TUESDAY = (dt.date(2025, 1, n) for n in (12, 13, 14))
ALL_THREE = DateRange(SUNDAY, TUESDAY)
COLUMNS = {
    "game_id": text(),
    "game_date": day(),
    "side": text("", "home", "away"),
    "pts": integer("", 0, 200),
    "pace": number("", 70, 130, null=True),
}
SCORES = Contract("nba_raw", "scores", ("game_id",), COLUMNS, partition="game_date")

W = TypeVar("W", bound=Warehouse)


def score(game_id: str, game_date: dt.date = MONDAY, **changes: Any) -> dict[str, Any]:
    return {"game_id": game_id, "game_date": game_date, "side": "home", "pts": 100, "pace": 98.5} | changes


def rows(*records: Mapping[str, Any], contract: Contract = SCORES) -> ir.Table:
    schema = ibis.schema({name: column.dtype(nullable=True) for name, column in contract.columns.items()})
    return ibis.memtable(list(records), schema=schema)


def stored(warehouse: Warehouse, contract: Contract = SCORES) -> dict[str, int]:
    table = contract.table()
    stored_rows = warehouse.read(table.select("game_id", "pts").order_by("game_id"))
    return dict(zip(stored_rows["game_id"], stored_rows["pts"], strict=True))


def counts(written: Written) -> dict[dt.date | None, int]:
    """Return the stored rows of each date that has any."""
    return {day: of_day.rows for day, of_day in written.items() if of_day.rows}


def loaded(warehouse: W) -> W:
    games = rows(score("s", SUNDAY, pts=90), score("m", MONDAY, pts=101), score("t", TUESDAY, pts=112))
    warehouse.replace(SCORES, ALL_THREE, games)
    return warehouse


def in_threads(*work: Callable[[], object]) -> list[BaseException]:
    """Run the functions at once and return their exceptions."""
    with ThreadPoolExecutor(len(work)) as together:
        return [error for task in [together.submit(one) for one in work] if (error := task.exception())]

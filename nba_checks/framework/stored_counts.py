"""Count the stored rows of each table and date, in one statement for all tables: a statement costs more than counting.

Rows of a game that was postponed or is on no schedule are counted as rows, but not towards the expected count.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.calendar import counted
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import ExpectedRows, Table, Tables
from nba_checks.framework.expected_counts import rows_between
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

_BY_GAME = (ExpectedRows.GAMES, ExpectedRows.FINAL_GAMES)
_OFF_SCHEDULE_TOO = (ExpectedRows.GRADES, ExpectedRows.PERFORMANCE, ExpectedRows.AS_DELIVERED)
_NULLABLE = {"game_date": "date", "game_id": "string", "pending": "boolean"}


@dataclass(frozen=True)
class StoredCounts:
    """The stored rows of a table on one date, and how many games or rows of the expected ones they are."""

    rows: int = 0
    actual: int = 0


def stored_counts(
    warehouse: Warehouse, tables: Tables, of: Collection[Table], dates: DateRange
) -> dict[str, dict[dt.date, StoredCounts]]:
    """Return counts by table key and date; a table that was never written has no entry, an empty one an empty entry."""
    held = warehouse.stored_keys([table.contract for table in of])
    written = [table for table in of if table.contract.key in held]
    if not written:
        return {}
    by_game = warehouse.read(_rows_by_game(tables, dates, *sorted(table.contract.name for table in written)))
    counts: dict[str, dict[dt.date, StoredCounts]] = {table.contract.key: {} for table in written}
    by_game = by_game.merge(warehouse.read(_scheduled(tables, dates)), on=["game_id", "game_date"], how="left")
    rule, n = by_game["table_name"].map({table.contract.key: table.expected_rows for table in written}), by_game["n"]
    on_schedule = by_game["on_schedule"].eq(True) | by_game["game_id"].isna()
    ungraded = by_game["pending"] & by_game["final"].eq(True)  # still pending although the game is over
    actual = n.mask(rule.isin(_BY_GAME), 1).where(on_schedule | rule.isin(_OFF_SCHEDULE_TOO), 0).mask(ungraded, 0)
    by_date = by_game.assign(actual=actual).groupby(["table_name", "game_date"])[["n", "actual"]].sum()
    for (key, day), rows_of_date, expected in by_date.itertuples(name=None):
        counts[key][day.date()] = StoredCounts(int(rows_of_date), int(expected))
    return counts


@stored_query
def _scheduled(tables: Tables, dates: DateRange) -> ir.Table:
    games = counted(rows_between(tables["schedule"], dates))
    return games.select("game_id", "game_date", final=games.status == "final", on_schedule=True)


@stored_query
def _rows_by_game(tables: Tables, dates: DateRange, *names: str) -> ir.Table:
    first, *others = (_rows(tables[name], dates) for name in names)
    rows = ibis.union(first, *others) if others else first
    return rows.group_by(*rows.columns).aggregate(n=rows.count())


def _rows(table: Table, dates: DateRange) -> ir.Table:
    """Select table, date and game of every row, with the same columns for all tables."""
    rows = rows_between(table, dates)
    day: Any = rows[table.contract.partition or ""]
    columns = {"game_date": day, "game_id": rows.game_id if "game_id" in rows.columns else ibis.null()}
    columns["pending"] = (
        rows.outcome_state == "PENDING" if table.expected_rows is ExpectedRows.GRADES else ibis.literal(False)
    )
    cast = {name: value.cast(ibis.dtype(_NULLABLE[name])) for name, value in columns.items()}
    return rows.select(table_name=ibis.literal(table.contract.key), **cast)

"""Tell gaps that a source leaves from gaps of ours: for the former no command helps.

The source has no rows of a finished game if the raw table's date was loaded after the schedule changed last, so with
the game known as final, and the load delivered no row of the game. This is read from Dagster's log, as a load without
rows leaves nothing in the warehouse. Anything else counts as our gap: a date that was never loaded, a
load that is older than the result, and a game whose rows were delivered and set aside as broken.
"""

import datetime as dt
import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import dagster as dg
import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import counted
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import ExpectedRows, Table, Tables
from nba_checks.completeness.date_state import DateState
from nba_checks.framework.by_date import listed
from nba_checks.framework.stored_rows import rows_between
from nba_platform.dagster_compat.data_versions import last_changes
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.rejected_rows import REJECTED_ROWS

ROWS_PER_GAME = {ExpectedRows.FINAL_GAMES: 1, ExpectedRows.FINAL_TEAMS: 2}
ROWS_OF = {"player_boxscores": "player rows", "team_boxscores": "team rows"}
Games = Mapping[dt.date, frozenset[str]]
_LISTED = 3


def with_source_gaps(
    states: Sequence[DateState], instance: dg.DagsterInstance, warehouse: Warehouse, tables: Tables
) -> list[DateState]:
    """Return the states; where every missing game has no rows at the source, the reason says so and no command is left.

    The missing games of a computed table are explained by the raw tables it is computed from.
    """
    by_key = {table.contract.key: table for table in tables.values()}
    lacking = [state for state in states if state.needs_work and _counts_games(by_key[state.table])]
    if not lacking:
        return [*states]
    missing = {
        key: games_without_rows(warehouse, tables, by_key[key], {state.date for state in lacking if state.table == key})
        for key in {state.table for state in lacking}
    }
    of_source = games_the_source_lacks(instance, warehouse, tables, {state.date for state in lacking})
    return [_explained(state, by_key[state.table], missing, of_source, tables) for state in states]


def games_the_source_lacks(
    instance: dg.DagsterInstance, warehouse: Warehouse, tables: Tables, dates: Collection[dt.date]
) -> dict[str, Games]:
    """Return by raw table the finished games of the dates for which the source was asked and delivered no rows."""
    found: dict[str, Games] = {}
    for name in ROWS_OF:
        if name in tables and (games := games_without_rows(warehouse, tables, tables[name], dates)):
            asked = _loaded_since_the_result(instance, tables, tables[name], games)
            refused = _set_aside(warehouse, tables, name, games)
            found[name] = {date: games[date] - refused for date in asked if games[date] - refused}
    return found


def games_without_rows(warehouse: Warehouse, tables: Tables, table: Table, dates: Collection[dt.date]) -> Games:
    """Return the finished games of the dates of which a table, if it was ever written, has no row."""
    if not dates or not warehouse.holds(table.contract):
        return {}
    span = DateRange(min(dates), max(dates))
    rows = warehouse.read(_games_without_rows(tables, span, table.contract.name))
    by_date = rows.groupby(pd.to_datetime(rows["game_date"]).dt.date)["game_id"]
    return {date: frozenset(games) for date, games in by_date if date in dates}


@stored_query
def _games_without_rows(tables: Tables, dates: DateRange, name: str) -> ir.Table:
    final = counted(rows_between(tables["schedule"], dates)).filter(lambda game: game.status == "final")
    return final.anti_join(rows_between(tables[name], dates), ["game_id", "game_date"]).select("game_date", "game_id")


def reason_of(games: Mapping[str, Iterable[str]]) -> str:
    """Return the reason for missing games, by the raw table that lacks them."""
    parts = [f"{ROWS_OF[name]} for game {listed(sorted(of), _LISTED, ', ')}" for name, of in games.items() if of]
    return f"the source has no {' and no '.join(parts)}"


def _counts_games(table: Table) -> bool:
    return table.expected_rows in ROWS_PER_GAME


def _explained(
    state: DateState, table: Table, missing: Mapping[str, Games], of_source: Mapping[str, Games], tables: Tables
) -> DateState:
    games = missing.get(state.table, {}).get(state.date, frozenset()) if state.needs_work else frozenset()
    if not games or state.expected - state.actual != len(games) * ROWS_PER_GAME[table.expected_rows]:
        return state
    read = {table.contract.name} if table.feed else {*_upstream(table, tables)}
    holes = {name: of[state.date] & games for name, of in of_source.items() if name in read and state.date in of}
    if games - frozenset().union(*holes.values()):
        return state
    return replace(state, reason=f"{state.reason}: {reason_of(holes)}", source_has_none=True)


def _upstream(table: Table, tables: Tables) -> Iterator[str]:
    for name in table.reads:
        if name in tables:
            yield name
            yield from _upstream(tables[name], tables)


def _loaded_since_the_result(
    instance: dg.DagsterInstance, tables: Tables, table: Table, dates: Collection[dt.date]
) -> list[dt.date]:
    """Return the dates whose last load of the table is later than the last change of their schedule."""
    key = asset_key(table.contract)
    loads = instance.get_latest_storage_id_by_partition(key, dg.DagsterEventType.ASSET_MATERIALIZATION)
    schedules = last_changes(instance, asset_key(tables["schedule"].contract))
    return [date for date in dates if loads.get(str(date), 0) > schedules.get(str(date), math.inf)]


def _set_aside(warehouse: Warehouse, tables: Tables, feed: str, games: Games) -> frozenset[str]:
    """Return the games whose delivered rows were set aside as broken."""
    if not warehouse.holds(REJECTED_ROWS):
        return frozenset()
    rows = warehouse.read(_rejected_rows(tables, DateRange(min(games), max(games)), feed))["row"]
    return frozenset(str(json.loads(row).get("game_id")) for row in rows)


@stored_query
def _rejected_rows(tables: Tables, dates: DateRange, feed: str) -> ir.Table:
    rows = REJECTED_ROWS.table()
    return rows.filter(rows.feed == feed, rows.game_date.between(dates.start, dates.end)).select("row")

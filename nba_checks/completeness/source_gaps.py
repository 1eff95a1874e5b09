"""Tell gaps that a source leaves from gaps of ours: for the former no command helps.

The source has no rows of a finished game if the raw table's date was loaded after the stored schedule had become what
it is, so with the game known as final, and the load delivered no row of the game. This is read from Dagster's log, as
a load without rows leaves nothing in the warehouse. Anything else counts as our gap: a date that was never loaded, a
load that is older than the result, and a game whose rows were delivered and set aside as broken.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import dagster as dg
import pandas as pd

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import counted
from nba_assets.kit.table import ExpectedRows, Table, Tables
from nba_checks.completeness.date_state import DateState
from nba_checks.framework.by_date import listed
from nba_checks.framework.expected_counts import rows_between
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.rejected_rows import REJECTED_ROWS

DATA_VERSION = "dagster/data_version"
ROWS_PER_GAME = {ExpectedRows.FINAL_GAMES: 1, ExpectedRows.FINAL_TEAMS: 2}
ROWS_OF = {"player_boxscores": "player rows", "team_boxscores": "team rows"}
Games = Mapping[dt.date, frozenset[str]]
_LISTED, _EVENTS_PER_DATE = 3, 50


@dataclass(frozen=True)
class Event:
    """A load of one date: its place in the log, and the fingerprint of the rows it stored."""

    number: int
    data_version: str | None


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
            refused = _set_aside(warehouse, name, games)
            found[name] = {date: games[date] - refused for date in asked if games[date] - refused}
    return found


def games_without_rows(warehouse: Warehouse, tables: Tables, table: Table, dates: Collection[dt.date]) -> Games:
    """Return the finished games of the dates of which a table, if it was ever written, has no row."""
    if not dates or not warehouse.holds(table.contract):
        return {}
    span = DateRange(min(dates), max(dates))
    final = counted(rows_between(tables["schedule"], span)).filter(lambda game: game.status == "final")
    rows = warehouse.read(
        final.anti_join(rows_between(table, span), ["game_id", "game_date"]).select("game_date", "game_id")
    )
    by_date = rows.groupby(pd.to_datetime(rows["game_date"]).dt.date)["game_id"]
    return {date: frozenset(games) for date, games in by_date if date in dates}


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
    """Return the dates whose last load of the table is later than the first one of the schedule as it is stored."""
    loads, schedules = (_events(instance, one, dates) for one in (table, tables["schedule"]))
    asked = []
    for date in dates:
        if loads.get(date) and (known := _first_like_the_last(schedules.get(date, []))):
            asked += [date] * (loads[date][0].number > known)
    return asked


def _first_like_the_last(events: Sequence[Event]) -> int | None:
    """Return the first event, from the newest back, that stored the rows that are stored now."""
    number = None
    for event in events:
        if event.data_version is None or event.data_version != events[0].data_version:
            break
        number = event.number
    return number


def _events(instance: dg.DagsterInstance, table: Table, dates: Collection[dt.date]) -> dict[dt.date, list[Event]]:
    """Return the loads of each date, the newest first."""
    keys = [str(date) for date in dates]
    wanted = dg.AssetRecordsFilter(asset_key(table.contract), asset_partitions=keys)
    events: dict[dt.date, list[Event]] = {}
    for record in instance.fetch_materializations(wanted, limit=_EVENTS_PER_DATE * len(keys)).records:
        stored = record.asset_materialization
        if stored and stored.partition:
            version = (stored.tags or {}).get(DATA_VERSION)
            events.setdefault(dt.date.fromisoformat(stored.partition), []).append(Event(record.storage_id, version))
    return events


def _set_aside(warehouse: Warehouse, feed: str, games: Games) -> frozenset[str]:
    """Return the games whose delivered rows were set aside as broken."""
    if not warehouse.holds(REJECTED_ROWS):
        return frozenset()
    rows = REJECTED_ROWS.table()
    rows = rows.filter(rows.feed == feed, rows.game_date.between(min(games), max(games)))
    return frozenset(str(json.loads(row).get("game_id")) for row in warehouse.read(rows.select("row"))["row"])

"""The queries that `counts.py` counts by, and their evaluation in a warehouse.

Counting upstream costs more than reading the schedule, so each such count runs only for tables that need it. The rows
of all tables are counted in one statement: a statement costs more than counting.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from models.forecast_keys import EVERY_PLAYER, FORECAST_KEYS, WITH_LINE, Edition
from nba_assets.analytics.universe import seasoned_teams, universe_size
from nba_assets.kit.calendar import counted, month_of
from nba_assets.kit.expressions.joins import stacked
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import ExpectedRows, Table, Tables
from nba_assets.precompute.player_market_form import FORMS
from nba_assets.predictions.populations import POPULATIONS
from nba_assets.predictions.rates_inputs import may_be_bet_on
from nba_checks.framework.counts import CountedTable, CountedTables
from nba_checks.framework.stored_rows import rows_between
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS
from nba_resources.warehouse.base import Warehouse

ROWS_A_PERFORMANCE = len(FORECAST_KEYS) * len(POPULATIONS)
_NULLABLE = {"game_date": "date", "game_id": "string", "pending": "boolean"}


@stored_query
def games(tables: Tables, dates: DateRange) -> ir.Table:
    """The games of each date, and the finished ones among them."""
    rows = counted(rows_between(tables["schedule"], dates))
    status: Any = rows.status
    return rows.group_by("game_date").aggregate(games=rows.count(), final=(status == "final").sum())


@stored_query
def season_starts(tables: Tables, dates: DateRange) -> ir.Table:
    """The first date of each season."""
    return tables["seasons"].contract.table().select("start_date")


@stored_query
def players(tables: Tables, dates: DateRange) -> ir.Table:
    """The players on the rosters of each date, those of them with five games, the editions and statistics of all."""
    players = universe_size(tables, dates)
    of_each = {"editions": players.expected * len(Edition), "statistics": players.expected * len(FORMS)}
    return players.select("game_date", "expected", "veterans", **of_each)


@stored_query
def seasoned(tables: Tables, dates: DateRange) -> ir.Table:
    """The teams with five finished games before each date."""
    return seasoned_teams(tables, dates).select("game_date", "teams")


@stored_query
def forecasts(tables: Tables, dates: DateRange) -> ir.Table:
    """The forecasts of players whose game was not postponed since: of every player, and of every line of a player."""
    features, presence, lines = (
        rows_between(tables[name], dates) for name in ("ml_feature_store_v2", "player_presence", "player_prop_lines")
    )
    players = may_be_bet_on(features, presence)
    players = players.semi_join(counted(rows_between(tables["schedule"], dates)), ["game_date", "game_id"])
    n_of_player = Counter(key.edition.value for key in EVERY_PLAYER)
    of_player = sum((players.edition == edition).ifelse(n, 0) for edition, n in n_of_player.items())
    lines = lines.select("game_date", "player_lookup", "game_id", "market")
    offered = players.join(lines, ["game_date", "player_lookup", "game_id"])
    n_of_line = Counter((key.edition.value, key.market) for key in WITH_LINE)
    cases = [
        ((offered.edition == edition) & (offered.market == market), n) for (edition, market), n in n_of_line.items()
    ]
    of_line = ibis.cases(*cases, else_=0)
    counts = stacked(
        players.select("game_date", n=of_player.cast("int64")), offered.select("game_date", n=of_line.cast("int64"))
    )
    return counts.group_by("game_date").aggregate(forecasts=counts.n.sum())


@stored_query
def predictions(tables: Tables, dates: DateRange) -> ir.Table:
    """The stored predictions of each date, and the rows that summarise them."""
    rows = rows_between(tables["player_prop_predictions"], dates)
    return rows.group_by("game_date").aggregate(grades=rows.count()).mutate(performance=ROWS_A_PERFORMANCE)


@stored_query
def scheduled(tables: Tables, dates: DateRange) -> ir.Table:
    """The games of the dates, and whether each is over."""
    rows = counted(rows_between(tables["schedule"], dates))
    return rows.select("game_id", "game_date", final=rows.status == "final")


@stored_query
def rows_by_game(tables: Tables, dates: DateRange, *names: str) -> ir.Table:
    """The number of rows of each table, date and game."""
    first, *others = (_rows(tables[name], dates) for name in names)
    rows = ibis.union(first, *others) if others else first
    counts = rows.group_by(*rows.columns).aggregate(n=rows.count())
    return counts.select("table_name", "game_date", "game_id", "pending", "n")


@stored_query
def games_by_season(tables: Tables, dates: DateRange) -> ir.Table:
    """The games of each season on the schedule."""
    rows = counted(tables["schedule"].contract.table())
    return rows.group_by("season").aggregate(n=rows.count())


@stored_query
def seasons(tables: Tables, dates: DateRange) -> ir.Table:
    """The seasons with their dates and numbers of games, in order."""
    rows = tables["seasons"].contract.table().order_by("season_year")
    return rows.select("season", "start_date", "end_date", "games")


@stored_query
def row_count(tables: Tables, dates: DateRange, name: str) -> ir.Table:
    """The rows of the dates, or all rows of a table that is stored whole."""
    contract = tables[name].contract
    rows = contract.table()
    if contract.partition:
        first = month_of(dates.start) if contract.monthly else dates.start
        rows = rows.filter(rows[contract.partition].between(first, dates.end))
    return rows.count().as_table()


_QUERIES = {
    "games": games,
    "season_starts": season_starts,
    "players": players,
    "seasoned": seasoned,
    "forecasts": forecasts,
    "predictions": predictions,
    "scheduled": scheduled,
    "rows_by_game": rows_by_game,
    "games_by_season": games_by_season,
    "seasons": seasons,
    "row_count": row_count,
}


@dataclass(frozen=True)
class WarehouseQueries:
    """Evaluates the queries in a warehouse, which stores their templates."""

    warehouse: Warehouse
    tables: Tables

    def rows(self, query: str, dates: DateRange = ALWAYS, *texts: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return _tuples(self.warehouse.read(_QUERIES[query](self.tables, dates, *texts)))

    def stored(self, keys: Iterable[str]) -> set[str]:
        """Return those keys whose table exists."""
        return self.warehouse.stored(keys)


def counted_table(table: Table) -> CountedTable:
    """Return what is known of a table when its rows are counted."""
    contract = table.contract
    feed, reads = table.feed is not None, tuple(table.reads)
    partition, monthly = contract.partition, contract.monthly
    return CountedTable(contract.key, partition, monthly, table.expected_rows, table.scope, feed, reads)


def counted_tables(tables: Tables) -> CountedTables:
    """Return what is known of each table, by name."""
    return {name: counted_table(table) for name, table in tables.items()}


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


def _tuples(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return the rows as an engine's own client does: dates and None instead of timestamps and NaN."""
    columns = [[_plain(value) for value in frame[name].tolist()] for name in frame.columns]
    return list(zip(*columns, strict=True))


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    return value.date() if isinstance(value, dt.datetime) else value

"""Shared parts of the exports: joins and JSON objects for forecasts, lines, games and players."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from models.forecast_keys import ForecastKey, house_key
from models.inference.explanations import NO_NAMES, Names, reason_of
from models.inference.odds import fair_price
from models.markets import MARKETS, POINTS
from models.picks import price_of
from models.systems.base import SystemId
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.json_values import json_value
from nba_assets.kit.records import records

FORECAST = [
    *("market", "system_id", "predicted_value", "confidence_score", "line", "edge"),
    *("over_probability", "push_probability"),
    *("recommendation", "over_price", "under_price", "price_book", "expected_value", "abstain_reason", "pass_reason"),
    "components",
]  # what a system's JSON object is made of: rows of joined tables have five times as many columns
SYSTEM_ORDER = {system.value: place for place, system in enumerate(SystemId)}
PLAYER = ("player_lookup", "player_id", "player_name", "team_abbr", "opponent_team_abbr")
GAME = ("game_id", "start_time_utc", "away_team", "home_team", "neutral_site")
MARKET = {
    "line": "line",
    "opening_line": "opening_line",
    "over_prob_novig": "over_probability",
    "best_over_price": "over_price",
    "best_over_book": "over_book",
    "best_under_price": "under_price",
    "best_under_book": "under_book",
    "n_books": "books",
    "line_known_at": "known_at",
}
HOUSE = house_key(POINTS)
LINE = ["game_date", "player_lookup", "market"]
Row = Mapping[Any, Any]


def of_points(rows: ir.Table) -> ir.Table:
    """Return the rows on points in the edition of the house."""
    return rows.filter(rows.market == HOUSE.market, rows.edition == HOUSE.edition.value)


def of_houses(rows: ir.Table) -> ir.Table:
    """Return the forecasts of the house in every market."""
    return rows.filter(ibis.or_(*(_is_of(rows, house_key(market)) for market in MARKETS)))


def _is_of(rows: ir.Table, key: ForecastKey) -> ir.BooleanValue:
    of_edition = (rows.market == key.market) & (rows.edition == key.edition.value)
    return of_edition & (rows.system_id == key.system_id.value)


def with_player_names(rows: ir.Table, players: ir.Table) -> ir.Table:
    """Add each player's display name."""
    return with_columns_of(rows, players.select("player_id", "player_name"), ["player_id"])


def with_games(rows: ir.Table, players: ir.Table, schedule: ir.Table) -> ir.Table:
    """Add each row's game and the player's display name."""
    return with_columns_of(with_player_names(rows, players), schedule.select(*GAME), ["game_id"])


def with_market(rows: ir.Table, player_prop_lines: ir.Table) -> ir.Table:
    """Add each row's line in its market and the prices, in columns that begin with `market_`."""
    columns = {f"market_{field}": column for column, field in MARKET.items()}
    return with_columns_of(rows, player_prop_lines.select(*LINE, **columns), LINE)


def names_of(players: pd.DataFrame) -> Names:
    """Return the display names of players by lookup."""
    return dict(zip(players["player_lookup"], players["player_name"], strict=True))


def systems_of(rows: Iterable[Row], names: Names) -> list[dict[str, Any]]:
    """Return one JSON object for each system's forecast of a player, in the order of systems."""
    return [system_of(row, names) for row in in_system_order(rows)]


def in_system_order(rows: Iterable[Row]) -> list[Row]:
    """Return the rows sorted by system: the ensemble after its members, the references last."""
    return sorted(rows, key=lambda row: SYSTEM_ORDER[row["system_id"]])


def system_of(row: Row, names: Names) -> dict[str, Any]:
    """Return the JSON object of one system's forecast of a player."""
    numbers = {name: row[name] for name in ("system_id", "predicted_value", "confidence_score", "line", "edge")}
    return {**numbers, **verdict_of(row, names)}


def verdict_of(row: Row, names: Names = NO_NAMES) -> dict[str, Any]:
    """Return the chances and fair prices of a forecast, its pick with price and value, and the reason."""
    over, push = row["over_probability"], row["push_probability"]
    under = 1 - over - push
    is_known = under == under
    return {
        "over_probability": over,
        "push_probability": push,
        "fair_over_price": fair_price(over, under) if is_known else None,
        "fair_under_price": fair_price(under, over) if is_known else None,
        "recommendation": row["recommendation"],
        "price": price_of(row),
        "price_book": row["price_book"],
        "expected_value": row["expected_value"],
        "reason": reason_of(row, names),
    }


def market_of(row: Row) -> dict[str, Any] | None:
    """Return the line with its best prices, or None where no bookmaker offers the player."""
    if json_value(row["market_line"]) is None:
        return None
    return {name: row[f"market_{name}"] for name in MARKET.values()}


def by_game(rows: pd.DataFrame) -> Iterator[tuple[dict[str, Any], list[list[Row]]]]:
    """Yield each game with the rows of each of its players.

    Games are ordered by tip-off, those with an unknown one last; of a game the home team comes first, then by name.
    """
    order = ["start_time_utc", "game_id", "_away", "player_name", "player_lookup"]
    ordered = rows.assign(_away=rows["team_abbr"] != rows["home_team"]).sort_values(order, na_position="last")
    for _, of_game in groupby(records(ordered), itemgetter("game_id")):
        players = [list(of_player) for _, of_player in groupby(of_game, itemgetter("player_lookup"))]
        yield {name: players[0][0][name] for name in GAME}, players


def by_player(rows: pd.DataFrame) -> dict[str, list[Row]]:
    """Return the rows of each player, in their order."""
    found: dict[str, list[Row]] = {}
    for row in records(rows):
        found.setdefault(row["player_lookup"], []).append(row)
    return found


def player_of(row: Row) -> dict[str, Any]:
    """Return the fields that identify a player."""
    return {name: row[name] for name in PLAYER}

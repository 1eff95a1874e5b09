"""How a forecast is told in a document: by whichever page, in the same words and numbers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.inference.explanations import explain_abstention, explain_briefly, explain_pass
from models.inference.odds import fair_price
from models.inference.recommendation import NO_LINE, OVER, PASS, UNDER
from models.systems.base import SystemId
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.json_values import plain

SIDES = {OVER: "over_price", UNDER: "under_price"}
SPEAKING_ORDER = {system.value: place for place, system in enumerate(SystemId)}
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
Row = Mapping[Any, Any]


def named(rows: ir.Table, players: ir.Table) -> ir.Table:
    """With everybody's display name."""
    return with_columns_of(rows, players.select("player_id", "player_name"), ["player_id"])


def placed(rows: ir.Table, schedule: ir.Table) -> ir.Table:
    """With the game each row belongs to."""
    return with_columns_of(rows, schedule.select(*GAME), ["game_id"])


def offered(rows: ir.Table, player_prop_lines: ir.Table) -> ir.Table:
    """With what the market offers, `market_` before each name."""
    lines = player_prop_lines.select(
        "game_date", "player_lookup", **{f"market_{told}": name for name, told in MARKET.items()}
    )
    return with_columns_of(rows, lines, ["game_date", "player_lookup"])


def why(row: Row) -> str:
    """What made it a pick, or what speaks against one."""
    if isinstance(row["abstain_reason"], str):
        return explain_abstention(row["abstain_reason"])
    if row["recommendation"] == PASS:
        return explain_pass(row["system_id"], row["pass_reason"], row["edge"], row["confidence_score"])
    return explain_briefly(row["components"], None if row["recommendation"] == NO_LINE else row["line"])


def price_of(row: Row) -> Any:
    """The price of the side that is recommended."""
    side = SIDES.get(row["recommendation"])
    return row[side] if side else None


def systems(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Every system's word on one player, in the order they speak."""
    return [system(row) for row in in_speaking_order(rows)]


def in_speaking_order(rows: pd.DataFrame) -> list[Any]:
    """Rows of systems, one by one: the ensemble after those it hears, the references last."""
    return sorted(rows.to_dict("records"), key=lambda row: SPEAKING_ORDER[row["system_id"]])


def system(row: Row) -> dict[str, Any]:
    """What one system says: the forecast, its chances, the odds they would make fair, and what a bet is worth."""
    over, push = row["over_probability"], row["push_probability"]
    under = 1 - over - push
    return {
        "system_id": row["system_id"],
        "predicted_points": row["predicted_points"],
        "confidence_score": row["confidence_score"],
        "line": row["line"],
        "edge": row["edge"],
        "over_probability": over,
        "push_probability": push,
        "fair_over_price": fair_price(over, under),
        "fair_under_price": fair_price(under, over),
        "recommendation": row["recommendation"],
        "price": price_of(row),
        "price_book": row["price_book"],
        "expected_value": row["expected_value"],
        "reason": why(row),
    }


def market(row: Row) -> dict[str, Any] | None:
    """The line with its best prices; nothing where nobody offers him."""
    if plain(row["market_line"]) is None:
        return None
    return {name: row[f"market_{name}"] for name in MARKET.values()}


def by_game(rows: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Game by game in the order they begin, with the rows of each; an unknown tip-off comes last."""
    ordered = rows.sort_values(["start_time_utc", "game_id"], kind="stable", na_position="last")
    for _, of_game in ordered.groupby("game_id", sort=False):
        first = of_game.iloc[0]
        yield {name: first[name] for name in GAME}, of_game


def by_player(rows: pd.DataFrame) -> Iterable[tuple[Any, pd.DataFrame]]:
    """Player by player of a game, home team first, by name."""
    at_home = rows["team_abbr"] == rows["home_team"]
    ordered = rows.assign(_away=~at_home).sort_values(["_away", "player_name", "player_lookup"], kind="stable")
    return ordered.groupby("player_lookup", sort=False)


def who(row: Row) -> dict[str, Any]:
    """Who is spoken of."""
    return {name: row[name] for name in PLAYER}

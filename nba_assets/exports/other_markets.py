"""A player's markets besides points, as parts of documents."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

import ibis.expr.types as ir

from models.forecast_keys import Edition, house_key
from models.inference.explanations import Names, explain
from models.markets import MARKETS, POINTS
from models.system_ids import SystemId
from nba_assets.exports.forecasts import FORECAST, LINE, MARKET, Row, in_system_order, market_of, system_of
from nba_assets.kit.json_values import json_value

BRIEF = ("system_id", "predicted_value", "over_probability", "push_probability")
OTHER_COLUMNS = list(dict.fromkeys([*LINE, "edition", *FORECAST, *(f"market_{field}" for field in MARKET.values())]))
PLACES = [(market, edition) for market in MARKETS for edition in Edition]
MARKET_ORDER = {market: place for place, market in enumerate(MARKETS)}


def of_other_markets(rows: ir.Table) -> ir.Table:
    """Return the rows of markets besides points in the edition that may be bet on."""
    return rows.filter(rows.market != POINTS, rows.edition == Edition.AT_LINE.value)


def place_of(market: str, edition: str) -> dict[str, str]:
    """Return the fields that say what numbers are of."""
    return {"market": market, "label": MARKETS[market].label, "edition": str(edition)}


def house_place(market: str) -> dict[str, str]:
    """Return the same fields of the house's forecast in a market, with its system."""
    key = house_key(market)
    return {**place_of(market, key.edition), "system_id": key.system_id.value}


def markets_of(rows: Iterable[Row], names: Names) -> list[dict[str, Any]]:
    """Return one JSON object for each market of a player: its prices, the house's forecast, and all systems briefly."""
    by_market = groupby(in_market_order(rows), itemgetter("market"))
    return [_market(market, in_system_order(of_market), names) for market, of_market in by_market]


def in_market_order(rows: Iterable[Row]) -> list[Row]:
    """Return the rows sorted by market."""
    return sorted(rows, key=lambda row: MARKET_ORDER[row["market"]])


def details_of(rows: Iterable[Row], names: Names) -> dict[str, str]:
    """Return for each market what the forecast of its rates rests on."""
    return {
        row["market"]: explain(row["components"], market=row["market"], names=names)
        for row in rows
        if row["system_id"] == SystemId.RATES
    }


def _market(market: str, rows: list[Row], names: Names) -> dict[str, Any]:
    house = _house(rows)
    return {
        **place_of(market, rows[0]["edition"]),
        "prices": market_of(rows[0]),
        "house": house and system_of(house, names),
        "systems": [{name: row[name] for name in BRIEF} for row in rows],
    }


def _house(rows: list[Row]) -> Row | None:
    """Return the forecast of the blend, or of the rates alone where there is no line or no timed price to blend."""
    known = {row["system_id"]: row for row in rows if json_value(row["predicted_value"]) is not None}
    return known.get(SystemId.MARKET_BLEND) or known.get(SystemId.RATES)

"""The stored forecasts of one player in one market: what `nba predict` shows of markets besides points."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.inference.explanations import explain, explain_abstention, reason_of
from models.inference.odds import fair_price
from models.markets import MARKETS
from models.picks import PASS, price_of
from models.system_ids import SystemId
from nba_assets.exports.ladders import chances_at
from nba_assets.kit.table import Table
from nba_platform.cli.command import Page
from nba_platform.cli.render import known, number, numbers, table, text
from nba_platform.cli.views.card import PREDICTIONS
from nba_platform.cli.views.player_search import find_player
from nba_platform.errors import NothingToDo
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.reader import records

ORDER = [system.value for system in SystemId]
COLUMNS = [
    *("system_id", "edition", "predicted_value", "predicted_sd", "line", "edge", "confidence_score"),
    *("over_probability", "push_probability", "over_price", "under_price", "price_book", "expected_value"),
    *("recommendation", "pass_reason", "abstain_reason", "components", "market"),
]
SHOWN = [name for name in COLUMNS if name not in ("components", "market")]
QUERY = f"""\
SELECT {", ".join(COLUMNS)} FROM {PREDICTIONS}
WHERE game_date = DATE '{{date}}' AND player_lookup = '{{player}}' AND market = '{{market}}'"""
NOTE = "These forecasts are stored. Chances at other lines follow from the spread and the chance at the stored one."


@dataclass(frozen=True)
class StoredQuote:
    """One player on one date in one market: each system's stored forecast, in each edition, and at each line asked."""

    date: dt.date
    player: Mapping[str, Any]
    market: str
    rows: Sequence[Mapping[str, Any]]

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a stored quote."""
        shown = (*SHOWN, "under_probability", "fair_over_price", "fair_under_price", "price", "reason")
        systems = [{name: row[name] for name in shown} for row in self.rows]
        return {"game_date": self.date, **self.player, "market": self.market, "notes": [NOTE], "systems": systems}


def stored_quote(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    name: str,
    date: dt.date,
    market: str,
    lines: Sequence[float] = (),
) -> StoredQuote:
    """Read the stored forecasts of one player in a market; at the line come first, then at tip-off.

    With `lines` each forecast that has chances is repeated at each of them.
    """
    player = find_player(warehouse, tables, name, date)
    query = QUERY.format(date=date, player=player["player_lookup"], market=market)
    rows = records(warehouse, query, COLUMNS) if warehouse.stored([PREDICTIONS]) else []
    if not rows:
        label, who = MARKETS[market].label, player["player_name"]
        raise NothingToDo(
            f"no forecast of the {label} of {who} is stored for {date}: run `nba backfill {date}`; "
            "players who may not be bet on have none."
        )
    ordered = sorted(rows, key=lambda row: (row["edition"], ORDER.index(row["system_id"])))
    asked = [_moved(row, line) for line in lines for row in ordered if known(row["over_probability"])] or ordered
    return StoredQuote(date, player, market, [_complete(row) for row in asked])


def stored_quote_page(quote: StoredQuote) -> Page:
    """Show each stored forecast with its chances, fair odds and reason."""
    player, what = quote.player, f"{quote.date}: {MARKETS[quote.market].label}"
    yield f"{player['player_name']}, {player['team_abbr']} against {player['opponent_team_abbr']}, {what}"
    yield NOTE
    yield ""
    heads = numbers("median", "sd", "line", "over", "push", "under", "fair over", "fair under")
    yield table(["system", "edition", *heads, text("why", 40, wrapped=True)], [_cells(row) for row in quote.rows])


def _moved(row: Mapping[str, Any], line: float) -> dict[str, Any]:
    """Return a forecast at another line, where it has no price and is no pick."""
    over, push = chances_at(row, line) or (None, None)
    if line == row["line"]:
        return dict(row)
    nothing = dict.fromkeys(("over_price", "under_price", "price_book", "expected_value", "pass_reason"))
    chances = {"over_probability": over, "push_probability": push, "edge": row["predicted_value"] - line}
    return {**row, **nothing, **chances, "line": line, "recommendation": PASS}


def _complete(row: Mapping[str, Any]) -> dict[str, Any]:
    """Add the chance of under, fair odds, the price of the recommended side, and the reason in words."""
    over, push = row["over_probability"], row["push_probability"]
    under = 1 - over - push if known(over) and known(push) else None
    fair = (float(fair_price(over, under)), float(fair_price(under, over))) if under is not None else (None, None)
    odds = {"under_probability": under, "fair_over_price": fair[0], "fair_under_price": fair[1]}
    return {**row, **odds, "price": price_of(row), "reason": _reason(row)}


def _reason(row: Mapping[str, Any]) -> str:
    """Return what a forecast rests on; or else why it is no pick, or missing."""
    if known(row["abstain_reason"]):
        return f"says nothing: {explain_abstention(row['abstain_reason'])}"
    return explain(row["components"], 3, row["market"]) or reason_of(row)


def _cells(row: Mapping[str, Any]) -> list[str]:
    forms = {"predicted_value": ".1f", "predicted_sd": ".1f", "line": ".1f"}
    forms |= dict.fromkeys(("over_probability", "push_probability", "under_probability"), ".0%")
    forms |= dict.fromkeys(("fair_over_price", "fair_under_price"), "+.0f")
    return [row["system_id"], row["edition"], *(number(row[name], form) for name, form in forms.items()), row["reason"]]

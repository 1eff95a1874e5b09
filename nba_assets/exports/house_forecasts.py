"""JSON objects of stored forecasts in any market, the house's forecast first, and what moved it."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from models.forecast_keys import Edition, house_key
from models.inference.explanations import BASE_LABELS, SHORT_NAMES, TERM_LABELS
from models.system_ids import SystemId
from nba_assets.exports.forecasts import SYSTEM_ORDER, Row, verdict_of
from nba_assets.exports.ladders import Ladder
from nba_assets.kit.json_values import json_value

FORECAST = (
    *("game_date", "player_lookup", "market", "system_id", "edition", "predicted_value", "predicted_sd", "line"),
    *("edge", "confidence_score", "over_probability", "push_probability", "recommendation", "over_price"),
    *("under_price", "price_book", "expected_value", "abstain_reason", "pass_reason", "components"),
)
STARTS = ("usual", "line")  # reasons that are a level, not a move
Reasons = list[dict[str, Any]]


def house_of(market: str, forecasts: Iterable[Row]) -> Row | None:
    """Return the house's forecast of a market; where it abstains, that of the rates, which need no line."""
    found = {(row["system_id"], row["edition"]): row for row in forecasts}
    key = house_key(market)
    house, rates = found.get((key.system_id, key.edition)), found.get((SystemId.RATES, Edition.AT_LINE))
    made = house is not None and json_value(house["predicted_value"]) is not None
    return house if made or rates is None else rates


def forecast_of(row: Row) -> dict[str, Any]:
    """Return a forecast with its interval, chances, fair prices, verdict and reason."""
    ladder = Ladder.of(row)
    low, high = (ladder and ladder.interval()) or (None, None)
    numbers = {name: row[name] for name in ("system_id", "edition", "predicted_value")}
    return {**numbers, "low": low, "high": high, **verdict_of(row)}


def in_order(forecasts: Iterable[Row]) -> list[Row]:
    """Return the forecasts of a market by system, the references last."""
    return sorted(forecasts, key=lambda row: (SYSTEM_ORDER[row["system_id"]], row["edition"]))


def ladder_of(row: Row | None) -> dict[str, Any] | None:
    """Return the chances of more than each count, from `first` on."""
    if row is None or (ladder := Ladder.of(row)) is None:
        return None
    return {"system_id": row["system_id"], "first": ladder.first, "above_probability": ladder.above}


def reasons_of(components: str | None) -> Reasons:
    """Return the parts of a forecast: a level it starts from or averages (`moves` is false), or what moved it."""
    parts: Sequence[dict[str, Any]] = json.loads(components or "[]")
    return [_reason(part) for part in parts]


def _reason(part: dict[str, Any]) -> dict[str, Any]:
    if "system" in part:
        return {"label": SHORT_NAMES[part["system"]], "player": None, "amount": part["prediction"], "moves": False}
    name = next(part[kind] for kind in ("reason", "term", "feature") if kind in part)
    label = BASE_LABELS.get(name) or TERM_LABELS.get(name) or name.replace("_", " ")
    if "reason" in part:
        return {"label": label, "player": part.get("player"), "amount": part["amount"], "moves": name not in STARTS}
    starts = name in BASE_LABELS
    amount = part["value"] if starts and "feature" in part else part["points"]
    return {"label": label, "player": None, "amount": amount, "moves": not starts}

"""Explanations of forecasts for people, made from the components that the systems stored."""

import json
from collections.abc import Mapping
from typing import Any

from models.features import EXTENDED
from models.markets import MARKETS, POINTS
from models.picks import (
    FORECAST_ONLY,
    LATE_FACTS,
    LOW_CONFIDENCE,
    MIN_VALUE,
    NO_LINE,
    NO_MAJORITY,
    PASS,
    PICK_LIMITS,
    REFERENCE,
    SMALL_EDGE,
    SMALL_VALUE,
    UNTIMED_PRICE,
)
from models.system_ids import AbstainReason, SystemId

MIN_SHOWN_POINTS = 0.05  # less is 0.0 at one decimal
SHORT_NAMES: Mapping[str, str] = {
    SystemId.MOVING_AVERAGE: "averages",
    SystemId.ZONE_MATCHUP: "zones",
    SystemId.SIMILARITY: "similar",
    SystemId.XGBOOST: "xgboost",
    SystemId.CATBOOST: "catboost",
    SystemId.ENSEMBLE: "ensemble",
    SystemId.CATBOOST_EXTENDED: "catboost9",
    SystemId.MARKET_ANCHORED: "anchored",
    SystemId.RATES: "rates",
    SystemId.MARKET_BLEND: "blend",
    SystemId.SEASON_AVERAGE: "season",
    SystemId.PLAIN_AVERAGE: "plain",
    SystemId.MARKET_LINE: "line",
}
BASE_LABELS: Mapping[str, str] = {
    "usual": "usual",
    "form": "recent form",
    "season": "season average",
    "similar_games": "similar games",
    "line": "the market's line",
}
TERM_LABELS: Mapping[str, str] = {
    "fatigue": "fatigue",
    "shot_zones": "shot zones",
    "back_to_back": "back-to-back",
    "pace": "pace",
    "venue": "venue",
    "usage": "absent team-mates",
    "paint": "paint",
    "mid_range": "mid-range",
    "three": "threes",
    "limit": "limited to 0-60",
}
ABSTENTION_TEXTS: Mapping[str, str] = {
    AbstainReason.MISSING_INPUT: "a required input is not known",
    AbstainReason.NO_ZONE_DATA: "his shot zones or the opponent's are not known",
    AbstainReason.THIN_HISTORY: "fewer than five similar games",
    AbstainReason.NO_MODEL: "no model of this month",
    AbstainReason.NO_LINE: "no line",
    AbstainReason.TOO_FEW_SYSTEMS: "fewer than two systems predicted",
}
Names = Mapping[str, str]  # of players, by lookup
NO_NAMES: Names = {}
_FEATURES = {feature.name: feature for feature in EXTENDED}


def reason_of(row: Mapping[Any, Any], names: Names = NO_NAMES) -> str:
    """Return why a forecast is a pick, is none, or is missing."""
    if isinstance(row["abstain_reason"], str):
        return explain_abstention(row["abstain_reason"])
    if row["recommendation"] == PASS:
        numbers = (row[name] for name in ("edge", "confidence_score", "expected_value"))
        return explain_pass(row["system_id"], row["pass_reason"], *numbers)
    line = None if row["recommendation"] == NO_LINE else row["line"]
    return explain_briefly(row["components"], line, row["market"], names)


def explain(components: str, most: int = 5, market: str = POINTS, names: Names = NO_NAMES) -> str:
    """Return the parts of a forecast, largest effect first; empty if the system abstained."""
    parts: list[dict[str, Any]] = json.loads(components)
    if not parts:
        return ""
    if "system" in parts[0]:
        return ", ".join(f"{SHORT_NAMES[part['system']]} {part['prediction']:.1f}" for part in parts)
    if "feature" in parts[0]:
        return "; ".join(_feature(**part) for part in _visible(parts)[:most])
    return _terms(parts, most, market, names)


def explain_briefly(components: str, line: float | None = None, market: str = POINTS, names: Names = NO_NAMES) -> str:
    """Return an explanation as wide as a table column: systems on each side of the line, or the first parts."""
    parts: list[dict[str, Any]] = json.loads(components)
    if parts and "system" in parts[0]:
        return _sides([part["prediction"] for part in parts], line)
    if parts and "feature" in parts[0]:
        return ", ".join(_feature_points(**part) for part in _visible(parts)[:2])
    return _terms(parts, 3, market, names)


def explain_pass(
    system: str, pass_reason: str, edge: float, confidence: float | None, value: float | None = None
) -> str:
    """Return why a system did not pick."""
    if pass_reason == SMALL_EDGE:
        return f"edge {edge:+.1f} is under {PICK_LIMITS[SystemId(system)].min_edge:g}"
    if pass_reason == LOW_CONFIDENCE:
        return f"confidence {confidence:.0f} is under {PICK_LIMITS[SystemId(system)].min_confidence:g}"
    if pass_reason == SMALL_VALUE:
        shown = "" if value is None or value != value else f"{100 * value:+.1f} % "
        return f"value {shown}is under {100 * MIN_VALUE:g} %"
    texts = {
        NO_MAJORITY: "its systems disagree",
        REFERENCE: "a reference, never a pick",
        FORECAST_ONLY: "a forecast only: it reads no price",
        UNTIMED_PRICE: "no price of a known time",
        LATE_FACTS: "it knows more than the price did",
    }
    return texts.get(pass_reason) or explain_abstention(pass_reason)


def explain_abstention(abstain_reason: str) -> str:
    """Return why a system made no forecast."""
    return ABSTENTION_TEXTS.get(abstain_reason, abstain_reason.lower().replace("_", " "))


def _terms(parts: list[dict[str, Any]], most: int, market: str, names: Names) -> str:
    """Return what a forecast starts from, then what moved it most: terms of a rule, or reasons of a model of rates."""
    if parts and "reason" in parts[0]:
        first, moved = parts[:1], _visible(parts[1:], "amount")
        base = [f"{BASE_LABELS[part['reason']]} {part['amount']:.1f}" for part in first]
        moved.sort(key=lambda part: -abs(part["amount"]))
        return ", ".join(base + [_reason(part, MARKETS[market].label, names) for part in moved[:most]])
    base = [f"{BASE_LABELS[part['term']]} {part['points']:.1f}" for part in parts if part["term"] in BASE_LABELS]
    moved = _visible([part for part in parts if part["term"] not in BASE_LABELS])
    moved.sort(key=lambda part: -abs(part["points"]))
    return ", ".join(base + [f"{TERM_LABELS[part['term']]} {part['points']:+.1f}" for part in moved[:most]])


def _reason(part: dict[str, Any], unit: str, names: Names) -> str:
    """Return a reason with its amount; of a team-mate who is out or back his name, or his lookup if it is not known."""
    if mate := part.get("player"):
        return f"{part['amount']:+.1f} {unit}: {names.get(mate, mate.title())} {'out' if part['is_out'] else 'back'}"
    return f"{part['reason']} {part['amount']:+.1f}"


def _visible(parts: list[dict[str, Any]], amount: str = "points") -> list[dict[str, Any]]:
    return [part for part in parts if abs(part[amount]) >= MIN_SHOWN_POINTS]


def _feature(feature: str, value: float | None, points: float) -> str:
    """Return a feature's value, its meaning and how far it moved the forecast."""
    if feature in BASE_LABELS:
        return _feature_points(feature, value, points)
    unit, meaning = _FEATURES[feature].unit, _FEATURES[feature].meaning
    known = "not known" if value is None else f"{value:.4g} {unit}".strip()
    return f"{feature.replace('_', ' ')} {known} ({meaning}) {points:+.1f}"


def _feature_points(feature: str, value: float | None, points: float) -> str:
    """Return a feature and its points; the line that a model starts from is shown by its value."""
    label = BASE_LABELS.get(feature)
    return f"{label} {value:.1f}" if label else f"{feature.replace('_', ' ')} {points:+.1f}"


def _sides(predictions: list[float], line: float | None) -> str:
    span = f"{min(predictions):.1f} to {max(predictions):.1f}"
    if line is None:
        return f"{len(predictions)} systems, {span}"
    over = sum(prediction > line for prediction in predictions)
    under = sum(prediction < line for prediction in predictions)
    count, side = (over, "over") if over >= under else (under, "under")
    return f"{count} of {len(predictions)} systems {side}, {span}"

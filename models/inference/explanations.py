"""Why a system says what it says, in words: made from its own reckoning, never from a second opinion."""

import json
from collections.abc import Mapping
from typing import Any

from models.features import EXTENDED
from models.inference.recommendation import LOW_CONFIDENCE, NO_MAJORITY, REFERENCE, SMALL_EDGE
from models.systems import BY_ID
from models.systems.base import Abstained, SystemId

MATTERS = 0.05  # points; less is invisible at one decimal
NICKNAMES: Mapping[str, str] = {
    SystemId.MOVING_AVERAGE: "averages",
    SystemId.ZONE_MATCHUP: "zones",
    SystemId.SIMILARITY: "similar",
    SystemId.XGBOOST: "xgboost",
    SystemId.CATBOOST: "catboost",
    SystemId.ENSEMBLE: "ensemble",
    SystemId.CATBOOST_EXTENDED: "catboost9",
    SystemId.MARKET_ANCHORED: "anchored",
    SystemId.SEASON_AVERAGE: "season",
    SystemId.MARKET_LINE: "line",
}
BASES: Mapping[str, str] = {
    "form": "recent form",
    "season": "season average",
    "similar_games": "similar evenings",
    "line": "the market's line",
}
TERMS: Mapping[str, str] = {
    "fatigue": "tired legs",
    "shot_zones": "shot zones",
    "back_to_back": "second night running",
    "pace": "pace",
    "venue": "venue",
    "usage": "absent team-mates",
    "paint": "paint",
    "mid_range": "mid-range",
    "three": "threes",
    "limit": "kept within 0-60",
}
SILENCE: Mapping[str, str] = {
    Abstained.MISSING_INPUT: "a number it cannot do without is not known",
    Abstained.NO_ZONE_DATA: "his shot zones or the opponent's are not known",
    Abstained.THIN_HISTORY: "fewer than five evenings like this one",
    Abstained.NO_MODEL: "no model of this month",
    Abstained.NO_LINE: "no line",
    Abstained.TOO_FEW_SYSTEMS: "fewer than two systems to hear",
}
_FEATURES = {feature.name: feature for feature in EXTENDED}


def reason(components: str, most: int = 5) -> str:
    """The parts of a forecast, those that moved it most first; empty where a system abstained."""
    parts: list[dict[str, Any]] = json.loads(components)
    if not parts:
        return ""
    if "system" in parts[0]:
        return ", ".join(f"{NICKNAMES[part['system']]} {part['prediction']:.1f}" for part in parts)
    if "feature" in parts[0]:
        return "; ".join(_feature(**part) for part in _felt(parts)[:most])
    return _terms(parts, most)


def short_reason(components: str, line: float | None = None) -> str:
    """The same in the width of a table's column: how many systems stand on which side, or the first few parts."""
    parts: list[dict[str, Any]] = json.loads(components)
    if parts and "system" in parts[0]:
        return _sides([part["prediction"] for part in parts], line)
    if parts and "feature" in parts[0]:
        return ", ".join(_briefly(**part) for part in _felt(parts)[:2])
    return _terms(parts, most=3)


def why_pass(system: str, pass_reason: str, edge: float, confidence: float) -> str:
    """What speaks against a pick."""
    limits = BY_ID[SystemId(system)]
    told = {
        SMALL_EDGE: f"edge {edge:+.1f} is under {limits.least_edge:g}",
        LOW_CONFIDENCE: f"confidence {confidence:.0f} is under {limits.least_confidence:g}",
        NO_MAJORITY: "its systems are divided",
        REFERENCE: "a reference, never a pick",
    }
    return told.get(pass_reason) or why_silent(pass_reason)


def why_silent(abstain_reason: str) -> str:
    """Why a system says nothing."""
    return SILENCE.get(abstain_reason, abstain_reason.lower().replace("_", " "))


def _terms(parts: list[dict[str, Any]], most: int) -> str:
    base = [f"{BASES[part['term']]} {part['points']:.1f}" for part in parts if part["term"] in BASES]
    moved = [part for part in parts if part["term"] not in BASES and abs(part["points"]) >= MATTERS]
    moved.sort(key=lambda part: -abs(part["points"]))
    return ", ".join(base + [f"{TERMS[part['term']]} {part['points']:+.1f}" for part in moved[:most]])


def _felt(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part for part in parts if abs(part["points"]) >= MATTERS]


def _feature(feature: str, value: float | None, points: float) -> str:
    """What was measured, what it means and which way it moved the forecast."""
    if feature in BASES:
        return _briefly(feature, value, points)
    unit, meaning = _FEATURES[feature].unit, _FEATURES[feature].meaning
    known = "not known" if value is None else f"{value:.4g} {unit}".strip()
    return f"{_said(feature)} {known} ({meaning}) {points:+.1f}"


def _briefly(feature: str, value: float | None, points: float) -> str:
    """A model that starts from the line tells it as its first feature."""
    return f"{BASES[feature]} {value:.1f}" if feature in BASES else f"{_said(feature)} {points:+.1f}"


def _said(feature: str) -> str:
    return feature.replace("_", " ")


def _sides(predictions: list[float], line: float | None) -> str:
    span = f"{min(predictions):.1f} to {max(predictions):.1f}"
    if line is None:
        return f"{len(predictions)} systems, {span}"
    over = sum(prediction > line for prediction in predictions)
    under = sum(prediction < line for prediction in predictions)
    count, side = (over, "over") if over >= under else (under, "under")
    return f"{count} of {len(predictions)} systems {side}, {span}"

"""Convert a shot of the play-by-play to our coordinates, clock, zones and names."""

import math
import re
from typing import Any

from nba_resources.sources.providers.json_reader import JsonValue, Row

# Legacy coordinates are tenths of feet from the rim; ours are feet from the middle of the baseline, with the left
# corner at x > 0. The sign of legacy x was taken from archives of the same games; no document states it.
TENTHS, MIRRORED, RIM = 10.0, -1.0, 5.25
VALUES = {"2pt": 2, "3pt": 3, "2": 2, "3": 3, "heave": 3}
RESULTS = {"made": True, "missed": False}
AREAS = {
    "restricted area": "restricted_area",
    "in the paint (non-ra)": "paint_non_ra",
    "mid-range": "mid_range",
    "above the break 3": "above_break_3",
    "left corner 3": "left_corner_3",
    "right corner 3": "right_corner_3",
    "backcourt": "backcourt",
}
_CLOCK = re.compile(r"(?:PT)?(\d+)[M:](\d+(?:\.\d+)?)S?")


def shot_columns(clock: JsonValue, value: JsonValue, result: JsonValue, distance: JsonValue) -> Row:
    """Return the time, value, result and distance of a shot."""
    return {
        "seconds_left": _seconds_left(clock),
        "shot_value": _choice(value, VALUES),
        "made": _choice(result, RESULTS),
        "distance_ft": math.floor(_number(distance)),  # cut, not rounded, as on the league's charts
    }


def place_columns(x: JsonValue | None, y: JsonValue | None, area: JsonValue | None, *words: JsonValue | None) -> Row:
    """Return the place and name of a shot, which some versions of the play-by-play omit."""
    name = " ".join(word.text() for word in words if word and word.value)
    return {
        "x": None if x is None else round(MIRRORED * _number(x) / TENTHS, 2) + 0.0,
        "y": None if y is None else round(_number(y) / TENTHS + RIM, 2),
        "zone_basic": None if area is None else AREAS.get(str(area.value).strip().lower()),
        "action_type": name[:1].upper() + name[1:] or None,
    }


def distance_from_rim(x: JsonValue | None, y: JsonValue | None) -> int | None:
    """Return whole feet between legacy coordinates and the rim."""
    return None if x is None or y is None else math.floor(math.hypot(_number(x), _number(y)) / TENTHS)


def _seconds_left(clock: JsonValue) -> int:
    """Return whole seconds of `PT11M40.00S` or `11:40`."""
    match = _CLOCK.fullmatch(str(clock.value).strip())
    if not match:
        clock.fail("a clock such as PT11M40.00S")
    return int(match[1]) * 60 + int(float(match[2]))


def _choice(json: JsonValue, choices: dict[str, Any]) -> Any:
    if (choice := choices.get(str(json.value).strip().lower())) is None:
        json.fail(f"one of {', '.join(choices)}")
    return choice


def _number(json: JsonValue) -> float:
    if isinstance(json.value, bool) or not isinstance(json.value, int | float) or not math.isfinite(json.value):
        json.fail("a number")
    return float(json.value)

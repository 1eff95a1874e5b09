"""A shot as play-by-play tells it, put on the chart and the clock that our shots are told by."""

import math
import re
from typing import Any

from nba_resources.sources.providers.json_reader import Answer, Row

# Legacy coordinates are tenths of feet from the rim; ours are feet from the middle of the baseline, with the left
# corner at x > 0. That legacy x points the other way is from archives of the same games, not from a document.
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


def outcome(clock: Answer, value: Answer, result: Answer, distance: Answer) -> Row:
    """When it was taken, what it was worth, whether it fell, from how far."""
    return {
        "seconds_left": _seconds_left(clock),
        "shot_value": _meant(value, VALUES),
        "made": _meant(result, RESULTS),
        "distance_ft": math.floor(_number(distance)),  # cut, not rounded, as on the league's charts
    }


def label(x: Answer | None, y: Answer | None, area: Answer | None, *words: Answer | None) -> Row:
    """Where on the chart, and what it is called: the parts some versions leave out."""
    return {
        "x": None if x is None else round(MIRRORED * _number(x) / TENTHS, 2) + 0.0,
        "y": None if y is None else round(_number(y) / TENTHS + RIM, 2),
        "zone_basic": None if area is None else AREAS.get(str(area.value).strip().lower()),
        "action_type": _called([word.text() for word in words if word and word.value]),
    }


def _seconds_left(clock: Answer) -> int:
    """Whole seconds of `PT11M40.00S` or `11:40`."""
    found = _CLOCK.fullmatch(str(clock.value).strip())
    if not found:
        clock.refuse("a clock such as PT11M40.00S")
    return int(found[1]) * 60 + int(float(found[2]))


def _meant(told: Answer, known: dict[str, Any]) -> Any:
    if (meant := known.get(str(told.value).strip().lower())) is None:
        told.refuse(f"one of {', '.join(known)}")
    return meant


def _number(told: Answer) -> float:
    if isinstance(told.value, bool) or not isinstance(told.value, int | float) or not math.isfinite(told.value):
        told.refuse("a number")
    return float(told.value)


def _called(words: list[str]) -> str | None:
    """`Pullup Jump Shot` of a descriptor `pullup` and a type `Jump Shot`; some versions say it in one."""
    told = " ".join(words)
    return told[:1].upper() + told[1:] or None

"""Encodes documents as JSON, so that equal content is equal bytes wherever and whenever it is written."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from nba_assets.kit.json_values import json_value

PLACES = 2  # points, minutes, ratings
FINE_PLACES = 4  # chances, shares, values per unit staked, and means over many games
_FINE = re.compile(
    r"(probability|rate|share|pct|(expected|closing)_value|break_even|low|high|roi|brier|mae|mae_shared|bias)$"
)
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}  # safe inside a script element of a page


def encode(document: Mapping[str, Any]) -> bytes:
    """Encode as compact UTF-8 JSON in the document's order, numbers rounded by their name; unknown values are null."""
    text = json.dumps(_rounded(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPED).encode() + b"\n"


def _rounded(value: Any, name: str = "") -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _rounded(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item, name) for item in value]
    value = json_value(value)
    if not isinstance(value, float):
        return value
    number = round(value, _places(name))
    return int(number) if number.is_integer() else number


@cache
def _places(name: str) -> int:
    return FINE_PLACES if _FINE.search(name) else PLACES

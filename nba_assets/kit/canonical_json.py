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
_ESCAPED = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}  # safe inside a script element of a page
_AS_THEY_ARE = frozenset((str, int, bool, type(None)))


def encode(document: Mapping[str, Any]) -> bytes:
    """Encode as compact UTF-8 JSON in the document's order, numbers rounded by their name; unknown values are null."""
    text = json.dumps(_rounded(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign, escaped in _ESCAPED.items():
        text = text.replace(sign, escaped)
    return text.encode() + b"\n"


def _rounded(value: Any, name: str = "") -> Any:
    """Return JSON values. A publication has a million of them, so exact types are compared, the most frequent first."""
    kind = type(value)
    if kind is float:
        number = round(value, _places(name))
        return None if number != number else int(number) if number.is_integer() else number
    if kind in _AS_THEY_ARE:
        return value
    if isinstance(value, list | tuple):
        return [_rounded(item, name) for item in value]
    if kind is dict or isinstance(value, Mapping):
        return {
            (field := str(key)): item if type(item) in _AS_THEY_ARE else _rounded(item, field)
            for key, item in value.items()
        }
    converted = json_value(value)
    return _rounded(float(converted), name) if isinstance(converted, float) else converted


@cache
def _places(name: str) -> int:
    return FINE_PLACES if _FINE.search(name) else PLACES

"""One way to write a document, so that the same content is the same bytes wherever and whenever it is written."""

import json
import re
from collections.abc import Mapping
from typing import Any

from nba_assets.kit.json_values import plain

PLACES = 2  # points, minutes, ratings: nobody measures them finer
FINE_PLACES = 4  # chances, shares, values per unit staked, and means over many games
_FINE = re.compile(r"(probability|rate|share|pct|value|break_even|low|high|roi|brier|mae|mae_shared|bias)$")
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}  # a page may hold it in a script


def written(document: Mapping[str, Any]) -> bytes:
    """As compact UTF-8 JSON in the order of the document, rounded by kind; what is not known is null."""
    text = json.dumps(_rounded(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPED).encode() + b"\n"


def _rounded(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {str(key): _rounded(one, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one, name) for one in value]
    found = plain(value)
    if not isinstance(found, float):
        return found
    number = round(found, FINE_PLACES if _FINE.search(name) else PLACES)
    return int(number) if number.is_integer() else number

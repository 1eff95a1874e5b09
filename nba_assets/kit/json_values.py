"""Converts values of rows to JSON values: no NaN, no timestamps, no numpy; unknown values are null.

It imports neither numpy nor pandas: commands that print stored rows do without them.
"""

import datetime as dt
from typing import Any


def json_value(value: Any) -> Any:
    """Convert one value; a midnight without a time zone becomes a date."""
    if hasattr(value, "tolist"):  # an array or a number of numpy
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    if _is_unknown(value):
        return None
    if isinstance(value, dt.datetime):
        midnight = value.tzinfo is None and value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def _is_unknown(value: Any) -> bool:
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas.NA has no truth
        return True

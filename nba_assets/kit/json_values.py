"""Converts values of frames to JSON values: no NaN, no timestamps, no numpy; unknown values are null."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd


def json_value(value: Any) -> Any:
    """Convert one value; a midnight without a time zone becomes a date."""
    if isinstance(value, np.ndarray | list | tuple):
        return [json_value(item) for item in value]
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(value, pd.Timestamp | dt.datetime):
        midnight = value.tzinfo is None and value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value

"""Values of a model card, made from frames."""

import json
from typing import Any

import numpy as np
import pandas as pd


def span(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Return the first and the last date of some rows, under a name."""
    return {f"{name}_start": rows.game_date.min().date(), f"{name}_end": rows.game_date.max().date()}


def mean(values: pd.Series) -> float | None:
    """Return the mean of the known values, None if there are none."""
    found = float(values.mean())
    return None if np.isnan(found) else round(found, 4)


def json_text(value: Any) -> str:
    """Return JSON that is equal for equal values; refuse what is no number."""
    return json.dumps(value, allow_nan=False, sort_keys=True)

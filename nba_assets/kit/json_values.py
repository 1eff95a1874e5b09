"""Values of frames as JSON knows them: no NaN, no timestamps, no numpy; what is not known is null."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd


def plain_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Each row by the names of its columns."""
    return [{str(name): plain(value) for name, value in row.items()} for row in rows.to_dict("records")]


def plain(value: Any) -> Any:
    """One value of a frame."""
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(one) for one in value]
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(value, pd.Timestamp | dt.datetime):
        midnight = value.tzinfo is None and value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value

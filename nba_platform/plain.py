"""Numbers and rows as people and programs read them; what is not known is blank, or null."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd


def plain_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """As JSON knows values: no NaN, no timestamps, no numpy."""
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


def known(value: Any) -> bool:
    """Whether there is a number to show."""
    return plain(value) is not None


def tenth(value: Any) -> str:
    """Points."""
    return f"{value:.1f}" if known(value) else ""


def chance(value: Any) -> str:
    """A probability in percent."""
    return f"{value:.0%}" if known(value) else ""


def signed(value: Any) -> str:
    """A gain or loss per unit staked."""
    return f"{value:+.2f}" if known(value) else ""


def price(value: Any) -> str:
    """An American price."""
    return f"{value:+.0f}" if known(value) else ""

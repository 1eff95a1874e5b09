"""The reasons of a forecast: what each group of terms adds to it, in the unit of the statistic, exactly.

A linear model explains itself: all parts of a forecast sum up to it. What team-mates change is told by name.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.markets import Market
from models.rates.model import RatesModel
from models.rates.ridge import FLOOR_COLUMN
from models.rates.terms import REASONS, own_statistic
from models.systems.base import to_json

USUAL, MATES, MEDIAN = "usual", "team-mates tonight", "median"
LEAST = 0.005  # of the statistic: less is not told
MOST_NAMES = 3
DECIMALS = 4
_GROUPS = {**REASONS, "usual": USUAL, FLOOR_COLUMN: "form"}


def reasons(model: RatesModel, rows: pd.DataFrame, forecasts: pd.DataFrame, market: Market) -> list[str]:
    """Return the parts of each row's forecast of a market as JSON; they sum up to its `value`.

    `rows` have the contract's columns and `absences`; `forecasts` are those of `forecast_markets` for the same rows.
    """
    terms = model.explain(rows, forecasts.minutes.to_numpy(), market)
    parts = {group: terms[[name for name in terms if _GROUPS[name] == group]].sum(axis=1).to_numpy() for group in _ALL}
    parts[MEDIAN] = (forecasts["value"] - forecasts["mean"]).to_numpy()
    values = np.column_stack([*parts.values()]).round(DECIMALS)
    statistic = own_statistic(market.counts[0])
    written = zip(values.tolist(), rows["absences"], strict=True)
    return [to_json([*_parts(dict(zip(parts, row, strict=True)), text, statistic)]) for row, text in written]


_ALL = tuple(dict.fromkeys(("usual", *_GROUPS.values())))


def _parts(amounts: Mapping[str, float], absences: Any, statistic: str) -> Iterator[dict[str, Any]]:
    """Yield what is usual, then the largest parts first."""
    yield {"reason": USUAL, "amount": amounts[USUAL]}
    for reason, amount in sorted(amounts.items(), key=lambda part: -abs(part[1])):
        if reason == USUAL or abs(amount) < LEAST:
            continue
        if reason == MATES:
            yield from _by_mate(amount, absences, statistic)
        else:
            yield {"reason": reason, "amount": amount}


def _by_mate(amount: float, absences: Any, statistic: str) -> Iterator[dict[str, Any]]:
    """Yield the part of each team-mate who changes much in the direction of the whole, and what is left.

    Less of them than usual means that they are out, more that they are back: the amount alone tells neither.
    """
    mates = json.loads(absences) if isinstance(absences, str) else []
    changes = {mate["player"]: (mate[statistic] or 0.0) * (mate["chance"] - mate["share"]) for mate in mates}
    whole = sum(changes.values())
    alike = {player: change for player, change in changes.items() if change * whole > 0}
    left = amount
    for player in sorted(alike, key=lambda player: -abs(alike[player]))[:MOST_NAMES]:
        part = round(amount * alike[player] / sum(alike.values()), DECIMALS)
        left -= part
        yield {"reason": MATES, "amount": part, "player": player, "is_out": whole < 0}
    if abs(left) >= LEAST:
        yield {"reason": MATES, "amount": round(left, DECIMALS)}

"""Rows that are set aside as broken, and the unit of failure: the rows that a broken one takes with it."""

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """The part of a write that is stored or set aside together.

    A game of which one stat line is wrong has a wrong total; a line of one bookmaker says nothing about another.
    """

    ROW = "row"
    GAME = "game"
    DATE = "date"
    WHOLE = "whole write"


@dataclass(frozen=True)
class RejectedRow:
    """A row that is set aside: its date if that could be read, its source, its values as JSON, and the reason.

    `unit` names the game if the whole game is set aside.
    """

    date: dt.date | None
    source: str
    row: str
    reason: str
    unit: str = ""


OTHER_ROW = "another row of the game is rejected"


def as_json(row: Mapping[str, object]) -> str:
    """Return the values of a row as JSON; what JSON has no type for, such as a time or NaN, is text."""
    odd = {name: str(value) for name, value in row.items() if isinstance(value, float) and not math.isfinite(value)}
    return json.dumps({**row, **odd}, default=str, ensure_ascii=False, sort_keys=True)

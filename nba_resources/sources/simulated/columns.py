"""The tools the league is made with: repeatable dice, columns that are cut together, tables typed as a feed says."""

import datetime as dt
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import pyarrow as pa

from nba_resources.sources.feeds import FEEDS

FOREVER = np.datetime64("9999-12-31", "D")
VERSION = ("shown_from", "shown_until")

_ARROW = {
    **dict.fromkeys(("text", "team"), pa.string()),
    **dict.fromkeys(("integer", "price"), pa.int64()),
    **dict.fromkeys(("number", "minutes", "line"), pa.float64()),
    "flag": pa.bool_(),
    "day": pa.date32(),
    "moment": pa.timestamp("us", tz="UTC"),
}


def rng_for(seed: int, year: int, *about: str) -> np.random.Generator:
    """A stream of its own for each thing decided: making shots differently must not change who won."""
    if seed < 0:
        raise ValueError(f"the seed of the simulated league must be 0 or more, found {seed}")
    return np.random.default_rng([seed, year, zlib.crc32("/".join(about).encode())])


def day64(day: dt.date) -> np.datetime64:
    """The same day as numpy counts it."""
    return np.datetime64(day, "D")


def chance(z: np.ndarray) -> np.ndarray:
    """The normal distribution by its logistic look-alike, off by at most 0.01: no statistics library for so little."""
    return 1 / (1 + np.exp(-1.702 * z))


def apportion(weights: np.ndarray, total: int) -> np.ndarray:
    """Shares out `total` whole units along the last axis, largest remainder first, so that parts always sum to it."""
    exact = weights * (total / weights.sum(axis=-1, keepdims=True))
    parts = np.floor(exact).astype(int)
    left_over = total - parts.sum(axis=-1, keepdims=True)
    rank = np.argsort(np.argsort(parts - exact, axis=-1, kind="stable"), axis=-1, kind="stable")
    return parts + (rank < left_over)


@dataclass(frozen=True)
class Columns:
    """Arrays that share their first axis; cut them with `where` and they stay in step."""

    def where(self, chosen: np.ndarray) -> Self:
        """The chosen rows (a mask or positions) of every column."""
        return replace(self, **{name: _cut(value, chosen) for name, value in self._columns().items()})

    @classmethod
    def joined(cls, *parts: Self) -> Self:
        """The parts one after the other."""
        names = [column.name for column in fields(cls)]
        return cls(**{name: _joined([getattr(part, name) for part in parts]) for name in names})

    def _columns(self) -> dict[str, Any]:
        return {column.name: getattr(self, column.name) for column in fields(self)}


def _cut(value: Any, chosen: np.ndarray) -> Any:
    if isinstance(value, Columns):
        return value.where(chosen)
    return {name: _cut(part, chosen) for name, part in value.items()} if isinstance(value, dict) else value[chosen]


def _joined(values: list[Any]) -> Any:
    if isinstance(values[0], dict):
        return {name: np.concatenate([value[name] for value in values]) for name in values[0]}
    return np.concatenate(values)


def texts(values: Any, positions: np.ndarray) -> pa.Array:
    """Text by position in a short list: a season repeats a few hundred names some hundred thousand times."""
    return pa.array(values, pa.string()).take(pa.array(np.ravel(positions)))


def facts(feed: str, values: Mapping[str, Any], shown_from: np.ndarray, shown_until: Any = FOREVER) -> pa.Table:
    """Rows of a feed with the first and last day on which an observer is shown them in this version."""
    columns = {name: _typed(values[name], _ARROW[declared.kind]) for name, declared in FEEDS[feed].fields.items()}
    rows = len(shown_from)
    for name, days in zip(VERSION, (shown_from, np.broadcast_to(shown_until, rows)), strict=True):
        columns[name] = pa.array(days.astype("datetime64[D]"), pa.date32())
    return pa.table(columns)


def _typed(value: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(value, pa.Array):
        return value
    if pa.types.is_timestamp(kind):
        return pa.array(value.astype("datetime64[us]")).cast(kind)
    whole = pa.types.is_integer(kind) and value.dtype.kind == "f"
    return pa.array(value, from_pandas=True).cast(kind) if whole else pa.array(value, kind, from_pandas=True)

"""Tools of the simulated league: repeatable random numbers, arrays with a shared axis, tables typed as their feed."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import pyarrow as pa

from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.teams import TEAMS
from nba_resources.sources.validation.parsers import arrow_schema

FOREVER = np.datetime64("9999-12-31", "D")
VERSION = ("shown_from", "shown_until")


def rng_for(seed: int, year: int, *topic: str) -> np.random.Generator:
    """Return the random numbers of a topic: changing how shots are drawn must not change who wins."""
    if seed < 0:
        raise ValueError(f"the seed of the simulated league must be 0 or more, found {seed}")
    return np.random.default_rng([seed, year, zlib.crc32("/".join(topic).encode())])


def chance(z: np.ndarray) -> np.ndarray:
    """Approximate the normal distribution by a logistic function, with an error of at most 0.01."""
    return 1 / (1 + np.exp(-1.702 * z))


def apportion(weights: np.ndarray, total: int) -> np.ndarray:
    """Split `total` into whole parts along the last axis by weight, largest remainder first."""
    exact = weights * (total / weights.sum(axis=-1, keepdims=True))
    parts = np.floor(exact).astype(int)
    left_over = total - parts.sum(axis=-1, keepdims=True)
    rank = np.argsort(np.argsort(parts - exact, axis=-1, kind="stable"), axis=-1, kind="stable")
    return parts + (rank < left_over)


@dataclass(frozen=True)
class Columns:
    """Arrays that share their first axis."""

    def where(self, chosen: np.ndarray) -> Self:
        """Return the chosen rows (a mask or positions) of every array."""
        return replace(self, **{column.name: _select(getattr(self, column.name), chosen) for column in fields(self)})

    @classmethod
    def joined(cls, *parts: Self) -> Self:
        """Concatenate the parts."""
        return cls(**{column.name: _join([getattr(part, column.name) for part in parts]) for column in fields(cls)})


def _select(value: Any, chosen: np.ndarray) -> Any:
    if isinstance(value, Columns):
        return value.where(chosen)
    return {name: _select(part, chosen) for name, part in value.items()} if isinstance(value, dict) else value[chosen]


def _join(values: list[Any]) -> Any:
    if isinstance(values[0], dict):
        return {name: np.concatenate([value[name] for value in values]) for name in values[0]}
    return np.concatenate(values)


def texts(values: Any, positions: np.ndarray) -> pa.Array:
    """Return the texts at these positions of a short list, as a season repeats few names very often."""
    return pa.array(values, pa.string()).take(pa.array(np.ravel(positions)))


def facts(feed: str, values: Mapping[str, Any], shown_from: np.ndarray, shown_until: Any = FOREVER) -> pa.Table:
    """Return rows of a feed with the first and last day on which this version of them is visible.

    A single value is repeated in every row; fields without values are NULL; integers for a team are club numbers.
    """
    rows = len(shown_from)
    columns = {field.name: _column(values.get(field.name), field.type, rows) for field in arrow_schema(FEEDS[feed])}
    for name, day in zip(VERSION, (shown_from, shown_until), strict=True):
        columns[name] = _column(np.broadcast_to(day, rows).astype("datetime64[D]"), pa.date32(), rows)
    return pa.table(columns)


def _column(values: Any, dtype: pa.DataType, rows: int) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if np.ndim(values) == 0:
        return pa.repeat(pa.scalar(values, dtype), rows)
    if pa.types.is_string(dtype) and values.dtype.kind == "i":
        return texts(TEAMS, values)
    if pa.types.is_timestamp(dtype):
        return pa.array(values.astype("datetime64[us]")).cast(dtype)
    whole = pa.types.is_integer(dtype) and values.dtype.kind == "f"
    return pa.array(values, from_pandas=True).cast(dtype) if whole else pa.array(values, dtype, from_pandas=True)

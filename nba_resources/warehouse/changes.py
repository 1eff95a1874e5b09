"""Compare a write with the rows before it: the fingerprint of each stored date, and how its rows differ.

The engine computes both in the transaction of the write. A date whose fingerprint stays the same has the same rows, so
nothing that reads it is behind. The stamps of a computation are left out, and fractions are rounded, as an engine may
add them up in another order.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nba_resources.warehouse.contract import Column, Contract

STAMPS = ("computed_at", "ingested_at", "code_version")
EMPTY = "no rows"
DECIMALS = 6
_SCALE = 0.98765432101234  # means often lie halfway between two decimals, where the last bit decides: so not these
BEFORE, PROFILE_BEFORE = "rows_before", "profile_before"  # temporary tables
_NULL_SHARE, _DEVIATIONS = 0.01, 0.5
_COUNTS = ("stored_rows", "stored_content", "added_rows", "removed_rows", "changed_rows")


@dataclass(frozen=True)
class Shift:
    """A column of a date that looks worse, or different, than before: its share of NULLs, or its mean."""

    column: str
    what: str
    before: float
    after: float


@dataclass(frozen=True)
class StoredDate:
    """One date after a write: its rows, their fingerprint, and how they differ from the rows before."""

    rows: int = 0
    fingerprint: str = EMPTY
    added: int = 0
    removed: int = 0
    changed: int = 0
    shifts: tuple[Shift, ...] = ()

    @property
    def before(self) -> int:
        """The number of rows before the write."""
        return self.rows - self.added + self.removed


Written = Mapping[dt.date | None, StoredDate]  # by date; the only key of a table without dates is None


@dataclass(frozen=True)
class Engine:
    """How an engine writes what the statements here need; its `version` is part of each fingerprint.

    `hashed` hashes columns to an integer, and `wide` is a type that holds the sum of such integers.
    """

    version: str
    quote: str
    wide: str
    hashed: Callable[[Sequence[str]], str]

    def name(self, *parts: str) -> str:
        """Quote a name."""
        return ".".join(f"{self.quote}{part}{self.quote}" for part in parts)


def remember(contract: Contract, engine: Engine, within: str) -> Iterator[str]:
    """Yield the statements that keep, before a write, what `changes` compares with."""
    yield f"CREATE OR REPLACE TEMP TABLE {BEFORE} AS {_versions(contract, engine, within)}"
    if profile := _profile(contract, engine, within):
        yield f"CREATE OR REPLACE TEMP TABLE {PROFILE_BEFORE} AS {profile}"


def changes(contract: Contract, engine: Engine, within: str) -> str:
    """Return the query that compares the stored rows, after a write, with those before it, by date."""
    counts = (
        "COUNT(new_content)",
        f"COALESCE(SUM(CAST(new_content AS {engine.wide})), 0)",
        "COUNT(CASE WHEN old_content IS NULL THEN 1 END)",
        "COUNT(CASE WHEN new_content IS NULL THEN 1 END)",
        "COUNT(CASE WHEN new_content <> old_content THEN 1 END)",
    )
    counted = ", ".join(f"{count} AS {name}" for count, name in zip(counts, _COUNTS, strict=True))
    query = (
        f"SELECT day, {counted} FROM (SELECT day, row_key, MAX(CASE WHEN is_new = 1 THEN content END) AS new_content, "
        f"MAX(CASE WHEN is_new = 0 THEN content END) AS old_content FROM (SELECT 1 AS is_new, now.* FROM "
        f"({_versions(contract, engine, within)}) AS now UNION ALL SELECT 0 AS is_new, earlier.* FROM {BEFORE} AS "
        f"earlier) AS both_versions GROUP BY day, row_key) AS keyed GROUP BY day"
    )
    profile = _profile(contract, engine, within)
    if not profile:
        return query
    columns = ", ".join(
        f"{side}.{name}" for side in ("profile_then", "profile_now") for name in _profile_names(contract)
    )
    return (
        f"SELECT found.day, {', '.join(f'found.{name}' for name in _COUNTS)}, {columns} FROM ({query}) AS found "
        f"LEFT JOIN {PROFILE_BEFORE} AS profile_then ON profile_then.day = found.day "
        f"LEFT JOIN ({profile}) AS profile_now ON profile_now.day = found.day"
    )


def written(contract: Contract, engine: Engine, rows: Iterable[Sequence[Any]]) -> dict[dt.date | None, StoredDate]:
    """Return the stored dates from the result of `changes`."""
    result: dict[dt.date | None, StoredDate] = {}
    for day, count, content, added, removed, changed, *profile in rows:
        half = len(profile) // 2
        touched = (added or removed or changed) and count and count - added + removed
        shifts = tuple(_shifts(contract, profile[:half], profile[half:])) if profile and touched else ()
        fingerprint = f"{engine.version}:{count}:{int(content)}" if count else EMPTY
        result[day] = StoredDate(count, fingerprint, added, removed, changed, shifts)
    return result


def _versions(contract: Contract, engine: Engine, within: str) -> str:
    """Select the date, the hashed key and the hashed content of the stored rows."""
    day = engine.name(contract.partition) if contract.partition else "CAST(NULL AS DATE)"
    content = [_rounded(engine, name, column) for name, column in contract.columns.items() if name not in STAMPS]
    key = engine.hashed([_rounded(engine, name, contract.columns[name]) for name in contract.grain])
    table = engine.name(contract.dataset, contract.name)
    return f"SELECT {day} AS day, {key} AS row_key, {engine.hashed(content)} AS content FROM {table} WHERE {within}"


def _rounded(engine: Engine, name: str, column: Column) -> str:
    quoted = engine.name(name)
    return f"ROUND({quoted} * {_SCALE}, {DECIMALS}) + 0.0" if column.dtype.is_floating() else quoted


def _profile(contract: Contract, engine: Engine, within: str) -> str:
    """Select NULLs, mean and deviation of the columns by date; empty for facts, which a source may change at will."""
    if contract.partition is None or "computed_at" not in contract.columns:
        return ""
    nulls = [f"AVG(CASE WHEN {engine.name(name)} IS NULL THEN 1.0 ELSE 0.0 END)" for name in _compared(contract)]
    numbers = [engine.name(name) for name in _numbers(contract)]
    moments = [f"{function}({name})" for name in numbers for function in ("AVG", "STDDEV_SAMP")]
    columns = zip([*nulls, *moments], _profile_names(contract), strict=True)
    selected = ", ".join(f"{value} AS {name}" for value, name in columns)
    day, table = engine.name(contract.partition), engine.name(contract.dataset, contract.name)
    return f"SELECT {day} AS day, {selected} FROM {table} WHERE {within} GROUP BY {day}"


def _profile_names(contract: Contract) -> list[str]:
    return [f"p_{n}" for n in range(len(_compared(contract)) + 2 * len(_numbers(contract)))]


def _compared(contract: Contract) -> list[str]:
    return [name for name in contract.columns if name not in (*STAMPS, contract.partition)]


def _numbers(contract: Contract) -> list[str]:
    return [name for name in _compared(contract) if contract.columns[name].dtype.is_numeric()]


def _shifts(contract: Contract, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Shift]:
    names = _compared(contract)
    for name, old, new in zip(names, before, after, strict=False):
        if new - old >= _NULL_SHARE:
            yield Shift(name, "share of NULLs", float(old), float(new))
    old_moments, new_moments = before[len(names) :], after[len(names) :]
    for place, name in enumerate(_numbers(contract)):
        old, deviation = old_moments[2 * place : 2 * place + 2]
        new = new_moments[2 * place]
        if None in (old, new, deviation) or not round(new - old, DECIMALS):
            continue
        if abs(new - old) >= _DEVIATIONS * deviation:
            yield Shift(name, "mean", float(old), float(new))

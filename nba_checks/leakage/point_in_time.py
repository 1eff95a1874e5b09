"""Proof that nothing leaks: a date replayed from raw rows that know nothing of it must give the stored rows.

Almost every wonderful number in this field was a leak, and no reading of code has found them all. So a date is computed
once more from raw rows of which everything later was deleted or changed, and compared with what is stored.
"""

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nba_assets.kit.table import STAMPED, Table
from nba_checks.framework.by_date import DateResult
from nba_checks.framework.expected_counts import rows_between
from nba_checks.leakage.replay import EVIDENCE, pregame_tables, replay_date
from nba_checks.leakage.replay_inputs import Future
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.contract import Contract

SAME = 1e-9  # a parallel mean may differ in its last bit
SHOWN = 5
ONE_IN = 10
SOUND = "nothing dated {date} or later changes any of {tables} tables"
LEAK = "LEAK: facts of {date} or later reach its rows: {where}. Keep this out of predictions and mend the table."
STALE = (
    "the rows of {date} are not what today's raw rows and code give, with or without the future: {where}. "
    "Compute them again: nba backfill {date}"
)


@dataclass(frozen=True)
class Difference:
    """One column of one table in which the replayed rows of a date are not the stored ones."""

    table: str
    column: str
    rows: int
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table}.{self.column} on {self.rows} rows ({'; '.join(self.keys)})"


def differences(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    date: dt.date,
    future: Future = Future.CHANGED,
    target: str = EVIDENCE,
) -> list[Difference]:
    """Where the stored rows of a date are not what the raw rows give, the future being treated as asked."""
    with replay_date(warehouse, tables, date, future, target) as scratch:
        return [
            difference
            for name in pregame_tables(tables, target)
            for difference in rows_that_differ(
                tables[name].contract,
                _rows(warehouse, tables[name], date),
                _rows(scratch, tables[name], date),
            )
        ]


def point_in_time(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date, target: str = EVIDENCE
) -> Mapping[dt.date, DateResult]:
    """One date of the range is replayed, and its verdict holds for all: a leak is in the code, so it shows on any date.

    Replaying every date of a run would cost more than the run itself. A range always draws the same date. Facts of the
    week from that date on are changed and later ones deleted, in one replay; only when something differs is it replayed
    once more from all raw rows, to tell a leak from rows that are out of date.
    """
    held = [day for day in _stored_days(warehouse, tables[target], dates) if day <= today]
    if not held:
        return dict.fromkeys(
            dates, DateResult(True, f"{target} has no rows on these dates, so there is nothing to replay")
        )
    verdict = _judged(warehouse, tables, random.Random(str(dates)).choice(held), target)
    return dict.fromkeys(dates, verdict)


def rows_know_nothing_of_their_games(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
) -> Mapping[dt.date, DateResult]:
    """Every range is replayed on one of its dates; of single dates one in ten: a replay takes as long as the run."""
    if dates.start < dates.end or random.Random(str(dates)).randrange(ONE_IN) == 0:
        return point_in_time(warehouse, tables, dates, today)
    return {dates.start: DateResult(True, f"not drawn: of runs over a single date, one in {ONE_IN} is replayed")}


def _judged(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date, target: str) -> DateResult:
    found = differences(warehouse, tables, date, Future.CHANGED, target)
    if not found:
        sound = SOUND.format(date=date, tables=len(pregame_tables(tables, target)))
        return DateResult(True, sound, {"replayed": str(date), "differences": 0})
    stale = set(differences(warehouse, tables, date, Future.KEPT, target))
    leaks = [difference for difference in found if difference not in stale]
    shown = leaks or found
    where = ", ".join(str(difference) for difference in shown[:SHOWN])
    message = (LEAK if leaks else STALE).format(date=date, where=where)
    return DateResult(False, message, {"replayed": str(date), "differences": len(shown)})


def _stored_days(warehouse: Warehouse, table: Table, dates: DateRange) -> list[dt.date]:
    if not warehouse.holds(table.contract):
        return []
    rows = rows_between(table, dates)
    found = warehouse.read(rows.select(day=table.contract.partition or "").distinct().order_by("day"))
    return [day.date() for day in pd.to_datetime(found["day"])]


def _rows(warehouse: Warehouse, table: Table, date: dt.date) -> pd.DataFrame:
    return warehouse.read(rows_between(table, DateRange(date, date)))


def rows_that_differ(contract: Contract, stored: pd.DataFrame, replay: pd.DataFrame) -> Iterator[Difference]:
    """Keys of one side only, then each column that differs; stamps of when and by what code do not count."""
    grain = list(contract.grain)
    both = stored.merge(replay, on=grain, how="outer", suffixes=("", "_replayed"), indicator="found_in")
    keys = both[grain].astype(str).agg(" ".join, axis=1) if len(both) else pd.Series(dtype=str)
    for side, name in {"left_only": "rows only stored", "right_only": "rows only replayed"}.items():
        yield from _difference(contract, name, keys, both["found_in"] == side)
    shared = both[both["found_in"] == "both"]
    for name, column in contract.columns.items():
        if name in grain or name in STAMPED:
            continue
        differs = _differs(shared[name], shared[f"{name}_replayed"], column.dtype.is_floating())
        yield from _difference(contract, name, keys[shared.index], differs)


def _difference(contract: Contract, column: str, keys: pd.Series, differs: Any) -> Iterator[Difference]:
    found = keys[differs]
    if len(found):
        yield Difference(contract.name, column, len(found), tuple(sorted(found)[:SHOWN]))


def _differs(one: pd.Series, other: pd.Series, is_floating: bool) -> Any:
    """NULL equals NULL here, and nothing else."""
    if is_floating:
        apart = (one.astype("float64") - other.astype("float64")).abs() > SAME
        return apart | (one.isna() != other.isna())
    return pd.Series([_plain(a) != _plain(b) for a, b in zip(one, other, strict=True)], index=one.index, dtype=bool)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | list):
        return tuple(value)
    return None if pd.isna(value) else value

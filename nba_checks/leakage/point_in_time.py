"""Prove that nothing leaks: recompute a date from raw rows without its future and compare with the stored rows.

Almost every surprisingly good number in this field was a leak, and reading the code has never found them all. So
everything later than the date is deleted or changed in the raw rows, and the result must be the same.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nba_assets.kit.table import STAMPED, Table, Tables
from nba_checks.framework.by_date import DateResult, DateResults
from nba_checks.framework.stored_rows import rows_between, rows_of
from nba_checks.leakage.replay import EVIDENCE, pregame_tables, replay_date
from nba_checks.leakage.replay_inputs import Future
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.contract import Contract

SAME = 1e-9  # a parallel mean may differ in its last bit
SHOWN = 5
ONE_IN = 10
SOUND = "nothing dated {date} or later changes any of {tables} tables"
LEAK = (
    "LEAK: facts of {date} or later change its rows: {where}; "
    "do not publish predictions made from them before the table is corrected"
)
STALE = (
    "the rows of {date} are not what today's raw rows and code give, with or without the future: {where}; "
    "run `nba backfill {date} --force`"
)


@dataclass(frozen=True)
class Difference:
    """One column of one table whose replayed values on a date differ from the stored ones."""

    table: str
    column: str
    rows: int
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table}.{self.column} on {self.rows} rows ({'; '.join(self.keys)})"


def differences(
    warehouse: Warehouse,
    tables: Tables,
    date: dt.date,
    future: Future = Future.CHANGED,
    target: str = EVIDENCE,
) -> list[Difference]:
    """Compare the stored rows of a date with a replay whose raw rows have the given future."""
    found: list[Difference] = []
    with replay_date(warehouse, tables, date, future, target) as scratch, warehouse.session():
        for name in pregame_tables(tables, target):
            rows = rows_of(tables, DateRange(date, date), name)
            found += rows_that_differ(tables[name].contract, warehouse.read(rows), scratch.read(rows))
    return found


def point_in_time(
    warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date, target: str = EVIDENCE
) -> DateResults:
    """Replay one date of the range and return its result for all: a leak is in the code, so every date shows it.

    Replaying all dates would cost more than the run. The same range always replays the same date. Facts of the week
    from that date on are changed and later ones deleted; if a row differs, a second replay with all raw rows separates
    a leak from rows that are out of date.
    """
    stored = [day for day in _stored_days(warehouse, tables[target], dates) if day <= today]
    if not stored:
        message = f"{target} has no rows on these dates, so there is nothing to replay"
        return dict.fromkeys(dates, DateResult(True, message))
    return dict.fromkeys(dates, _result(warehouse, tables, random.Random(str(dates)).choice(stored), target))


def rows_know_nothing_of_their_games(
    warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date, run_id: str
) -> DateResults:
    """A date recomputed without its own games and the future has the stored rows.

    One date of every range is replayed, and one in ten runs of a single date: a replay takes as long as the run. Chosen
    by the date, all runs of an evening or none would replay it.
    """
    if dates.start < dates.end or random.Random(run_id).randrange(ONE_IN) == 0:
        return point_in_time(warehouse, tables, dates, today)
    return {dates.start: DateResult(True, f"not replayed: of runs over a single date, one in {ONE_IN} is")}


def _result(warehouse: Warehouse, tables: Tables, date: dt.date, target: str) -> DateResult:
    changed = differences(warehouse, tables, date, Future.CHANGED, target)
    if not changed:
        message = SOUND.format(date=date, tables=len(pregame_tables(tables, target)))
        return DateResult(True, message, {"replayed": str(date), "differences": 0})
    stale = set(differences(warehouse, tables, date, Future.KEPT, target))
    leaks = [difference for difference in changed if difference not in stale]
    shown = leaks or changed
    where = ", ".join(str(difference) for difference in shown[:SHOWN])
    message = (LEAK if leaks else STALE).format(date=date, where=where)
    return DateResult(False, message, {"replayed": str(date), "differences": len(shown)})


def _stored_days(warehouse: Warehouse, table: Table, dates: DateRange) -> list[dt.date]:
    if not warehouse.holds(table.contract):
        return []
    rows = rows_between(table, dates)
    days = warehouse.read(rows.select(day=table.contract.partition or "").distinct().order_by("day"))
    return [day.date() for day in pd.to_datetime(days["day"])]


def rows_that_differ(contract: Contract, stored: pd.DataFrame, replay: pd.DataFrame) -> Iterator[Difference]:
    """Yield keys that only one side has, then each column that differs, except stamps of time and code version."""
    grain = list(contract.grain)
    both = stored.merge(replay, on=grain, how="outer", suffixes=("", "_replayed"), indicator="found_in")
    keys = both[grain].astype(str).agg(" ".join, axis=1) if len(both) else pd.Series(dtype=str)
    differing = {"rows only stored": keys[both["found_in"] == "left_only"]}
    differing["rows only replayed"] = keys[both["found_in"] == "right_only"]
    shared = both[both["found_in"] == "both"]
    for name, column in contract.columns.items():
        if name not in grain and name not in STAMPED:
            differs = _differs(shared[name], shared[f"{name}_replayed"], column.dtype.is_floating())
            differing[name] = keys[shared.index][differs]
    for name, of_column in differing.items():
        if len(of_column):
            yield Difference(contract.name, name, len(of_column), tuple(sorted(of_column)[:SHOWN]))


def _differs(one: pd.Series, other: pd.Series, is_floating: bool) -> Any:
    """Compare two columns; NULL equals only NULL."""
    if is_floating:
        apart = (one.astype("float64") - other.astype("float64")).abs() > SAME
        return apart | (one.isna() != other.isna())
    return pd.Series(
        [_comparable(a) != _comparable(b) for a, b in zip(one, other, strict=True)], index=one.index, dtype=bool
    )


def _comparable(value: Any) -> Any:
    if isinstance(value, np.ndarray | list):
        return tuple(value)
    return None if pd.isna(value) else value

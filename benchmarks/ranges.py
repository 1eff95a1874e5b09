"""Print the range of every contract beside the lowest and highest stored value.

Marks values outside their range, and bounds less than a tenth of the stored span away from a stored value. A share or a
score that reaches its bound by construction is not marked. `python benchmarks/ranges.py`, with `NBA_HOME` naming the
home of a filled warehouse; the exit code is 1 if a value is outside.
"""

import sys
from collections.abc import Iterator

import pandas as pd

from nba_assets.kit.table import Table
from nba_platform.config.environments import warehouse
from nba_platform.definitions import TABLES
from nba_resources.warehouse.contract import Column

MARGIN = 0.1
TIGHT, OUTSIDE = "tight", "OUTSIDE"
BY_CONSTRUCTION = ((0, 1), (0, 100), (-10, 10), (-3, 3), (-2, 2), (0, 3))  # shares, scores and limited factors


def main() -> None:
    """Print a line for each column with a range."""
    outside = 0
    print(f"{'column':<64}{'lowest':>10}{'highest':>10}{'stored':>24}  mark")
    for name, table in TABLES.items():
        for column, low, high, known in _extremes(table):
            shape = table.contract.columns[column]
            mark = mark_of(shape, low, high) if known else "nothing stored"
            outside += mark == OUTSIDE
            stored = f"{low:.6g} to {high:.6g}" if known else ""
            print(f"{f'{name}.{column}':<64}{_bound(shape.low):>10}{_bound(shape.high):>10}{stored:>24}  {mark}")
    sys.exit(f"{outside} columns hold values outside their range" if outside else 0)


def mark_of(shape: Column, low: float, high: float) -> str:
    """Return how the stored extremes lie in the range of a column."""
    if (shape.low is not None and low < shape.low) or (shape.high is not None and high > shape.high):
        return OUTSIDE
    if (shape.low, shape.high) in BY_CONSTRUCTION:
        return ""
    margin = MARGIN * (high - low)
    near_low = shape.low not in (None, 0, 1) and low - shape.low < margin  # nothing is fewer than none, or the first
    near_high = shape.high is not None and shape.high - high < margin
    return TIGHT if near_low or near_high else ""


def _extremes(table: Table) -> Iterator[tuple[str, float, float, int]]:
    """Yield the lowest value, the highest and the number of known ones of each column with a range."""
    columns = table.contract.columns
    ranged = [name for name, shape in columns.items() if not (shape.low is None and shape.high is None)]
    store = warehouse()
    if not ranged or not store.holds(table.contract):
        yield from ((name, 0, 0, 0) for name in ranged)
        return
    rows = table.contract.table()
    measures = {f"{name} {what}": getattr(rows[name], what)() for name in ranged for what in ("min", "max", "count")}
    found: pd.Series = store.read(rows.aggregate(**measures)).iloc[0]
    for name in ranged:
        yield name, found[f"{name} min"], found[f"{name} max"], int(found[f"{name} count"])


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


if __name__ == "__main__":
    main()

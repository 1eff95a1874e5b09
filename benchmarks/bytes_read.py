"""What one day would read on BigQuery with every season loaded, table by table, from the partitions its SQL names.

`NBA_HOME=... python benchmarks/bytes_read.py [DATE]` compiles each table for one date, takes the constant bounds on
each upstream's partition column, and weighs them with the rows and widths of a filled warehouse. BigQuery reads the
columns a statement names, of the partitions it cannot rule out.
"""

import datetime as dt
import os
import sys
from contextlib import closing
from pathlib import Path

import duckdb
from partitions_read import Reading, readings

import nba_assets
from nba_assets.kit.table import declared_tables
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract

TABLES = declared_tables(nba_assets)
FIXED = {"int64": 8, "float64": 8, "boolean": 1, "date": 8, "timestamp('UTC')": 8}  # bytes, as BigQuery bills them
MB = 1e6


def main() -> None:
    """Print MB for each table: its upstreams whole, the partitions of one day's statement, and those of the season."""
    date = dt.date.fromisoformat(sys.argv[1]) if sys.argv[1:] else dt.date(2025, 3, 14)
    file = Path(os.environ["NBA_HOME"]) / "nba.duckdb"
    with closing(duckdb.connect(file, read_only=True)) as con:
        print(f"{'a run of ' + date.isoformat():<36}{'whole':>10}{'read':>10}   MB")
        sums = [0.0, 0.0]
        for name, table in TABLES.items():
            if table.feed:
                continue
            asked = readings(table, TABLES, DateRange(date, date))
            whole, read = (sum(_megabytes(con, one, pruned) for one in asked) for pruned in (False, True))
            sums = [sums[0] + whole, sums[1] + read]
            print(f"{name:<36}{whole:>10.1f}{read:>10.1f}   {_least_bounded(asked)}")
        print(f"{'together':<36}{sums[0]:>10.1f}{sums[1]:>10.1f}")


def _least_bounded(asked: list[Reading]) -> str:
    unbounded = sorted({one.contract.name for one in asked if one.contract.partition and one.start is None})
    return f"from the first date: {', '.join(unbounded)}" if unbounded else ""


def _megabytes(con: duckdb.DuckDBPyConnection, reading: Reading, pruned: bool) -> float:
    contract = reading.contract
    widths = " + ".join(_width(contract, name) for name in sorted(reading.columns))
    where = "TRUE"
    if pruned and contract.partition:
        bounds = [f"{contract.partition} >= '{reading.start}'"] if reading.start else []
        bounds += [f"{contract.partition} <= '{reading.end}'"] if reading.end else []
        where = " AND ".join(bounds) or "TRUE"
    (found,) = con.execute(f"SELECT coalesce(sum({widths or '0'}), 0) FROM {contract.key} WHERE {where}").fetchone()
    return float(found) / MB


def _width(contract: Contract, name: str) -> str:
    kind = str(contract.columns[name].dtype(nullable=True))
    if kind == "string":
        return f"CASE WHEN {name} IS NULL THEN 0 ELSE 2 + strlen({name}) END"
    if kind.startswith("array"):
        return f"coalesce(list_sum(list_transform({name}, x -> 2 + strlen(x))), 0)"
    return f"CASE WHEN {name} IS NULL THEN 0 ELSE {FIXED[kind]} END"


if __name__ == "__main__":
    main()

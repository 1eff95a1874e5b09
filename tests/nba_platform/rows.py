"""Store rows of which a test names a few columns; the others are NULL, or the lowest value of their column.

A price is known long after all facts unless a test says otherwise.
"""

import datetime as dt
from typing import Any

import ibis
import pyarrow as pa

import nba_assets
from nba_assets.kit.table import declared_tables
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Column, Contract
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

TABLES = declared_tables(nba_assets)
LONG_AGO, FAR_AHEAD = dt.date(2021, 10, 1), dt.date(2026, 6, 30)


def store(warehouse: DuckDBWarehouse, **rows: list[dict[str, Any]]) -> DuckDBWarehouse:
    with warehouse.session():
        for name, given in rows.items():
            contract = TABLES[name].contract
            dates = DateRange(LONG_AGO, FAR_AHEAD) if contract.partition else None
            warehouse.replace(contract, dates, filled_rows(contract, given))
    return warehouse


def filled(contract: Contract, rows: list[dict[str, Any]]) -> ibis.Table:
    return ibis.memtable(filled_rows(contract, rows))


def filled_rows(contract: Contract, rows: list[dict[str, Any]]) -> pa.Table:
    unsaid = {name: nothing(column) for name, column in contract.columns.items()}
    unsaid |= {rule.limit: dt.datetime(2026, 7, 1, tzinfo=dt.UTC) for rule in contract.not_later}
    whole = [unsaid | row for row in rows]
    return pa.Table.from_pylist(whole, schema=contract.schema.to_pyarrow())


def nothing(column: Column) -> Any:
    if column.null:
        return None
    if column.values:
        return column.values[0]
    kind = column.dtype
    if kind.is_array():
        return []
    if kind.is_timestamp():
        return dt.datetime(2025, 2, 1, tzinfo=dt.UTC)
    if kind.is_date():
        return dt.date(2024, 12, 1)
    if kind.is_string():
        return ""
    return False if kind.is_boolean() else column.low or 0

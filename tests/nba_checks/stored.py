"""Rows that keep their contract and say nothing but what a test says of them, stored in a warehouse of their own."""

import datetime as dt
from typing import Any

import ibis
import pyarrow as pa

import nba_assets
from nba_assets.kit.table import declared_tables
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Column, Contract
from nba_resources.warehouse.duckdb import DuckDBWarehouse

TABLES = declared_tables(nba_assets)
EVER = DateRange(dt.date(2021, 10, 1), dt.date(2026, 6, 30))
_EMPTY = {"string": "x", "int64": 1, "float64": 0.0, "boolean": True, "date": dt.date(2024, 12, 1), "array<string>": []}


def plain(contract: Contract, **known: Any) -> dict[str, Any]:
    assert not (unknown := set(known) - set(contract.columns)), f"{contract.key} has no columns {unknown}"
    return {name: _nothing(column) for name, column in contract.columns.items()} | known


def _nothing(column: Column) -> Any:
    if column.null:
        return None
    if column.values:
        return column.values[0]
    value = _EMPTY.get(str(column.dtype(nullable=True)), dt.datetime(2024, 11, 1, tzinfo=dt.UTC))
    return value if column.low is None or value >= column.low else type(value)(column.low)


def store(warehouse: DuckDBWarehouse, name: str, *rows: dict[str, Any]) -> None:
    contract = TABLES[name].contract
    table = pa.Table.from_pylist([plain(contract, **row) for row in rows], schema=contract.schema.to_pyarrow())
    warehouse.replace(contract, EVER if contract.partition else None, ibis.memtable(table))

"""What BigQuery is told, made from contracts alone: tables, staging and the scripts that move rows.

Names come from contracts and dates are dates, so nothing from outside becomes SQL; values travel as parameters.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, cast

import ibis
import ibis.expr.datatypes as it
from google.cloud import bigquery
from ibis.backends.sql.datatypes import BigQueryType

from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Column, Contract
from nba_resources.warehouse.contract_checks import SHOWN

STAGING = "nba_staging"
KEEPS_STAGED = dt.timedelta(days=1)
STORED_ELSEWHERE = "keys are stored under other dates"
_CLUSTERED, _COLUMN_TEXT = 4, 1024  # limits of BigQuery: clustering columns, characters of a column's description


def schema_of(columns: ibis.Schema) -> list[bigquery.SchemaField]:
    """How BigQuery keeps these columns: a list is REPEATED, and whether a value may be NULL the contract judges."""
    return [_field(name, dtype) for name, dtype in columns.items()]


def table_of(contract: Contract, project: str) -> bigquery.Table:
    """The table a contract asks for: a partition a day (or month), neighbours by key, and every column explained."""
    fields = [_field(name, column.dtype, column.explained[:_COLUMN_TEXT]) for name, column in contract.columns.items()]
    table = bigquery.Table(f"{project}.{contract.key}", schema=fields)
    table.description = contract.description
    if contract.partition:
        span = bigquery.TimePartitioningType.MONTH if contract.monthly else bigquery.TimePartitioningType.DAY
        table.time_partitioning = bigquery.TimePartitioning(type_=span, field=contract.partition)
    table.clustering_fields = clustered_by(contract) or None
    return table


def clustered_by(contract: Contract) -> list[str]:
    """The first key columns BigQuery can sort by; the partition column already separates the rows."""
    keys = (name for name in contract.grain if name != contract.partition)
    return [name for name in keys if not isinstance(contract.columns[name].dtype, it.Array | it.Floating)][:_CLUSTERED]


def stage(contract: Contract, staged: str, select: str, until: dt.datetime) -> str:
    """A table of rows put aside, which expires by itself if we are killed.

    A stored list cannot be NULL on BigQuery and would become an empty one, so a list that must be known is refused
    here, before the difference is lost.
    """
    columns = ", ".join(_kept(contract, name, column) for name, column in contract.columns.items())
    expires = until.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S+00")
    return (
        f"CREATE TABLE {_staged(staged)} OPTIONS (expiration_timestamp = TIMESTAMP '{expires}') AS\n"
        f"SELECT {columns} FROM (\n{select}\n) AS made"
    )


def null_list(contract: Contract, name: str) -> str:
    """How that refusal reads: in the words of the other rules."""
    return f"{contract.key}: nothing stored. Found rows where {name} is NULL"


def replace(contract: Contract, staged: str, dates: DateRange | None) -> str:
    """All in one transaction: whoever reads sees the old rows or the new ones, and a failure leaves the old."""
    moved = [f"DELETE FROM {_name(contract)} AS t WHERE {_has_same(contract, staged, contract.moves)}"]
    return _transaction(
        f"DELETE FROM {_name(contract)} WHERE {_within(contract, dates)}",
        *(moved if contract.moves else []),
        f"SELECT IF(EXISTS (SELECT 1 FROM {_name(contract)} AS t WHERE {_has_same(contract, staged, contract.grain)}), "
        f"ERROR('{STORED_ELSEWHERE}'), TRUE)",
        f"INSERT INTO {_name(contract)} ({_columns(contract)}) SELECT {_columns(contract)} FROM {_staged(staged)}",
    ) + _counts(contract, dates)


def append(contract: Contract, staged: str, dates: DateRange) -> str:
    """Only keys that are not there yet."""
    known = f"SELECT 1 FROM {_name(contract)} AS t WHERE {_same(contract, contract.grain)}"
    return _transaction(
        f"INSERT INTO {_name(contract)} ({_columns(contract)}) SELECT {_columns(contract)} "
        f"FROM {_staged(staged)} AS s WHERE NOT EXISTS ({known})",
    ) + _counts(contract, dates)


def stored_elsewhere(contract: Contract, staged: str, dates: DateRange | None) -> str:
    """Some of the staged keys that are stored under dates that are not being written."""
    keys = ", ".join(f"t.`{name}`" for name in (*contract.grain, contract.partition or contract.grain[0]))
    return (
        f"SELECT {keys} FROM {_name(contract)} AS t WHERE NOT ({_within(contract, dates)}) "
        f"AND {_has_same(contract, staged, contract.grain)} LIMIT {SHOWN}"
    )


def changed(contract: Contract, keys: Iterable[str], values: Iterable[str]) -> str:
    """The rows with these keys as they will be; the parameters are called `key_...` and `new_...`."""
    new = set(values)
    columns = ", ".join(f"@new_{name} AS `{name}`" if name in new else f"`{name}`" for name in contract.columns)
    return f"SELECT {columns} FROM {_name(contract)} WHERE {_asked(keys)}"


def update(contract: Contract, keys: Iterable[str], values: Iterable[str]) -> str:
    """One statement is atomic by itself."""
    return (
        f"UPDATE {_name(contract)} SET {', '.join(f'`{name}` = @new_{name}' for name in values)} WHERE {_asked(keys)}"
    )


def parameters(
    contract: Contract, prefix: str, given: Mapping[str, object]
) -> list[bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter]:
    """Values from outside, typed by the contract."""
    return [_parameter(f"{prefix}_{name}", contract.columns[name].dtype, value) for name, value in given.items()]


def _parameter(
    name: str, dtype: it.DataType, value: object
) -> bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter:
    if isinstance(dtype, it.Array):
        return bigquery.ArrayQueryParameter(name, BigQueryType.to_string(dtype.value_type), cast(Any, value))
    return bigquery.ScalarQueryParameter(name, BigQueryType.to_string(dtype), cast(Any, value))


def _field(name: str, dtype: it.DataType, description: str = "") -> bigquery.SchemaField:
    repeated = isinstance(dtype, it.Array)
    kind = BigQueryType.to_string(dtype.value_type if repeated else dtype)
    return bigquery.SchemaField(name, kind, "REPEATED" if repeated else "NULLABLE", description=description)


def _kept(contract: Contract, name: str, column: Column) -> str:
    if column.null or not isinstance(column.dtype, it.Array):
        return f"`{name}`"
    return f"IF(`{name}` IS NULL, ERROR('{null_list(contract, name)}'), `{name}`) AS `{name}`"


def _transaction(*statements: str) -> str:
    return ";\n".join(("BEGIN TRANSACTION", *statements, "COMMIT TRANSACTION", ""))


def _counts(contract: Contract, dates: DateRange | None) -> str:
    if contract.partition is None or dates is None:
        return ""
    day = f"`{contract.partition}`"
    return (
        f"SELECT {day}, COUNT(*) AS rows_held FROM {_name(contract)} WHERE {_within(contract, dates)} GROUP BY {day};"
    )


def _within(contract: Contract, dates: DateRange | None) -> str:
    if dates is None:
        return "TRUE"
    return f"`{contract.partition}` BETWEEN DATE '{dates.start:%Y-%m-%d}' AND DATE '{dates.end:%Y-%m-%d}'"


def _has_same(contract: Contract, staged: str, names: Iterable[str]) -> str:
    return f"EXISTS (SELECT 1 FROM {_staged(staged)} AS s WHERE {_same(contract, names)})"


def _same(contract: Contract, names: Iterable[str]) -> str:
    """An equality wherever the contract allows one: BigQuery joins by it, and unknown parts of a key still match."""
    equal = {False: "=", True: "IS NOT DISTINCT FROM"}
    return " AND ".join(f"s.`{name}` {equal[contract.columns[name].null]} t.`{name}`" for name in names)


def _asked(keys: Iterable[str]) -> str:
    return " AND ".join(f"`{name}` = @key_{name}" for name in keys)


def _columns(contract: Contract) -> str:
    return ", ".join(f"`{name}`" for name in contract.columns)


def _name(contract: Contract) -> str:
    return f"`{contract.dataset}`.`{contract.name}`"


def _staged(name: str) -> str:
    return f"`{STAGING}`.`{name}`"

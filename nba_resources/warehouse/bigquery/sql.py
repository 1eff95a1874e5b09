"""The SQL that the warehouse runs on BigQuery, built from contracts: staging, and the scripts that move rows.

Names come from contracts and values are passed as parameters, so no text from outside becomes SQL.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.datatypes as it
from google.cloud import bigquery
from ibis.backends.sql.datatypes import BigQueryType
from sqlglot import exp

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import NOWHERE
from nba_resources.warehouse.changes import Engine, changes, remember
from nba_resources.warehouse.contract import Column, Contract
from nba_resources.warehouse.contract_checks import SHOWN

Parameter = bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter

STAGING = "nba_staging"
STAGED_FOR = dt.timedelta(days=1)
STORED_ELSEWHERE = "keys are stored under other dates"
_CLUSTERED, _COLUMN_TEXT = 4, 1024  # limits of BigQuery: clustering columns, characters of a column's description


def _hashed(columns: Sequence[str]) -> str:
    fields = ", ".join(f"{column} AS c{n}" for n, column in enumerate(columns))
    return f"FARM_FINGERPRINT(TO_JSON_STRING(STRUCT({fields})))"


ENGINE = Engine("bigquery", "`", "BIGNUMERIC", _hashed)


def schema_of(columns: ibis.Schema) -> list[bigquery.SchemaField]:
    """Return BigQuery's column types; every column may be NULL here, since the contract checks that."""
    return [_field(name, dtype) for name, dtype in columns.items()]


def table_of(contract: Contract, project: str) -> bigquery.Table:
    """Return the table of a contract: partitioned by day or month, clustered by key, with column descriptions."""
    fields = [_field(name, column.dtype, column.explained[:_COLUMN_TEXT]) for name, column in contract.columns.items()]
    table = bigquery.Table(f"{project}.{contract.key}", schema=fields)
    table.description = contract.description
    if contract.partition:
        span = bigquery.TimePartitioningType.MONTH if contract.monthly else bigquery.TimePartitioningType.DAY
        table.time_partitioning = bigquery.TimePartitioning(type_=span, field=contract.partition)
    keys = (name for name in contract.grain if name != contract.partition)
    sortable = [name for name in keys if not isinstance(contract.columns[name].dtype, it.Array | it.Floating)]
    table.clustering_fields = sortable[:_CLUSTERED] or None
    return table


def with_staging_tables(select: str, tables: Mapping[str, str]) -> str:
    """Return the statement with tables of the staging dataset in place of its unqualified tables."""
    for name, staged in tables.items():
        select = select.replace(f"`{name}`", _staged(staged))
    return select


def stage(contract: Contract, staged: str, select: str, others: Iterable[str] = ()) -> str:
    """Create the staging table; it expires by itself if this process is killed.

    BigQuery stores a NULL list as an empty one, so a NULL in a list column that must not be NULL fails here. `others`
    are columns beside those of the contract.
    """
    columns = ", ".join(_staged_column(contract, name, column) for name, column in contract.columns.items())
    columns += "".join(f", `{name}`" for name in others)
    expires = (dt.datetime.now(dt.UTC) + STAGED_FOR).strftime("%Y-%m-%d %H:%M:%S+00")
    return (
        f"CREATE TABLE {_staged(staged)} OPTIONS (expiration_timestamp = TIMESTAMP '{expires}') AS\n"
        f"SELECT {columns} FROM (\n{select}\n) AS made"
    )


def null_list(contract: Contract, name: str) -> str:
    """Return the message of that failure, worded as the other contract rules."""
    return f"{contract.key}: nothing stored. Found rows where {name} is NULL"


def replace(
    contract: Contract,
    staged: str,
    dates: DateRange | None,
    kept: str | None = None,
    where: Mapping[str, str] = NOWHERE,
) -> str:
    """Replace the rows of the dates in one transaction, but not those of the units whose keys are in the table `kept`.

    The values of `where` are quoted, as the emulator takes no parameters in a script.
    """
    quoted = {name: exp.Literal.string(value).sql("bigquery") for name, value in where.items()}
    replaced = _within(contract, dates) + "".join(f" AND `{name}` = {value}" for name, value in quoted.items())
    if kept:
        replaced += f" AND NOT {_has_same(contract, kept, contract.unit_columns)}"
    delete_moved = [f"DELETE FROM {_name(contract)} AS t WHERE {_has_same(contract, staged, contract.moves)}"]
    return _compared(
        contract,
        dates,
        f"DELETE FROM {_name(contract)} AS t WHERE {replaced}",
        *(delete_moved if contract.moves else []),
        f"SELECT IF(EXISTS (SELECT 1 FROM {_name(contract)} AS t WHERE {_has_same(contract, staged, contract.grain)}), "
        f"ERROR('{STORED_ELSEWHERE}'), TRUE)",
        f"INSERT INTO {_name(contract)} ({_columns(contract)}) SELECT {_columns(contract)} FROM {_staged(staged)}",
    )


def append(contract: Contract, staged: str, dates: DateRange) -> str:
    """Insert the staged rows whose keys are not stored yet, and refresh the others."""
    of_key = f"FROM {_staged(staged)} AS s WHERE {_same(contract, contract.grain)}"
    new = ", ".join(f"`{name}` = (SELECT s.`{name}` {of_key})" for name in contract.refreshed)
    differ = " OR ".join(f"t.`{name}` IS DISTINCT FROM s.`{name}`" for name in contract.refreshed)
    refresh = f"UPDATE {_name(contract)} AS t SET {new} WHERE EXISTS (SELECT 1 {of_key} AND ({differ}))"
    stored = f"SELECT 1 FROM {_name(contract)} AS t WHERE {_same(contract, contract.grain)}"
    return _compared(
        contract,
        dates,
        *([refresh] if contract.refreshed else []),
        f"INSERT INTO {_name(contract)} ({_columns(contract)}) SELECT {_columns(contract)} "
        f"FROM {_staged(staged)} AS s WHERE NOT EXISTS ({stored})",
    )


def stored_elsewhere(contract: Contract, staged: str, dates: DateRange | None) -> str:
    """Select some of the staged keys that are stored under dates outside the write."""
    keys = ", ".join(f"t.`{name}`" for name in (*contract.grain, contract.partition or contract.grain[0]))
    return (
        f"SELECT {keys} FROM {_name(contract)} AS t WHERE NOT ({_within(contract, dates)}) "
        f"AND {_has_same(contract, staged, contract.grain)} LIMIT {SHOWN}"
    )


def changed(contract: Contract, keys: Iterable[str], values: Iterable[str]) -> str:
    """Select the rows with these keys as they will be after the update; parameters are `key_...` and `new_...`."""
    new = set(values)
    columns = ", ".join(f"@new_{name} AS `{name}`" if name in new else f"`{name}`" for name in contract.columns)
    return f"SELECT {columns} FROM {_name(contract)} WHERE {_with_keys(keys)}"


def update(contract: Contract, keys: Iterable[str], values: Iterable[str]) -> str:
    """Update the rows with these keys."""
    changes = ", ".join(f"`{name}` = @new_{name}" for name in values)
    return f"UPDATE {_name(contract)} SET {changes} WHERE {_with_keys(keys)}"


def make_parameters(contract: Contract, prefix: str, values: Mapping[str, object]) -> list[Parameter]:
    """Return query parameters with the types of the contract's columns."""
    parameters: list[Parameter] = []
    for name, value in values.items():
        dtype = contract.columns[name].dtype
        kind: Any = bigquery.ScalarQueryParameter
        if isinstance(dtype, it.Array):
            kind, dtype = bigquery.ArrayQueryParameter, dtype.value_type
        parameters.append(kind(f"{prefix}_{name}", BigQueryType.to_string(dtype), value))
    return parameters


def _field(name: str, dtype: it.DataType, description: str = "") -> bigquery.SchemaField:
    repeated = isinstance(dtype, it.Array)
    kind = BigQueryType.to_string(dtype.value_type if repeated else dtype)
    return bigquery.SchemaField(name, kind, "REPEATED" if repeated else "NULLABLE", description=description)


def _staged_column(contract: Contract, name: str, column: Column) -> str:
    if column.null or not isinstance(column.dtype, it.Array):
        return f"`{name}`"
    return f"IF(`{name}` IS NULL, ERROR('{null_list(contract, name)}'), `{name}`) AS `{name}`"


def _compared(contract: Contract, dates: DateRange | None, *statements: str) -> str:
    """Run the statements in one transaction; select what they changed, by date."""
    within = _within(contract, dates)
    transaction = ("BEGIN TRANSACTION", *statements, "COMMIT TRANSACTION")
    return ";\n".join((*remember(contract, ENGINE, within), *transaction, changes(contract, ENGINE, within))) + ";"


def _within(contract: Contract, dates: DateRange | None) -> str:
    if dates is None:
        return "TRUE"
    return f"`{contract.partition}` BETWEEN DATE '{dates.start:%Y-%m-%d}' AND DATE '{dates.end:%Y-%m-%d}'"


def _has_same(contract: Contract, staged: str, names: Iterable[str]) -> str:
    return f"EXISTS (SELECT 1 FROM {_staged(staged)} AS s WHERE {_same(contract, names)})"


def _same(contract: Contract, names: Iterable[str]) -> str:
    """Compare with `=` where no NULL is allowed, because BigQuery can only join by that."""
    equal = {False: "=", True: "IS NOT DISTINCT FROM"}
    return " AND ".join(f"s.`{name}` {equal[contract.columns[name].null]} t.`{name}`" for name in names)


def _with_keys(keys: Iterable[str]) -> str:
    return " AND ".join(f"`{name}` = @key_{name}" for name in keys)


def _columns(contract: Contract) -> str:
    return ", ".join(f"`{name}`" for name in contract.columns)


def _name(contract: Contract) -> str:
    return f"`{contract.dataset}`.`{contract.name}`"


def _staged(name: str) -> str:
    return f"`{STAGING}`.`{name}`"

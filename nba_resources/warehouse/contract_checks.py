"""Checks that every engine makes against a contract, with the same error messages."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, ContractBroken

SHOWN = 5
RunQuery = Callable[[ir.Table], Sequence[tuple[Any, ...]]]


def check_rows(contract: Contract, staged: ir.Table, dates: DateRange | None, run_query: RunQuery) -> None:
    """Refuse staged rows that break the contract; the error lists all broken rules at once."""
    rules = dict(contract.rules(staged, dates))
    counts = [broken.ifelse(1, 0).sum().fill_null(0).name(f"rule_{n}") for n, broken in enumerate(rules.values())]
    rows_by_rule = dict(zip(rules, run_query(staged.aggregate(counts))[0], strict=True)) if rules else {}
    broken_rules = [rule for rule, count in rows_by_rule.items() if count]
    problems = [f"{rows_by_rule[rule]} rows where {rule}" for rule in broken_rules]
    keys = staged.group_by(contract.grain).aggregate(rows_found=staged.count())
    if repeated := run_query(keys.filter(keys.rows_found > 1).limit(SHOWN)):
        problems.append(f"repeated keys ({', '.join(contract.grain)}), for instance {repeated}")
    if broken_rules:
        offenders = run_query(staged.filter(rules[broken_rules[0]]).select(*contract.grain).limit(SHOWN))
        problems.append(f"the first at {offenders}")
    if problems:
        raise ContractBroken(f"{contract.key}: nothing stored. Found {'; '.join(problems)}")


def check_columns_exist(contract: Contract, names: Iterable[str]) -> None:
    """Refuse an update of columns that the contract does not have."""
    if unknown := [name for name in names if name not in contract.columns]:
        raise ContractBroken(f"{contract.key} has no columns {unknown}: nothing was changed")


def check_stored_columns(contract: Contract, stored: Iterable[str]) -> None:
    """Refuse to write to a table that was stored by an older contract."""
    if differing := sorted(set(stored) ^ set(contract.columns)):
        raise WarehouseUnavailable(
            f"{contract.key} was stored with other columns than its contract has now ({', '.join(differing)}): "
            f"drop the table and backfill it again."
        )


def check_stored_keys(contract: Contract, keys: Sequence[tuple[Any, ...]]) -> None:
    """Refuse keys that are already stored under dates outside the write: they would count twice."""
    if keys:
        raise ContractBroken(
            f"{contract.key}: keys already stored under other dates, for instance {keys}: "
            f"refresh those dates together with these."
        )


def missing_table(message: str, rows: ir.Table) -> WarehouseUnavailable:
    """Return the error for an expression that reads a table which does not exist; `message` is the engine's own."""
    reads = {f"{table.namespace.database}.{table.name}" for table in rows.op().find(ops.UnboundTable)}
    return WarehouseUnavailable(
        f"{message} It was never materialised; this reads {', '.join(sorted(reads))}: backfill those first."
    )

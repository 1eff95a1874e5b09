"""Checks that every engine makes against a contract, with the same error messages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from nba_resources.dates import DateRange
from nba_resources.rejected import OTHER_ROW, RejectedRow, Unit, as_json
from nba_resources.sources.base import ALWAYS
from nba_resources.warehouse.base import Rejected, WarehouseUnavailable
from nba_resources.warehouse.contract import CONTRADICTION, Contract, ContractBroken
from nba_resources.warehouse.sql.statements import Query

SHOWN = 5
STAGED = "staged"  # the table of the rows to be written; an engine may keep it under another name
RunQuery = Callable[[ir.Table | Query], Sequence[tuple[Any, ...]]]
_CONTRADICTS = "its unit contradicts itself"
_ROWS_OF_KEY, _REASON, _UNIT_REASON = "rows_of_key", "reason_of_row", "reason_of_unit"


def check_rows(
    contract: Contract,
    staged: ibis.Schema,
    dates: DateRange | None,
    run_query: RunQuery,
    may_set_aside: bool = False,
) -> bool:
    """Return whether the table `staged` keeps the contract; refuse the write if not, unless units may be set aside.

    The error lists all broken rules at once. A row of no date, or of another one, has no unit to be set aside with.
    """
    texts = [*contract.rule_texts(dates), *([_CONTRADICTS] if CONTRADICTION in staged else [])]
    whole, kind = dates is None, "" if CONTRADICTION not in staged else " and contradictions"

    def rules(dates: DateRange) -> dict[str, Any]:
        rows = ibis.table(staged, name=STAGED)
        contradictions = {_CONTRADICTS: rows[CONTRADICTION].notnull()} if CONTRADICTION in staged else {}
        return {**dict(contract.rules(rows, None if whole else dates)), **contradictions}

    def counts(dates: DateRange) -> ir.Table:
        broken = enumerate(rules(dates).values())
        sums = [breaks.ifelse(1, 0).sum().fill_null(0).name(f"rule_{n}") for n, breaks in broken]
        return ibis.table(staged, name=STAGED).aggregate(sums)

    def repeated(dates: DateRange) -> ir.Table:
        rows = ibis.table(staged, name=STAGED)
        keys = rows.group_by(contract.grain).aggregate(rows_found=rows.count())
        return keys.filter(keys.rows_found > 1).limit(SHOWN)

    name = f"{contract.key}.rules{'' if whole else ' by date'}{kind}"
    counted = run_query(Query(name, counts, dates or ALWAYS))[0] if texts else ()
    rows_by_rule = dict(zip(texts, counted, strict=True))
    broken_rules = [rule for rule, count in rows_by_rule.items() if count]
    problems = [f"{rows_by_rule[rule]} rows where {rule}" for rule in broken_rules]
    if keys := run_query(Query(f"{contract.key}.repeated keys{kind}", repeated)):
        problems.append(f"repeated keys ({', '.join(contract.grain)}), for instance {keys}")
    undated = any(rule.startswith(f"{contract.partition} is ") for rule in broken_rules)
    if problems and may_set_aside and contract.unit_columns and not undated:
        return False
    if broken_rules:
        first = rules(dates or ALWAYS)[broken_rules[0]]
        offenders = run_query(ibis.table(staged, name=STAGED).filter(first).select(*contract.grain).limit(SHOWN))
        problems.append(f"the first at {offenders}")
    if problems:
        raise ContractBroken(f"{contract.key}: nothing stored. Found {'; '.join(problems)}")
    return True


def judged(contract: Contract, staged: ir.Table) -> ir.Table:
    """Add to each staged row the reason for which it is rejected, and that of its unit; empty if there is none."""
    staged = staged.mutate(**{_ROWS_OF_KEY: staged.count().over(group_by=_keys(staged, contract.grain))})
    rules = {**dict(contract.rules(staged, None)), "its key is repeated": staged[_ROWS_OF_KEY] > 1}
    contradicts = CONTRADICTION in staged.columns
    reason: Any = ("; " + staged[CONTRADICTION]).fill_null("") if contradicts else ibis.literal("")
    for rule, broken in rules.items():
        reason = reason + broken.ifelse(f"; {rule}", "")
    rows = staged.mutate(**{_REASON: reason.substr(2)})
    return rows.mutate(**{_UNIT_REASON: rows[_REASON].max().over(group_by=_keys(rows, contract.unit_columns))})


def _keys(rows: ir.Table, names: Iterable[str]) -> list[ir.Value]:
    """Return columns to partition by: BigQuery does not by floats, so those are text."""
    return [rows[name].cast("string") if rows[name].type().is_floating() else rows[name] for name in names]


def sound(contract: Contract, rows: ir.Table) -> ir.Table:
    """Return the judged rows of units without a broken row."""
    return rows.filter(rows[_UNIT_REASON] == "").select(*contract.columns)


def collect(contract: Contract, rows: ir.Table, run_query: RunQuery, rejected: Rejected) -> None:
    """Add the units with a broken row to `rejected`: dates with a reason, otherwise each row of the unit."""
    broken: Any = rows.filter(rows[_UNIT_REASON] != "")
    if contract.unit is Unit.DATE:
        _collect_dates(contract, broken, run_query, rejected)
        return
    names = list(contract.columns)
    for *values, reason, unit_reason in run_query(broken.select(*names, _REASON, _UNIT_REASON)):
        row: Mapping[str, Any] = dict(zip(names, values, strict=True))
        shown = as_json({name: value for name, value in row.items() if name != "ingested_at"})
        reason = reason or f"{OTHER_ROW}: {unit_reason}"
        unit = row["game_id"] if contract.unit is Unit.GAME else ""
        rejected.rows.append(RejectedRow(row[contract.partition or ""], row["source"], shown, reason, unit))
        rejected.units.add(tuple(row[name] for name in contract.unit_columns))


def _collect_dates(contract: Contract, broken: Any, run_query: RunQuery, rejected: Rejected) -> None:
    """Add each date with its broken rules, the number of rows that break them, and the key of one."""
    (date,) = contract.unit_columns
    own = broken.filter(broken[_REASON] != "")
    place = ibis.row_number().over(group_by=[date, _REASON], order_by=[*contract.grain])
    found = own.mutate(place=place, rows_found=own.count().over(group_by=[date, _REASON]))
    found = found.filter(found.place == 0).order_by(date, _REASON)
    key = [name for name in contract.grain if name != date]
    for day, reason, count, *values in run_query(found.select(found[date].name("day"), _REASON, "rows_found", *key)):
        example = ", ".join(map(str, values))
        text = f"{count} rows where {reason}, for instance {example}"
        rejected.dates[day] = "; ".join(filter(None, (rejected.dates.get(day), text)))
        rejected.units.add((day,))


def kept_units(contract: Contract, rejected: Rejected | None) -> pa.Table | None:
    """Return the keys of the units whose stored rows stay; None if all are replaced."""
    if rejected is None or not rejected.units:
        return None
    schema = ibis.schema({name: contract.columns[name].dtype(nullable=True) for name in contract.unit_columns})
    units = [dict(zip(schema.names, unit, strict=True)) for unit in rejected.units]
    return pa.Table.from_pylist(units, schema=schema.to_pyarrow())


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


def missing_table(message: str, reads: Iterable[str]) -> WarehouseUnavailable:
    """Return the error for a statement that reads a table which does not exist; `message` is the engine's own."""
    return WarehouseUnavailable(
        f"{message} It was never materialised; this reads {', '.join(reads)}: backfill those first."
    )

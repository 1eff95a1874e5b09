"""What every engine refuses, in the same words: the engine answers questions, this module judges the answers."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ibis.expr.types as ir

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, ContractBroken

SHOWN = 5
Ask = Callable[[ir.Table], Sequence[tuple[Any, ...]]]


def refuse_broken(contract: Contract, staged: ir.Table, dates: DateRange | None, ask: Ask) -> None:
    """All promises about the staged rows at once: whoever mends the source wants the whole list."""
    rules = dict(contract.rules(staged, dates))
    counts = [broken.ifelse(1, 0).sum().fill_null(0).name(f"rule_{n}") for n, broken in enumerate(rules.values())]
    found = dict(zip(rules, ask(staged.aggregate(counts))[0], strict=True)) if rules else {}
    broken_rules = [rule for rule, n in found.items() if n]
    problems = [f"{found[rule]} rows where {rule}" for rule in broken_rules]
    if repeated := ask(contract.repeated(staged).limit(SHOWN)):
        problems.append(f"repeated keys ({', '.join(contract.grain)}), for instance {repeated}")
    if broken_rules:
        offenders = ask(staged.filter(rules[broken_rules[0]]).select(*contract.grain).limit(SHOWN))
        problems.append(f"the first at {offenders}")
    if problems:
        raise ContractBroken(f"{contract.key}: nothing stored. Found {'; '.join(problems)}")


def refuse_unknown_columns(contract: Contract, names: Iterable[str]) -> None:
    """A column the contract does not know cannot be asked for or changed."""
    if unknown := [name for name in names if name not in contract.columns]:
        raise ContractBroken(f"{contract.key} has no columns {unknown}: nothing was changed")


def refuse_other_columns(contract: Contract, stored: Iterable[str]) -> None:
    """A table stored by an older contract is told apart before anything is staged."""
    if differing := sorted(set(stored) ^ set(contract.columns)):
        raise WarehouseUnavailable(
            f"{contract.key} was stored with other columns than its contract has now ({', '.join(differing)}): "
            f"drop the table and backfill it again."
        )


def refuse_stored_elsewhere(contract: Contract, found: Sequence[tuple[Any, ...]]) -> None:
    """A key under two dates would count twice: both must be written together."""
    if found:
        raise ContractBroken(
            f"{contract.key}: keys already stored under other dates, for instance {found}: "
            f"refresh those dates together with these."
        )


def never_materialised(said: str, reads: Iterable[str]) -> WarehouseUnavailable:
    """The engine's word about a missing table, and what to do about it."""
    return WarehouseUnavailable(
        f"{said} It was never materialised; this reads {', '.join(sorted(set(reads)))}: backfill those first."
    )

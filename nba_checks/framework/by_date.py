"""Turn a function over tables into an asset check with a result for every date, also after one run over years.

Dagster stores the result of a check over a range without saying which dates it is about, so a range also logs one
evaluation for each date.
"""

import datetime as dt
import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import today
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.table import Table, Tables
from nba_platform.dagster_compat.check_evaluations import log_evaluations
from nba_resources.dates import DateRange
from nba_resources.sources.base import Source
from nba_resources.warehouse.base import WarehouseUnavailable

warnings.filterwarnings("ignore", "Specifying a partitions_def on an AssetCheckSpec", dg.PreviewWarning)
_LISTED = 5


@dataclass(frozen=True)
class DateResult:
    """The result of a check on one date: a message for people, values for plots."""

    passed: bool
    message: str
    metadata: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


DateResults = Mapping[dt.date, DateResult]
DateCheck = Callable[..., DateResults]  # of warehouse, tables, dates, today; of `instance` and `run_id`, if asked for


class DateNotChecked(RuntimeError):
    """A check returned no result for some dates, which would stay "planned" for ever."""


def by_date(
    function: DateCheck,
    table: Table,
    tables: Tables,
    *,
    name: str | None = None,
    description: str | None = None,
    blocking: bool = False,
    after: Sequence[Table] = (),
    computes_long: bool = False,
) -> dg.AssetChecksDefinition:
    """Create the check of a table that calls `function` for the dates of a run, by default with its name and docstring.

    A check that does not block warns. In a range a failed date is held back by its own evaluation and does not hold
    back the dates that passed. `after` names tables that the check reads and its own table does not. The reads of a
    check share a connection, unless it `computes_long` between them: other processes cannot write in the meantime.
    """

    def evaluate(context: dg.AssetCheckExecutionContext, dates: DateRange) -> DateResults:
        offered = {"instance": context.instance, "run_id": context.run.run_id}
        asked = {name: offered[name] for name in inspect.signature(function).parameters if name in offered}
        warehouse, tonight = context.resources.warehouse, today(context.resources.source)
        with nullcontext() if computes_long else warehouse.session():
            return function(warehouse, tables, dates, tonight, **asked)

    return _check(evaluate, table, name or function.__name__, description or inspect.getdoc(function), blocking, after)


def by_source(function: Callable[[Source, DateRange], DateResults], table: Table) -> dg.AssetChecksDefinition:
    """Create the check of a table that calls `function` with the source of the dates of a run; it warns."""

    def evaluate(context: dg.AssetCheckExecutionContext, dates: DateRange) -> DateResults:
        return function(context.resources.source, dates)

    return _check(evaluate, table, function.__name__, inspect.getdoc(function), blocking=False)


def listed(items: Sequence[str], most: int, separator: str = "; ") -> str:
    """Join the first items and count the others."""
    more = f"{separator}and {len(items) - most} more" if len(items) > most else ""
    return separator.join(items[:most]) + more


def _check(
    evaluate: Callable[[dg.AssetCheckExecutionContext, DateRange], DateResults],
    table: Table,
    name: str,
    description: str | None,
    blocking: bool,
    after: Sequence[Table] = (),
) -> dg.AssetChecksDefinition:
    key = asset_key(table.contract)
    severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN

    @dg.asset_check(
        asset=key,
        name=name,
        description=description,
        blocking=blocking,
        partitions_def=DAILY,
        additional_deps=[asset_key(other.contract) for other in after],
        required_resource_keys={"warehouse", "source"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        dates = [dt.date.fromisoformat(partition) for partition in context.partition_keys]
        try:
            results = evaluate(context, DateRange(dates[0], dates[-1]))
        except WarehouseUnavailable as error:
            results = {date: DateResult(False, f"{date} cannot be checked: {error}") for date in dates}
        if missing := [str(date) for date in dates if date not in results]:
            raise DateNotChecked(
                f"{name} returned no result for {len(missing)} of {len(dates)} dates "
                f"({listed(missing, _LISTED, ', ')}): a check must return a result for every date of the run, "
                f"also where no rows are expected."
            )
        results = {date: results[date] for date in dates}
        evaluations = {
            date.isoformat(): dg.AssetCheckResult(
                passed=result.passed, severity=severity, description=result.message, metadata=dict(result.metadata)
            )
            for date, result in results.items()
        }
        if context.has_partition_key:
            (evaluation,) = evaluations.values()
            return evaluation
        log_evaluations(context, dg.AssetCheckKey(key, name), evaluations)
        return _summary(results)

    return check


def _summary(results: DateResults) -> dg.AssetCheckResult:
    """Return the result of a whole range, with the first dates that failed."""
    failed = [f"{date}: {result.message}" for date, result in results.items() if not result.passed]
    return dg.AssetCheckResult(
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(failed)} of {len(results)} dates fail" + (f"; {listed(failed, _LISTED)}" if failed else ""),
        metadata={"dates": len(results), "failed": len(failed)},
    )

"""Turn a function over tables into an asset check with a result for every date, also after one run over years.

Dagster stores the result of a check over a range without its dates: they stay "planned" for ever and nothing downstream
is ever requested. So a range writes one evaluation for each date into the event log, as one batch. The classes this
needs are private; they are used here and nowhere else.
"""

import datetime as dt
import inspect
import uuid
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg
import sqlalchemy
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as Materialised,
)
from dagster._core.events import DagsterEventBatchMetadata
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import DAILY, today
from nba_assets.kit.table import Table
from nba_resources.dates import DateRange
from nba_resources.sources.base import Source
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

warnings.filterwarnings("ignore", "Specifying a partitions_def on an AssetCheckSpec", dg.PreviewWarning)
_LISTED = 5


@dataclass(frozen=True)
class DateResult:
    """The result of a check on one date: a message for people, values for plots."""

    passed: bool
    message: str
    metadata: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


DateResults = Mapping[dt.date, DateResult]
DateCheck = Callable[[Warehouse, Mapping[str, Table], DateRange, dt.date], DateResults]


class DateNotChecked(RuntimeError):
    """A check returned no result for some dates, which would stay "planned" for ever."""


def by_date(
    function: DateCheck,
    table: Table,
    tables: Mapping[str, Table],
    *,
    name: str | None = None,
    description: str | None = None,
    blocking: bool = False,
    after: Sequence[Table] = (),
) -> dg.AssetChecksDefinition:
    """Create the check of a table that calls `function` for the dates of a run, by default with its name and docstring.

    A check that does not block warns. In a range a failed date is held back by its own evaluation and does not hold
    back the dates that passed. `after` names tables that the check reads and its own table does not.
    """

    def evaluate(context: dg.AssetCheckExecutionContext, dates: DateRange) -> DateResults:
        return function(context.resources.warehouse, tables, dates, today(context.resources.source))

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
        if context.has_partition_key:
            (result,) = results.values()
            return dg.AssetCheckResult(
                passed=result.passed,
                severity=severity,
                description=result.message,
                metadata=dict(result.metadata),
            )
        _report(context, key, name, severity, results)
        return _summary(results)

    return check


def _report(
    context: dg.AssetCheckExecutionContext,
    key: dg.AssetKey,
    check: str,
    severity: dg.AssetCheckSeverity,
    verdicts: Mapping[dt.date, DateResult],
) -> None:
    """Write one evaluation for each date. Each points at the rows it checked, or automation would not go on with them.

    A blocking evaluation that fails ends the step, whatever the other results; the check itself stays blocking.
    """
    judged = _written(context, key, verdicts)
    step, batch, last = context.op_execution_context.get_step_execution_context(), str(uuid.uuid4()), max(verdicts)
    for date, verdict in verdicts.items():
        evaluation = dg.AssetCheckEvaluation(
            asset_key=key,
            check_name=check,
            passed=verdict.passed,
            partition=date.isoformat(),
            blocking=False,
            severity=severity,
            description=verdict.message,
            metadata=dict(verdict.metadata),
            target_materialization_data=judged.get(date),
        )
        dg.DagsterEvent.from_step(
            dg.DagsterEventType.ASSET_CHECK_EVALUATION,
            step,
            evaluation,
            f"{check} of {key.to_user_string()}, {date}: {verdict.message}",
            DagsterEventBatchMetadata(batch, is_end=date == last),
        )


def _written(
    context: dg.AssetCheckExecutionContext, key: dg.AssetKey, dates: Iterable[dt.date]
) -> dict[dt.date, Materialised]:
    """Return the latest materialization of each date that has one."""
    made, partitions = dg.DagsterEventType.ASSET_MATERIALIZATION, {date.isoformat() for date in dates}
    latest = context.instance.get_latest_storage_id_by_partition(key, made, partitions)
    moments = _written_at(context.instance, latest.values())
    return {
        dt.date.fromisoformat(partition): Materialised(
            storage_id=stored, run_id=context.run.run_id, timestamp=moments[stored]
        )
        for partition, stored in latest.items()
    }


def _written_at(instance: dg.DagsterInstance, events: Collection[int]) -> dict[int, float]:
    """Return the time of each event: the UI shows it as the time of the rows that were checked."""
    log = SqlEventLogStorageTable.c
    asked = sqlalchemy.select(log.id, log.timestamp).where(log.id.in_([*events]))
    with instance.event_log_storage.index_connection() as records:  # type: ignore[attr-defined]  # all storages are SQL
        return {event: moment.replace(tzinfo=dt.UTC).timestamp() for event, moment in records.execute(asked)}


def _summary(results: DateResults) -> dg.AssetCheckResult:
    """Return the result of a whole range, with the first dates that failed."""
    failed = [f"{date}: {result.message}" for date, result in results.items() if not result.passed]
    return dg.AssetCheckResult(
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(failed)} of {len(results)} dates fail" + (f"; {listed(failed, _LISTED)}" if failed else ""),
        metadata={"dates": len(results), "failed": len(failed)},
    )

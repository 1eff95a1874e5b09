"""From a plain function over tables to an asset check with an answer for every date, also after one run over years.

Dagster stores the result of a check over a range without saying which dates it is about: the dates stay "planned" for
ever and nothing downstream is ever requested. So a range writes one evaluation a date into the event log itself, and
all of them as one batch. The classes this takes are not public; they are named here and nowhere else.
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
    """What a check says of one date: a message for people, plain values for plots."""

    passed: bool
    message: str
    metadata: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


DateResults = Mapping[dt.date, DateResult]
DateCheck = Callable[[Warehouse, Mapping[str, Table], DateRange, dt.date], DateResults]


class DateNotChecked(RuntimeError):
    """A check that leaves a date out would leave it "planned" for ever: says which check, and which dates."""


def by_date(
    judge: DateCheck,
    table: Table,
    tables: Mapping[str, Table],
    *,
    name: str | None = None,
    description: str | None = None,
    blocking: bool = False,
    after: Sequence[Table] = (),
) -> dg.AssetChecksDefinition:
    """The check of a table that asks `judge` about every date of a run; named and described after it unless told.

    What is not blocking warns. In a range nothing stops: a failing date is held back by its own evaluation, and must
    not hold back the sound dates beside it. `after` names tables the check reads that its own table does not.
    """

    def ask(context: dg.AssetCheckExecutionContext, dates: DateRange) -> DateResults:
        return judge(context.resources.warehouse, tables, dates, today(context.resources.source))

    return _check(ask, table, name or judge.__name__, description or inspect.getdoc(judge), blocking, after)


def by_source(judge: Callable[[Source, DateRange], DateResults], table: Table) -> dg.AssetChecksDefinition:
    """The check of a table that asks its source about every date of a run; it warns."""

    def ask(context: dg.AssetCheckExecutionContext, dates: DateRange) -> DateResults:
        return judge(context.resources.source, dates)

    return _check(ask, table, judge.__name__, inspect.getdoc(judge), blocking=False)


def _check(
    ask: Callable[[dg.AssetCheckExecutionContext, DateRange], DateResults],
    table: Table,
    called: str,
    description: str | None,
    blocking: bool,
    after: Sequence[Table] = (),
) -> dg.AssetChecksDefinition:
    key = asset_key(table.contract)
    severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN

    @dg.asset_check(
        asset=key,
        name=called,
        description=description,
        blocking=blocking,
        partitions_def=DAILY,
        additional_deps=[asset_key(other.contract) for other in after],
        required_resource_keys={"warehouse", "source"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        dates = [dt.date.fromisoformat(partition) for partition in context.partition_keys]
        asked = DateRange(dates[0], dates[-1])
        try:
            found = ask(context, asked)
        except WarehouseUnavailable as error:
            found = {date: DateResult(False, f"cannot be judged: {error}") for date in dates}
        verdicts = _of_each(dates, found, called)
        if context.has_partition_key:
            (verdict,) = verdicts.values()
            return dg.AssetCheckResult(
                passed=verdict.passed,
                severity=severity,
                description=verdict.message,
                metadata=dict(verdict.metadata),
            )
        _report(context, key, called, severity, verdicts)
        return _in_all(verdicts)

    return check


def _of_each(dates: Collection[dt.date], found: Mapping[dt.date, DateResult], check: str) -> dict[dt.date, DateResult]:
    left_out = [str(date) for date in dates if date not in found]
    if left_out:
        raise DateNotChecked(
            f"{check} gave no verdict on {len(left_out)} of {len(dates)} dates ({', '.join(left_out[:_LISTED])}, ...): "
            f"a check must answer for every date it is asked about, also where nothing is due."
        )
    return {date: found[date] for date in dates}


def _report(
    context: dg.AssetCheckExecutionContext,
    key: dg.AssetKey,
    check: str,
    severity: dg.AssetCheckSeverity,
    verdicts: Mapping[dt.date, DateResult],
) -> None:
    """One evaluation a date. Each points at what it judged, or automation would release nothing on it.

    A blocking evaluation that fails ends the step, whatever the other dates say; the check itself stays blocking.
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
    """The rows of each date as they were written last; a date that nobody reported as written has none."""
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
    """When each was written: the UI shows it as the moment of what was judged."""
    log = SqlEventLogStorageTable.c
    asked = sqlalchemy.select(log.id, log.timestamp).where(log.id.in_([*events]))
    with instance.event_log_storage.index_connection() as records:  # type: ignore[attr-defined]  # all storages are SQL
        return {event: moment.replace(tzinfo=dt.UTC).timestamp() for event, moment in records.execute(asked)}


def _in_all(verdicts: Mapping[dt.date, DateResult]) -> dg.AssetCheckResult:
    """The range in one sentence, with the first dates that fail."""
    failed = {date: verdict for date, verdict in verdicts.items() if not verdict.passed}
    said = [f"{date}: {verdict.message}" for date, verdict in list(failed.items())[:_LISTED]]
    more = [f"and {len(failed) - _LISTED} more"] if len(failed) > _LISTED else []
    counted = f"{len(failed)} of {len(verdicts)} dates fail"
    return dg.AssetCheckResult(
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join([counted, *said, *more]),
        metadata={"dates": len(verdicts), "failed": len(failed)},
    )

"""From a plain function over tables to an asset check with an answer for every date, also after one run over years.

Dagster stores the result of a check over a range without saying which dates it is about, so a range also logs one
evaluation for each date.
"""

import datetime as dt
import inspect
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import DAILY, today
from nba_assets.kit.table import Table
from nba_platform.dagster_compat.check_evaluations import log_evaluations
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
        results = {date.isoformat(): _result(verdict, severity) for date, verdict in verdicts.items()}
        if context.has_partition_key:
            (result,) = results.values()
            return result
        log_evaluations(context, dg.AssetCheckKey(key, called), results)
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


def _result(verdict: DateResult, severity: dg.AssetCheckSeverity) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=verdict.passed, severity=severity, description=verdict.message, metadata=dict(verdict.metadata)
    )


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

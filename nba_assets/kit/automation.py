"""When a table makes its own dates: whenever what it reads is there, sound, and newer than what it stored.

Nothing is remembered between two looks. A date is behind if one of its inputs was stored after it, which the event log
can always tell: an update made while nobody was looking, by whichever command, is found like any other.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
import numpy as np

from nba_assets.kit.as_of import History
from nba_assets.kit.ledger import NEVER, Ledger, Reads
from nba_assets.kit.table import Owed, Table

AC = dg.AutomationCondition
SOUND = AC.all_checks_match(AC.check_passed(), blocking_only=True).with_label("its blocking checks passed")
OpenDates = Callable[[], Collection[dt.date]]


def whenever_ready(
    table: Table, tables: Mapping[str, Table], key_of: Callable[[Table], dg.AssetKey], open_dates: OpenDates = tuple
) -> dg.AutomationCondition | None:
    """The rule of a derived table; what a source publishes is fetched by sensors and schedules instead.

    `open_dates` tells the dates whose games have not begun: only these are forecast again.
    """
    if table.feed:
        return None
    reads = reads_of(table, tables, key_of)
    ancestors = tuple(key_of(tables[name]) for name in same_date_ancestors(table, tables))
    wanted = Behind(reads) & ~GaveUp(reads)
    if table.contract.monthly:
        wanted = wanted & AC.missing()
    if table.owed is Owed.EVERY_FORECAST:
        wanted = wanted & (AC.missing() | IsOpen(open_dates))
    unsound = AC.execution_failed() | ~SOUND | WillBeChecked()
    held = AC.in_progress() | AnInput(AC.in_progress()) | OnTheDate(ancestors, unsound)
    for name, how in table.reads.items():
        if tables[name].contract.monthly and not table.contract.monthly and how is not History:
            held = held | ModelToCome(key_of(tables[name]), reads_of(tables[name], tables, key_of))
    return (wanted & ~held).with_label("whenever ready")


def reads_of(table: Table, tables: Mapping[str, Table], key_of: Callable[[Table], dg.AssetKey]) -> Reads:
    """The inputs of a table by how their dates matter to its own."""
    if table.contract.partition is None:
        return Reads(whole=tuple(key_of(tables[name]) for name in table.reads), partitioned=False)
    on, back, whole = [], [], []
    for name, how in table.reads.items():
        upstream = tables[name]
        if upstream.contract.partition is None:
            whole.append(key_of(upstream))
        elif upstream.contract.monthly:
            continue  # a model is not required: where there is none, a system says so
        elif table.contract.monthly:
            back.append((key_of(upstream), False))
        else:
            if on_the_date(table, upstream, how):
                on.append(key_of(upstream))
            if how is History:
                back.append((key_of(upstream), on_the_date(table, upstream, how)))
    return Reads(tuple(on), tuple(back), tuple(whole), table.contract.monthly)


def on_the_date(table: Table, upstream: Table, how: type) -> bool:
    """Whether a table may read the rows of its own date: never what exists only after the games, if it comes before."""
    return how is not History or table.contract.post or not upstream.contract.post


def same_date_ancestors(table: Table, tables: Mapping[str, Table]) -> list[str]:
    """Everything the rows of a date are made of on that date, however far up: what is unsound there holds the date."""
    found: dict[str, None] = {}
    waiting = [table]
    while waiting:
        below = waiting.pop()
        for name, how in below.reads.items():
            above = tables[name]
            if above.contract.partition is None or above.contract.monthly or below.contract.monthly or name in found:
                continue
            if below.contract.partition and on_the_date(below, above, how):
                found[name] = None
                waiting.append(above)
    return sorted(found)


class _Told(dg.AutomationCondition):
    """A condition of our own: its description is what the UI shows."""

    @property
    def description(self) -> str:
        """The first line of the docstring."""
        return (self.__doc__ or "").splitlines()[0]

    @property
    def requires_cursor(self) -> bool:
        """Nothing is remembered."""
        return False

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:  # type: ignore[override]  # awaited
        """The partitions of which it is true."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Behind(_Told):
    """The inputs of the date are there, and at least one that it reads was stored after it."""

    reads: Reads

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        """A gap in history lacks nothing: the date is computed without it, and again when it is filled."""
        ledger = Ledger.of(context)
        found = self.reads.there(ledger) & (self.reads.newest(ledger) > ledger.stored(context.key))
        return dg.AutomationResult(context, ledger.subset(context.key, found))


@dataclass(frozen=True, eq=False)
class GaveUp(_Told):
    """The last attempt at the date failed, and nothing it reads has been stored since."""

    reads: Reads

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        """Trying again what failed, on the same inputs, fails again."""
        child = context.for_child_condition(AC.execution_failed(), [0], context.candidate_subset)
        failed = await child.evaluate_async()
        if failed.true_subset.is_empty:
            return dg.AutomationResult(context, failed.true_subset, child_results=[failed])
        ledger = Ledger.of(context)
        stale = self.reads.newest(ledger, requested=False) <= ledger.failed(context.key)
        still = ledger.subset(context.key, stale).compute_intersection(failed.true_subset)
        return dg.AutomationResult(context, still, child_results=[failed])


@dataclass(frozen=True, eq=False)
class OnTheDate(_Told):
    """Something the date is made of, on that date and however far up, matches."""

    inputs: tuple[dg.AssetKey, ...]
    operand: dg.AutomationCondition

    @property
    def children(self) -> list[dg.AutomationCondition]:
        """What is asked of each input."""
        return [self.operand]

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        """Asked of the same date only: an unsound date in history holds nothing but its own descendants."""
        matching, results = context.get_empty_subset(), []
        if not context.candidate_subset.is_empty:
            ledger = Ledger.of(context)
            for key in self.inputs:
                there = ledger.moved(context.candidate_subset, key)
                result = await context.for_child_condition(self.operand, [None], there).evaluate_async()
                matching = matching.compute_union(ledger.moved(result.true_subset, context.key))
                results.append(result)
        return dg.AutomationResult(
            context, context.candidate_subset.compute_intersection(matching), child_results=results
        )


@dataclass(frozen=True, eq=False)
class AnInput(_Told):
    """Any date of an input that this date reads matches, history included."""

    operand: dg.AutomationCondition

    @property
    def children(self) -> list[dg.AutomationCondition]:
        """What is asked of each input."""
        return [self.operand]

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        """From the inputs down: what matches is mostly nothing, and a season's window is dear to map."""
        view, matching, results = context.asset_graph_view, context.get_empty_subset(), []
        if not context.candidate_subset.is_empty:
            for key in sorted(context.asset_graph.get(context.key).parent_keys):
                whole = view.get_full_subset(key=key)
                result = await context.for_child_condition(self.operand, [None], whole).evaluate_async()
                if not result.true_subset.is_empty:
                    below = view.compute_mapped_subset(context.key, result.true_subset, direction="down")
                    matching = matching.compute_union(below)
                results.append(result)
        return dg.AutomationResult(
            context, context.candidate_subset.compute_intersection(matching), child_results=results
        )


class WillBeChecked(_Told):
    """It is about to be made again, and a blocking check will judge it."""

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        """In a range nothing stops at a failing check, so what hangs on one waits for its verdict."""
        graph, requested = context.asset_graph, context.request_subsets_by_key.get(context.key)
        if requested is None or not any(graph.get(check).blocking for check in graph.get(context.key).check_keys):
            return dg.AutomationResult(context, context.get_empty_subset())
        return dg.AutomationResult(context, context.candidate_subset.compute_intersection(requested))


@dataclass(frozen=True, eq=False)
class IsOpen(_Told):
    """No game of the date has begun, so a forecast may still change."""

    open_dates: OpenDates

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        """The warehouse is asked only when something moved."""
        if context.candidate_subset.is_empty:
            return dg.AutomationResult(context, context.candidate_subset)
        ledger = Ledger.of(context)
        still_open = {date.isoformat() for date in self.open_dates()}
        found = np.array([key in still_open for key in ledger.dates])
        return dg.AutomationResult(context, ledger.subset(context.key, found))


@dataclass(frozen=True, eq=False)
class ModelToCome(_Told):
    """The model of the month is being made, or will be once the month before is computed."""

    model: dg.AssetKey
    reads: Reads

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        """Forecasts made a minute before their model would be without it for ever."""
        if context.candidate_subset.is_empty:
            return dg.AutomationResult(context, context.candidate_subset)
        months: Any = context.asset_graph_view.get_full_subset(key=self.model)
        busy = await context.for_child_condition(AC.in_progress(), [0], months).evaluate_async()
        failed = await context.for_child_condition(AC.execution_failed(), [1], months).evaluate_async()
        inputs: list[Any] = [context.asset_graph_view.get_full_subset(key=key) for key, _ in self.reads.back]
        underway = [
            await context.for_child_condition(AC.in_progress(), [None], dates).evaluate_async() for dates in inputs
        ]
        ledger = Ledger.of(context)
        at_work = {result.true_subset.key: ledger.flags(result.true_subset) for result in underway}
        to_come = self.reads.there(ledger, at_work) & ~ledger.flags(failed.true_subset) | ledger.flags(busy.true_subset)
        found = (to_come & (ledger.stored(self.model) == NEVER))[ledger.month_of_date]
        return dg.AutomationResult(context, ledger.subset(context.key, found), child_results=[busy, failed])

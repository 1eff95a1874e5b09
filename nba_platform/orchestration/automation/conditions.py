"""When a table makes its own dates: whenever what it reads is there, sound, and newer than what it stored.

Nothing is remembered between two looks. A date is behind if one of its inputs was stored after it, which the event log
can always tell: an update made while nobody was looking, by whichever command, is found like any other.
"""

import datetime as dt
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
import numpy as np

from nba_assets.kit.as_of import History
from nba_assets.kit.assets import asset_key, may_read_same_date
from nba_assets.kit.table import ExpectedRows, Table
from nba_platform.orchestration.automation.tick_state import Ledger, Needs
from nba_platform.orchestration.event_log_reader import NEVER

CORRECTED_FOR = 3  # days in which box scores still change

AC = dg.AutomationCondition
Context = dg.AutomationContext
Begun = Callable[[], Mapping[dt.date, dt.datetime]]
Partitions = Any  # Dagster's EntitySubset: partitions of one table
Ask = Callable[[dg.AutomationCondition, Partitions], Awaitable[Partitions]]


def whenever_ready(table: Table, tables: Mapping[str, Table], begun: Begun = dict) -> dg.AutomationCondition | None:
    """The rule of a derived table; what a source publishes is fetched by sensors and schedules instead.

    The calendar is an exception: it also asks for earlier dates of its season, since one that begins in the middle
    cannot tell what it lacks. `begun` tells when the first game of each date began, if it did: a forecast made before
    that is a record.
    """
    if table.feed:
        of_the_calendar = table.expected_rows is ExpectedRows.GAMES and table.contract.partition
        return EarlierInItsSeason() & ~GaveUp() & ~AtWork() if of_the_calendar else None
    ancestors = tuple(asset_key(tables[name].contract) for name in same_date_ancestors(table, tables))
    wanted = Behind() & Ready(needs_of(table, tables)) & ~GaveUp()
    if table.contract.monthly:
        wanted = wanted & AC.missing()
    if table.expected_rows is ExpectedRows.FORECASTS:
        wanted = wanted & (AC.missing() | ~IsRecord(begun))
    unsound = (Lost() & ~Requested()) | Unproven()
    held = AtWork() | AnInput(AtWork()) | OnTheDate(ancestors, unsound)
    for name in table.reads:
        if tables[name].contract.monthly and table.contract.partition and not table.contract.monthly:
            held = held | ModelToCome(asset_key(tables[name].contract), needs_of(tables[name], tables))
    return (wanted & ~held).with_label("whenever ready")


def automated(asset: dg.AssetsDefinition, condition: dg.AutomationCondition | None) -> dg.AssetsDefinition:
    """Return the asset with its automation condition attached."""
    return asset.map_asset_specs(lambda spec: spec.replace_attributes(automation_condition=condition))


def whenever_newer(by_date: bool) -> dg.AutomationCondition:
    """The rule of what tells of other tables: after them, whether they are sound or not, and once they are at rest.

    What tells of dates tells of an attempt that failed, too. What is drawn of a whole table waits until nobody asks
    for any date of it.
    """
    news, busy = (Behind() | InVain(), AtWork()) if by_date else (Behind(), AtWork() | Requested())
    return (news & ~GaveUp() & ~AtWork() & ~AnInput(busy)).with_label("whenever something is newer")


def needs_of(table: Table, tables: Mapping[str, Table]) -> Needs:
    """The inputs of a table without which its dates cannot be made."""
    if table.contract.partition is None:
        return Needs(whole=tuple(asset_key(tables[name].contract) for name in table.reads), partitioned=False)
    on, back, whole = [], [], []
    for name, how in table.reads.items():
        upstream = tables[name]
        if upstream.contract.partition is None:
            whole.append(asset_key(upstream.contract))
        elif table.contract.monthly:
            back.append(asset_key(upstream.contract))
        elif not upstream.contract.monthly:  # a model is not required: where there is none, a system says so
            if may_read_same_date(table, upstream, how):
                on.append(asset_key(upstream.contract))
            if how is History:
                back.append(asset_key(upstream.contract))
    return Needs(tuple(on), tuple(back), tuple(whole), table.contract.monthly)


def same_date_ancestors(table: Table, tables: Mapping[str, Table]) -> list[str]:
    """Everything the rows of a date are made of on that date, however far up: what is unsound there holds the date."""
    found: set[str] = set()
    waiting = [table]
    while waiting:
        below = waiting.pop()
        for name, how in below.reads.items():
            above = tables[name]
            dated = all(one.contract.partition and not one.contract.monthly for one in (above, below))
            if dated and name not in found and may_read_same_date(below, above, how):
                found.add(name)
                waiting.append(above)
    return sorted(found)


class _Rule(dg.AutomationCondition):
    """A condition of our own: its docstring is what the UI shows."""

    @property
    def description(self) -> str:
        """The first line of the docstring."""
        return (self.__doc__ or "").splitlines()[0]

    @property
    def requires_cursor(self) -> bool:
        """Nothing is remembered."""
        return False

    async def evaluate(self, context: Context) -> dg.AutomationResult:  # type: ignore[override]  # Dagster awaits it
        """The candidates of which it is true; nothing is asked when there is none."""
        asked: list[dg.AutomationResult] = []

        async def ask(operand: dg.AutomationCondition, of: Partitions) -> Partitions:
            asked.append(await context.for_child_condition(operand, [None], of).evaluate_async())
            return asked[-1].true_subset

        found = context.candidate_subset
        if not found.is_empty:
            found = found.compute_intersection(await self.found(context, Ledger.of(context), ask))
        return dg.AutomationResult(context, found, child_results=asked)

    @abstractmethod
    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """The partitions of which it is true; `ask` tells of which of some partitions another condition is."""


class Behind(_Rule):
    """Something that the date reads was stored after it."""

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """What is requested in this look counts as stored, so that all that hangs on it is requested too."""
        return ledger.subset(context.key, ledger.newest_input(context.key) > ledger.stored(context.key))


class InVain(_Rule):
    """An attempt at something the date reads failed after it was stored."""

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """A hole that a failure made is a state too, and nothing newer would ever tell of it."""
        graph, stored = context.asset_graph, ledger.stored(context.key)
        told = graph.get(context.key)
        dated = (key for key in sorted(told.parent_keys) if graph.get(key).partitions_def == told.partitions_def)
        ended = [ledger.in_vain(key) for key in dated]
        return ledger.subset(context.key, np.max([np.full_like(stored, NEVER), *ended], axis=0) > stored)


@dataclass(frozen=True, eq=False)
class Ready(_Rule):
    """The inputs of the date are there."""

    needs: Needs

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """A gap in history lacks nothing: the date is computed without it, and again when it is filled."""
        return ledger.subset(context.key, self.needs.there(ledger))


class EarlierInItsSeason(_Rule):
    """The date was never stored, but a later one of its season was."""

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """Who starts in February has a calendar from October on, so that what is missing is known to be missing."""
        known = ledger.stored(context.key) > NEVER
        last_known = np.zeros(len(ledger.seasons), dtype=int)
        np.maximum.at(last_known, ledger.season_of_date[known], np.flatnonzero(known))
        earlier = np.arange(len(known)) < last_known[ledger.season_of_date]
        return ledger.subset(context.key, earlier & ~known)


class GaveUp(_Rule):
    """The last attempt at the date failed, and nothing it reads has been stored since."""

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """What failed fails again on the same inputs."""
        ended = ledger.failed(context.key)
        return ledger.subset(context.key, (ended > NEVER) & (ledger.newest_input(context.key) <= ended))


@dataclass(frozen=True, eq=False)
class OnTheDate(_Rule):
    """Something the date is made of, on that date and however far up, is so."""

    inputs: tuple[dg.AssetKey, ...]
    operand: dg.AutomationCondition

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """Asked of the same date only: an unsound date of history holds nothing but its own descendants."""
        matching = context.get_empty_subset()
        for key in self.inputs:
            there = await ask(self.operand, ledger.moved(context.candidate_subset, key))
            matching = matching.compute_union(ledger.moved(there, context.key))
        return matching


@dataclass(frozen=True, eq=False)
class AnInput(_Rule):
    """Any date of an input that this date reads is so, history included."""

    operand: dg.AutomationCondition

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """From the inputs down: mostly none is, and a season's window is dear to look through."""
        view, matching = context.asset_graph_view, context.get_empty_subset()
        for key in sorted(context.asset_graph.get(context.key).parent_keys):
            there = await ask(self.operand, view.get_full_subset(key=key))
            if not there.is_empty:
                below = view.compute_mapped_subset(context.key, there, direction="down")
                matching = matching.compute_union(below)
        return matching


@dataclass(frozen=True, eq=False)
class Lately(_Rule):
    """It is tonight, or one of the days before it that the league still corrects."""

    today: Callable[[], dt.date]

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """What is told of a date long gone is told again when somebody asks for it."""
        last = self.today()
        first, until = (last - dt.timedelta(days=CORRECTED_FOR)).isoformat(), last.isoformat()
        dates = ledger.record.keys(context.key)
        return ledger.subset(context.key, np.array([first <= date <= until for date in dates]))


class AtWork(_Rule):
    """A run is about it that has not ended."""

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """Until its run has ended, what is stored may lack its neighbours, and its checks have not spoken."""
        return ledger.subset(context.key, ledger.at_work(context.key))


class Requested(_Rule):
    """It is asked for in this look, so it is made before what reads it."""

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """Unlike Dagster's `will_be_requested` this does not ask whether the two are dated alike."""
        return context.request_subsets_by_key.get(context.key, context.get_empty_subset())


class Lost(_Rule):
    """The last attempt at it ended and left nothing."""

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """What was stored before is still there, and is not what it should be."""
        return ledger.subset(context.key, ledger.lost(context.key))


class Unproven(_Rule):
    """A blocking check has not passed on what is stored, or will judge what is asked for in this look."""

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """In a range nothing stops at a failing check, so what hangs on one waits for its verdict."""
        if not ledger.record.blocking_checks(context.key):
            return context.get_empty_subset()
        unproven = ledger.subset(context.key, ~ledger.record.passed(context.key))
        return unproven.compute_union(context.request_subsets_by_key.get(context.key, context.get_empty_subset()))


@dataclass(frozen=True, eq=False)
class IsRecord(_Rule):
    """It was forecast before its first game began, and that game has begun."""

    begun: Begun

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """What was said live stays said; what a backfill said later is made again with everything it is made of."""
        begun = {date.isoformat(): at.timestamp() for date, at in self.begun().items()}
        made = ledger.times(context.key, ledger.flags(context.candidate_subset))
        found = np.array([key in begun and made.get(key, np.inf) <= begun[key] for key in ledger.dates])
        return ledger.subset(context.key, found)


@dataclass(frozen=True, eq=False)
class ModelToCome(_Rule):
    """The model of the month is being made, or will be once the month before is computed."""

    model: dg.AssetKey
    needs: Needs

    async def found(self, context: Context, ledger: Ledger, ask: Ask) -> Partitions:
        """A forecast made a minute before its model would be without it for ever."""
        underway = {key: ledger.at_work(key) for key in self.needs.back}
        to_come = ledger.at_work(self.model) | (self.needs.there(ledger, underway) & ~ledger.lost(self.model))
        lacking = ledger.stored(self.model) == NEVER
        return ledger.subset(context.key, (to_come & lacking)[ledger.month_of_date])

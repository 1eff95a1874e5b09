"""When a table computes its dates by itself: its inputs are stored and sound, and newer than what it stored.

Nothing is remembered between two ticks. A date is stale if an input was stored after it, which the event log shows: an
update is found whoever stored it, and also if the daemon was off.
"""

import datetime as dt
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import dagster as dg
import numpy as np

from nba_assets.kit.as_of import History
from nba_assets.kit.assets import asset_key, on_the_date
from nba_assets.kit.table import Owed, Table
from nba_platform.orchestration.automation.tick_state import RequiredInputs, TickState, in_season
from nba_platform.orchestration.event_log_reader import NEVER, Flags

CORRECTED_FOR = 3  # days in which box scores still change

AC = dg.AutomationCondition
FirstTipOffs = Callable[[], Mapping[dt.date, dt.datetime]]


def whenever_ready(
    table: Table, tables: Mapping[str, Table], first_tip_offs: FirstTipOffs = dict
) -> dg.AutomationCondition | None:
    """Return the condition of a derived table; raw tables have none, as sensors and schedules load them.

    The schedule is an exception: it also requests earlier dates of its season, as without them nothing shows what is
    missing. `first_tip_offs` returns when the first game of each date began, if it did: a forecast stored before that
    is kept.
    """
    if table.feed:
        is_schedule = table.owed is Owed.GAMES and table.contract.partition
        return MissingEarlierInSeason() & ~FailedOnTheseInputs() & ~InProgress() if is_schedule else None
    ancestors = tuple(asset_key(tables[name].contract) for name in same_date_ancestors(table, tables))
    stale = InputStoredLater() & InputsStored(required_inputs(table, tables)) & ~FailedOnTheseInputs()
    if table.contract.monthly:
        stale = stale & AC.missing()
    if table.owed is Owed.EVERY_FORECAST:
        stale = stale & (AC.missing() | ~StoredBeforeTipOff(first_tip_offs))
    unsound = (LastRunDidNotStore() & ~RequestedInThisTick()) | ChecksNotPassed()
    held = InProgress() | AC.any_deps_match(InProgress()) | OnTheSameDate(ancestors, unsound)
    for name in table.reads:
        if tables[name].contract.monthly and table.contract.partition and not table.contract.monthly:
            held = held | ModelExpected(asset_key(tables[name].contract), required_inputs(tables[name], tables))
    return (stale & ~held).with_label("whenever ready")


def automated(asset: dg.AssetsDefinition, condition: dg.AutomationCondition | None) -> dg.AssetsDefinition:
    """Return the asset with its automation condition attached."""
    return asset.map_asset_specs(lambda spec: spec.replace_attributes(automation_condition=condition))


def whenever_newer(by_date: bool) -> dg.AutomationCondition:
    """Return the condition of a report on other tables, which follows them whether they are sound or not.

    A report by date also follows failed runs. A report on a whole table waits until no date of it is requested.
    """
    newer: dg.AutomationCondition = InputStoredLater()
    busy: dg.AutomationCondition = InProgress()
    if by_date:
        newer = newer | InputFailedLater()
    else:
        busy = busy | RequestedInThisTick()
    held = FailedOnTheseInputs() | InProgress() | AC.any_deps_match(busy)
    return (newer & ~held).with_label("whenever something is newer")


def required_inputs(table: Table, tables: Mapping[str, Table]) -> RequiredInputs:
    """Return the inputs without which the dates of a table cannot be computed."""
    if table.contract.partition is None:
        return RequiredInputs(whole=tuple(asset_key(tables[name].contract) for name in table.reads), partitioned=False)
    on, back, whole = [], [], []
    for name, how in table.reads.items():
        upstream = tables[name]
        if upstream.contract.partition is None:
            whole.append(asset_key(upstream.contract))
        elif table.contract.monthly:
            back.append(asset_key(upstream.contract))
        elif not upstream.contract.monthly:  # a model is not required: a system without one abstains with a reason
            if on_the_date(table, upstream, how):
                on.append(asset_key(upstream.contract))
            if how is History:
                back.append(asset_key(upstream.contract))
    return RequiredInputs(tuple(on), tuple(back), tuple(whole), table.contract.monthly)


def same_date_ancestors(table: Table, tables: Mapping[str, Table]) -> list[str]:
    """Return every table upstream that a date reads on the same date, through any number of tables."""
    names: set[str] = set()
    waiting = [table]
    while waiting:
        below = waiting.pop()
        for name, how in below.reads.items():
            above = tables[name]
            dated = all(one.contract.partition and not one.contract.monthly for one in (above, below))
            if dated and name not in names and on_the_date(below, above, how):
                names.add(name)
                waiting.append(above)
    return sorted(names)


class _Condition(dg.AutomationCondition):
    """A condition of our own. The UI shows the name of the class and the first line of its docstring."""

    @property
    def description(self) -> str:
        """Return the first line of the docstring."""
        return (self.__doc__ or type(self).__name__).splitlines()[0]

    @property
    def requires_cursor(self) -> bool:
        """Remember nothing between two ticks."""
        return False

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:  # type: ignore[override]  # awaited
        """Return the candidates that are flagged."""
        candidates = context.candidate_subset
        if not candidates.is_empty:
            state = TickState.of(context)
            candidates = candidates.compute_intersection(state.subset(context.key, self.flags(state, context)))
        return dg.AutomationResult(context, candidates)

    @abstractmethod
    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Flag the partitions of the table that match."""


class InputStoredLater(_Condition):
    """An input was stored after this date, or is requested in the same tick."""

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Compare the events."""
        return state.newest_input(context.key) > state.stored(context.key)


class InputFailedLater(_Condition):
    """A run of an input failed after this date was stored."""

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Compare the failures of inputs with the same partitions: a failed run leaves no newer event otherwise."""
        graph, stored = context.asset_graph, state.stored(context.key)
        node = graph.get(context.key)
        dated = [key for key in sorted(node.parent_keys) if graph.get(key).partitions_def == node.partitions_def]
        return np.max([np.full_like(stored, NEVER), *map(state.run_failures, dated)], axis=0) > stored


@dataclass(frozen=True, eq=False)
class InputsStored(_Condition):
    """The inputs of this date are stored. Gaps in its history are allowed."""

    inputs: RequiredInputs

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """A date is computed without what its history lacks, and again once that is stored."""
        return self.inputs.are_stored(state)


class MissingEarlierInSeason(_Condition):
    """This date was never stored, but a later date of its season was."""

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Leave out the summer, in which no game is played."""
        stored = state.stored(context.key) > NEVER
        last_stored = np.zeros(len(state.seasons), dtype=int)
        np.maximum.at(last_stored, state.season_of_date[stored], np.flatnonzero(stored))
        earlier = np.arange(len(stored)) < last_stored[state.season_of_date]
        return earlier & ~stored & in_season(state.dates)


class FailedOnTheseInputs(_Condition):
    """The last run of this date failed, and no input was stored since."""

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Compare the failure with the newest input: the same inputs would fail again."""
        failed = state.own_failures(context.key)
        return (failed > NEVER) & (state.newest_input(context.key) <= failed)


@dataclass(frozen=True, eq=False)
class OnTheSameDate(dg.AutomationCondition):
    """A table upstream that this date reads on the same date matches, through any number of tables."""

    ancestors: tuple[dg.AssetKey, ...]
    operand: dg.AutomationCondition

    description = _Condition.description
    requires_cursor = _Condition.requires_cursor

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:  # type: ignore[override]  # awaited
        """Ask for the same date only: an unsound date of history holds its own descendants, not this date."""
        matching, results = context.get_empty_subset(), []
        if not context.candidate_subset.is_empty:
            state = TickState.of(context)
            for key in self.ancestors:
                candidates = state.of_table(context.candidate_subset, key)
                child = context.for_child_condition(self.operand, [None], candidates)
                results.append(await child.evaluate_async())
                matching = matching.compute_union(state.of_table(results[-1].true_subset, context.key))
        return dg.AutomationResult(context, matching, child_results=results)


@dataclass(frozen=True, eq=False)
class Recent(_Condition):
    """This is tonight, or one of the days before it that the league still corrects."""

    today: Callable[[], dt.date]

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Documents of older dates are written on request only."""
        last = self.today()
        first, until = (last - dt.timedelta(days=CORRECTED_FOR)).isoformat(), last.isoformat()
        return np.array([first <= date <= until for date in state.keys(context.key)])


class InProgress(_Condition):
    """A run of this date has not ended, so its neighbours may be missing and its checks have not run."""

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Unlike Dagster's `in_progress` this includes dates that the run has stored already."""
        return state.in_progress(context.key)


class RequestedInThisTick(_Condition):
    """This date is requested in the same tick, so it is computed before what reads it."""

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Unlike Dagster's `will_be_requested` this does not require equal partitions."""
        return state.requested(context.key)


class LastRunDidNotStore(_Condition):
    """The last run of this date ended without storing it."""

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Unlike Dagster's `execution_failed` this includes runs that were killed or cancelled."""
        return state.ended_unstored(context.key)


class ChecksNotPassed(_Condition):
    """A blocking check has not passed on what is stored, or will run on this date in the same tick."""

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """A failing check stops nothing within a run over a range, so tables downstream wait for its result."""
        if not state.reader.blocking_checks(context.key):
            return np.zeros(len(state.keys(context.key)), dtype=bool)
        return ~state.reader.checks_passed(context.key) | state.requested(context.key)


@dataclass(frozen=True, eq=False)
class StoredBeforeTipOff(_Condition):
    """The forecast was stored before the first game of its date began, and that game has begun."""

    first_tip_offs: FirstTipOffs

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """Keep live forecasts; one that a backfill stored later is computed again with its inputs."""
        begun = {date.isoformat(): at.timestamp() for date, at in self.first_tip_offs().items()}
        stored = state.storage_times(context.key, state.flags(context.candidate_subset))
        return np.array([key in begun and stored.get(key, np.inf) <= begun[key] for key in state.dates])


@dataclass(frozen=True, eq=False)
class ModelExpected(_Condition):
    """The model of the month is in training, or will be once the month before is computed."""

    model: dg.AssetKey
    inputs: RequiredInputs

    def flags(self, state: TickState, context: dg.AutomationContext) -> Flags:
        """A forecast stored a minute before its model would stay without it."""
        underway = {key: state.in_progress(key) for key in self.inputs.back}
        training = state.in_progress(self.model)
        expected = training | (self.inputs.are_stored(state, underway) & ~state.ended_unstored(self.model))
        return (expected & (state.stored(self.model) == NEVER))[state.month_of_date]

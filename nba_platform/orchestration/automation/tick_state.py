"""The state that the conditions of all tables share in one tick, read once: stored partitions, runs and requests."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import compress
from typing import Any, ClassVar

import dagster as dg
import numpy as np

from nba_assets.kit.as_of import History
from nba_assets.kit.assets import asset_key, may_read_same_date
from nba_assets.kit.calendar import season_floor
from nba_assets.kit.partitions import DAILY, MONTHLY
from nba_assets.kit.table import Table
from nba_platform.dagster_compat.check_evaluations import materialization_times
from nba_platform.dagster_compat.check_records import without_result
from nba_platform.dagster_compat.records import ONE as ONE
from nba_platform.dagster_compat.records import RANGE_END as RANGE_END
from nba_platform.dagster_compat.records import RANGE_START as RANGE_START
from nba_platform.dagster_compat.records import ends_of_range
from nba_platform.orchestration.event_log_reader import (
    NEVER,
    NONE,
    NOW,
    RETRIED_FOR,
    WHOLE,
    EventLogReader,
    Flags,
    Numbers,
    partition_keys,
    ranges,
)
from nba_resources.dates import SUMMER

IN_PROGRESS = [
    *(dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING),
    *(dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING),
]
_FAILURES_READ = 500
Subset = Any  # Dagster's EntitySubset: partitions of one table


def first_and_last_partition(run: dg.DagsterRun) -> tuple[str | None, str | None]:
    """Return the ends of the range a run computes, from its tags; None if it names no partition."""
    return ends_of_range(run.tags)


class TickState:
    """The event log as one tick sees it, with the runs in progress, the failures and what this tick has requested."""

    _latest: ClassVar["TickState | None"] = None

    def __init__(self, view: Any) -> None:
        self._view = view
        self.reader = EventLogReader(view.instance, view.asset_graph, view.asset_graph.get_all_asset_keys())
        self.dates, self.months = partition_keys(DAILY), partition_keys(MONTHLY)
        starts = np.array(self.months, dtype="datetime64[M]")
        self.month_of_date = np.searchsorted(starts, np.array(self.dates, dtype="datetime64[M]"))
        floors = [season_floor(dt.date.fromisoformat(date)).year for date in self.dates]
        self.seasons, self.season_of_date = np.unique(floors, return_inverse=True)
        self._rows_expected = cache(self._find_rows_expected)
        self._subsets: dict[tuple[int, bytes], Subset] = {}
        self._failures = cache(self._read_failures)
        self._without_result = cache(self._read_without_result)
        self._runs = view.instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS))
        self._requested: Mapping[Any, Subset] = {}
        self.bridges: dict[dg.AssetKey, Flags] = {}

    @classmethod
    def of(cls, context: dg.AutomationContext) -> "TickState":
        """Return the state of the tick of a condition, with what has been requested so far."""
        state = cls._latest
        if state is None or state._view is not context.asset_graph_view:
            state = cls._latest = cls(context.asset_graph_view)
        state._requested = context.request_subsets_by_key
        return state

    @classmethod
    def last_bridges(cls) -> dict[dg.AssetKey, set[str]]:
        """Return the dates of each table that the last tick may compute to join two runs."""
        state = cls._latest
        return {key: set(compress(state.reader.keys(key), at)) for key, at in state.bridges.items()} if state else {}

    def stored(self, table: dg.AssetKey, or_requested: bool = False) -> Numbers:
        """Return the event that stored each partition last; requested ones may count as stored now."""
        stored = self.reader.stored(table)
        return np.where(self.requested(table), NOW, stored) if or_requested and table in self._requested else stored

    def requested(self, table: dg.AssetKey) -> Flags:
        """Flag the partitions that this tick has requested so far."""
        subset = self._requested.get(table)
        return np.zeros(len(self.reader.keys(table)), dtype=bool) if subset is None else self.flags(subset)

    def requested_partitions(self, tables: Collection[dg.AssetKey]) -> set[str]:
        """Return the dates and months of some tables that this tick has requested so far."""
        dated = (key for key in tables if key in self._requested and self.reader.keys(key) is not WHOLE)
        return {partition for key in dated for partition in compress(self.reader.keys(key), self.requested(key))}

    def newest_input(self, table: dg.AssetKey, left_out: Mapping[dg.AssetKey, Flags] = NONE) -> Numbers:
        """Return the last event that changed an input of each partition; requested ones with rows count as changed now.

        Partitions of inputs that are `left_out` do not count. What is requested for the first time and read nothing of
        its own date will hardly have rows. If it has, the next tick finds it changed.
        """
        parents = self._view.asset_graph.get(table).parent_keys & self._requested.keys()
        planned = {key: self.requested(key) & self._rows_expected(key) for key in parents}
        return self.reader.newest_input(table, planned, left_out)

    def has_input(self, table: dg.AssetKey) -> Flags:
        """Flag the partitions of which an input of the same date is stored or requested, with rows or without."""
        keys = self.reader.keys(table)
        flags = np.zeros(len(keys), dtype=bool)
        for parent in self._view.asset_graph.get(table).parent_keys:
            stored = self.stored(parent, or_requested=True) > NEVER
            if keys is WHOLE:
                flags |= stored.any()
            elif self.reader.keys(parent) is keys:
                flags |= stored
        return flags

    def storage_times(self, table: dg.AssetKey, of: Flags) -> dict[str, float]:
        """Return when some partitions were stored: a query for each 500 of them."""
        numbers = zip(self.reader.keys(table), self.stored(table) * of, strict=True)
        partitions = {int(number): key for key, number in numbers if number}
        times = materialization_times(self._view.instance, table, sorted(partitions))
        return {partitions[number]: at for number, at in times.items()}

    def in_progress(self, table: dg.AssetKey) -> Flags:
        """Flag partitions of runs that have not ended, whether the run has stored them or not."""
        keys = self.reader.keys(table)
        flags = np.zeros(len(keys), dtype=bool)
        for run in self._runs:
            if run.asset_selection is None or table in run.asset_selection:
                first, last = first_and_last_partition(run)
                flags |= np.array([key is WHOLE[0] or (first or "") <= key <= (last or "9") for key in keys])
        return flags

    def ended_unstored(self, table: dg.AssetKey) -> Flags:
        """Flag partitions whose last run has ended without storing them."""
        return self.reader.attempted_since(table) & ~self.in_progress(table)

    def failures(self, table: dg.AssetKey, of_own_step: bool = False) -> Numbers:
        """Return the failure of the last run of each partition that did not store it, whichever table failed.

        With `of_own_step` this table's step must have failed; one that was not reached because another failed has not.
        A run that stored other dates has not failed, but refused this one.
        """
        attempts = self.reader.attempts(table)
        known = self._failures()
        failures = {
            run: known[run][0]
            for run in {*attempts.values()} & known.keys()
            if not of_own_step or self._step_failed(table, run)
        }
        of_runs = self.reader.in_order(table, {key: failures.get(run, NEVER) for key, run in attempts.items()})
        return np.maximum(of_runs, self.reader.refused(table))

    def failed_recently_before(self, failures: Numbers, moment: dt.datetime) -> Flags:
        """Flag the failures of runs before a moment that are no older than the alert of a failed run."""
        return np.isin(failures, [self._failures()[run][0] for run in self._failed_before(moment)])

    def without_result(self, table: dg.AssetKey, moment: dt.datetime) -> Flags:
        """Flag partitions of which such a run planned a check that has no result since."""
        found, keys = self._without_result(moment), self.reader.keys(table)
        return np.fromiter(((table, key) in found for key in keys), dtype=bool, count=len(keys))

    def flags(self, subset: Subset) -> Flags:
        """Flag the partitions of a table that are in the subset."""
        keys = self.reader.keys(subset.key)
        if keys is WHOLE or subset.is_empty:
            return np.full(len(keys), not subset.is_empty)
        members = subset.expensively_compute_partition_keys()
        return np.fromiter(map(members.__contains__, keys), dtype=bool, count=len(keys))

    def subset(self, table: dg.AssetKey, flags: Flags) -> Subset:
        """Return the flagged partitions of a table.

        Built from ranges, as single dates are slow, and only once, as many tables need the same dates.
        """
        if not flags.any():
            return self._view.get_empty_subset(key=table)
        if flags.all():
            return self._view.get_full_subset(key=table)
        known = (len(flags), flags.tobytes())
        if known not in self._subsets:
            keys, subset = self.reader.keys(table), self._view.get_empty_subset(key=table)
            for first, after in ranges(flags):
                span = dg.PartitionKeyRange(keys[first], keys[after - 1])
                subset = subset.compute_union(self._view.get_entity_subset_in_range(table, span))
            self._subsets[known] = subset
        return self.of_table(self._subsets[known], table)

    def of_table(self, subset: Subset, table: dg.AssetKey) -> Subset:
        """Return the same dates of another table."""
        serializable = replace(subset.convert_to_serializable_subset(), key=table)
        return self._view.get_subset_from_serializable_subset(serializable)

    def _find_rows_expected(self, table: dg.AssetKey) -> Flags:
        """Flag partitions that have rows, or an input of the same partition that has."""
        keys = self.reader.keys(table)
        if keys is WHOLE:
            return np.ones(1, dtype=bool)
        flags = self.reader.changed(table) > NEVER
        for parent in self._view.asset_graph.get(table).parent_keys:
            if self.reader.keys(parent) is keys:
                flags = flags | self._rows_expected(parent)
        return flags

    def _read_failures(self) -> Mapping[str, tuple[int, float]]:
        """Return the event and time of the last 500 failures of runs; older ones are older than any new input."""
        records = self._view.instance.fetch_run_status_changes(
            dg.DagsterEventType.RUN_FAILURE, limit=_FAILURES_READ
        ).records
        return {record.event_log_entry.run_id: (record.storage_id, record.timestamp) for record in records}

    def _failed_before(self, moment: dt.datetime) -> set[str]:
        first, last = (moment - RETRIED_FOR).timestamp(), moment.timestamp()
        return {run for run, (_, at) in self._failures().items() if first <= at < last}

    def _read_without_result(self, moment: dt.datetime) -> set[tuple[dg.AssetKey, str]]:
        """Return tables and partitions, by one query over all that the failed runs were to compute."""
        instance, failed = self._view.instance, self._failed_before(moment)
        runs = instance.get_runs(dg.RunsFilter(run_ids=[*failed])) if failed else []
        tables = {key for run in runs for key in run.asset_selection or ()}
        checks = [check for check in self._view.asset_graph.asset_check_keys if check.asset_key in tables]
        spans = [(first, last) for first, last in map(first_and_last_partition, runs) if first and last]
        partitions = [date for date in self.dates if any(first <= date <= last for first, last in spans)]
        found = without_result(instance, checks, partitions) if checks and partitions else {}
        return {place for place, run in found.items() if run in failed}

    def _step_failed(self, table: dg.AssetKey, run: str) -> bool:
        failures = self._view.instance.all_logs(run, dg.DagsterEventType.STEP_FAILURE)
        steps = {failure.step_key for failure in failures}
        return not steps or table.to_python_identifier() in steps


@dataclass(frozen=True)
class RequiredInputs:
    """The tables that must be stored first: `on` the same date, `back` in history, or `whole`, without partitions."""

    on: tuple[dg.AssetKey, ...] = ()
    back: tuple[dg.AssetKey, ...] = ()
    whole: tuple[dg.AssetKey, ...] = ()
    monthly: bool = False
    partitioned: bool = True

    def are_stored(self, state: TickState, underway: Mapping[dg.AssetKey, Flags] | None = None) -> Flags:
        """Flag partitions whose required inputs are stored; a month's model needs every date of the month before.

        History may have gaps, but not be empty: a table that was never stored cannot be read. `underway` counts dates
        of runs in progress, and those requested in this tick, as stored.
        """
        if not self.partitioned:
            return np.array([all(state.stored(key).max() > NEVER for key in self.whole)])
        whole = all(state.stored(key, or_requested=True)[0] > NEVER for key in self.whole)
        complete = np.full(len(state.dates), whole)
        if not self.monthly:
            for key in self.on:
                complete &= state.stored(key, or_requested=True) > NEVER
            for key in self.back:
                since = np.logical_or.accumulate(state.stored(key, or_requested=True) > NEVER)
                complete &= since | (state.stored(key).max() > NEVER)
            return complete
        for key in self.back:
            stored = state.stored(key, or_requested=underway is not None) > NEVER
            complete &= stored | underway[key] if underway else stored
        lacking = np.bincount(state.month_of_date, weights=~complete, minlength=len(state.months))
        months = np.flatnonzero(in_season(state.months))  # the month before October is June
        ready = np.zeros(len(state.months), dtype=bool)
        ready[months[1:]] = lacking[months[:-1]] == 0
        return ready


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
            if may_read_same_date(table, upstream, how):
                on.append(asset_key(upstream.contract))
            if how is History:
                back.append(asset_key(upstream.contract))
    return RequiredInputs(tuple(on), tuple(back), tuple(whole), table.contract.monthly)


def in_season(keys: Sequence[str]) -> Flags:
    """Flag the dates or months in which games may be played."""
    return np.array([int(key[5:7]) not in SUMMER for key in keys])

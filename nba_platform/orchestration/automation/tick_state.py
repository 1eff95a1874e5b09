"""What the conditions of all tables see in one look: the records of each, the runs at work, and those that failed.

It is read once for a look and shared by all conditions, each of which asks about all dates of its table at a time.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import dagster as dg
import numpy as np

from nba_assets.kit.calendar import DAILY, MONTHLY, season_floor
from nba_platform.dagster_compat.check_evaluations import materialization_times
from nba_platform.orchestration.event_log_reader import NEVER, NOW, WHOLE, Flags, Numbers, Record, partition_keys
from nba_resources.dates import SUMMER

RANGE_START, RANGE_END, ONE = (
    "dagster/asset_partition_range_start",
    "dagster/asset_partition_range_end",
    "dagster/partition",
)  # how a run is told which partitions it is about
GOING_ON = [
    *(dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING),
    *(dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING),
]
_FAILURES_SEEN = 500


class Ledger:
    """The records of every table, as one look sees them: with what is at work, what is requested and what failed."""

    _of_view: ClassVar["WeakKeyDictionary[Any, Ledger]"] = WeakKeyDictionary()

    def __init__(self, view: Any) -> None:
        self._view = view
        self.record = Record(view.instance, view.asset_graph)
        self.dates, self.months = partition_keys(DAILY), partition_keys(MONTHLY)
        starts = np.array(self.months, dtype="datetime64[M]")
        self.month_of_date = np.searchsorted(starts, np.array(self.dates, dtype="datetime64[M]"))
        floors = [season_floor(dt.date.fromisoformat(date)).year for date in self.dates]
        self.seasons, self.season_of_date = np.unique(floors, return_inverse=True)
        self._subsets: dict[tuple[int, bytes], Any] = {}
        self._failures: Mapping[str, int] | None = None
        self._runs = view.instance.get_runs(dg.RunsFilter(statuses=GOING_ON))
        self.requested: Mapping[Any, Any] = {}

    @classmethod
    def of(cls, context: dg.AutomationContext) -> "Ledger":
        """The ledger of the look a condition is part of, and what has been requested in it so far."""
        view = context.asset_graph_view
        ledger = cls._of_view.get(view) or cls._of_view.setdefault(view, cls(view))
        ledger.requested = context.request_subsets_by_key
        return ledger

    def stored(self, table: dg.AssetKey, or_requested: bool = False) -> Numbers:
        """When each partition was stored last; what is requested in this look counts as stored now, if so asked."""
        if or_requested and (subset := self.requested.get(table)) is not None:
            return np.where(self.flags(subset), NOW, self.record.stored(table))
        return self.record.stored(table)

    def newest_input(self, table: dg.AssetKey) -> Numbers:
        """When the latest of its inputs was stored or requested, for each partition."""
        parents = self._view.asset_graph.get(table).parent_keys & self.requested.keys()
        return self.record.newest_input(table, {key: self.flags(self.requested[key]) for key in parents})

    def times(self, table: dg.AssetKey, of: Flags) -> dict[str, float]:
        """When by the clock some partitions were stored: dear to ask, so only of a few."""
        keys = zip(self.record.keys(table), self.stored(table) * of, strict=True)
        dates = {int(number): key for key, number in keys if number}
        times = materialization_times(self._view.instance, table, sorted(dates))
        return {dates[number]: at for number, at in times.items()}

    def at_work(self, table: dg.AssetKey) -> Flags:
        """Which partitions a run is about that has not ended: what it has stored so far is not judged yet."""
        keys = self.record.keys(table)
        found = np.zeros(len(keys), dtype=bool)
        for run in self._runs:
            if run.asset_selection is None or table in run.asset_selection:
                one = run.tags.get(ONE)
                first, last = run.tags.get(RANGE_START, one), run.tags.get(RANGE_END, one)
                found |= np.array([key is WHOLE[0] or (first or "") <= key <= (last or "9") for key in keys])
        return found

    def lost(self, table: dg.AssetKey) -> Flags:
        """Where the last attempt has ended and left nothing."""
        return self.record.begun(table) & ~self.at_work(table)

    def failed(self, table: dg.AssetKey) -> Numbers:
        """When the last attempt at each partition ended in a failure of this table.

        What was never begun, because something before it in the run failed, did not fail itself.
        """
        return self._ends(table, {run for run in self._runs_in_vain(table) if self._is_to_blame(table, run)})

    def in_vain(self, table: dg.AssetKey) -> Numbers:
        """When the last attempt at each partition ended without storing it, whichever table failed."""
        return self._ends(table, self._runs_in_vain(table))

    def flags(self, subset: Any) -> Flags:
        """Which of its table's partitions a subset holds."""
        keys = self.record.keys(subset.key)
        if keys is WHOLE or subset.is_empty:
            return np.full(len(keys), not subset.is_empty)
        held = subset.expensively_compute_partition_keys()
        return np.fromiter((key in held for key in keys), dtype=bool, count=len(keys))

    def subset(self, table: dg.AssetKey, flags: Flags) -> Any:
        """The partitions of a table that are flagged.

        Put together from ranges, as single dates are slow, and only once, as many tables want the same dates.
        """
        if not flags.any():
            return self._view.get_empty_subset(key=table)
        if flags.all():
            return self._view.get_full_subset(key=table)
        told = (len(flags), flags.tobytes())
        if told not in self._subsets:
            self._subsets[told] = self._from_ranges(table, flags)
        return self.moved(self._subsets[told], table)

    def moved(self, subset: Any, table: dg.AssetKey) -> Any:
        """The same dates of another table."""
        told = replace(subset.convert_to_serializable_subset(), key=table)
        return self._view.get_subset_from_serializable_subset(told)

    def _from_ranges(self, table: dg.AssetKey, flags: Flags) -> Any:
        keys, found = self.record.keys(table), self._view.get_empty_subset(key=table)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
        for first, after in edges.reshape(-1, 2):
            span = dg.PartitionKeyRange(keys[first], keys[after - 1])
            found = found.compute_union(self._view.get_entity_subset_in_range(table, span))
        return found

    def _runs_in_vain(self, table: dg.AssetKey) -> set[str]:
        return set(self.record.attempts(table).values())

    def _ends(self, table: dg.AssetKey, runs: set[str]) -> Numbers:
        ended = {run: self._ended(run) for run in runs}
        told = {key: ended.get(run, NEVER) for key, run in self.record.attempts(table).items()}
        return self.record.in_order(table, told)

    def _ended(self, run: str) -> int:
        """Runs that failed too long ago to be listed failed before anything that is new."""
        if self._failures is None:
            records = self._view.instance.fetch_run_status_changes(
                dg.DagsterEventType.RUN_FAILURE, limit=_FAILURES_SEEN
            ).records
            self._failures = {record.event_log_entry.run_id: record.storage_id for record in records}
        return self._failures.get(run, NEVER)

    def _is_to_blame(self, table: dg.AssetKey, run: str) -> bool:
        failures = self._view.instance.all_logs(run, dg.DagsterEventType.STEP_FAILURE)
        steps = {failure.step_key for failure in failures}
        return not steps or table.to_python_identifier() in steps


@dataclass(frozen=True)
class Needs:
    """What must be there before a table is made: `on` the date itself, `back` in history, or `whole`."""

    on: tuple[dg.AssetKey, ...] = ()
    back: tuple[dg.AssetKey, ...] = ()
    whole: tuple[dg.AssetKey, ...] = ()
    monthly: bool = False
    partitioned: bool = True

    def there(self, ledger: Ledger, underway: Mapping[dg.AssetKey, Flags] | None = None) -> Flags:
        """Whether what must be there is: the inputs of the date; for a month's model every date of the month before.

        History may have gaps, but there must be one: a table that was never made cannot be read.
        `underway` counts dates that are being made, and those requested in this look, as there.
        """
        if not self.partitioned:
            return np.array([all(ledger.stored(key).max() > NEVER for key in self.whole)])
        whole = all(ledger.stored(key, or_requested=True)[0] > NEVER for key in self.whole)
        if not self.monthly:
            found = np.full(len(ledger.dates), whole)
            for key in self.on:
                found &= ledger.stored(key, or_requested=True) > NEVER
            for key in self.back:
                to_come = np.logical_or.accumulate(ledger.stored(key, or_requested=True) > NEVER)
                found &= to_come | (ledger.stored(key).max() > NEVER)
            return found
        made = np.full(len(ledger.dates), whole)
        for key in self.back:
            stored = ledger.stored(key, or_requested=underway is not None) > NEVER
            made &= stored | underway[key] if underway else stored
        lacking = np.bincount(ledger.month_of_date, weights=~made, minlength=len(ledger.months))
        months = np.flatnonzero(in_season(ledger.months))  # the month before October is June
        ready = np.zeros(len(ledger.months), dtype=bool)
        ready[months[1:]] = lacking[months[:-1]] == 0
        return ready


def in_season(keys: Sequence[str]) -> Flags:
    """Flag the dates or months in which games may be played."""
    return np.array([int(key[5:7]) not in SUMMER for key in keys])

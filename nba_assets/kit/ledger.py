"""What the event log says was stored when, as one number a date: the higher, the later.

Read once for a look at all tables and shared by their conditions, each of which asks about all its dates at a time.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import dagster as dg
import numpy as np
import pandas as pd

from nba_assets.kit.calendar import DAILY, MONTHLY, season_floor

WINDOW = 274  # the dates of a season: as far back as history is read
NEVER, NOW = 0, np.iinfo(np.int64).max
Numbers = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
EASTERN = ZoneInfo(DAILY.timezone)
RANGE_START, RANGE_END, ONE = (
    "dagster/asset_partition_range_start",
    "dagster/asset_partition_range_end",
    "dagster/partition",
)  # how a run is told which partitions it is about
GOING_ON = [
    *(dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING),
    *(dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING),
]
_FAILURES_SEEN, _AT_ONCE = 500, 500
_WHOLE = ("",)


class Ledger:
    """For each table, the number of the last event of each of its dates (of each month, or of the whole table)."""

    _of_view: ClassVar["WeakKeyDictionary[Any, Ledger]"] = WeakKeyDictionary()

    def __init__(self, view: Any) -> None:
        self._view = view
        self.dates, self.months = _partitions(view.effective_dt.astimezone(EASTERN).date())
        starts = np.array(self.months, dtype="datetime64[M]")
        self.month_of_date = np.searchsorted(starts, np.array(self.dates, dtype="datetime64[M]"))
        floors = [season_floor(dt.date.fromisoformat(date)).year for date in self.dates]
        self.seasons, self.season_of_date = np.unique(floors, return_inverse=True)
        self._stored: dict[dg.AssetKey, Numbers] = {}
        self._subsets: dict[tuple[int, bytes], Any] = {}
        self._tried: dict[dg.AssetKey, Mapping[str, str]] = {}
        self._proven: dict[dg.AssetCheckKey, Flags] = {}
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

    def keys(self, table: dg.AssetKey) -> tuple[str, ...]:
        """The partitions of a table, in order; one nameless one if it has none."""
        partitions = self._view.asset_graph.get(table).partitions_def
        if partitions is None:
            return _WHOLE
        return self.months if partitions == MONTHLY else self.dates

    def stored(self, table: dg.AssetKey, or_requested: bool = False) -> Numbers:
        """When each partition was stored last; what is requested in this look counts as stored now, if so asked."""
        if table not in self._stored:
            self._stored[table] = self._read(table)
        if or_requested and (subset := self.requested.get(table)) is not None:
            return np.where(self.flags(subset), NOW, self._stored[table])
        return self._stored[table]

    def times(self, table: dg.AssetKey, of: Flags) -> dict[str, float]:
        """When by the clock some partitions were stored: dear to ask, so only of a few."""
        dates = {
            int(number): key for key, number in zip(self.keys(table), self.stored(table) * of, strict=True) if number
        }
        numbers, made = sorted(dates), dg.DagsterEventType.ASSET_MATERIALIZATION
        found: dict[str, float] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            records = self._view.instance.get_asset_event_summary_records(
                made, asset_key=table, storage_ids=some, limit=len(some)
            )
            found |= {dates[record.storage_id]: record.timestamp for record in records}
        return found

    def at_work(self, table: dg.AssetKey) -> Flags:
        """Which partitions a run is about that has not ended: what it has stored so far is not judged yet."""
        keys = self.keys(table)
        found = np.zeros(len(keys), dtype=bool)
        for run in self._runs:
            if run.asset_selection is None or table in run.asset_selection:
                one = run.tags.get(ONE)
                first, last = run.tags.get(RANGE_START, one), run.tags.get(RANGE_END, one)
                found |= np.array([key is _WHOLE[0] or (first or "") <= key <= (last or "9") for key in keys])
        return found

    def lost(self, table: dg.AssetKey) -> Flags:
        """Where the last attempt has ended and left nothing."""
        told = {key: 1 for key in self._attempts(table)}
        return (self._in_order(table, told) > 0) & ~self.at_work(table)

    def unproven(self, table: dg.AssetKey) -> Flags:
        """Where a blocking check has not passed on what is stored now.

        Dagster's own answer puts its partitions together one by one, which takes half a minute for five seasons.
        """
        found = np.zeros(len(self.keys(table)), dtype=bool)
        for check in self.blocking_checks(table):
            if check not in self._proven:
                verdicts = self._view.instance.event_log_storage.get_asset_check_partition_info([check])
                good = [one for one in verdicts if one.is_current and one.latest_execution_status.value == "SUCCEEDED"]
                told = {one.partition_key or "": 1 for one in good}
                self._proven[check] = np.full(len(found), True) if "" in told else self._in_order(table, told) > 0
            found |= ~self._proven[check]
        return found

    def blocking_checks(self, table: dg.AssetKey) -> list[dg.AssetCheckKey]:
        """The checks of a table that what is made of it waits for."""
        graph = self._view.asset_graph
        return sorted(check for check in graph.get(table).check_keys if graph.get(check).blocking)

    def failed(self, table: dg.AssetKey) -> Numbers:
        """When the last attempt at each partition ended in a failure of this table.

        What was never begun, because something before it in the run failed, did not fail itself.
        """
        attempts = self._attempts(table)
        ended = {run: self._ended(run) for run in set(attempts.values()) if self._is_to_blame(table, run)}
        return self._in_order(table, {key: ended.get(run, NEVER) for key, run in attempts.items()})

    def flags(self, subset: Any) -> Flags:
        """Which of its table's partitions a subset holds."""
        keys = self.keys(subset.key)
        if keys is _WHOLE or subset.is_empty:
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
        keys, found = self.keys(table), self._view.get_empty_subset(key=table)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
        for first, after in edges.reshape(-1, 2):
            span = dg.PartitionKeyRange(keys[first], keys[after - 1])
            found = found.compute_union(self._view.get_entity_subset_in_range(table, span))
        return found

    def _read(self, table: dg.AssetKey) -> Numbers:
        if self.keys(table) is not _WHOLE:
            made = dg.DagsterEventType.ASSET_MATERIALIZATION
            return self._in_order(table, self._view.instance.get_latest_storage_id_by_partition(table, made))
        records = self._view.instance.get_asset_records([table])
        last = records[0].asset_entry.last_materialization_storage_id if records else None
        return np.array([last or NEVER])

    def _attempts(self, table: dg.AssetKey) -> Mapping[str, str]:
        """The runs that were to store each partition last, and did not."""
        if table not in self._tried:
            self._tried[table] = self._read_attempts(table)
        return self._tried[table]

    def _read_attempts(self, table: dg.AssetKey) -> Mapping[str, str]:
        log = self._view.instance.event_log_storage
        if self.keys(table) is _WHOLE:
            planned = log.get_latest_planned_materialization_info(table)
            return {"": planned.run_id} if planned and planned.storage_id > self.stored(table)[0] else {}
        attempts = log.get_latest_asset_partition_materialization_attempts_without_materializations(table)
        return {key: run for key, (run, _) in attempts.items()}

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

    def _in_order(self, table: dg.AssetKey, told: Mapping[str, int]) -> Numbers:
        keys = self.keys(table)
        return np.fromiter((told.get(key, NEVER) for key in keys), dtype=np.int64, count=len(keys))


@dataclass(frozen=True)
class Reads:
    """What a table reads: `on` the date itself, `back` in history (and whether up to the date itself), or `whole`.

    What is made by `months` need not be there, but is news when it is.
    `told_of` is read on the date as far as it is there: who judges what is missing cannot wait for it.
    What is read whole must be there, but says nothing about a date: a new player in the registry is no reason to
    compute five seasons again.
    """

    on: tuple[dg.AssetKey, ...] = ()
    back: tuple[tuple[dg.AssetKey, bool], ...] = ()
    whole: tuple[dg.AssetKey, ...] = ()
    monthly: bool = False
    partitioned: bool = True
    told_of: tuple[dg.AssetKey, ...] = ()
    months: tuple[dg.AssetKey, ...] = ()

    def newest(self, ledger: Ledger) -> Numbers:
        """When the latest of its inputs was stored, for each of its own partitions."""
        if not self.partitioned:
            return np.array([max((ledger.stored(key, or_requested=True).max() for key in self.whole), default=NEVER)])
        if self.monthly:
            found = np.zeros(len(ledger.months), dtype=np.int64)
            for key, _ in self.back:
                latest = np.maximum.accumulate(ledger.stored(key, or_requested=True))
                before = np.searchsorted(ledger.month_of_date, np.arange(len(ledger.months))) - 1
                found = np.maximum(found, np.where(before >= 0, latest[before], NEVER))
            return found
        found = np.zeros(len(ledger.dates), dtype=np.int64)
        for key in (*self.on, *self.told_of):
            found = np.maximum(found, ledger.stored(key, or_requested=True))
        for key in self.months:
            found = np.maximum(found, ledger.stored(key, or_requested=True)[ledger.month_of_date])
        for key, to_the_date in self.back:
            found = np.maximum(found, _latest_in_window(ledger.stored(key, or_requested=True), to_the_date))
        return found

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
            for key, _ in self.back:
                to_come = np.logical_or.accumulate(ledger.stored(key, or_requested=True) > NEVER)
                found &= to_come | (ledger.stored(key).max() > NEVER)
            return found
        made = np.full(len(ledger.dates), whole)
        for key, _ in self.back:
            stored = ledger.stored(key, or_requested=underway is not None) > NEVER
            made &= stored | underway[key] if underway else stored
        lacking = np.bincount(ledger.month_of_date, weights=~made, minlength=len(ledger.months))
        return np.concatenate([[False], lacking[:-1] == 0])


def _latest_in_window(stored: Numbers, to_the_date: bool) -> Numbers:
    """The newest of a season of dates up to each one, itself included or not. Numbers stay whole: they are ranked."""
    ranks, order = np.unique(stored, return_inverse=True)
    window = pd.Series(order).rolling(WINDOW + 1 if to_the_date else WINDOW, min_periods=1).max().to_numpy().astype(int)
    return ranks[window] if to_the_date else np.concatenate([[NEVER], ranks[window[:-1]]])


@lru_cache(maxsize=2)
def _partitions(day: dt.date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Listed once a day of the clock: leaving out the summers takes a tenth of a second."""
    return tuple(DAILY.get_partition_keys()), tuple(MONTHLY.get_partition_keys())

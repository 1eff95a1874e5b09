"""Read from the event log when each partition was stored and when its rows changed, by which code, and what followed.

The log holds the events of the UI, the daemon, `nba` and `dagster` alike. What is stale is defined here only: the
daemon and `nba backfill` must not disagree on it.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from itertools import repeat
from types import MappingProxyType
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from nba_platform.dagster_compat.check_records import Status, ended_without_result, partition_infos
from nba_platform.dagster_compat.data_versions import last_changes, last_events_of_whole, shows_changes
from nba_platform.dagster_compat.latest_events import latest_events
from nba_platform.dagster_compat.types import CODE_VERSION_TAG as CODE_VERSION
from nba_platform.dagster_compat.types import UNCHANGED_SINCE, AssetGraph
from nba_resources.dates import EASTERN
from nba_resources.warehouse.metadata import ROWS

RETRIED_FOR = dt.timedelta(days=14)  # a date that was not stored, and so long a failed run has an alert
NEVER, NOW = 0, 2**53  # event numbers; a rolling maximum is exact up to 2**53
WHOLE = ("",)
MATERIALIZATION = dg.DagsterEventType.ASSET_MATERIALIZATION
_EVENTS_PER_QUERY, _FAMILIES = 500, 8
Numbers = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
NONE: Mapping[dg.AssetKey, Flags] = MappingProxyType({})


def partition_keys(partitions: dg.PartitionsDefinition | None) -> tuple[str, ...]:
    """Return the partitions in order; a table without partitions has one that is called ''."""
    return WHOLE if partitions is None else _listed(partitions, dt.datetime.now(EASTERN).date())


@lru_cache(maxsize=_FAMILIES)
def _listed(partitions: dg.PartitionsDefinition, day: dt.date) -> tuple[str, ...]:
    """List the keys once a day, so that tables with equal partitions share one tuple."""
    return tuple(partitions.get_partition_keys(dt.datetime.combine(day, dt.time(), EASTERN)))


class EventLogReader:
    """Return the events of a table as arrays with one value for each partition, in their order.

    Each array is read once: a new reader sees newer events. Those of the tables `at_once` are read together.
    """

    def __init__(self, instance: dg.DagsterInstance, graph: AssetGraph, at_once: Collection[dg.AssetKey] = ()) -> None:
        self._instance = instance
        self._log = instance.event_log_storage
        self._graph = graph
        self._read = latest_events(instance, [key for key in at_once if self.keys(key) is not WHOLE])
        self._whole = last_events_of_whole(instance, [key for key in at_once if self.keys(key) is WHOLE])
        self.shows_changes = shows_changes(instance)
        self._stored_events = cache(self._read_stored_events)
        self.stored = cache(self._read_stored)
        self.changed = cache(self._read_changed)
        self.attempts = cache(self._read_attempts)
        self.refused = cache(self._read_refused)
        self._passed = cache(self._read_passed)

    def keys(self, table: dg.AssetKey) -> tuple[str, ...]:
        """Return the partitions of a table."""
        return partition_keys(self._graph.get(table).partitions_def)

    def in_order(self, table: dg.AssetKey, numbers: Mapping[str, int]) -> Numbers:
        """Return the number of each partition, `NEVER` where there is none."""
        keys = self.keys(table)
        return np.fromiter(map(numbers.get, keys, repeat(NEVER)), dtype=np.int64, count=len(keys))

    def newest_input(
        self, table: dg.AssetKey, planned: Mapping[dg.AssetKey, Flags], left_out: Mapping[dg.AssetKey, Flags] = NONE
    ) -> Numbers:
        """Return the last event that changed an input of each partition; planned inputs count as changed now.

        Partitions of inputs that are `left_out` do not count.

        A partition is stale if this is later than the event that stored it. An input without partitions makes no date
        stale: a new player in the registry is no reason to compute five seasons again. A partition without rows that
        was stored for the first time is no change.
        """
        keys = self.keys(table)
        newest = np.zeros(len(keys), dtype=np.int64)
        for parent in self._graph.get(table).parent_keys:
            changed = self.changed(parent)
            if parent in planned:
                changed = np.where(planned[parent], NOW, changed)
            if parent in left_out:
                changed = np.where(left_out[parent], NEVER, changed)
            if keys is WHOLE:
                newest = np.maximum(newest, changed.max())
            elif self.keys(parent) is not WHOLE:
                newest = np.maximum(newest, self._newest_in_window(table, parent, changed))
        return newest

    def reads(self, table: dg.AssetKey, flagged: Mapping[dg.AssetKey, Flags]) -> Flags:
        """Flag partitions that read a flagged partition of an input; all read an input without partitions."""
        keys = self.keys(table)
        flags = np.zeros(len(keys), dtype=bool)
        for parent, of_parent in flagged.items():
            if keys is WHOLE or self.keys(parent) is WHOLE:
                flags |= of_parent.any()
            else:
                flags |= self._newest_in_window(table, parent, of_parent.astype(np.int64)) > 0
        return flags

    def stored_by_current_code(self, table: dg.AssetKey) -> Flags:
        """Flag partitions that are stored and whose code version is the current one, if the table has one."""
        current = self._graph.get(table).code_version
        if current is None:
            return self.stored(table) > NEVER
        if self.keys(table) is WHOLE:
            versions = {"": self._last_of_whole(table)[1].get(CODE_VERSION)}
        else:
            tags = self._log.get_latest_tags_by_partition(table, MATERIALIZATION, [CODE_VERSION])
            versions = {key: of_key.get(CODE_VERSION) for key, of_key in tags.items()}
        return np.array([versions.get(key) == current for key in self.keys(table)])

    def attempted_since(self, table: dg.AssetKey) -> Flags:
        """Flag partitions that a later run planned and did not store: it failed, was killed, or is in progress.

        A killed run may have stored rows without an event, so the rows may not be those of the last event.
        """
        return self.in_order(table, dict.fromkeys(self.attempts(table), 1)) > 0

    def checks_passed(self, table: dg.AssetKey) -> Flags:
        """Flag partitions whose stored rows every blocking check has passed; a check that has not run has not."""
        flags = np.ones(len(self.keys(table)), dtype=bool)
        for check in self.blocking_checks(table):
            flags &= self._passed(check)
        return flags

    def blocking_checks(self, table: dg.AssetKey) -> list[dg.AssetCheckKey]:
        """Return the checks of a table that tables downstream wait for."""
        return sorted(check for check in self._graph.get(table).check_keys if self._graph.get(check).blocking)

    def rows(self, table: dg.AssetKey, partitions: Collection[str]) -> dict[str, int]:
        """Return how many rows were stored last for some partitions, according to their events."""
        stored = dict(zip(self.keys(table), self.stored(table).tolist(), strict=True))
        numbers = [stored[key] for key in partitions if stored.get(key, NEVER) != NEVER]
        rows: dict[str, int] = {}
        for start in range(0, len(numbers), _EVENTS_PER_QUERY):
            page = dg.AssetRecordsFilter(table, storage_ids=numbers[start : start + _EVENTS_PER_QUERY])
            for record in self._instance.fetch_materializations(page, limit=_EVENTS_PER_QUERY).records:
                event = record.asset_materialization
                count = event.metadata.get(ROWS) if event else None
                if event and event.partition and isinstance(count, dg.IntMetadataValue) and count.value is not None:
                    rows[event.partition] = count.value
        return rows

    def _last_of_whole(self, table: dg.AssetKey) -> tuple[int, Mapping[str, str]]:
        if table not in self._whole:
            self._whole |= last_events_of_whole(self._instance, [table])
        return self._whole[table]

    def _read_stored(self, table: dg.AssetKey) -> Numbers:
        """Return the event that stored each partition last: the higher its number, the later."""
        if self.keys(table) is WHOLE:
            return self.in_order(table, {"": self._last_of_whole(table)[0]})
        return self.in_order(table, self._stored_events(table))

    def _read_stored_events(self, table: dg.AssetKey) -> Mapping[str, int]:
        if table in self._read:
            return self._read[table].stored
        return self._instance.get_latest_storage_id_by_partition(table, MATERIALIZATION)

    def _read_changed(self, table: dg.AssetKey) -> Numbers:
        """Return the event that stored the present rows of each partition first: storing them again changes nothing."""
        if self.keys(table) is WHOLE:
            event, tags = self._last_of_whole(table)
            return self.in_order(table, {"": int(tags.get(UNCHANGED_SINCE, event))})
        if table in self._read:
            return self.in_order(table, {**self._read[table].stored, **self._read[table].unchanged_since})
        return self.in_order(table, last_changes(self._instance, table, self._stored_events(table)))

    def _read_refused(self, table: dg.AssetKey) -> Numbers:
        """Return the event that refused each partition last, where nothing was stored since."""
        if self.keys(table) is WHOLE:
            return self.in_order(table, {})
        kind = dg.DagsterEventType.ASSET_OBSERVATION
        known = self._read.get(table)
        events = known.refused if known else self._instance.get_latest_storage_id_by_partition(table, kind)
        refused = self.in_order(table, events)
        return np.where(refused > self.stored(table), refused, NEVER)

    def _read_passed(self, check: dg.AssetCheckKey) -> Flags:
        infos = [
            info
            for info in partition_infos(self._instance, [check])
            if info.is_current and info.latest_execution_status is Status.SUCCEEDED
        ]
        passed = self.in_order(check.asset_key, {info.partition_key or "": 1 for info in infos}) > 0
        return passed | any(info.partition_key is None for info in infos)

    def _read_attempts(self, table: dg.AssetKey) -> Mapping[str, str]:
        """Return the last run of each partition, where it has not stored the partition."""
        if self.keys(table) is WHOLE:
            planned = self._instance.get_latest_planned_materialization_info(table)
            return {"": planned.run_id} if planned and planned.storage_id > self.stored(table)[0] else {}
        if table in self._read:
            return self._read[table].attempts
        attempts = self._log.get_latest_asset_partition_materialization_attempts_without_materializations(table)
        return {key: run for key, (run, _) in attempts.items()}

    def _newest_in_window(self, table: dg.AssetKey, parent: dg.AssetKey, changed: Numbers) -> Numbers:
        """Return the newest of the parent's partitions that each partition reads, also between days and months."""
        mapping = self._graph.get_partition_mapping(table, parent)
        if not isinstance(mapping, dg.TimeWindowPartitionMapping):
            return np.full(len(self.keys(table)), changed.max())
        keys, parent_keys = self.keys(table), self.keys(parent)
        if keys is parent_keys:
            same = changed
        elif len(parent_keys) < len(keys):
            same = changed[_positions(keys, parent_keys)]
        else:
            same = np.zeros(len(keys), dtype=np.int64)
            np.maximum.at(same, _positions(parent_keys, keys), changed)
        window = mapping.end_offset - mapping.start_offset + 1
        if window == 1 and not mapping.end_offset:
            return same
        rolled = pd.Series(same).rolling(window, min_periods=1).max().shift(-mapping.end_offset)
        return np.nan_to_num(rolled.to_numpy()).astype(np.int64)


def unstored(
    instance: dg.DagsterInstance,
    checks: Collection[dg.AssetCheckKey],
    table: dg.AssetKey,
    partitions: Collection[str],
) -> set[str]:
    """Return the partitions of a table that their last run has ended without storing, and those never stored.

    All of the first are returned, of the second those among `partitions`; of the last that were stored also those of
    which a check ended without a result.
    """
    log, stored = instance.event_log_storage, instance.get_materialized_partitions(table)
    attempts = log.get_latest_asset_partition_materialization_attempts_without_materializations(table)
    runs = {run: instance.get_run_by_id(run) for run, _ in attempts.values()}
    in_progress = {key for key, (run, _) in attempts.items() if (found := runs[run]) and not found.is_finished}
    of_table = [check for check in checks if check.asset_key == table]
    today = str(dt.datetime.now(EASTERN).date())
    recent = sorted(key for key in stored if key <= today)[-RETRIED_FOR.days :]
    unchecked = ended_without_result(instance, of_table, recent) if recent else set()
    return ({*attempts} | {key for key in partitions if key not in stored} | unchecked) - in_progress


def ranges(flags: Flags) -> list[tuple[int, int]]:
    """Return the first position of each range of flagged partitions, and the position after it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(first, after) for first, after in edges.reshape(-1, 2).tolist()]


def _positions(fine: Sequence[str], coarse: Sequence[str]) -> Numbers:
    """Return the position in `coarse` of the last partition that begins no later than each of `fine`."""
    return np.searchsorted(np.array(coarse), np.array(fine), side="right") - 1

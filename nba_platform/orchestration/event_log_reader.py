"""What the orchestrator's records say of a table's partitions: when each was stored, by which code, what came after.

All of it is read from the event log, whoever wrote there: the UI, the daemon, `nba` or `dagster`. There is no second
book, and what is stale is said here once: the daemon and `nba backfill` must not disagree on it.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from nba_platform.dagster_compat.check_records import Status, partition_infos
from nba_platform.dagster_compat.types import CODE_VERSION_TAG as CODE_VERSION
from nba_platform.dagster_compat.types import AssetGraph as Graph
from nba_resources.dates import EASTERN
from nba_resources.warehouse.io_manager import ROWS

NEVER, NOW = 0, 2**53  # numbers of events, which a rolling maximum keeps exact up to here
WHOLE = ("",)
_A_QUERY, _FAMILIES = 500, 8
MADE = dg.DagsterEventType.ASSET_MATERIALIZATION
Numbers = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


def partition_keys(partitions: dg.PartitionsDefinition | None) -> tuple[str, ...]:
    """In order; one nameless partition for a table without."""
    return WHOLE if partitions is None else _listed(partitions, dt.datetime.now(EASTERN).date())


@lru_cache(maxsize=_FAMILIES)
def _listed(partitions: dg.PartitionsDefinition, day: dt.date) -> tuple[str, ...]:
    """List the keys once a day, so that tables with equal partitions share one tuple."""
    return tuple(partitions.get_partition_keys(dt.datetime.combine(day, dt.time(), EASTERN)))


class Record:
    """One reading of the event log, as an answer for each partition of a table, in their order."""

    def __init__(self, instance: dg.DagsterInstance, graph: Graph) -> None:
        self._instance = instance
        self._log = instance.event_log_storage
        self._graph = graph
        self._stored: dict[dg.AssetKey, Numbers] = {}
        self._attempts: dict[dg.AssetKey, Mapping[str, str]] = {}
        self._passed: dict[dg.AssetCheckKey, Flags] = {}

    def keys(self, table: dg.AssetKey) -> tuple[str, ...]:
        """The partitions of a table."""
        return partition_keys(self._graph.get(table).partitions_def)

    def in_order(self, table: dg.AssetKey, told: Mapping[str, int]) -> Numbers:
        """A number for each partition; what nothing is told of has none."""
        keys = self.keys(table)
        return np.fromiter((told.get(key, NEVER) for key in keys), dtype=np.int64, count=len(keys))

    def stored(self, table: dg.AssetKey) -> Numbers:
        """The number of the event that stored each partition last: the higher, the later."""
        if table not in self._stored:
            if self.keys(table) is WHOLE:
                told = {"": self._last_of_whole(table)[0]}
            else:
                told = dict(self._instance.get_latest_storage_id_by_partition(table, MADE))
            self._stored[table] = self.in_order(table, told)
        return self._stored[table]

    def newest_input(self, table: dg.AssetKey, planned: Mapping[dg.AssetKey, Flags]) -> Numbers:
        """The last event that stored something each partition reads; what is planned counts as stored now.

        A partition is stale if this is later than the event that stored it. A table kept whole says nothing about a
        date: a new player in the registry is no reason to compute five seasons again.
        """
        keys = self.keys(table)
        newest = np.zeros(len(keys), dtype=np.int64)
        for parent in self._graph.get(table).parent_keys:
            stored = self.stored(parent)
            if parent in planned:
                stored = np.where(planned[parent], NOW, stored)
            if keys is WHOLE:
                newest = np.maximum(newest, stored.max())
            elif self.keys(parent) is not WHOLE:
                newest = np.maximum(newest, self._as_read(table, parent, stored))
        return newest

    def by_present_code(self, table: dg.AssetKey) -> Flags:
        """Whether it is stored, and was computed by the code as it is now; of what has no version any code will do."""
        present = self._graph.get(table).code_version
        if present is None:
            return self.stored(table) > NEVER
        if self.keys(table) is WHOLE:
            told = {"": self._last_of_whole(table)[1]}
        else:
            tags = self._log.get_latest_tags_by_partition(table, MADE, [CODE_VERSION])
            told = {key: found.get(CODE_VERSION) for key, found in tags.items()}
        return np.array([told.get(key) == present for key in self.keys(table)])

    def begun(self, table: dg.AssetKey) -> Flags:
        """Whether a later run set out to make the partition and did not: it failed, was killed, or is still at it.

        A run may have stored rows without living to tell: what was begun is not known to be whole.
        """
        return self.in_order(table, dict.fromkeys(self.attempts(table), 1)) > 0

    def attempts(self, table: dg.AssetKey) -> Mapping[str, str]:
        """The runs that were to store each partition last, and did not."""
        if table not in self._attempts:
            self._attempts[table] = self._read_attempts(table)
        return self._attempts[table]

    def passed(self, table: dg.AssetKey) -> Flags:
        """Whether every blocking check passed on what is stored now; a check that was not evaluated since did not.

        Dagster's own answer puts its partitions together one by one, which takes half a minute for five seasons.
        """
        found = np.ones(len(self.keys(table)), dtype=bool)
        for check in self.blocking_checks(table):
            if check not in self._passed:
                told = partition_infos(self._instance, [check])
                good = [one for one in told if one.is_current and one.latest_execution_status is Status.SUCCEEDED]
                passed = self.in_order(table, {one.partition_key or "": 1 for one in good}) > 0
                self._passed[check] = passed | any(one.partition_key is None for one in good)
            found &= self._passed[check]
        return found

    def blocking_checks(self, table: dg.AssetKey) -> list[dg.AssetCheckKey]:
        """The checks of a table that what is made of it waits for."""
        return sorted(check for check in self._graph.get(table).check_keys if self._graph.get(check).blocking)

    def rows(self, table: dg.AssetKey, partitions: Collection[str]) -> dict[str, int]:
        """How many rows were stored last for some partitions, as their events say."""
        numbers = dict(zip(self.keys(table), self.stored(table).tolist(), strict=True))
        wanted = [numbers[key] for key in partitions if numbers.get(key, NEVER) != NEVER]
        found: dict[str, int] = {}
        for start in range(0, len(wanted), _A_QUERY):
            these = dg.AssetRecordsFilter(table, storage_ids=wanted[start : start + _A_QUERY])
            for record in self._instance.fetch_materializations(these, limit=_A_QUERY).records:
                made = record.asset_materialization
                count = made.metadata.get(ROWS) if made else None
                if made and made.partition and isinstance(count, dg.IntMetadataValue) and count.value is not None:
                    found[made.partition] = count.value
        return found

    def _last_of_whole(self, table: dg.AssetKey) -> tuple[int, str | None]:
        entries = [record.asset_entry for record in self._instance.get_asset_records([table])]
        stored = entries[0].last_materialization_record if entries else None
        if stored is None:
            return NEVER, None
        made = stored.asset_materialization
        return stored.storage_id, made.tags.get(CODE_VERSION) if made and made.tags else None

    def _read_attempts(self, table: dg.AssetKey) -> Mapping[str, str]:
        if self.keys(table) is WHOLE:
            planned = self._instance.get_latest_planned_materialization_info(table)
            return {"": planned.run_id} if planned and planned.storage_id > self.stored(table)[0] else {}
        attempts = self._log.get_latest_asset_partition_materialization_attempts_without_materializations(table)
        return {key: run for key, (run, _) in attempts.items()}

    def _as_read(self, table: dg.AssetKey, parent: dg.AssetKey, stored: Numbers) -> Numbers:
        """The newest of the window of the parent that each partition reads; days in months and months of days."""
        mapping = self._graph.get_partition_mapping(table, parent)
        if not isinstance(mapping, dg.TimeWindowPartitionMapping):
            return np.full(len(self.keys(table)), stored.max())
        keys, above = self.keys(table), self.keys(parent)
        if keys is above:
            of_own = stored
        elif len(above) < len(keys):
            of_own = stored[_places(keys, above)]
        else:
            of_own = np.zeros(len(keys), dtype=np.int64)
            np.maximum.at(of_own, _places(above, keys), stored)
        window = mapping.end_offset - mapping.start_offset + 1
        if window == 1 and not mapping.end_offset:
            return of_own
        rolled = pd.Series(of_own).rolling(window, min_periods=1).max().shift(-mapping.end_offset)
        return np.nan_to_num(rolled.to_numpy()).astype(np.int64)


def _places(fine: Sequence[str], coarse: Sequence[str]) -> Numbers:
    """Where in `coarse` each of `fine` lies: the last partition that begins no later."""
    return np.searchsorted(np.array(coarse), np.array(fine), side="right") - 1

"""What the orchestrator's records say of a table's partitions: when each was stored, by which code, what came after.

All of it is read from the event log, whoever wrote there: the UI, the daemon, `nba` or `dagster`. There is no second
book.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

import dagster as dg
import numpy as np
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Verdict

from nba_platform.event_log import CODE_VERSION

NEVER, NOW = 0, 2**53  # numbers of events, which a rolling maximum keeps exact up to here
WHOLE = ("",)
_A_QUERY = 500
MADE = dg.DagsterEventType.ASSET_MATERIALIZATION
Numbers = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Graph = BaseAssetGraph[Any]


@cache
def partition_keys(partitions: dg.PartitionsDefinition | None) -> tuple[str, ...]:
    """In order; one nameless partition for a table without. Listed once a process: summers cost a tenth of a second."""
    return WHOLE if partitions is None else tuple(partitions.get_partition_keys())


class Record:
    """One reading of the event log, as an answer for each partition of a table, in their order."""

    def __init__(self, instance: dg.DagsterInstance, graph: Graph) -> None:
        self._instance = instance
        self._log = instance.event_log_storage
        self._graph = graph
        self._stored: dict[dg.AssetKey, Numbers] = {}

    def keys(self, table: dg.AssetKey) -> tuple[str, ...]:
        """The partitions of a table."""
        return partition_keys(self._graph.get(table).partitions_def)

    def stored(self, table: dg.AssetKey) -> Numbers:
        """The number of the event that stored each partition last: the higher, the later."""
        if table not in self._stored:
            if self.keys(table) is WHOLE:
                told = {"": self._last_of_whole(table)[0]}
            else:
                told = dict(self._instance.get_latest_storage_id_by_partition(table, MADE))
            self._stored[table] = np.array([told.get(key, NEVER) for key in self.keys(table)], dtype=np.int64)
        return self._stored[table]

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
        if self.keys(table) is WHOLE:
            planned = self._instance.get_latest_planned_materialization_info(table)
            return np.array([planned is not None and planned.storage_id > self.stored(table)[0]])
        open_ends = self._log.get_latest_asset_partition_materialization_attempts_without_materializations(table)
        return np.array([key in open_ends for key in self.keys(table)])

    def passed(self, table: dg.AssetKey) -> Flags:
        """Whether every blocking check passed on what is stored now; a check that was not evaluated since did not."""
        keys, stored = self.keys(table), self.stored(table)
        found = np.ones(len(keys), dtype=bool)
        checks = [key for key in self._graph.get(table).check_keys if self._graph.get(key).blocking]
        for check in checks:
            infos = self._log.get_asset_check_partition_info([check])
            good = {
                info.partition_key or "": info.latest_check_event_storage_id
                for info in infos
                if info.latest_execution_status is Verdict.SUCCEEDED
            }
            found &= np.array([good.get(key, NEVER) for key in keys]) > stored
        return found

    def rows(self, table: dg.AssetKey, partitions: Collection[str], count: str) -> dict[str, int]:
        """How many rows were stored last for some partitions, as their events say under the name `count`."""
        numbers = dict(zip(self.keys(table), self.stored(table).tolist(), strict=True))
        wanted = [numbers[key] for key in partitions if numbers.get(key, NEVER) != NEVER]
        found: dict[str, int] = {}
        for start in range(0, len(wanted), _A_QUERY):
            these = dg.AssetRecordsFilter(table, storage_ids=wanted[start : start + _A_QUERY])
            for record in self._instance.fetch_materializations(these, limit=_A_QUERY).records:
                made = record.asset_materialization
                if made and made.partition and count in made.metadata:
                    found[made.partition] = int(made.metadata[count].value)  # type: ignore[arg-type]
        return found

    def _last_of_whole(self, table: dg.AssetKey) -> tuple[int, str | None]:
        records = self._instance.get_asset_records([table])
        if not records or not records[0].asset_entry.last_materialization:
            return NEVER, None
        entry = records[0].asset_entry
        made = entry.last_materialization.asset_materialization if entry.last_materialization else None
        return entry.last_materialization_storage_id or NEVER, (made.tags or {}).get(CODE_VERSION) if made else None

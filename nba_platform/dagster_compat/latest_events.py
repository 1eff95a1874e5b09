"""The last events of the partitions of many tables at once.

Dagster 1.13.27 reads them table by table, each kind in two or three statements: a look at forty tables took 400.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from nba_platform.dagster_compat.event_log import ExtendedEventLog
from nba_platform.dagster_compat.instance_records import query_of
from nba_platform.dagster_compat.types import UNCHANGED_SINCE

STORED, REFUSED, PLANNED = "ASSET_MATERIALIZATION", "ASSET_OBSERVATION", "ASSET_MATERIALIZATION_PLANNED"
_AT_ONCE = 500  # values in a statement
_LATEST = (
    "SELECT asset_key, dagster_event_type, partition, MAX(id) AS id FROM event_logs WHERE asset_key IN ({tables}) "
    "AND dagster_event_type IN ({kinds}) AND partition IS NOT NULL GROUP BY asset_key, dagster_event_type, partition"
)


@dataclass(frozen=True)
class LatestEvents:
    """Of a table: the events that stored and refused each partition last, and the first of those with equal rows.

    `attempts` are the last runs of the partitions that they have not stored.
    """

    stored: Mapping[str, int]
    refused: Mapping[str, int]
    unchanged_since: Mapping[str, int]
    attempts: Mapping[str, str]


def latest_events(instance: dg.DagsterInstance, tables: Collection[dg.AssetKey]) -> dict[dg.AssetKey, LatestEvents]:
    """Return the last events of tables, but for those whose events somebody has wiped, and of a stock storage none."""
    log, query, found = instance.event_log_storage, query_of(instance), dict[str, dict[str, dict[str, int]]]()
    if not isinstance(log, ExtendedEventLog) or not tables:
        return {}
    listed = sorted(tables)
    keys = {
        key.to_string(): key
        for key, details in zip(listed, log._get_assets_details(listed), strict=True)
        if details is None or details.last_wipe_timestamp is None
    }
    for table, kind, partition, number in query(_latest(keys, 3), [*keys, STORED, REFUSED, PLANNED]):
        found.setdefault(table, {}).setdefault(kind, {})[partition] = number
    tagged = f"SELECT stored.asset_key, partition, value FROM ({_latest(keys, 1)}) AS stored JOIN asset_event_tags"
    tags = query(f"{tagged} ON event_id = stored.id WHERE key = ?", [*keys, STORED, UNCHANGED_SINCE])
    unchanged: dict[str, dict[str, int]] = {}
    for table, partition, number in tags:
        unchanged.setdefault(table, {})[partition] = int(number)
    open_plans = {table: dict(_not_stored(kinds)) for table, kinds in found.items()}
    runs = _runs(query, [number for numbers in open_plans.values() for number in numbers.values()])
    return {
        key: LatestEvents(
            found.get(name, {}).get(STORED, {}),
            found.get(name, {}).get(REFUSED, {}),
            unchanged.get(name, {}),
            {partition: runs[number] for partition, number in open_plans.get(name, {}).items()},
        )
        for name, key in keys.items()
    }


def _latest(tables: Collection[str], kinds: int) -> str:
    return _LATEST.format(tables=", ".join("?" * len(tables)) or "NULL", kinds=", ".join("?" * kinds))


def _not_stored(kinds: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the partitions that were planned after they were stored last, with the event of the plan."""
    stored = kinds.get(STORED, {})
    yield from ((partition, n) for partition, n in kinds.get(PLANNED, {}).items() if n >= stored.get(partition, 0))


def _runs(query: Any, numbers: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        found |= dict(query(f"SELECT id, run_id FROM event_logs WHERE id IN ({', '.join('?' * len(part))})", part))
    return found

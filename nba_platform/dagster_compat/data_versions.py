"""Give each stored partition the fingerprint of its rows as its data version.

Dagster 1.13.27 makes one version for all partitions of a range run, from the versions of the inputs: it changes with
every run, and a version in the result of an asset is also one for all. So the private function that makes the events of
an output is wrapped. A tag of the event names an earlier one: the event that brought the same version first, as what
reads the partition is behind only if that event is newer, or the event whose version it replaced. The UI compares the
same versions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import dagster as dg
from dagster._core.definitions.data_version import DATA_VERSION_IS_USER_PROVIDED_TAG, DATA_VERSION_TAG
from dagster._core.execution.plan import execute_step

from nba_platform.dagster_compat.event_log import ExtendedEventLog
from nba_platform.dagster_compat.types import REPLACED, UNCHANGED_SINCE

_MATERIALIZATION = dg.DagsterEventType.ASSET_MATERIALIZATION
_FUNCTION = "_get_output_asset_events"
_stock_events = getattr(execute_step, _FUNCTION)


@dataclass(frozen=True)
class Versions:
    """The names of the metadata that holds a version, and of those that an event only has if stored rows changed.

    A partition that is stored for the first time and is `empty` changes nothing: nobody had read rows of it. Rows that
    were lost and come back have their old version, but were read without.
    """

    version: str
    empty: str
    differences: tuple[str, ...] = ()

    def use(self) -> None:
        """Make the runs of this process store these versions."""
        setattr(execute_step, _FUNCTION, partial(_events_with_versions, self))


def shows_changes(instance: dg.DagsterInstance) -> bool:
    """Return whether the event log shows which events changed rows; in the stock storage each of them did."""
    return isinstance(instance.event_log_storage, ExtendedEventLog)


def last_changes(
    instance: dg.DagsterInstance, asset: dg.AssetKey, stored: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Return for each partition the event that stored its present rows first, not the last one that stored them.

    `stored` are the last ones, if they are known already.
    """
    if stored is None:
        stored = instance.get_latest_storage_id_by_partition(asset, _MATERIALIZATION)
    tags = _tags(instance, asset, [UNCHANGED_SINCE])
    changed = {key: int(of_key[UNCHANGED_SINCE]) for key, of_key in tags.items() if UNCHANGED_SINCE in of_key}
    return {**stored, **changed}


def last_events_of_whole(
    instance: dg.DagsterInstance, assets: Sequence[dg.AssetKey]
) -> dict[dg.AssetKey, tuple[int, Mapping[str, str]]]:
    """Return the last event of tables without partitions, with its tags; 0 if there is none."""
    found: dict[dg.AssetKey, tuple[int, Mapping[str, str]]] = dict.fromkeys(assets, (0, {}))
    for asset in instance.get_asset_records(assets):
        if last := asset.asset_entry.last_materialization_record:
            event = last.asset_materialization
            found[asset.asset_entry.asset_key] = last.storage_id, (event.tags or {}) if event else {}
    return found


def replaced_events(instance: dg.DagsterInstance, asset: dg.AssetKey, partitions: Sequence[str]) -> dict[str, int]:
    """Return for each partition whose last event changed its rows the event that had stored the others."""
    tags = _tags(instance, asset, [REPLACED], partitions)
    return {key: int(of_key[REPLACED]) for key, of_key in tags.items()}


def _events_with_versions(
    versions: Versions,
    asset_key: dg.AssetKey,
    partitions: Sequence[str],
    output: Any,
    definition: Any,
    metadata: Any,
    step: Any,
    kind: Any,
) -> Iterator[Any]:
    events = [*_stock_events(asset_key, partitions, output, definition, metadata, step, kind)]
    if not all(versions.version in event.metadata for event in events):
        yield from events
        return
    earlier = _earlier(step.instance, asset_key, [event.partition for event in events if event.partition])
    for event in events:
        version = event.metadata[versions.version].value
        tags = {DATA_VERSION_TAG: version, DATA_VERSION_IS_USER_PROVIDED_TAG: "true"}
        number, before = earlier.get(event.partition or "", (0, {}))
        differs = any(name in event.metadata for name in versions.differences)
        if before.get(DATA_VERSION_TAG) == version and not differs:
            tags[UNCHANGED_SINCE] = before.get(UNCHANGED_SINCE, str(number))
        elif number:
            tags[REPLACED] = str(number)
        elif version == versions.empty:
            tags[UNCHANGED_SINCE] = "0"
        yield event._replace(tags={**(event.tags or {}), **tags})


def _earlier(
    instance: dg.DagsterInstance, asset: dg.AssetKey, partitions: Sequence[str]
) -> dict[str, tuple[int, Mapping[str, str]]]:
    """Return the last event of each partition, with its tags; a table without partitions has one that is called ''."""
    if not shows_changes(instance):
        return {}
    if not partitions:
        return {"": last_events_of_whole(instance, [asset])[asset]}
    numbers = instance.get_latest_storage_id_by_partition(asset, _MATERIALIZATION, {*partitions})
    tags = _tags(instance, asset, [DATA_VERSION_TAG, UNCHANGED_SINCE], partitions)
    return {key: (number, tags.get(key, {})) for key, number in numbers.items()}


def _tags(
    instance: dg.DagsterInstance, asset: dg.AssetKey, names: Sequence[str], partitions: Sequence[str] | None = None
) -> Mapping[str, Mapping[str, str]]:
    log = instance.event_log_storage
    if not isinstance(log, ExtendedEventLog):
        return {}
    return log.get_latest_tags_by_partition(asset, _MATERIALIZATION, names, asset_partitions=partitions)

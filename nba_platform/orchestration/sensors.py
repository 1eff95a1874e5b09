"""Sensors: compute what can be computed, and load facts that a source changed."""

import datetime as dt
import json
from collections.abc import Collection, Mapping

import dagster as dg
import duckdb

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import FIRST_DAY
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.table import Table
from nba_platform.orchestration.automation.sensor import (
    SECONDS_BETWEEN_LOOKS,
    automation_sensor,
    neighbours,
    request_of,
    with_unpartitioned,
)
from nba_platform.orchestration.backfill.runs import PartitionRun
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import Source
from nba_resources.sources.feeds import FEEDS

Fingerprints = Mapping[str, Mapping[str, str]]
FINGERPRINTS = "automation/source-{slot}.json"
_SECONDS_BETWEEN_SOURCE_CHECKS = 60


def sensors(tables: Mapping[str, Table], status: dg.DefaultSensorStatus) -> list[dg.SensorDefinition]:
    """Return all sensors; `status` turns them on or off by default."""
    whenever_ready = automation_sensor(
        "whenever_ready",
        target=dg.AssetSelection.all(),
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=status,
        description="Computes every date whose inputs are stored, passed their checks, and are newer than its rows.",
    )
    return [whenever_ready, _changed_facts(tables, status)]


def _daily(tables: Mapping[str, Table]) -> dg.AssetSelection:
    """Select the tables one run can compute for a range of days; monthly tables have other partitions."""
    return dg.AssetSelection.assets(*(asset_key(one.contract) for one in tables.values() if not one.contract.monthly))


def _changed_facts(tables: Mapping[str, Table], status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.sensor(
        name="changed_facts",
        target=_daily(tables),
        minimum_interval_seconds=_SECONDS_BETWEEN_SOURCE_CHECKS,
        default_status=status,
        required_resource_keys={"source", "objects"},
        description=(
            "Loads the dates whose facts a source added or changed since the first tick of this sensor. Earlier facts "
            "are loaded with `nba backfill START END`."
        ),
    )
    def changed_facts(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        return facts_to_load(context.cursor, context.resources.source, context.resources.objects, tables)

    return changed_facts


def facts_to_load(
    cursor: str | None, source: Source, objects: ObjectStore, tables: Mapping[str, Table]
) -> dg.SensorResult | dg.SkipReason:
    """Return the runs that load what changed since the cursor was written.

    A source's signature changes with any of its files; the fingerprint of each date shows which dates changed.
    Fingerprints are stored in one of two slots, named in the cursor, so that an interrupted tick changes nothing.
    """
    signature = source.signature()
    if signature is None:
        return dg.SkipReason(f"the {source.name} source has no files to watch")
    last_signature, slot = json.loads(cursor) if cursor else (None, "b")
    signature = f"{source.name} {signature} duckdb {duckdb.__version__}"
    if signature == last_signature:
        return dg.SkipReason(f"the files of the {source.name} source have not changed")
    before = json.loads(objects.read(FINGERPRINTS.format(slot=slot))) if last_signature else {}
    now = {name: {str(day): value for day, value in source.fingerprints(name).items()} for name in FEEDS}
    slot = "a" if slot == "b" else "b"
    objects.write(FINGERPRINTS.format(slot=slot), json.dumps(now).encode())
    cursor = json.dumps([signature, slot])
    if last_signature is None or _origin(last_signature) != _origin(signature):
        dates = sorted(now["schedule"])
        span = f"games from {dates[0]} to {dates[-1]}" if dates else "no game yet"
        reason = f"first tick with this source: {span}. Load those you want with `nba backfill`."
        return dg.SensorResult(skip_reason=dg.SkipReason(reason), cursor=cursor)
    runs = runs_to_load(changed_partitions(before, now), tables)
    unchanged = None if runs else dg.SkipReason("files were written again, with the same facts for every date")
    return dg.SensorResult(run_requests=[request_of(run) for run in runs], skip_reason=unchanged, cursor=cursor)


def runs_to_load(changed: Mapping[str, Collection[str]], tables: Mapping[str, Table]) -> list[PartitionRun]:
    """Return the runs that load the raw tables of the changed feeds; tables without dates join the first run."""
    raw = [(one.feed.name, asset_key(one.contract), one.contract.partition) for one in tables.values() if one.feed]
    keys_by_day = {
        day: frozenset(key for feed, key, partition in raw if partition and feed in feeds)
        for day, feeds in changed.items()
    }
    runs = list(neighbours(keys_by_day, DAILY.get_partition_keys()))
    changed_feeds = {feed for feeds in changed.values() for feed in feeds}
    return with_unpartitioned(runs, [key for feed, key, partition in raw if not partition and feed in changed_feeds])


def changed_partitions(before: Fingerprints, now: Fingerprints) -> dict[str, set[str]]:
    """Return the feeds that changed, by partition. Earlier and undated facts belong to the first partition."""
    changed: dict[str, set[str]] = {}
    for name in FEEDS:
        old, new = before.get(name, {}), now.get(name, {})
        for day in old.keys() | new.keys():
            if old.get(day) != new.get(day):
                date = dt.date.fromisoformat(day)
                changed.setdefault(str(max(date, FIRST_DAY)), set()).add(name)
    return changed


def _origin(signature: str) -> tuple[str, str]:
    """Return the source and the engine of fingerprints: those of different origin cannot be compared."""
    source, _, engine = signature.split(" ", 2)
    return source, engine

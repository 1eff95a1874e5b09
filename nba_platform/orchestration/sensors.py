"""What looks around by itself: for dates that can be computed, for facts a source changed, for what spoils a range."""

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping

import dagster as dg
import duckdb

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import DAILY, FIRST_DAY
from nba_assets.kit.table import Table
from nba_platform.orchestration.automation.sensor import (
    SECONDS_BETWEEN_LOOKS,
    automation_sensor,
    neighbours,
    request_of,
)
from nba_platform.orchestration.automation.tick_state import RANGE_END, RANGE_START
from nba_platform.orchestration.backfill.runs import PartitionRun
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import BadInput, Source
from nba_resources.sources.feeds import FEEDS
from nba_resources.warehouse.contract import ContractBroken

Prints = Mapping[str, Mapping[str, str]]
OF_THE_DATA = {error.__name__ for error in (BadInput, ContractBroken)}
SEEN = "automation/source-{slot}.json"
_SECONDS_BETWEEN_SOURCES = 60
_FAILURES_AT_A_TIME = 50


def sensors(tables: Mapping[str, Table], status: dg.DefaultSensorStatus) -> list[dg.SensorDefinition]:
    """All sensors, on or off from the start."""
    return [_whenever_ready(status), _changed_facts(tables, status), _spoilt_ranges(tables, status)]


def _daily(tables: Mapping[str, Table]) -> dg.AssetSelection:
    """What one run can make for a range of days: months are another family of partitions."""
    return dg.AssetSelection.assets(*(asset_key(one.contract) for one in tables.values() if not one.contract.monthly))


def _whenever_ready(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    return automation_sensor(
        "whenever_ready",
        target=dg.AssetSelection.all(),
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=status,
        description="Computes every date whose inputs are there, sound, and newer than what is stored.",
    )


def _changed_facts(tables: Mapping[str, Table], status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.sensor(
        name="changed_facts",
        target=_daily(tables),
        minimum_interval_seconds=_SECONDS_BETWEEN_SOURCES,
        default_status=status,
        required_resource_keys={"source", "objects"},
        description=(
            "Loads the dates whose facts a source has added or changed. What it held when it was first looked at is "
            "history: `nba backfill START END` loads that, as much of it as you want."
        ),
    )
    def changed_facts(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        return facts_to_load(context.cursor, context.resources.source, context.resources.objects, tables)

    return changed_facts


def facts_to_load(
    cursor: str | None, source: Source, objects: ObjectStore, tables: Mapping[str, Table]
) -> dg.SensorResult | dg.SkipReason:
    """What has changed since the cursor was made.

    A signature tells whether to look at all, fingerprints of every date what to load. They are kept in one of two
    slots, and the cursor says in which: a look that is cut short changes neither.
    """
    signature = source.signature()
    if signature is None:
        return dg.SkipReason(f"the {source.name} source has no files that could change")
    seen, slot = json.loads(cursor) if cursor else (None, "b")
    signature = f"{source.name} {signature} duckdb {duckdb.__version__}"
    if signature == seen:
        return dg.SkipReason(f"the files of the {source.name} source are as they were")
    before = json.loads(objects.read(SEEN.format(slot=slot))) if seen else {}
    now = {name: {str(day): told for day, told in source.fingerprints(name).items()} for name in FEEDS}
    slot = "a" if slot == "b" else "b"
    objects.write(SEEN.format(slot=slot), json.dumps(now).encode())
    cursor = json.dumps([signature, slot])
    if seen is None or _comparable(seen) != _comparable(signature):
        dates = sorted(now["schedule"])
        span = f"games from {dates[0]} to {dates[-1]}" if dates else "no game yet"
        told = f"a first look: {span}. Load what you want of them with `nba backfill`."
        return dg.SensorResult(skip_reason=dg.SkipReason(told), cursor=cursor)
    legs = runs_to_load(changed_partitions(before, now), tables)
    same = None if legs else dg.SkipReason("files were written again, with the same facts for every date there is")
    return dg.SensorResult(run_requests=[request_of(leg) for leg in legs], skip_reason=same, cursor=cursor)


def runs_to_load(changed: Mapping[str, Collection[str]], tables: Mapping[str, Table]) -> list[PartitionRun]:
    """The raw tables of each changed feed; of a changed schedule also what is made of it as a whole."""
    fed = [(one.feed.name, asset_key(one.contract), one.contract.partition) for one in tables.values() if one.feed]
    wanted = {
        day: frozenset(key for feed, key, partition in fed if partition and feed in feeds)
        for day, feeds in changed.items()
    }
    legs = list(neighbours(wanted, DAILY.get_partition_keys()))
    feeds = {feed for names in changed.values() for feed in names}
    whole = tuple(key for feed, key, partition in fed if not partition and feed in feeds)
    if not whole:
        return legs
    first, *rest = legs or [PartitionRun((), ())]
    return [PartitionRun((*whole, *first.keys), first.partitions), *rest]


def changed_partitions(before: Prints, now: Prints) -> dict[str, set[str]]:
    """For each partition the feeds whose facts changed; news from before the first one is filed under it."""
    changed: dict[str, set[str]] = {}
    for name, feed in FEEDS.items():
        old, new = before.get(name, {}), now.get(name, {})
        for day in old.keys() | new.keys():
            if old.get(day) != new.get(day):
                date = dt.date.fromisoformat(day)
                changed.setdefault(str(max(date, FIRST_DAY) if feed.off_days else date), set()).add(name)
    return changed


def _spoilt_ranges(tables: Mapping[str, Table], status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.sensor(
        name="spoilt_ranges",
        target=_daily(tables),
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=status,
        description=(
            "A range is stored whole or not at all, so one bad date spoils it: what a sensor or schedule asked for is "
            "tried again in halves, until the bad date stands alone."
        ),
    )
    def spoilt_ranges(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if context.cursor is None:
            newest = context.instance.fetch_run_status_changes(dg.DagsterEventType.RUN_FAILURE, limit=1).records
            return dg.SensorResult(cursor=str(max((record.storage_id for record in newest), default=0)))
        wanted = dg.RunStatusChangeRecordsFilter(dg.DagsterEventType.RUN_FAILURE, after_storage_id=int(context.cursor))
        records = context.instance.fetch_run_status_changes(wanted, limit=_FAILURES_AT_A_TIME, ascending=True).records
        monthly = {asset_key(one.contract) for one in tables.values() if one.contract.monthly}
        requests = [half for record in records for half in _halves(context.instance, record.run_id, monthly)]
        cursor = str(max((record.storage_id for record in records), default=int(context.cursor)))
        return dg.SensorResult(run_requests=requests, cursor=cursor)

    return spoilt_ranges


def _halves(instance: dg.DagsterInstance, run_id: str, monthly: Collection[dg.AssetKey]) -> Iterator[dg.RunRequest]:
    """What a run has not made, on the two halves of its range; nothing if its data is not to blame."""
    run = instance.get_run_by_id(run_id)
    if (
        run is None
        or (run.asset_selection or frozenset()) & set(monthly)
        or RANGE_START not in run.tags
        or not {"dagster/sensor_name", "dagster/schedule_name"} & set(run.tags)
    ):
        return
    keys = DAILY.get_partition_keys()
    dates = keys[keys.index(run.tags[RANGE_START]) : keys.index(run.tags[RANGE_END]) + 1]
    if len(dates) == 1 or not _data_is_to_blame(instance, run_id):
        return
    stored = instance.all_logs(run_id, dg.DagsterEventType.ASSET_MATERIALIZATION)
    made = {entry.dagster_event.asset_key for entry in stored if entry.dagster_event}
    left = tuple(sorted((run.asset_selection or frozenset()) - made))
    middle = len(dates) // 2
    for half in (dates[:middle], dates[middle:]):
        yield request_of(PartitionRun(left, tuple(half)), f"{run_id} {half[0]}")


def _data_is_to_blame(instance: dg.DagsterInstance, run_id: str) -> bool:
    for entry in instance.all_logs(run_id, dg.DagsterEventType.STEP_FAILURE):
        error = entry.dagster_event.step_failure_data.error if entry.dagster_event else None
        while error is not None:
            if error.cls_name in OF_THE_DATA:
                return True
            error = error.cause
    return False


def _comparable(signature: str) -> tuple[str, str]:
    """Which source it is of, and made with what: fingerprints of one are not those of another."""
    source, _, made_with = signature.split(" ", 2)
    return source, made_with

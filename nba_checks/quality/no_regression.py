"""Compare recomputed dates with what stood there before: code may not lose rows or values without anybody noticing.

Every write compares the rows of a date with those before it, and leaves what differs in the metadata of its event. Here
it is judged. A difference is expected where an input of the table changed by as large a share of its rows, or by as
large a share of the rows that it has on the date itself: a game delivered late is few of many on its own date, and its
players may be all who play on the next.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import State
from nba_assets.kit.table import Table, Tables
from nba_checks.completeness.coverage import is_checked_by_date
from nba_checks.framework.by_date import DateResult, DateResults, listed
from nba_platform.dagster_compat.data_versions import last_changes, replaced_events
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.metadata import ADDED, CHANGED, REMOVED, ROWS, SHIFTS

COVERAGE = "pipeline_coverage"
_EVENTS_PER_QUERY, _LISTED = 500, 6


@dataclass(frozen=True)
class _Write:
    """One write of a date, read from its event: the number of the event, and what differs from the rows before."""

    number: int
    date: dt.date
    metadata: Mapping[str, Any]

    def count(self, name: str) -> int:
        return int(self.metadata.get(name) or 0)

    @property
    def lost(self) -> int:
        return self.count(REMOVED) - self.count(ADDED)

    @property
    def before(self) -> int:
        return self.count(ROWS) + self.lost

    @property
    def size(self) -> int:
        return max(self.count(ROWS), self.before)

    def share(self, of: int) -> float:
        """Return the rows that were added, removed or changed as a share of `of` rows, or of its own if fewer."""
        touched = self.count(ADDED) + self.count(REMOVED) + self.count(CHANGED)
        return touched / max(min(self.size, of), 1)

    @property
    def findings(self) -> Iterator[str]:
        if self.lost > 0:
            yield f"{self.lost} of {self.before} rows lost"
        for shift in self.metadata.get(SHIFTS) or ():
            yield f"{shift['what']} of {shift['column']} {shift['before']:.3g} -> {shift['after']:.3g}"


def no_regression(
    warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date, instance: dg.DagsterInstance
) -> DateResults:
    """Recomputed dates lost no rows, no values and no coverage, unless what they are computed from changed as much."""
    found: dict[dt.date, list[str]] = {date: [] for date in dates}
    for table in tables.values():
        if table.feed is None and is_checked_by_date(table):
            for write in _unexplained(instance, tables, table, dates):
                found[write.date] += [f"{table.contract.name}: {text}" for text in write.findings]
    for date, text in _less_coverage(instance, tables, dates):
        found[date].append(text)
    return {date: _result(texts) for date, texts in found.items()}


def _result(texts: Collection[str]) -> DateResult:
    if not texts:
        return DateResult(True, "nothing is worse than before")
    step = "if the change is not intended, `nba history RUN` shows the run and its code version"
    return DateResult(False, f"{listed([*texts], _LISTED)}; {step}", {"findings": len(texts)})


def _unexplained(instance: dg.DagsterInstance, tables: Tables, table: Table, dates: DateRange) -> Iterator[_Write]:
    """Yield the writes of a table that made a date worse, though no input changed by as much since the write before."""
    earlier, writes = _latest_writes(instance, table, dates)
    worse = [write for write in writes if any(write.findings)]
    if not worse:
        return
    since, dates_of_worse = min(earlier[write.date] for write in worse), {write.date for write in worse}
    explained = dict.fromkeys(dates_of_worse, 0.0)
    for name in table.reads:
        if name in tables and tables[name].contract.partition and not tables[name].contract.monthly:
            changes = dg.AssetRecordsFilter(_key(tables[name]), after_storage_id=since)
            inputs = [one for one in _writes(instance, tables[name], changes) if one.date <= max(dates_of_worse)]
            sizes = {one.date: one.count(ROWS) for one in _newest_writes(instance, tables[name], dates_of_worse)}
            for date in dates_of_worse:
                since_then = [one for one in inputs if one.number > earlier[date] and one.date <= date]
                shares = [one.share(sizes.get(date) or one.size) for one in since_then]
                explained[date] = max([explained[date], *shares])
    for write in worse:
        if explained[write.date] < write.share(write.size):
            yield write


def _less_coverage(instance: dg.DagsterInstance, tables: Tables, dates: DateRange) -> Iterator[tuple[dt.date, str]]:
    """Yield the dates on which fewer tables are complete than before, unless their schedule changed since."""
    earlier, writes = _latest_writes(instance, tables[COVERAGE], dates)
    if not earlier:
        return
    records = dg.AssetRecordsFilter(_key(tables[COVERAGE]), storage_ids=[*earlier.values()])
    before = {write.date: write.count(State.COMPLETE) for write in _writes(instance, tables[COVERAGE], records)}
    schedules = last_changes(instance, _key(tables["schedule"]))
    for write in writes:
        then, now = before.get(write.date, 0), write.count(State.COMPLETE)
        if now < then and schedules.get(str(write.date), 0) < earlier[write.date]:
            yield write.date, f"{now} tables are complete, before {then}: `nba coverage {write.date} {write.date}`"


def _latest_writes(
    instance: dg.DagsterInstance, table: Table, dates: DateRange
) -> tuple[dict[dt.date, int], list[_Write]]:
    """Return the latest writes that changed a date stored before, and by date the event before."""
    key, partitions = _key(table), [date.isoformat() for date in dates]
    replaced = replaced_events(instance, key, partitions)
    if not replaced:
        return {}, []
    latest = _newest_writes(instance, table, [*map(dt.date.fromisoformat, replaced)])
    return {dt.date.fromisoformat(date): number for date, number in replaced.items()}, latest


def _newest_writes(instance: dg.DagsterInstance, table: Table, dates: Collection[dt.date]) -> list[_Write]:
    """Return the newest write of each date that has one."""
    key, kind = _key(table), dg.DagsterEventType.ASSET_MATERIALIZATION
    newest = instance.get_latest_storage_id_by_partition(key, kind, {date.isoformat() for date in dates})
    numbers = [*newest.values()]
    return [
        write
        for start in range(0, len(numbers), _EVENTS_PER_QUERY)
        for write in _writes(
            instance, table, dg.AssetRecordsFilter(key, storage_ids=numbers[start : start + _EVENTS_PER_QUERY])
        )
    ]


def _writes(instance: dg.DagsterInstance, table: Table, records: dg.AssetRecordsFilter) -> Iterator[_Write]:
    cursor, more = None, True
    while more:
        page = instance.fetch_materializations(records, limit=_EVENTS_PER_QUERY, cursor=cursor)
        for record in page.records:
            event = record.asset_materialization
            if event and event.partition:
                values = {name: one.value for name, one in event.metadata.items()}
                yield _Write(record.storage_id, dt.date.fromisoformat(event.partition), values)
        cursor, more = page.cursor, page.has_more


def _key(table: Table) -> dg.AssetKey:
    return asset_key(table.contract)

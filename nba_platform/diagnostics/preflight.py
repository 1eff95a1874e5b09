"""Check before a backfill whether its inputs are stored and no other run is active: GO or NO-GO."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

import dagster as dg
from sqlalchemy.exc import OperationalError

from nba_assets.kit.table import Table
from nba_checks.completeness.coverage import coverage
from nba_checks.completeness.preflight import (
    NEEDS,
    NO_OTHER_RUN,
    OtherRun,
    PreflightResult,
    check_needs,
    check_other_runs,
    not_needed,
    undetermined,
)
from nba_platform.errors import FIXABLE, one_line
from nba_platform.orchestration.automation.tick_state import IN_PROGRESS, first_and_last_partition
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.run_health import fail_dead_runs
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse


@dataclass(frozen=True)
class Preflight:
    """The results of all criteria for a range of dates."""

    dates: DateRange
    results: tuple[PreflightResult, ...]

    @property
    def go(self) -> bool:
        """There are results, and every one is GO."""
        return bool(self.results) and all(result.go for result in self.results)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a preflight."""
        return {"start": self.dates.start, "end": self.dates.end, "go": self.go, "criteria": self.results}


def preflight(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date, builds: Set[str]
) -> Preflight:
    """Check everything a backfill of `builds` needs; an error counts as NO-GO. Reports need nothing."""
    try:
        with open_instance() as instance:
            fail_dead_runs(instance)
            others = check_other_runs(other_runs(instance), dates)
    except (*FIXABLE, OperationalError) as error:
        others = undetermined(NO_OTHER_RUN, one_line(error))
    return Preflight(dates, (*_data(warehouse, tables, dates, today, builds & tables.keys()), others))


def all_upstream(names: Collection[str], tables: Mapping[str, Table]) -> set[str]:
    """Return every table the named ones read, directly or through others."""
    read = {read for name in names for read in tables[name].reads}
    return read | all_upstream(read, tables) if read else read


def other_runs(instance: dg.DagsterInstance) -> Iterator[OtherRun]:
    """Yield runs that have not ended, with the dates of their tags."""
    for run in instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS)):
        first, last = first_and_last_partition(run)
        dates = DateRange(dt.date.fromisoformat(first), dt.date.fromisoformat(last)) if first and last else None
        yield OtherRun(run.run_id, run.status.value, dates)


def _data(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date, builds: Collection[str]
) -> list[PreflightResult]:
    needed = {name: tables[name] for name in tables if name in {"schedule", "seasons", *(n.name for n in NEEDS)}}
    reads = {tables[name].contract.key for name in all_upstream(builds, tables)}
    built = {tables[name].contract.key for name in builds}
    excuses = {need: need.excuse(reads, built) for need in NEEDS}
    try:
        states = [] if all(excuses.values()) else coverage(warehouse, needed, dates, today)
    except FIXABLE as error:
        why, everything = one_line(error), f"nba backfill {dates.start} {dates.end}"
        return [
            not_needed(need, excuse) if excuse else undetermined(need.name, why, everything)
            for need, excuse in excuses.items()
        ]
    return check_needs(states, dates, reads, built)

"""The GO or NO-GO table before a backfill: asks warehouse and orchestrator, and tells the verdicts."""

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
from nba_platform.orchestration.automation.tick_state import GOING_ON, ONE, RANGE_END, RANGE_START
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.run_health import bury_the_dead
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse


@dataclass(frozen=True)
class Preflight:
    """All verdicts on a range: GO only if every one is."""

    dates: DateRange
    verdicts: tuple[PreflightResult, ...]

    @property
    def go(self) -> bool:
        """No verdict is a no, and there are verdicts at all."""
        return bool(self.verdicts) and all(verdict.go for verdict in self.verdicts)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a preflight."""
        return {"start": self.dates.start, "end": self.dates.end, "go": self.go, "criteria": self.verdicts}


def preflight(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date, builds: Set[str]
) -> Preflight:
    """Ask for everything a backfill of `builds` needs; an error is an answer too, and it is no.

    Reports among them are drawn of what is there, so they need nothing.
    """
    builds = builds & tables.keys()
    return Preflight(dates, (*_data(warehouse, tables, dates, today, builds), _others(dates)))


def stands_on(names: Collection[str], tables: Mapping[str, Table]) -> set[str]:
    """Every table the named ones are made of, directly or through others."""
    found: set[str] = set()
    waiting = [upstream for name in names for upstream in tables[name].reads]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += tables[name].reads
    return found


def other_runs(instance: dg.DagsterInstance) -> Iterator[OtherRun]:
    """Runs that have not ended, with the dates their tags name."""
    for run in instance.get_runs(dg.RunsFilter(statuses=GOING_ON)):
        first, last = run.tags.get(RANGE_START), run.tags.get(RANGE_END)
        one = run.tags.get(ONE)
        keys = (first, last) if first and last else (one, one) if one else None
        dates = DateRange(*(dt.date.fromisoformat(key) for key in keys)) if keys else None
        yield OtherRun(run.run_id, run.status.value, dates)


def _data(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date, builds: Collection[str]
) -> list[PreflightResult]:
    wanted = {
        name: table for name, table in tables.items() if name in {"schedule", "seasons", *(n.name for n in NEEDS)}
    }
    reads = {tables[name].contract.key for name in stands_on(builds, tables)}
    built = {tables[name].contract.key for name in builds}
    excuses = {need: need.excuse(reads, built) for need in NEEDS}
    try:
        states = [] if all(excuses.values()) else coverage(warehouse, wanted, dates, today)
    except FIXABLE as error:
        why, everything = one_line(error), f"nba backfill {dates.start} {dates.end}"
        return [
            not_needed(need, excuse) if excuse else undetermined(need.name, why, everything)
            for need, excuse in excuses.items()
        ]
    return check_needs(states, dates, reads, built)


def _others(dates: DateRange) -> PreflightResult:
    try:
        with open_instance() as instance:
            bury_the_dead(instance)
            return check_other_runs(other_runs(instance), dates)
    except (*FIXABLE, OperationalError) as error:
        return undetermined(NO_OTHER_RUN, one_line(error))

"""The GO or NO-GO table before a backfill: asks warehouse and orchestrator, and tells the verdicts."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import asdict, dataclass
from typing import Any

import dagster as dg
from rich.console import Console
from rich.table import Table as Grid
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
from nba_platform.cli.errors import TOLD, told
from nba_platform.orchestration.automation.tick_state import IN_PROGRESS, ONE, RANGE_END, RANGE_START
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.run_health import fail_dead_runs
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

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        span = {"start": self.dates.start.isoformat(), "end": self.dates.end.isoformat()}
        return {**span, "go": self.go, "criteria": [asdict(verdict) for verdict in self.verdicts]}

    def show(self, console: Console) -> None:
        """A line for each criterion, then what mends the failing ones, then the answer."""
        grid = Grid(box=None, pad_edge=False)
        for column in ("criterion", "found", "needed", ""):
            grid.add_column(column, overflow="fold")
        for verdict in self.verdicts:
            word = "[green]GO[/green]" if verdict.go else "[red]NO-GO[/red]"
            grid.add_row(verdict.criterion, verdict.found, verdict.needed, word)
        console.print(grid)
        for verdict in self.verdicts:
            if verdict.command:
                sentence = f"{verdict.criterion}; mend: {verdict.command}"
                console.print(sentence, markup=False, highlight=False, soft_wrap=True)
        console.print(f"{self.dates}: {'GO' if self.go else 'NO-GO'}", highlight=False)


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
    for run in instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS)):
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
    except TOLD as error:
        why, everything = told(error), f"nba backfill {dates.start} {dates.end}"
        return [
            not_needed(need, excuse) if excuse else undetermined(need.name, why, everything)
            for need, excuse in excuses.items()
        ]
    return check_needs(states, dates, reads, built)


def _others(dates: DateRange) -> PreflightResult:
    try:
        with open_instance() as instance:
            fail_dead_runs(instance)
            return check_other_runs(other_runs(instance), dates)
    except (*TOLD, OperationalError) as error:
        return undetermined(NO_OTHER_RUN, told(error))

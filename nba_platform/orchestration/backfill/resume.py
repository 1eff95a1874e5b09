"""Resume a backfill: leave out what is up to date, and count what the runs computed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import State
from nba_checks.completeness.coverage import DateState
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_platform.orchestration.backfill.runs import PartitionRun, Run, plan_runs
from nba_platform.orchestration.backfill.source_changes import PlanInputs
from nba_platform.orchestration.backfill.stale_partitions import stale_partitions
from nba_platform.orchestration.backfill.storage_conflicts import storage_conflicts
from nba_platform.orchestration.event_log_reader import WHOLE, EventLogReader
from nba_resources.dates import DateRange

CALENDAR = dg.AssetKey(["reports", "coverage_calendar"])


@dataclass(frozen=True)
class Counts:
    """Dates of all requested tables by result; a table without partitions counts as one date.

    Computed, skipped and failed add up to all of them; the other numbers are parts of the computed ones.
    """

    computed: int = 0
    skipped: int = 0
    failed: int = 0
    zero_rows: int = 0
    bootstrap: int = 0
    no_games: int = 0

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return sentences; of the numbers that are zero only the computed dates are named."""
        parts = {
            "without rows although rows were expected": self.zero_rows,
            "left out by design in the first two weeks": self.bootstrap,
            "without games": self.no_games,
        }
        named = ", ".join(f"{n:,} {what}" for what, n in parts.items() if n)
        computed = f"Dates of tables: computed {self.computed:,}"
        sentences = [f"{computed}; of these {named}." if named else f"{computed}."]
        if self.skipped:
            sentences.append(f"{self.skipped:,} were done and left as they are: --force computes them again.")
        if self.failed:
            sentences.append(f"{self.failed:,} were refused or not reached: the same command goes on from here.")
        return tuple(sentences)


def remaining(
    definitions: dg.Definitions,
    selection: dg.AssetSelection,
    dates: DateRange,
    planned: Sequence[PartitionRun],
    instance: dg.DagsterInstance,
    inputs: PlanInputs,
) -> list[PartitionRun]:
    """Return the planned runs without the partitions that are up to date."""
    graph = definitions.resolve_asset_graph()
    requested: dict[dg.AssetKey, set[str]] = {}
    for run in planned:
        for key in run.keys:
            requested.setdefault(key, set()).update(run.partitions if graph.get(key).partitions_def else WHOLE)
    reader = EventLogReader(instance, graph, graph.get_all_asset_keys())
    contracts = [table.contract for table in inputs.tables.values() if table.feed]
    delivered_whole = [asset_key(contract) for contract in contracts if contract.partition is None]
    conflicting = storage_conflicts(inputs, reader, requested)
    stale = stale_partitions(graph, reader, requested, conflicting, delivered_whole)
    return plan_runs(definitions, selection, dates, stale)


def coverage_runs(unreached: Iterable[PartitionRun]) -> list[PartitionRun]:
    """Return what the runs that were not reached hold of the coverage table and its calendar."""
    coverage = asset_key(pipeline_coverage.contract)
    return [
        PartitionRun(tuple(key for key in run.keys if key in (coverage, CALENDAR)), run.partitions)
        for run in unreached
        if coverage in run.keys
    ]


def count(
    definitions: dg.Definitions,
    planned: Sequence[PartitionRun],
    left: Sequence[PartitionRun],
    done: Sequence[tuple[PartitionRun, Run]],
    states: Sequence[DateState],
) -> Counts:
    """Count the dates that were planned, left after skipping, and computed."""
    graph = definitions.resolve_asset_graph()

    def dates_of(run: PartitionRun) -> list[tuple[str, str]]:
        """Return each table of a run with each of its dates."""
        return [
            (".".join(key.path), date)
            for key in run.keys
            for date in (run.partitions if graph.get(key).partitions_def else WHOLE)
        ]

    requested, stale = (sum(len(dates_of(run)) for run in runs) for runs in (planned, left))
    computed = {(table, date) for run, result in done for table, date in dates_of(run) if table in result.made}
    computed -= {(one.table, one.date) for _, result in done for one in result.refusals}
    of_computed = [state for state in states if (state.table, state.date.isoformat()) in computed]
    return Counts(
        computed=len(computed),
        skipped=requested - stale,
        failed=stale - len(computed),
        zero_rows=sum(state.state is State.MISSING for state in of_computed),
        bootstrap=sum(state.state is State.BOOTSTRAP for state in of_computed),
        no_games=sum(state.state is State.NO_GAMES for state in of_computed),
    )

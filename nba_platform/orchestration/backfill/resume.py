"""Going on where an earlier backfill ended: which runs are left of those that were asked for, and what came of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import State
from nba_checks.completeness.coverage import DateState
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_platform.orchestration.backfill.runs import PartitionRun, Run, legs
from nba_platform.orchestration.backfill.source_changes import Stock
from nba_platform.orchestration.backfill.stale_partitions import stale_partitions
from nba_platform.orchestration.backfill.storage_conflicts import unsettled
from nba_platform.orchestration.event_log_reader import WHOLE, EventLogReader
from nba_resources.dates import DateRange

CALENDAR = dg.AssetKey(["reports", "coverage_calendar"])


@dataclass(frozen=True)
class Counts:
    """What became of the dates of all asked tables; a table kept whole counts as one date.

    Computed, skipped and failed add up to all of them; the other numbers tell what the computed ones hold.
    """

    computed: int = 0
    skipped: int = 0
    failed: int = 0
    zero_rows: int = 0
    bootstrap: int = 0
    no_games: int = 0

    @property
    def sentences(self) -> tuple[str, ...]:
        """In words; what is zero goes without saying, but for what was computed."""
        of_these = {
            "without rows although games were owed": self.zero_rows,
            "left out by design in the first two weeks": self.bootstrap,
            "without games": self.no_games,
        }
        told = "; of these ".join(
            [f"computed {self.computed:,}", *[", ".join(f"{n:,} {what}" for what, n in of_these.items() if n)]]
        )
        found = [f"Dates of tables: {told.removesuffix('; of these ')}."]
        if self.skipped:
            found.append(f"{self.skipped:,} were done and left as they are: --force computes them again.")
        if self.failed:
            found.append(f"{self.failed:,} were not reached: the same command goes on from here.")
        return tuple(found)


def remaining(
    definitions: dg.Definitions,
    chosen: dg.AssetSelection,
    dates: DateRange,
    planned: Sequence[PartitionRun],
    instance: dg.DagsterInstance,
    stock: Stock,
) -> list[PartitionRun]:
    """The planned runs without what is done."""
    graph = definitions.resolve_asset_graph()
    asked: dict[dg.AssetKey, set[str]] = {}
    for leg in planned:
        for key in leg.keys:
            asked.setdefault(key, set()).update(leg.partitions if graph.get(key).partitions_def else WHOLE)
    record = EventLogReader(instance, graph)
    published = [
        asset_key(table.contract)
        for table in stock.tables.values()
        if table.feed is not None and table.contract.partition is None
    ]
    wanted = stale_partitions(graph, record, asked, unsettled(stock, record, asked), published)
    return legs(definitions, chosen, dates, wanted)


def telling_legs(left: Iterable[PartitionRun]) -> list[PartitionRun]:
    """Of the runs that were not reached, what tells of the dates of all tables, and the picture of it."""
    coverage = asset_key(pipeline_coverage.contract)
    return [
        PartitionRun(tuple(key for key in leg.keys if key in (coverage, CALENDAR)), leg.partitions)
        for leg in left
        if coverage in leg.keys
    ]


def count(
    definitions: dg.Definitions,
    planned: Sequence[PartitionRun],
    left: Sequence[PartitionRun],
    done: Sequence[tuple[PartitionRun, Run]],
    states: Sequence[DateState],
) -> Counts:
    """What was asked, what was left of it, and what the runs made of that."""
    graph = definitions.resolve_asset_graph()

    def dates_of(leg: PartitionRun) -> Mapping[str, tuple[str, ...]]:
        return {".".join(key.path): leg.partitions if graph.get(key).partitions_def else WHOLE for key in leg.keys}

    asked = sum(len(dates) for leg in planned for dates in dates_of(leg).values())
    wanted = sum(len(dates) for leg in left for dates in dates_of(leg).values())
    made = {
        (table, date)
        for leg, run in done
        for table, dates in dates_of(leg).items()
        if table in run.made
        for date in dates
    }
    judged = [state for state in states if (state.table, state.date.isoformat()) in made]
    return Counts(
        computed=len(made),
        skipped=asked - wanted,
        failed=wanted - len(made),
        zero_rows=sum(state.state is State.MISSING for state in judged),
        bootstrap=sum(state.state is State.BOOTSTRAP for state in judged),
        no_games=sum(state.state is State.NO_GAMES for state in judged),
    )

"""Short gaps between stale dates, which are taken into a run where that makes one of two.

Staleness by content scatters dates: one corrected box score changes the rows of the dates on which its player plays.
To start a table in one more run costs more than a week of dates whose rows stay the same (`up_to_date.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import dagster as dg
import numpy as np

from nba_platform.orchestration.automation.tick_state import TickState
from nba_platform.orchestration.backfill.runs import PartitionRun
from nba_platform.orchestration.event_log_reader import NEVER, Flags, ranges

SHORT = 7  # dates

Bridges = Mapping[dg.AssetKey, set[str]]


@dataclass(frozen=True, eq=False)
class ReadyWithGaps(dg.AutomationCondition):
    """Both operands match. The state of the tick keeps the short gaps between such dates, for `bridged`."""

    stale: dg.AutomationCondition
    computable: dg.AutomationCondition
    label: str
    description = "This date is stale and can be computed. Short gaps between such dates may be computed with them."
    requires_cursor = False

    @property
    def name(self) -> str:
        """Return the label: Dagster labels only conditions of its own."""
        return self.label

    @property
    def children(self) -> Sequence[dg.AutomationCondition]:
        """Return the operands."""
        return (self.stale, self.computable)

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:  # type: ignore[override]  # awaited
        """Evaluate which dates are stale, then which of them and of the gaps between them can be computed."""
        state, key = TickState.of(context), context.key
        stale = await context.for_child_condition(self.stale, [0], context.candidate_subset).evaluate_async()
        gaps = state.subset(key, _unchanged(state, key, short_gaps(state.flags(stale.true_subset))))
        candidates = stale.true_subset.compute_union(gaps)
        computable = await context.for_child_condition(self.computable, [1], candidates).evaluate_async()
        state.bridges[key] = state.flags(gaps.compute_intersection(computable.true_subset))
        ready = stale.true_subset.compute_intersection(computable.true_subset)
        return dg.AutomationResult(context, ready, child_results=[stale, computable])


def short_gaps(flags: Flags) -> Flags:
    """Flag the partitions of every short gap between flagged ones."""
    gaps = np.zeros_like(flags)
    for (_, end), (start, _) in pairwise(ranges(flags)):
        gaps[end:start] = start - end <= SHORT
    return gaps


def bridged(runs: Iterable[PartitionRun], bridges: Bridges, partitions: Sequence[str]) -> list[PartitionRun]:
    """Join each run with the one before it, if all that they lack in their common range lies in gaps of its table."""
    joined: list[PartitionRun] = []
    for run in runs:
        if joined and (both := _joined(joined[-1], run, bridges, partitions)):
            joined[-1] = both
        else:
            joined.append(run)
    return joined


def _joined(
    first: PartitionRun, last: PartitionRun, bridges: Bridges, partitions: Sequence[str]
) -> PartitionRun | None:
    """Return the run of the tables of both over all dates from one to the other, if each of them may be computed."""
    between = tuple(partitions[partitions.index(first.partitions[-1]) + 1 : partitions.index(last.partitions[0])])
    keys = tuple(sorted({*first.keys, *last.keys}))
    for key in keys:
        of_others = [*between, *chain.from_iterable(run.partitions for run in (first, last) if key not in run.keys)]
        if not bridges.get(key, set()).issuperset(of_others):
            return None
    return PartitionRun(keys, (*first.partitions, *between, *last.partitions))


def _unchanged(state: TickState, table: dg.AssetKey, gaps: Flags) -> Flags:
    """Flag gaps that were stored by the current code, so that their rows stay as they are and change nothing below."""
    if not gaps.any() or not state.reader.shows_changes:
        return np.zeros_like(gaps)
    return gaps & (state.stored(table) > NEVER) & state.reader.stored_by_current_code(table)

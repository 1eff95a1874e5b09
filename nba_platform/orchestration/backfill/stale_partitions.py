"""Find the partitions of a request that are missing or stale.

A partition is up to date if the current code stored it, no later run has tried to, and none of its inputs was stored
after it, neither on its own date nor in the history it reads. What is planned here counts as stored now, so a gap that
is filled makes everything stale that looks back on it.
"""

from collections.abc import Collection, Mapping

import dagster as dg
import numpy as np

from nba_platform.dagster_compat.types import AssetGraph
from nba_platform.orchestration.event_log_reader import WHOLE, EventLogReader, Flags

RUNS_A_TABLE = 4  # a run costs seconds, a date milliseconds: gaps that lie close are computed together
Partitions = Mapping[dg.AssetKey, Collection[str]]


def stale_partitions(
    graph: AssetGraph,
    reader: EventLogReader,
    requested: Partitions,
    conflicting: Partitions,
    delivered_whole: Collection[dg.AssetKey] = (),
) -> dict[dg.AssetKey, tuple[str, ...]]:
    """Return the requested partitions to compute, by table; `conflicting` ones whatever their events.

    Tables that a source delivers as a whole are loaded with any other facts, and so is what is made of them as a whole:
    their rows belong to no date.
    """
    plan = _Plan(graph, reader, requested, conflicting, delivered_whole)
    plan.make()
    if plan.repeat_unchecked():
        plan.make()
    return {key: plan.names(key) for key in plan.order if plan.stale[key].any()}


class _Plan:
    def __init__(
        self,
        graph: AssetGraph,
        reader: EventLogReader,
        requested: Partitions,
        conflicting: Partitions,
        delivered_whole: Collection[dg.AssetKey],
    ) -> None:
        self.graph, self.reader = graph, reader
        self.order = [key for key in graph.toposorted_asset_keys if key in requested]
        self.requested = {key: self._flags(key, requested[key]) for key in self.order}
        self.whole = [key for key in delivered_whole if key in requested and reader.keys(key) is WHOLE]
        self.due = {
            key: self._flags(key, conflicting.get(key, ()))
            | ~reader.stored_by_current_code(key)
            | reader.attempted_since(key)
            for key in self.order
        }
        self.stale: dict[dg.AssetKey, Flags] = {}

    def make(self) -> None:
        """Plan from the sources down, so that tables below see what is planned above."""
        for key in self.order:
            older = self.reader.newest_input(key, self.stale) > self.reader.stored(key)
            self.stale[key] = _in_few_runs(self.requested[key] & (self.due[key] | older)) & self.requested[key]
        for key in self.whole:
            self.stale[key] = np.array([any(stale.any() for stale in self.stale.values())])
        for key in self.order:
            if self.reader.keys(key) is WHOLE and self.graph.get(key).parent_keys & {*self.whole}:
                self.stale[key] = self.stale[key] | np.any([self.stale[parent] for parent in self.whole])

    def repeat_unchecked(self) -> bool:
        """Add dates whose blocking checks failed or did not run, if a table downstream is planned for them.

        A check only runs when its table is computed. Return whether any date was added.
        """
        added = False
        for key in self.order:
            if self.reader.keys(key) is WHOLE:
                continue
            below = np.any([self.stale[other] for other in self._downstream(key)] or [self.stale[key]], axis=0)
            again = below & self.requested[key] & ~self.stale[key] & ~self.reader.checks_passed(key)
            self.due[key] |= again
            added |= bool(again.any())
        return added

    def names(self, key: dg.AssetKey) -> tuple[str, ...]:
        """Return the stale partitions of a table."""
        return tuple(name for name, stale in zip(self.reader.keys(key), self.stale[key], strict=True) if stale)

    def _flags(self, key: dg.AssetKey, names: Collection[str]) -> Flags:
        members = {*names}
        return np.array([name in members for name in self.reader.keys(key)])

    def _downstream(self, key: dg.AssetKey) -> list[dg.AssetKey]:
        """Return the requested tables downstream that have the same partitions."""
        partitions, waiting = self.graph.get(key).partitions_def, [key]
        below: set[dg.AssetKey] = set()
        while waiting:
            for child in self.graph.get(waiting.pop()).child_keys - below:
                below.add(child)
                waiting.append(child)
        return [other for other in self.order if other in below and self.graph.get(other).partitions_def == partitions]


def _in_few_runs(stale: Flags) -> Flags:
    """Fill the shortest gaps until few ranges are left: a run computes one range."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], stale, [False]]).astype(np.int8)))
    gaps = edges[1:-1].reshape(-1, 2)
    filled = stale.copy()
    for first, after in sorted(gaps.tolist(), key=lambda gap: gap[1] - gap[0])[: 1 - RUNS_A_TABLE]:
        filled[first:after] = True
    return filled

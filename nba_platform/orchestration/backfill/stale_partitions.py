"""What is left of what was asked: the partitions of each table that are not stored, or not as they would be made now.

A partition is done if the present code stored it, nothing was begun with it since, and nothing it reads was stored
after it: not what lies upstream on its own date, and not the history it looks back on. What is planned here counts as
stored now, so a gap that is filled takes with it everything that looks back on it.
"""

from collections.abc import Collection, Mapping

import dagster as dg
import numpy as np

from nba_platform.orchestration.event_log_reader import WHOLE, Flags, Graph, Record

RUNS_A_TABLE = 4  # a run costs seconds, a date milliseconds: holes that lie close are computed together
Partitions = Mapping[dg.AssetKey, Collection[str]]


def outstanding(
    graph: Graph, record: Record, asked: Partitions, unsettled: Partitions, published: Collection[dg.AssetKey] = ()
) -> dict[dg.AssetKey, tuple[str, ...]]:
    """The partitions of each asked table that want computing; `unsettled` ones do, whatever the records say.

    Tables kept whole that a source publishes are loaded with any other facts, and what is kept whole of them is made
    again: their rows say nothing of dates.
    """
    plan = _Plan(graph, record, asked, unsettled, published)
    plan.make()
    if plan.judge_again():
        plan.make()
    return {key: plan.names(key) for key in plan.order if plan.wanted[key].any()}


class _Plan:
    def __init__(
        self,
        graph: Graph,
        record: Record,
        asked: Partitions,
        unsettled: Partitions,
        published: Collection[dg.AssetKey],
    ) -> None:
        self.graph, self.record = graph, record
        self.order = [key for key in graph.toposorted_asset_keys if key in asked]
        self.asked = {key: self._flags(key, asked[key]) for key in self.order}
        self.published = [key for key in published if key in asked and record.keys(key) is WHOLE]
        self.due = {
            key: self._flags(key, unsettled.get(key, ())) | ~record.by_present_code(key) | record.begun(key)
            for key in self.order
        }
        self.wanted: dict[dg.AssetKey, Flags] = {}

    def make(self) -> None:
        """From the sources down, so that what is planned above is known below."""
        for key in self.order:
            stale = self.record.newest_input(key, self.wanted) > self.record.stored(key)
            self.wanted[key] = _in_few_runs(self.asked[key] & (self.due[key] | stale)) & self.asked[key]
        for key in self.published:
            self.wanted[key] = np.array([any(wanted.any() for wanted in self.wanted.values())])
        for key in self.order:
            if self.record.keys(key) is WHOLE and self.graph.get(key).parent_keys & {*self.published}:
                self.wanted[key] = self.wanted[key] | np.any([self.wanted[one] for one in self.published])

    def judge_again(self) -> bool:
        """Let nothing be computed from dates whose blocking checks failed, or were never asked, without asking them.

        They are only asked when the table is made, so it is made again.
        """
        found = False
        for key in self.order:
            if self.record.keys(key) is WHOLE:
                continue
            below = np.any([self.wanted[other] for other in self._below(key)] or [self.wanted[key]], axis=0)
            again = below & self.asked[key] & ~self.wanted[key] & ~self.record.passed(key)
            self.due[key] |= again
            found |= bool(again.any())
        return found

    def names(self, key: dg.AssetKey) -> tuple[str, ...]:
        """The wanted partitions of a table."""
        return tuple(name for name, wanted in zip(self.record.keys(key), self.wanted[key], strict=True) if wanted)

    def _flags(self, key: dg.AssetKey, named: Collection[str]) -> Flags:
        keys = self.record.keys(key)
        among = {*named}
        return np.array([key in among for key in keys])

    def _below(self, key: dg.AssetKey) -> list[dg.AssetKey]:
        """The asked tables that are made of this one, however far down, and partitioned like it."""
        partitions, waiting = self.graph.get(key).partitions_def, [key]
        found: set[dg.AssetKey] = set()
        while waiting:
            for child in self.graph.get(waiting.pop()).child_keys - found:
                found.add(child)
                waiting.append(child)
        return [other for other in self.order if other in found and self.graph.get(other).partitions_def == partitions]


def _in_few_runs(wanted: Flags) -> Flags:
    """The same dates with the shortest pauses between them filled, until few stretches are left: a run is a range."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]]).astype(np.int8)))
    pauses = edges[1:-1].reshape(-1, 2)
    filled = wanted.copy()
    for first, after in sorted(pauses.tolist(), key=lambda pause: pause[1] - pause[0])[: 1 - RUNS_A_TABLE]:
        filled[first:after] = True
    return filled

"""Find the partitions of a request that are missing or stale.

A partition is up to date if the current code stored it, no later run has tried to, and the rows of none of its inputs
changed after it, neither on its own date nor in the history it reads. What is planned here counts as changed now, so a
gap that is filled makes everything stale that looks back on it.
"""

from collections.abc import Collection, Mapping
from itertools import pairwise

import dagster as dg
import numpy as np

from nba_platform.dagster_compat.types import AssetGraph
from nba_platform.orchestration.event_log_reader import WHOLE, EventLogReader, Flags, ranges

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
    order = [key for key in graph.toposorted_asset_keys if key in requested]
    chosen = {key: _flags(reader, key, requested[key]) for key in order}
    whole = [key for key in delivered_whole if key in requested and reader.keys(key) is WHOLE]
    due = {
        key: _flags(reader, key, conflicting.get(key, ()))
        | ~reader.stored_by_current_code(key)
        | reader.attempted_since(key)
        for key in order
    }

    def plan() -> dict[dg.AssetKey, Flags]:
        """Plan from the sources down, so that tables below see what is planned above."""
        stale: dict[dg.AssetKey, Flags] = {}
        for key in order:
            older = reader.newest_input(key, stale) > reader.stored(key)
            stale[key] = _in_few_runs(chosen[key] & (due[key] | older)) & chosen[key]
        for key in whole:
            stale[key] = np.array([any(flags.any() for flags in stale.values())])
        for key in order:
            if reader.keys(key) is WHOLE and graph.get(key).parent_keys & {*whole}:
                stale[key] = stale[key] | np.any([stale[parent] for parent in whole])
        return stale

    stale = plan()
    unchecked = {key: chosen[key] & flags for key, flags in _unchecked(graph, reader, stale).items()}
    if any(flags.any() for flags in unchecked.values()):
        due |= {key: due[key] | flags for key, flags in unchecked.items()}
        stale = plan()
    return {
        key: tuple(name for name, is_stale in zip(reader.keys(key), stale[key], strict=True) if is_stale)
        for key in order
        if stale[key].any()
    }


def _flags(reader: EventLogReader, key: dg.AssetKey, names: Collection[str]) -> Flags:
    members = {*names}
    return np.array([name in members for name in reader.keys(key)])


def _unchecked(
    graph: AssetGraph, reader: EventLogReader, stale: Mapping[dg.AssetKey, Flags]
) -> dict[dg.AssetKey, Flags]:
    """Flag dates whose blocking checks failed or did not run, if a table downstream is planned for them.

    A check only runs when its table is computed.
    """
    unchecked = {}
    for key in stale:
        if reader.keys(key) is not WHOLE:
            below = dg.AssetSelection.assets(key).downstream(include_self=False).resolve(graph) & stale.keys()
            partitions = graph.get(key).partitions_def
            planned = [stale[other] for other in below if graph.get(other).partitions_def == partitions]
            unchecked[key] = np.any(planned or [stale[key]], axis=0) & ~stale[key] & ~reader.checks_passed(key)
    return unchecked


def _in_few_runs(stale: Flags) -> Flags:
    """Fill the shortest gaps until few ranges are left: a run computes one range."""
    stretches = ranges(stale)
    gaps = [(end, start) for (_, end), (start, _) in pairwise(stretches)]
    filled = stale.copy()
    for first, after in sorted(gaps, key=lambda gap: gap[1] - gap[0])[: 1 - RUNS_A_TABLE]:
        filled[first:after] = True
    return filled

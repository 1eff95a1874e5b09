"""Computes any range of dates: one run for each family of partitions, in the order of the graph."""

import datetime as dt
import logging
import os
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import dagster as dg

from nba_assets.kit.calendar import DAILY, MONTHLY, month_of
from nba_assets.kit.table import Table
from nba_platform.errors import NothingToDo, WrongSource, step_error
from nba_platform.orchestration.automation.tick_state import ONE, RANGE_END, RANGE_START
from nba_platform.orchestration.event_log_reader import Graph, partition_keys
from nba_platform.orchestration.run_health import PROCESS
from nba_resources.dates import DateRange
from nba_resources.sources.base import Source
from nba_resources.warehouse.base import Warehouse

SIMULATED = "simulated"
DATES = "nba/dates"  # the list of runs hides the orchestrator's own tags, and with them which dates a run is about
Wanted = Mapping[dg.AssetKey, tuple[str, ...]]
Listener = Callable[[dg.EventLogEntry], None]


@dataclass(frozen=True)
class Failure:
    """Which step ended a run, and why."""

    table: str
    message: str

    @property
    def sentence(self) -> str:
        """The message, with the table where it does not name it already."""
        return self.message if self.message.startswith(self.table) else f"{self.table}: {self.message}"


@dataclass(frozen=True)
class Run:
    """One finished run, as it can be found again in the instance."""

    run_id: str
    partitions: str
    tables: tuple[str, ...]
    seconds: float
    failure: Failure | None
    made: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leg:
    """The tables of one run: they share their partitions, and whatever they need was made by an earlier leg."""

    keys: tuple[dg.AssetKey, ...]
    partitions: tuple[str, ...]

    @property
    def tags(self) -> dict[str, str]:
        """How the orchestrator is told which partitions are meant."""
        if len(self.partitions) > 1:
            return {RANGE_START: self.partitions[0], RANGE_END: self.partitions[-1], DATES: self.span}
        return {ONE: self.partitions[0]} if self.partitions else {}

    @property
    def span(self) -> str:
        """The partitions in words."""
        return "...".join(dict.fromkeys((self.partitions[0], self.partitions[-1]))) if self.partitions else "whole"


def existing_dates(asked: DateRange) -> DateRange:
    """The part of a range that has partitions: summers have none, and neither has the future."""
    if keys := keys_within(DAILY, asked):
        return DateRange(dt.date.fromisoformat(keys[0]), dt.date.fromisoformat(keys[-1]))
    known = DAILY.get_partition_keys()
    raise NothingToDo(
        f"no date of {asked} can be computed: dates run from {known[0]} to {known[-1]}, July to September left out."
    )


def keys_within(partitions: dg.PartitionsDefinition, dates: DateRange) -> list[str]:
    """The partitions that begin within a range of dates; of months, those the range touches."""
    if not isinstance(partitions, dg.TimeWindowPartitionsDefinition):
        raise TypeError(f"tables are partitioned by time, not by {partitions}")
    zone = ZoneInfo(partitions.timezone)
    first = month_of(dates.start) if partitions == MONTHLY else dates.start
    start = dt.datetime.combine(first, dt.time(), zone)
    end = dt.datetime.combine(dates.end + dt.timedelta(days=1), dt.time(), zone)
    within = set(partitions.get_partition_keys_in_time_window(dg.TimeWindow(start, end)))  # also before the first one
    return [key for key in partitions.get_partition_keys() if key in within]


def legs(
    definitions: dg.Definitions, chosen: dg.AssetSelection, dates: DateRange, wanted: Wanted | None = None
) -> list[Leg]:
    """The runs a selection takes, in order: tables that want the same partitions of one family share theirs.

    Without `wanted` that is all of the dates. Unpartitioned tables go with their neighbours in the graph.
    """
    graph = definitions.resolve_asset_graph()
    selected = chosen.resolve(graph)
    family: dict[dg.AssetKey, tuple[str, ...]] = {}
    whole: set[dg.AssetKey] = set()
    for key in graph.toposorted_asset_keys:
        if key not in selected or (wanted is not None and key not in wanted):
            continue
        partitions = graph.get(key).partitions_def
        if partitions is None:
            whole.add(key)
        elif kept := wanted[key] if wanted is not None else tuple(keys_within(partitions, dates)):
            family[key] = (str(partitions), *kept)
    for key in sorted(whole, key=graph.toposorted_asset_keys.index):
        node = graph.get(key)
        near = [family[other] for other in (*sorted(node.parent_keys), *sorted(node.child_keys)) if other in family]
        family[key] = near[0] if near else next(iter(family.values()), ())
    stage: dict[dg.AssetKey, int] = {}
    for key in (key for key in graph.toposorted_asset_keys if key in family):
        before = [parent for parent in graph.get(key).parent_keys if parent in stage]
        stage[key] = max((stage[parent] + (family[parent] != family[key]) for parent in before), default=0)
    together: dict[tuple[int, tuple[str, ...]], list[dg.AssetKey]] = {}
    for key in sorted(stage, key=lambda key: stage[key]):
        together.setdefault((stage[key], family[key]), []).append(key)
    return [leg for (_, told), keys in together.items() for leg in _ranges(keys, told[1:], graph, whole)]


def _ranges(
    keys: Sequence[dg.AssetKey], partitions: tuple[str, ...], graph: Graph, whole: Collection[dg.AssetKey]
) -> list[Leg]:
    """A run takes one range. An unpartitioned table joins the first, or the last if it is made of the others."""
    every = next((partition_keys(graph.get(key).partitions_def) for key in keys if key not in whole), partitions)
    stretches = stretches_of(partitions, every) or [()]
    roots = {key for key in keys if key in whole and not graph.get(key).parent_keys & {*keys}}
    found = []
    for n, stretch in enumerate(stretches):
        left_out = (roots if n else set()) | ({*whole} - roots if n < len(stretches) - 1 else set())
        found.append(Leg(tuple(key for key in keys if key not in left_out), stretch))
    return found


def stretches_of(chosen: Sequence[str], every: Sequence[str]) -> list[tuple[str, ...]]:
    """The chosen partitions, those that follow one another together."""
    place = {key: n for n, key in enumerate(every)}
    found: list[list[str]] = []
    for key in chosen:
        if found and place[key] == place[found[-1][-1]] + 1:
            found[-1].append(key)
        else:
            found.append([key])
    return [tuple(stretch) for stretch in found]


def run(
    leg: Leg, definitions: dg.Definitions, instance: dg.DagsterInstance, listen: Listener, debug: bool = False
) -> Run:
    """Compute one leg, recorded in the instance like a run from the UI."""
    run_id, began = str(uuid.uuid4()), time.monotonic()
    instance.add_event_listener(run_id, listen)
    level = logging.getLevelName(logging.DEBUG if debug else logging.CRITICAL)
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance,
        run_id=run_id,
        asset_selection=list(leg.keys),
        tags={**leg.tags, PROCESS: str(os.getpid())},
        run_config={"loggers": {"console": {"config": {"log_level": level}}}},
        raise_on_error=debug,
    )
    tables = tuple(".".join(key.path) for key in leg.keys)
    stored = {event.asset_key for event in result.all_events if event.is_step_materialization}
    made = tuple(".".join(key.path) for key in leg.keys if key in stored)
    return Run(run_id, leg.span, tables, round(time.monotonic() - began, 1), _failure(result), made)


def refuse_mixing(warehouse: Warehouse, tables: Mapping[str, Table], source: Source) -> None:
    """A simulated game among real ones cannot be told from them later, so neither may overwrite the other."""
    games = tables["schedule"].contract
    if not warehouse.holds(games):
        return
    stored = set(warehouse.read(games.table().select("source").distinct())["source"])
    if stored and (SIMULATED in stored) != (source.name == SIMULATED):
        raise WrongSource(
            f"the warehouse holds facts from {', '.join(sorted(stored))}, and this would add facts from {source.name}: "
            f"set NBA_SOURCE to what is stored, or NBA_HOME to another folder."
        )


def _failure(result: dg.ExecuteInProcessResult) -> Failure | None:
    if result.success:
        return None
    for event in result.filter_events(lambda event: event.is_step_failure):
        error = event.step_failure_data.error
        if error is not None:
            return Failure((event.step_key or "").replace("__", "."), step_error(error))
    return Failure("the run itself", "it ended before any table was computed: run again with --debug for the trace.")

"""Compute any range of dates: one run for each family of partitions, in the order of the graph."""

import datetime as dt
import logging
import os
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import dagster as dg
import ibis.expr.types as ir

from nba_assets.kit.calendar import month_of
from nba_assets.kit.partitions import DAILY, MONTHLY
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table
from nba_platform.dagster_compat.output_partitions import refused_partitions
from nba_platform.errors import NothingToDo, WrongSource, step_error
from nba_platform.orchestration.automation.tick_state import ONE, RANGE_END, RANGE_START
from nba_platform.orchestration.event_log_reader import AssetGraph, partition_keys
from nba_platform.orchestration.run_health import PROCESS
from nba_resources.dates import DateRange
from nba_resources.sources.base import Source
from nba_resources.warehouse.base import Warehouse

SIMULATED = "simulated"
DATES = "nba/dates"  # the list of runs hides Dagster's own tags, and with them the dates of a run
Partitions = Mapping[dg.AssetKey, tuple[str, ...]]
Listener = Callable[[dg.EventLogEntry], None]


@dataclass(frozen=True)
class Failure:
    """The step that ended a run, and its message."""

    table: str
    message: str

    @property
    def sentence(self) -> str:
        """Return the message, preceded by the table unless it names it."""
        return self.message if self.message.startswith(self.table) else f"{self.table}: {self.message}"


@dataclass(frozen=True)
class Refusal:
    """A date that a table refused because its rows break the contract; its old rows stay."""

    table: str
    date: str
    reason: str


@dataclass(frozen=True)
class Run:
    """A finished run of the instance; one with refusals failed partly."""

    run_id: str
    partitions: str
    tables: tuple[str, ...]
    seconds: float
    failure: Failure | None
    made: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True)
class PartitionRun:
    """Tables with the same partitions, computed in one run; earlier runs have stored what they read."""

    keys: tuple[dg.AssetKey, ...]
    partitions: tuple[str, ...]

    @property
    def tags(self) -> dict[str, str]:
        """Return the tags of the run that name its partitions."""
        if len(self.partitions) > 1:
            return {RANGE_START: self.partitions[0], RANGE_END: self.partitions[-1], DATES: self.span}
        return {ONE: self.partitions[0]} if self.partitions else {}

    @property
    def span(self) -> str:
        """Return the first and the last partition as text."""
        return "...".join(dict.fromkeys((self.partitions[0], self.partitions[-1]))) if self.partitions else "whole"


def existing_dates(dates: DateRange) -> DateRange:
    """Return the part of a range that has partitions: none lies before the first season or in the future."""
    if keys := keys_within(DAILY, dates):
        return DateRange(dt.date.fromisoformat(keys[0]), dt.date.fromisoformat(keys[-1]))
    known = DAILY.get_partition_keys()
    raise NothingToDo(f"no date of {dates} can be computed: dates run from {known[0]} to {known[-1]}.")


def keys_within(partitions: dg.PartitionsDefinition, dates: DateRange) -> list[str]:
    """Return the daily partitions of a range of dates, or the months it touches."""
    first = month_of(dates.start) if partitions == MONTHLY else dates.start
    return [key for key in partitions.get_partition_keys() if str(first) <= key <= str(dates.end)]


def plan_runs(
    definitions: dg.Definitions, selection: dg.AssetSelection, dates: DateRange, only: Partitions | None = None
) -> list[PartitionRun]:
    """Return the runs of a selection in order: tables that need the same partitions of one family share a run.

    Without `only` those are all of the dates. Unpartitioned tables go with their neighbours in the graph.
    """
    graph = definitions.resolve_asset_graph()
    selected = selection.resolve(graph)
    family: dict[dg.AssetKey, tuple[str, ...]] = {}
    whole: set[dg.AssetKey] = set()
    for key in graph.toposorted_asset_keys:
        if key not in selected or (only is not None and key not in only):
            continue
        partitions = graph.get(key).partitions_def
        if partitions is None:
            whole.add(key)
        elif names := only[key] if only is not None else tuple(keys_within(partitions, dates)):
            family[key] = (str(partitions), *names)
    for key in (key for key in graph.toposorted_asset_keys if key in whole):
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
    return [run for (_, names), keys in together.items() for run in _by_range(keys, names[1:], graph, whole)]


def _by_range(
    keys: Sequence[dg.AssetKey], partitions: tuple[str, ...], graph: AssetGraph, whole: Collection[dg.AssetKey]
) -> list[PartitionRun]:
    """Return a run for each range. An unpartitioned table joins the first, or the last if it is made of the others."""
    every = next((partition_keys(graph.get(key).partitions_def) for key in keys if key not in whole), partitions)
    stretches = stretches_of(partitions, every) or [()]
    roots = {key for key in keys if key in whole and not graph.get(key).parent_keys & {*keys}}
    runs = []
    for n, stretch in enumerate(stretches):
        left_out = (roots if n else set()) | ({*whole} - roots if n < len(stretches) - 1 else set())
        runs.append(PartitionRun(tuple(key for key in keys if key not in left_out), stretch))
    return runs


def stretches_of(chosen: Sequence[str], every: Sequence[str]) -> list[tuple[str, ...]]:
    """Split partitions into ranges without a gap."""
    return [tuple(stretch) for is_chosen, stretch in groupby(every, {*chosen}.__contains__) if is_chosen]


def run(
    planned: PartitionRun, definitions: dg.Definitions, instance: dg.DagsterInstance, listen: Listener, debug: bool
) -> Run:
    """Compute the tables of one run in this process, recorded in the instance like a run of the UI."""
    run_id, began = str(uuid.uuid4()), time.monotonic()
    instance.add_event_listener(run_id, listen)
    level = logging.getLevelName(logging.DEBUG if debug else logging.CRITICAL)
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance,
        run_id=run_id,
        asset_selection=list(planned.keys),
        tags={**planned.tags, PROCESS: str(os.getpid())},
        run_config={"loggers": {"console": {"config": {"log_level": level}}}},
        raise_on_error=debug,
    )
    tables = tuple(".".join(key.path) for key in planned.keys)
    stored = {event.asset_key for event in result.all_events if event.is_step_materialization}
    made = tuple(".".join(key.path) for key in planned.keys if key in stored)
    seconds = round(time.monotonic() - began, 1)
    refused = refused_partitions(instance, run_id)
    refusals = tuple(Refusal(".".join(key.path), date, reason) for key, date, reason in refused)
    return Run(run_id, planned.span, tables, seconds, _failure(result), made, refusals)


@stored_query
def _sources(tables: Mapping[str, Table], dates: DateRange) -> ir.Table:
    return tables["schedule"].contract.table().select("source").distinct()


def refuse_mixing(warehouse: Warehouse, tables: Mapping[str, Table], source: Source) -> None:
    """Refuse to store simulated games among real ones or the reverse: they cannot be told apart later."""
    games = tables["schedule"].contract
    if not warehouse.holds(games):
        return
    stored = set(warehouse.read(_sources(tables))["source"])
    if stored and (SIMULATED in stored) != (source.name == SIMULATED):
        raise WrongSource(
            f"the warehouse holds facts from {', '.join(sorted(stored))}, and this would add facts from {source.name}: "
            f"set NBA_SOURCE to what is stored, or NBA_HOME to another folder."
        )


def step_failures(events: Iterable[dg.DagsterEvent | None]) -> Iterator[Failure]:
    """Yield the failures of steps among the events of a run."""
    for event in events:
        if event and event.is_step_failure and event.step_failure_data.error:
            yield Failure((event.step_key or "").replace("__", "."), step_error(event.step_failure_data.error))


def _failure(result: dg.ExecuteInProcessResult) -> Failure | None:
    if result.success:
        return None
    for failure in step_failures(result.all_events):
        return failure
    return Failure("the run itself", "it ended before any table was computed: run again with --debug for the trace.")

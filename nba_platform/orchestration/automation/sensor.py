"""Looks at every derived table twice a minute, and computes the dates it asks for: a range of them in one run."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import dagster as dg

from nba_assets.kit.calendar import DAILY, MONTHLY
from nba_platform.orchestration.backfill.runs import Leg

SECONDS_BETWEEN_LOOKS = 30


class Automation(dg.AutomationConditionSensorDefinition):
    """The stock sensor but for one thing: it asks for runs of ranges.

    The stock one starts a run for each date, or hands all of them to the backfill daemon, which makes a run of its own
    of every table that is asked for a date more or less than another. Here neighbouring dates that want the same tables
    are one run, earlier ones first: a run makes its tables in the order of the graph, so whatever a date reads of
    history was made before it.
    """

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options, emit_backfills=False, use_user_code_server=True)
        look: Any = self._evaluation_fn

        def look_for_ranges(context: dg.SensorEvaluationContext) -> list[Any]:
            assert context.repository_def is not None
            graph = context.repository_def.asset_graph
            monthly = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def == MONTHLY}
            return [
                found._replace(run_requests=[request_of(leg) for leg in legs_of(found.run_requests or (), monthly)])
                for found in look(context)
            ]

        self._evaluation_fn = look_for_ranges


def request_of(leg: Leg, once: str | None = None) -> dg.RunRequest:
    """A leg as a sensor or a schedule asks for it; what is to happen `once` has a name of its own."""
    return dg.RunRequest(run_key=once, asset_selection=list(leg.keys), tags=leg.tags)


def legs_of(requests: Sequence[dg.RunRequest], monthly: Collection[dg.AssetKey]) -> list[Leg]:
    """Requests for single partitions, put together: days before months, and tables without dates in the first run."""
    wanted: dict[bool, dict[str, frozenset[dg.AssetKey]]] = {False: {}, True: {}}
    whole: frozenset[dg.AssetKey] = frozenset()
    for request in requests:
        keys = frozenset(request.asset_selection or ())
        if request.partition_key is None:
            whole |= keys
        else:
            wanted[bool(keys & set(monthly))][request.partition_key] = keys
    days = list(neighbours(wanted[False], DAILY.get_partition_keys()))
    if whole:
        first, *rest = days or [Leg((), ())]
        days = [Leg((*sorted(whole), *first.keys), first.partitions), *rest]
    return [*days, *neighbours(wanted[True], MONTHLY.get_partition_keys())]


def neighbours(wanted: dict[str, frozenset[dg.AssetKey]], partitions: Sequence[str]) -> Iterator[Leg]:
    """Ranges of partitions without a gap in which the same tables are wanted."""
    together: list[str] = []
    tables: frozenset[dg.AssetKey] = frozenset()
    for partition in [*partitions, ""]:
        now = wanted.get(partition, frozenset())
        if now != tables and together:
            yield Leg(tuple(sorted(tables)), tuple(together))
            together = []
        tables = now
        if now:
            together.append(partition)

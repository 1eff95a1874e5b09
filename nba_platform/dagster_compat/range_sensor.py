"""An automation sensor that requests ranges of partitions.

The sensor of Dagster 1.13.27 requests a run for each partition, or hands all to the backfill daemon, which makes a run
of its own of every table that needs a date more or less than another. To merge the requests its private evaluation
function is wrapped: 60 dates of 27 tables take 11 runs (`benchmarks/automation.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg

from nba_platform.dagster_compat.types import AssetGraph

Merge = Callable[[Sequence[dg.RunRequest], AssetGraph], list[dg.RunRequest]]


class RangeSensor(dg.AutomationConditionSensorDefinition):
    """The stock sensor, evaluated in the code server, as the daemon does not have our conditions."""

    def __init__(self, name: str, merge: Merge, **options: Any) -> None:
        super().__init__(name, **options, emit_backfills=False, use_user_code_server=True)
        evaluate: Any = self._evaluation_fn

        def evaluate_ranges(context: dg.SensorEvaluationContext) -> list[Any]:
            assert context.repository_def is not None
            graph = context.repository_def.asset_graph
            results = evaluate(context)
            return [result._replace(run_requests=merge(result.run_requests or (), graph)) for result in results]

        self._evaluation_fn = evaluate_ranges

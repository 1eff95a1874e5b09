"""Store one check evaluation for each partition of a range run.

Dagster 1.13.27 stores the result of a check over a range without partitions: the dates stay planned for ever, and
automation requests nothing downstream. The public `context.log_event` would do for each date, but is a transaction
each: 1,000 evaluations take 1.6 to 2.2 s of processor on SQLite, as one batch 1.35 s; on PostgreSQL each is a commit.
"""

import uuid
from collections.abc import Mapping
from typing import Final

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as TargetMaterialization,
)
from dagster._core.events import DagsterEventBatchMetadata

_MATERIALIZATION: Final = dg.DagsterEventType.ASSET_MATERIALIZATION
_STORAGE_IDS_PER_QUERY = 500


def log_evaluations(
    context: dg.AssetCheckExecutionContext, check: dg.AssetCheckKey, results: Mapping[str, dg.AssetCheckResult]
) -> None:
    """Log the result of each partition as an evaluation of its latest materialization.

    Without that target automation releases nothing. The evaluations do not block, as a blocking one that fails would
    end the step, whatever the result of the other dates.
    """
    step = context.op_execution_context.get_step_execution_context()
    latest = context.instance.get_latest_storage_id_by_partition(check.asset_key, _MATERIALIZATION, set(results))
    times = materialization_times(context.instance, check.asset_key, [*latest.values()])  # the UI shows them
    targets = {
        partition: TargetMaterialization(storage_id=number, run_id=context.run.run_id, timestamp=times[number])
        for partition, number in latest.items()
    }
    batch, last = str(uuid.uuid4()), [*results][-1]
    for partition, result in results.items():
        evaluation = dg.AssetCheckEvaluation(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=result.passed,
            partition=partition,
            blocking=False,
            severity=result.severity,
            description=result.description,
            metadata=result.metadata,
            target_materialization_data=targets.get(partition),
        )
        dg.DagsterEvent.from_step(
            dg.DagsterEventType.ASSET_CHECK_EVALUATION,
            step,
            evaluation,
            f"{check.name} of {check.asset_key.to_user_string()}, {partition}: {result.description}",
            DagsterEventBatchMetadata(batch, is_end=partition == last),
        )


def materialization_times(instance: dg.DagsterInstance, asset: dg.AssetKey, storage_ids: list[int]) -> dict[int, float]:
    """Return when some materializations were stored, without reading their payloads."""
    times: dict[int, float] = {}
    for start in range(0, len(storage_ids), _STORAGE_IDS_PER_QUERY):
        ids = storage_ids[start : start + _STORAGE_IDS_PER_QUERY]
        records = instance.get_asset_event_summary_records(
            _MATERIALIZATION, asset_key=asset, storage_ids=ids, limit=len(ids)
        )
        times |= {record.storage_id: record.timestamp for record in records}
    return times

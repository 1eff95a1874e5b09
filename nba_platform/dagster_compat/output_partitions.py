"""Leave some partitions out of the output of a range run.

Dagster 1.13.27 reports every partition of the run as stored, or fails the step with all of them and what comes after.
The partitions of the output are a private attribute of its context. A refused partition is reported as an observation,
which its page in the UI shows, and stays planned: whoever reads the event log sees that it was not stored.
"""

from collections.abc import Iterator, Mapping

import dagster as dg

REFUSED, PARTLY_FAILED = "refused", "nba/partly_failed"  # metadata of the observation, tag of the run


def leave_out(context: dg.OutputContext, reasons: Mapping[str, str]) -> None:
    """Report the partitions as refused, each with its reason, and only the others as stored; tag the run."""
    for partition, reason in reasons.items():
        context.log_event(dg.AssetObservation(context.asset_key, partition=partition, metadata={REFUSED: reason}))
    context.step_context.instance.add_run_tags(context.step_context.run_id, {PARTLY_FAILED: "true"})
    stored = [key for key in context.asset_partition_keys if key not in reasons]
    context._asset_partitions_subset = context.asset_partitions_def.subset_with_partition_keys(stored)


def refused_partitions(instance: dg.DagsterInstance, run_id: str) -> Iterator[tuple[dg.AssetKey, str, str]]:
    """Yield each partition that a run refused: its table, the partition and the reason."""
    for entry in instance.all_logs(run_id, dg.DagsterEventType.ASSET_OBSERVATION):
        if entry.dagster_event:
            seen = entry.dagster_event.asset_observation_data.asset_observation
            yield seen.asset_key, str(seen.partition), str(seen.metadata[REFUSED].value)

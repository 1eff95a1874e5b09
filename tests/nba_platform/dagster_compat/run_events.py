"""The columns of the event log that must not depend on how events are stored, and the events of a run."""

import dagster as dg

DATES = ("2024-11-01", "2024-11-04")
SUMMARIES = {
    "event_logs": "id, run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition",
    "asset_keys": "asset_key, last_materialization, last_run_id, last_materialization_timestamp",
    "asset_event_tags": "event_id, asset_key, key, value, event_timestamp",
    "asset_check_executions": "asset_key, check_name, partition, run_id, execution_status, evaluation_event, "
    "evaluation_event_storage_id, materialization_event_storage_id",
}


def events_of_a_run() -> list[dg.EventLogEntry]:
    """Return the events of a run over four dates of two tables with a check, in order."""
    days = dg.DailyPartitionsDefinition("2024-11-01", end_date="2024-11-05")

    @dg.asset(partitions_def=days, backfill_policy=dg.BackfillPolicy.single_run(), code_version="7")
    def upper(context: dg.AssetExecutionContext) -> None:
        """Rows by date."""

    @dg.asset(partitions_def=days, backfill_policy=dg.BackfillPolicy.single_run(), code_version="8", deps=[upper])
    def lower(context: dg.AssetExecutionContext) -> None:
        """Made of it."""

    @dg.asset_check(asset=lower)
    def sound() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    tags = dict(zip(("dagster/asset_partition_range_start", "dagster/asset_partition_range_end"), DATES, strict=True))
    with dg.DagsterInstance.ephemeral() as instance:
        definitions = dg.Definitions([upper, lower], asset_checks=[sound], executor=dg.in_process_executor)
        done = definitions.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance, tags=tags)
        return list(instance.all_logs(done.run_id))

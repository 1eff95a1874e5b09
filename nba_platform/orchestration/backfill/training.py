"""Plan the training of models month by month, and report its result."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from nba_assets.kit.assets import asset_key
from nba_assets.kit.partitions import MONTHLY
from nba_platform.orchestration.backfill.runs import PartitionRun, stretches_of
from nba_resources.warehouse.contract import Contract

REGISTRY = "ml_model_registry"


def training_runs(months: Sequence[dt.date], registry: Contract) -> list[PartitionRun]:
    """Plan one run for each range of consecutive months."""
    ranges = stretches_of([month.isoformat() for month in months], MONTHLY.get_partition_keys())
    return [PartitionRun((asset_key(registry),), partitions) for partitions in ranges]


def skip_trained_months(
    planned: Sequence[PartitionRun], in_production: Collection[str]
) -> tuple[list[PartitionRun], tuple[str, ...]]:
    """Remove months that have models in production from the planned runs; return the runs and a note about it."""
    runs: list[PartitionRun] = []
    skipped: list[str] = []
    for run in planned:
        if not any(key.path[-1] == REGISTRY for key in run.keys):
            runs.append(run)
            continue
        skipped += [month for month in run.partitions if month in in_production]
        missing = [month for month in run.partitions if month not in in_production]
        runs += [replace(run, partitions=partitions) for partitions in stretches_of(missing, run.partitions)]
    if not skipped:
        return runs, ()
    months = "..".join(dict.fromkeys(month[:7] for month in (skipped[0], skipped[-1])))
    return runs, (f"Months that have their models kept them: `nba train {months}` trains again.",)

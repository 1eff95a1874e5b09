"""A check that fails on one of ten dates of December, and a run that evaluates it on some of them."""

import datetime as dt
from collections.abc import Mapping
from contextlib import nullcontext
from types import SimpleNamespace

import dagster as dg

from nba_assets.kit.calendar import DAILY
from nba_assets.kit.table import Table, table
from nba_checks.framework.by_date import DateResult
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.contract import day

BAD = dt.date(2024, 12, 4)
DECEMBER = [f"2024-12-{n:02d}" for n in range(1, 11)]
KEY = dg.AssetKey(["nba_raw", "games"])


@table(dataset="nba_raw", grain=["game_date"], columns={"game_date": day()})
def games() -> None: ...


def one_bad_date(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
) -> dict[dt.date, DateResult]:
    """Every date but the fourth passes."""
    return {date: DateResult(date != BAD, f"{date.day} games", {"games": date.day}) for date in dates}


class Clock:
    def today(self) -> dt.date:
        return dt.date(2024, 12, 31)


def run(check: dg.AssetChecksDefinition, instance: dg.DagsterInstance, partitions: list[str], **asked):
    @dg.asset(key=KEY, partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
    def stored() -> None: ...

    @dg.asset(deps=[KEY], partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
    def after() -> None: ...

    one = {"dagster/partition": partitions[0]}
    more = {
        "dagster/asset_partition_range_start": partitions[0],
        "dagster/asset_partition_range_end": partitions[-1],
    }
    definitions = dg.Definitions(
        [stored, after],
        asset_checks=[check],
        resources={"warehouse": SimpleNamespace(session=nullcontext), "source": Clock()},
    )
    return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, tags=more if len(partitions) > 1 else one, **asked
    )

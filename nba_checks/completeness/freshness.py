"""How far a table is behind, in game days: hours say nothing in a league that rests for a week in February."""

import datetime as dt
import inspect
from collections.abc import Mapping
from dataclasses import dataclass

import dagster as dg
import pandas as pd

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import Scope, after_bootstrap, counted, today
from nba_assets.kit.table import Table
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

BEHIND_AT_MOST = 1  # tonight's rows are made in the course of the day


@dataclass(frozen=True)
class Freshness:
    """The newest date a table holds, and how many game days up to today came after it."""

    newest: dt.date | None
    behind: tuple[dt.date, ...]

    @property
    def fresh(self) -> bool:
        """Whether nothing but tonight may be lacking. An empty table is not fresh, however few games there were."""
        return self.newest is not None and len(self.behind) <= BEHIND_AT_MOST

    def sentence(self, table: Table) -> str:
        """What was found, and what mends it."""
        name = table.contract.name
        if self.newest is None:
            return f"{name} holds no row; run `nba backfill START END --select +{name}`"
        found = f"{name} holds rows up to {self.newest}, {len(self.behind)} game days behind"
        if self.fresh:
            return found
        return f"{found}; run `nba backfill {self.behind[0]} {self.behind[-1]} --select +{name}`"


def freshness(warehouse: Warehouse, table: Table, tables: Mapping[str, Table], today: dt.date) -> Freshness:
    """Game days are asked of the stored schedule: what it does not know of cannot be missed here.

    Those on which a table has no rows by design are none of its own.
    """
    rows = table.contract.table()
    games = counted(tables["schedule"].contract.table())
    nights = games.filter(games.game_date <= today).select("game_date").distinct()
    if table.scope is Scope.AFTER_BOOTSTRAP:
        nights = after_bootstrap(nights, "game_date", tables["seasons"].contract.table())
    days = pd.to_datetime(warehouse.read(nights.order_by("game_date"))["game_date"]).dt.date
    last = warehouse.read(rows[table.contract.partition or ""].max().name("day").as_table())["day"].iat[0]
    newest = None if pd.isna(last) else pd.Timestamp(last).date()
    return Freshness(newest, tuple(day for day in days if newest is None or day > newest))


def freshness_check(table: Table, tables: Mapping[str, Table]) -> dg.AssetChecksDefinition:
    """The check that a table is at most one game day behind; of the table as a whole, whatever date was computed."""

    @dg.asset_check(
        asset=asset_key(table.contract),
        name="freshness",
        description=inspect.getdoc(freshness_check),
        required_resource_keys={"warehouse", "source"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        warn = dg.AssetCheckSeverity.WARN
        try:
            found = freshness(context.resources.warehouse, table, tables, today(context.resources.source))
        except WarehouseUnavailable as error:
            return dg.AssetCheckResult(passed=False, severity=warn, description=f"cannot be judged: {error}")
        return dg.AssetCheckResult(
            passed=found.fresh,
            severity=warn,
            description=found.sentence(table),
            metadata={"game_days_behind": len(found.behind), "newest": str(found.newest)},
        )

    return check

"""The number of game days a table is behind: hours mean little in a league that pauses for a week in February."""

import datetime as dt
import inspect
from dataclasses import dataclass

import dagster as dg
import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import Scope, after_bootstrap, counted, today
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table, Tables
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

BEHIND_AT_MOST = 1  # tonight's rows are computed during the day


@dataclass(frozen=True)
class Freshness:
    """The newest date a table holds, and how many game days up to today came after it."""

    newest: dt.date | None
    behind: tuple[dt.date, ...]

    @property
    def fresh(self) -> bool:
        """True if at most tonight is missing. An empty table is not fresh, however few games there were."""
        return self.newest is not None and len(self.behind) <= BEHIND_AT_MOST

    def sentence(self, table: Table, remedy: str = "") -> str:
        """Describe the state and, if the table is not fresh, the remedy: by default the command to run."""
        name = table.contract.name
        span = f"{self.behind[0]} {self.behind[-1]}" if self.behind else "START END"
        rows = "no row" if self.newest is None else f"rows up to {self.newest}, {len(self.behind)} game days behind"
        remedy = remedy or f"run `nba backfill {span} --select +{name}`"
        return f"{name} holds {rows}" if self.fresh else f"{name} holds {rows}; {remedy}"


def freshness(warehouse: Warehouse, table: Table, tables: Tables, today: dt.date) -> Freshness:
    """Return the newest date, and the game days after it up to today on which the table has rows by design."""
    name, until = table.contract.name, DateRange(today, today)
    days = pd.to_datetime(warehouse.read(_nights(tables, until, name))["game_date"]).dt.date
    last = warehouse.read(_newest(tables, until, name))["day"].iat[0]
    newest = None if pd.isna(last) else pd.Timestamp(last).date()
    return Freshness(newest, tuple(day for day in days if newest is None or day > newest))


@stored_query
def _nights(tables: Tables, dates: DateRange, name: str) -> ir.Table:
    games = counted(tables["schedule"].contract.table())
    nights = games.filter(games.game_date <= dates.end).select("game_date").distinct()
    if tables[name].scope is Scope.AFTER_BOOTSTRAP:
        nights = after_bootstrap(nights, "game_date", tables["seasons"].contract.table())
    return nights.order_by("game_date")


@stored_query
def _newest(tables: Tables, dates: DateRange, name: str) -> ir.Table:
    contract = tables[name].contract
    return contract.table()[contract.partition or ""].max().name("day").as_table()


def freshness_check(table: Table, tables: Tables) -> dg.AssetChecksDefinition:
    """The table is at most one game day behind. The whole table is checked, whatever date was computed."""

    @dg.asset_check(
        asset=asset_key(table.contract),
        name="freshness",
        description=inspect.getdoc(freshness_check),
        required_resource_keys={"warehouse", "source"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        warn, warehouse = dg.AssetCheckSeverity.WARN, context.resources.warehouse
        try:
            with warehouse.session():
                state = freshness(warehouse, table, tables, today(context.resources.source))
        except WarehouseUnavailable as error:
            return dg.AssetCheckResult(passed=False, severity=warn, description=f"freshness cannot be checked: {error}")
        return dg.AssetCheckResult(
            passed=state.fresh,
            severity=warn,
            description=state.sentence(table),
            metadata={"game_days_behind": len(state.behind), "newest": str(state.newest)},
        )

    return check

"""Everything the orchestrator sees, put together from the declarations."""

from functools import cache

import dagster as dg

import nba_assets
from nba_assets.kit.assets import asset_of
from nba_assets.kit.table import declared_tables
from nba_checks.all import all_checks
from nba_platform.environments import home, resources, runs_itself, warehouse
from nba_platform.schedules import schedules
from nba_platform.sensors import sensors
from nba_platform.slates import open_dates
from nba_platform.statements import statements

TABLES = declared_tables(nba_assets)


@cache
def _assets() -> tuple[dg.AssetsDefinition, ...]:
    """Made once a process: Dagster's own commands ask for the definitions several times."""
    compiled = statements(TABLES, home() / "compiled")
    return tuple(
        asset_of(table, TABLES, compiled[name], open_dates=lambda: open_dates(warehouse(), TABLES))
        for name, table in TABLES.items()
    )


@dg.definitions
def platform() -> dg.Definitions:
    """All tables as assets, on the warehouse and the source the environment names."""
    on = runs_itself()
    return dg.Definitions(
        assets=_assets(),
        asset_checks=all_checks(TABLES),
        resources=resources(),
        executor=dg.in_process_executor,
        sensors=sensors(TABLES, dg.DefaultSensorStatus.RUNNING if on else dg.DefaultSensorStatus.STOPPED),
        schedules=schedules(TABLES, dg.DefaultScheduleStatus.RUNNING if on else dg.DefaultScheduleStatus.STOPPED),
    )

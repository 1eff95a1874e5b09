"""Everything the orchestrator sees, put together from the declarations."""

from functools import cache

import dagster as dg

import nba_assets
from nba_assets.kit.assets import asset_of
from nba_assets.kit.table import declared_tables
from nba_checks.all import all_checks
from nba_platform.automation import SECONDS_BETWEEN_LOOKS, Automation
from nba_platform.environments import home, resources, runs_itself
from nba_platform.statements import statements

TABLES = declared_tables(nba_assets)


@cache
def _assets() -> tuple[dg.AssetsDefinition, ...]:
    """Made once a process: Dagster's own commands ask for the definitions several times."""
    compiled = statements(TABLES, home() / "compiled")
    return tuple(asset_of(table, TABLES, compiled[name]) for name, table in TABLES.items())


@dg.definitions
def platform() -> dg.Definitions:
    """All tables as assets, on the warehouse and the source the environment names."""
    return dg.Definitions(
        assets=_assets(),
        asset_checks=all_checks(TABLES),
        resources=resources(),
        executor=dg.in_process_executor,
        sensors=[
            Automation(
                "whenever_ready",
                target=dg.AssetSelection.all(),
                minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
                default_status=dg.DefaultSensorStatus.RUNNING if runs_itself() else dg.DefaultSensorStatus.STOPPED,
                description="Computes every date whose inputs are there, sound and newer than what is stored.",
            )
        ],
    )

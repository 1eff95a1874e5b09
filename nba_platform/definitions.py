"""Everything the orchestrator sees, put together from the declarations."""

import dagster as dg

import nba_assets
from nba_assets.kit.assets import asset_of
from nba_assets.kit.table import declared_tables
from nba_platform.environments import resources

TABLES = declared_tables(nba_assets)


@dg.definitions
def platform() -> dg.Definitions:
    """All tables as assets, on the warehouse and the source the environment names."""
    return dg.Definitions(
        assets=[asset_of(table, TABLES) for table in TABLES.values()],
        resources=resources(),
        executor=dg.in_process_executor,
    )

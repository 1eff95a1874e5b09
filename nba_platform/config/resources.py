"""The Dagster resources that the settings choose."""

from nba_platform.config.environments import objects, source, warehouse
from nba_platform.config.settings import Settings
from nba_resources.warehouse.io_manager import WarehouseIOManager


def resources(settings: Settings) -> dict[str, object]:
    """Return the resources of all assets and checks."""
    store = warehouse(settings=settings)
    return {
        "warehouse": store,
        "objects": objects(settings=settings),
        "source": source(settings),
        "tables": WarehouseIOManager(store),
    }

"""The warehouse, object store and source of each environment; tables are the same in all of them."""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nba_assets.kit.calendar import pinned_today, today
from nba_platform.config.code_hash import code_hash
from nba_platform.config.settings import Platform, Settings, read_settings
from nba_platform.dagster_compat.data_versions import use_as_version
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import Source
from nba_resources.sources.provider_priority import live_source
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.duckdb import DuckDBWarehouse
from nba_resources.warehouse.io_manager import FINGERPRINT, WarehouseIOManager
from nba_resources.warehouse.templates import TemplateFolder

CHECKOUT = Path(__file__).resolve().parents[2]
GIGABYTE = 1_000_000_000
SOURCES: Mapping[str, Callable[[Settings], Source]] = {
    "simulated": lambda settings: SimulatedSource(today=pinned_today()),
    "archive": lambda settings: ArchiveSource(settings.platform.archive_dir),
    "live": lambda settings: live_source(objects(settings=settings), home(), settings.live.of_source),
}


def home() -> Path:
    """Return the folder of all local state: the warehouse, Dagster's records, models and exports."""
    return Path(Platform().home or CHECKOUT / ".nba").expanduser().resolve()


def templates() -> TemplateFolder:
    """Return the folder of SQL templates that processes with the same code share."""
    return TemplateFolder(home() / "compiled" / code_hash())


def postgres_address() -> str:
    """Return the address of the database for Dagster's records; empty where they are in SQLite."""
    return Platform().dagster_postgres.get_secret_value()


def automation_is_on(settings: Settings | None = None) -> bool:
    """Return whether sensors and schedules start switched on: `NBA_AUTOMATION`, but never in a test."""
    platform = (settings or read_settings()).platform
    return platform.env != "test" and platform.automation == "on"


def webhook() -> str | None:
    """Return where alerts go besides the log: nowhere in a test."""
    platform = read_settings().platform
    return None if platform.env == "test" else platform.alert_webhook.get_secret_value() or None


def warehouse(patience_seconds: float | None = None, settings: Settings | None = None) -> Warehouse:
    """Return the warehouse. Without `patience_seconds` each engine waits its own time for locks and responses."""
    settings = settings or read_settings()
    common: dict[str, Any] = {"templates": str(templates().path)}
    common |= {} if patience_seconds is None else {"patience_seconds": patience_seconds}
    if settings.platform.env != "production":
        return DuckDBWarehouse(path=str(home() / "nba.duckdb"), **common)
    # a laptop does not need Google's libraries
    from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse

    chosen = settings.bigquery.model_dump(exclude={"max_gb"})
    return BigQueryWarehouse(max_bytes_billed=int(settings.bigquery.max_gb * GIGABYTE), **chosen, **common)


def objects(patience_seconds: float = 120.0, settings: Settings | None = None) -> ObjectStore:
    """Return the store of models, pictures and exports."""
    settings = settings or read_settings()
    is_local = settings.platform.env != "production"
    root = str(home() / "objects") if is_local else settings.bucket.nba_objects
    return ObjectStore(root=root, patience_seconds=patience_seconds)


def source(settings: Settings | None = None) -> Source:
    """Return the source of facts; by default the simulated league, so that a first run needs no setting."""
    settings = settings or read_settings()
    return SOURCES[settings.platform.source](settings)


def tonight(settings: Settings | None = None) -> dt.date:
    """Return the date that is tonight for the source."""
    return today(source(settings))


def resources(settings: Settings) -> dict[str, object]:
    """Return the Dagster resources of all assets and checks, with fingerprints of stored rows as data versions."""
    use_as_version(FINGERPRINT)
    store = warehouse(settings=settings)
    files, facts = objects(settings=settings), source(settings)
    return {"warehouse": store, "objects": files, "source": facts, "tables": WarehouseIOManager(store, leave_out)}

"""The warehouse, object store and source of each environment; tables are the same in all of them."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nba_assets.kit.calendar import pinned_today, today
from nba_platform.config.settings import Platform, Settings, read_settings
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import Source
from nba_resources.sources.provider_priority import live_source
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.duckdb import DuckDBWarehouse

CHECKOUT = Path(__file__).resolve().parents[2]
GIGABYTE = 1_000_000_000


def _duckdb(settings: Settings, patience_seconds: float = 60.0) -> Warehouse:
    return DuckDBWarehouse(path=str(home() / "nba.duckdb"), patience_seconds=patience_seconds)


def _bigquery(settings: Settings, patience_seconds: float = 300.0) -> Warehouse:
    """Import Google's libraries here only: a laptop does not need them."""
    from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse

    warehouse: Warehouse = BigQueryWarehouse(
        project=settings.bigquery.project,
        location=settings.bigquery.location,
        endpoint=settings.bigquery.endpoint,
        max_bytes_billed=int(settings.bigquery.max_gb * GIGABYTE),
        patience_seconds=patience_seconds,
    )
    return warehouse


@dataclass(frozen=True)
class Environment:
    """The place of tables and files, the engine, and whether automation and alerts may run."""

    warehouse: Callable[..., Warehouse]
    files: Callable[[Settings], str]
    engine: str
    acts_by_itself: bool = True


ENVIRONMENTS: Mapping[str, Environment] = {
    "local": Environment(_duckdb, lambda settings: str(home() / "objects"), "duckdb"),
    "production": Environment(_bigquery, lambda settings: settings.bucket.nba_objects, "bigquery"),
    "test": Environment(_duckdb, lambda settings: str(home() / "objects"), "duckdb", acts_by_itself=False),
}
SOURCES: Mapping[str, Callable[[Settings], Source]] = {
    "simulated": lambda settings: SimulatedSource(today=pinned_today()),
    "archive": lambda settings: ArchiveSource(settings.platform.archive_dir),
    "live": lambda settings: live_source(objects(settings=settings), home(), settings.live.of_source),
}


def environment(settings: Settings | None = None) -> Environment:
    """Return the environment of `NBA_ENV`, after every setting was checked: a run that fails at its end costs hours."""
    return ENVIRONMENTS[(settings or read_settings()).platform.env]


def home() -> Path:
    """Return the folder of all local state: the warehouse, Dagster's records, models and exports."""
    return Path(Platform().home or CHECKOUT / ".nba").expanduser().resolve()


def postgres_address() -> str:
    """Return the address of the database for Dagster's records; empty where they are in SQLite."""
    return Platform().dagster_postgres.get_secret_value()


def automation_is_on(settings: Settings | None = None) -> bool:
    """Return whether sensors and schedules start switched on: `NBA_AUTOMATION`, which `nba ui` sets to on."""
    settings = settings or read_settings()
    return environment(settings).acts_by_itself and settings.platform.automation == "on"


def webhook() -> str | None:
    """Return where alerts go besides the log: nowhere in a test."""
    settings = read_settings()
    address = settings.platform.alert_webhook.get_secret_value()
    return (environment(settings).acts_by_itself and address) or None


def warehouse(patience_seconds: float | None = None, settings: Settings | None = None) -> Warehouse:
    """Return the warehouse. Without `patience_seconds` each engine waits its own time for locks and responses."""
    settings = settings or read_settings()
    open_warehouse = environment(settings).warehouse
    return open_warehouse(settings) if patience_seconds is None else open_warehouse(settings, patience_seconds)


def objects(patience_seconds: float = 120.0, settings: Settings | None = None) -> ObjectStore:
    """Return the store of models, pictures and exports."""
    settings = settings or read_settings()
    return ObjectStore(root=environment(settings).files(settings), patience_seconds=patience_seconds)


def source(settings: Settings | None = None) -> Source:
    """Return the source of facts; by default the simulated league, so that a first run needs no setting."""
    settings = settings or read_settings()
    return SOURCES[settings.platform.source](settings)


def tonight(settings: Settings | None = None) -> dt.date:
    """Return the date that is tonight for the source."""
    return today(source(settings))

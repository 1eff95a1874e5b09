"""The warehouse, object store and source of each environment; tables are the same in all of them.

Each function imports what it returns: a command that prints stored rows needs no source and no library of Google.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_assets.kit.calendar import BadSetting, pinned_today, today
from nba_platform.config.settings import Platform, Settings, read_settings
from nba_resources.code_hash import code_hash
from nba_resources.dates import eastern_date
from nba_resources.sources.base import SIMULATED_TODAY
from nba_resources.sources.provider_priority import live_source, parse_time
from nba_resources.warehouse.sql.templates import TemplateFolder

if TYPE_CHECKING:
    from nba_resources.objects.store import ObjectStore
    from nba_resources.sources.base import Source
    from nba_resources.warehouse.base import Warehouse
    from nba_resources.warehouse.reader import Reader

CHECKOUT = Path(__file__).resolve().parents[2]
GIGABYTE = 1_000_000_000
HOME = "NBA_HOME"


def home() -> Path:
    """Return the folder of all local state: the warehouse, Dagster's records, models and exports."""
    named = Platform().home
    try:
        folder = Path(named or CHECKOUT / ".nba").expanduser().resolve()
        str(folder).encode()
    except (OSError, RuntimeError, UnicodeEncodeError):
        raise BadSetting(f"{HOME} is {named!r}: it must be a folder, like ~/nba") from None
    return folder


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


def warehouse(patience_seconds: float | None = None, settings: Settings | None = None) -> "Warehouse":
    """Return the warehouse. Without `patience_seconds` each engine waits its own time for locks and responses."""
    settings = settings or read_settings()
    common: dict[str, Any] = {"templates": str(templates().path)}
    common |= {} if patience_seconds is None else {"patience_seconds": patience_seconds}
    if settings.platform.env != "production":
        from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

        return DuckDBWarehouse(path=_database(), **common)
    from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse

    chosen = settings.bigquery.model_dump(exclude={"max_gb"})
    return BigQueryWarehouse(max_bytes_billed=int(settings.bigquery.max_gb * GIGABYTE), **chosen, **common)


def dialect(settings: Settings | None = None) -> str:
    """Return the dialect of the warehouse, as Ibis names it."""
    return "bigquery" if (settings or read_settings()).platform.env == "production" else "duckdb"


def reader(settings: Settings | None = None) -> "Reader":
    """Return the warehouse for commands that only print stored rows: without Ibis and pandas where it is a file."""
    settings = settings or read_settings()
    if settings.platform.env == "production":
        return warehouse(settings=settings)
    from nba_resources.warehouse.duckdb.file import DuckDBFile

    return DuckDBFile(_database())


def objects(patience_seconds: float = 120.0, settings: Settings | None = None) -> "ObjectStore":
    """Return the store of models, pictures and exports."""
    from nba_resources.objects.store import ObjectStore

    settings = settings or read_settings()
    is_local = settings.platform.env != "production"
    root = str(home() / "objects") if is_local else settings.bucket.nba_objects
    return ObjectStore(root=root, patience_seconds=patience_seconds)


def source(settings: Settings | None = None) -> "Source":
    """Return the source of facts; by default the simulated league, so that a first run needs no setting."""
    settings = settings or read_settings()
    return SOURCES[settings.platform.source](settings)


def tonight(settings: Settings | None = None) -> dt.date:
    """Return the date that is tonight for the source, which is asked only if its files decide.

    Drawing the simulated league or importing the providers would take longer than printing a card.
    """
    settings = settings or read_settings()
    if pinned := pinned_today():
        return pinned
    if settings.platform.source == "simulated":
        return SIMULATED_TODAY
    if settings.platform.source == "live":
        return eastern_date(parse_time(settings.live.known_by or "now"))
    return today(source(settings))


def resources(settings: Settings) -> dict[str, object]:
    """Return the Dagster resources of all assets and checks, with fingerprints of stored rows as data versions.

    The steps of a run share what the warehouse keeps open.
    """
    import dagster as dg

    from nba_platform.dagster_compat.compute_logs import tail_logs_in_threads
    from nba_platform.dagster_compat.data_versions import Versions
    from nba_platform.dagster_compat.output_partitions import leave_out
    from nba_platform.dagster_compat.partition_keys import list_partitions_once
    from nba_platform.dagster_compat.records import ends_of_range
    from nba_resources.warehouse.changes import EMPTY
    from nba_resources.warehouse.io_manager import WarehouseIOManager
    from nba_resources.warehouse.metadata import DIFFERENCES, FINGERPRINT

    Versions(FINGERPRINT, EMPTY, DIFFERENCES).use()
    tail_logs_in_threads()
    list_partitions_once()
    store = warehouse(settings=settings)
    files, facts = objects(settings=settings), source(settings)

    def kept(context: dg.InitResourceContext) -> Iterator["Warehouse"]:
        first, last = ends_of_range(context.run.tags) if context.run else (None, None)
        with store.kept(is_small=first == last):
            yield store

    def tables(_: dg.InitResourceContext) -> WarehouseIOManager:
        return WarehouseIOManager(store, leave_out)

    return {
        "warehouse": dg.ResourceDefinition(kept),
        "objects": files,
        "source": facts,
        "tables": dg.IOManagerDefinition(tables, required_resource_keys={"warehouse"}),
    }


def _database() -> str:
    return str(home() / "nba.duckdb")


def _simulated(settings: Settings) -> "Source":
    from nba_resources.sources.simulated import SimulatedSource

    return SimulatedSource(today=pinned_today())


def _archive(settings: Settings) -> "Source":
    from nba_resources.sources.archive.source import ArchiveSource

    return ArchiveSource(settings.platform.archive_dir)


def _live(settings: Settings) -> "Source":
    return live_source(objects(settings=settings), home(), settings.live.of_source)


SOURCES = {"simulated": _simulated, "archive": _archive, "live": _live}

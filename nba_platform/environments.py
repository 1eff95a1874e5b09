"""Which warehouse and which source: one dict, chosen by the environment; the tables do not change."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from nba_assets.kit.calendar import BadSetting, pinned_today
from nba_resources.object_store import ObjectStore
from nba_resources.sources.archive import ArchiveSource
from nba_resources.sources.base import Source, SourceUnavailable
from nba_resources.sources.chains import live_source
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.duckdb import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager

CHECKOUT = Path(__file__).resolve().parents[1]


def home() -> Path:
    """Where all local state lives: the warehouse, the orchestrator's records, models and exports."""
    return Path(os.environ.get("NBA_HOME") or CHECKOUT / ".nba").expanduser().resolve()


def automation_is_on() -> bool:
    """Whether sensors and schedules are on from the start: `NBA_AUTOMATION`, which `nba ui` sets to on."""
    said = os.environ.get("NBA_AUTOMATION") or "off"
    if said not in ("on", "off"):
        raise BadSetting(f"NBA_AUTOMATION is {said!r}: it must be on or off")
    return said == "on"


def warehouse(patience_seconds: float = 60.0) -> DuckDBWarehouse:
    """One DuckDB file under `NBA_HOME`."""
    return DuckDBWarehouse(path=str(home() / "nba.duckdb"), patience_seconds=patience_seconds)


def objects() -> ObjectStore:
    """Models, pictures and exports in a folder under `NBA_HOME`."""
    return ObjectStore(root=str(home() / "objects"))


def _archive() -> Source:
    folder = os.environ.get("NBA_ARCHIVE_DIR")
    if not folder:
        raise SourceUnavailable(
            "NBA_SOURCE is archive: set NBA_ARCHIVE_DIR to the folder or bucket that holds games.parquet"
        )
    return ArchiveSource(folder)


def _simulated() -> Source:
    """Seen as of the pinned morning, if there is one: its later games are not played yet."""
    return SimulatedSource(today=pinned_today())


SOURCES: Mapping[str, Callable[[], Source]] = {
    "simulated": _simulated,
    "archive": _archive,
    "live": lambda: live_source(objects(), home()),
}


def source() -> Source:
    """The source named by `NBA_SOURCE`; the simulated league when nothing is set, so that a first run needs nothing."""
    name = os.environ.get("NBA_SOURCE") or "simulated"
    pinned_today()
    if name not in SOURCES:
        raise BadSetting(f"NBA_SOURCE is {name!r}: it must be one of {', '.join(SOURCES)}")
    return SOURCES[name]()


def resources() -> dict[str, object]:
    """What the graph runs on."""
    kept_in = warehouse()
    return {"warehouse": kept_in, "objects": objects(), "source": source(), "tables": WarehouseIOManager(kept_in)}

"""Which warehouse, which place for files and which source: chosen by the environment; the tables do not change."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nba_assets.kit.calendar import PIN, pinned_today
from nba_platform.config import settings
from nba_platform.config.settings import Form, Variable, address_by, one_of, positive, written_as
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import Source
from nba_resources.sources.http.state_db import is_number
from nba_resources.sources.provider_priority import LINE_PLANS, OPT_IN, PROVIDERS, is_time, live_source
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.duckdb import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager

CHECKOUT = Path(__file__).resolve().parents[2]
PRODUCTION, TEST = "NBA_ENV=production", "NBA_ENV=test"
GIGABYTE = 1_000_000_000


@dataclass(frozen=True)
class Environment:
    """Where tables and files are kept, by which engine, and whether anything may happen that nobody asked for."""

    warehouse: Callable[..., Warehouse]
    files: Callable[[], str]
    engine: str
    acts_by_itself: bool = True


def _duckdb(patience_seconds: float = 60.0) -> Warehouse:
    return DuckDBWarehouse(path=str(home() / "nba.duckdb"), patience_seconds=patience_seconds)


def _bigquery(patience_seconds: float = 300.0) -> Warehouse:
    """Imported where it is wanted: a laptop needs no library of Google's."""
    from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse

    made: Warehouse = BigQueryWarehouse(
        project=setting("NBA_BIGQUERY_PROJECT"),
        location=setting("NBA_BIGQUERY_LOCATION"),
        endpoint=setting("NBA_BIGQUERY_ENDPOINT"),
        max_bytes_billed=int(float(setting("NBA_BIGQUERY_MAX_GB")) * GIGABYTE),
        patience_seconds=patience_seconds,
    )
    return made


def _folder() -> str:
    return str(home() / "objects")


def _bucket() -> str:
    return setting("NBA_OBJECTS")


ENVIRONMENTS: Mapping[str, Environment] = {
    "local": Environment(_duckdb, _folder, "duckdb"),
    "production": Environment(_bigquery, _bucket, "bigquery"),
    "test": Environment(_duckdb, _folder, "duckdb", acts_by_itself=False),
}


def _archive() -> Source:
    return ArchiveSource(setting("NBA_ARCHIVE_DIR"))


def _simulated() -> Source:
    """Seen as of the pinned morning, if there is one: its later games are not played yet."""
    return SimulatedSource(today=pinned_today())


SOURCES: Mapping[str, Callable[[], Source]] = {
    "simulated": _simulated,
    "archive": _archive,
    "live": lambda: live_source(objects(), home()),
}


def _is_a_date(said: str) -> bool:
    try:
        dt.date.fromisoformat(said)
    except ValueError:
        return False
    return True


def _names_providers(said: str) -> bool:
    return all(name.strip() in PROVIDERS for name in said.split(","))


WEB = Form("an http or https address", address_by("http", "https"))
CREDITS = Form("a number of credits", is_number)
VARIABLES = (
    Variable(
        "NBA_ENV", "where things are kept, and whether anything acts by itself", one_of(*ENVIRONMENTS), default="local"
    ),
    Variable(
        "NBA_HOME",
        "all local state: `nba.duckdb`, files, the orchestrator's records",
        unset="`.nba` in the checkout",
        needed_by=TEST,
    ),
    Variable("NBA_SOURCE", "where facts come from", one_of(*SOURCES), default="simulated", needed_by=PRODUCTION),
    Variable("NBA_ARCHIVE_DIR", "folder or bucket that holds the archive", needed_by="NBA_SOURCE=archive"),
    Variable(
        "NBA_AUTOMATION",
        "whether the platform runs itself while its daemon runs",
        Form("on or off", lambda said: said in ("on", "off")),
        unset="`on` in `nba ui`, else `off`",
    ),
    Variable(
        PIN,
        'pins "tonight"',
        Form("a date like 2025-01-31", _is_a_date),
        unset="the first date with an unfinished game",
    ),
    Variable("NBA_ALERT_WEBHOOK", "where alerts go besides the log", WEB, unset="the log only", secret=True),
    Variable(
        "NBA_OBJECTS",
        "bucket for models, exports and landed answers",
        Form(
            "an address like gs://bucket/prefix",
            written_as(r"gs://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/[^\s/.][^\s/]*)*/?"),
        ),
        needed_by=PRODUCTION,
    ),
    Variable(
        "NBA_BIGQUERY_PROJECT",
        "project that holds the datasets and pays",
        Form("a project's id like nba-props-1", written_as(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{2,28}[a-z0-9]")),
        needed_by=PRODUCTION,
    ),
    Variable(
        "NBA_BIGQUERY_LOCATION",
        "where the datasets lie, for good",
        Form("a location like US or europe-west1", written_as(r"[A-Za-z][A-Za-z0-9-]*")),
        default="US",
    ),
    Variable(
        "NBA_BIGQUERY_MAX_GB",
        "a statement that would be billed for more is refused",
        Form("a number above zero", positive),
        default="10",
    ),
    Variable("NBA_BIGQUERY_ENDPOINT", "an emulator", WEB, unset="the real service"),
    Variable("STORAGE_EMULATOR_HOST", "an emulator of the bucket's service", WEB, unset="the real service"),
    Variable(
        "NBA_DAGSTER_POSTGRES",
        "database for the orchestrator's records",
        Form("an address like postgresql://user:secret@host/database", address_by("postgresql")),
        unset="SQLite under `NBA_HOME`",
        secret=True,
    ),
    Variable("NBA_THE_ODDS_API_KEY", "key of The Odds API, for live lines", secret=True),
    Variable("NBA_THE_ODDS_API_MONTHLY", "what its plan allows a month", CREDITS, default="500"),
    Variable("NBA_THE_ODDS_API_DAILY", "what may be spent there a day", CREDITS, unset="the month's"),
    Variable(
        "NBA_LINES",
        "which lines are asked for: eight looks a game and odds on games, or two looks, which a free plan allows",
        one_of(*LINE_PLANS),
        default="full",
    ),
    Variable("NBA_BALLDONTLIE_KEY", "key of balldontlie, for live box scores", secret=True),
    Variable(
        "NBA_PROVIDERS",
        "live providers that may be asked",
        Form(f"some of {', '.join(PROVIDERS)}, separated by commas", _names_providers),
        unset=f"all but {', '.join(OPT_IN)}, whose terms are yours to accept",
    ),
    Variable(
        "NBA_LANDING", "folder or bucket of landed answers, such as those of another home", unset="the files' own"
    ),
    Variable(
        "NBA_KNOWN_BY",
        "nothing is asked, and only what was landed by then is known",
        Form("`now` or a moment with its zone, like 2025-01-15T09:00-05:00", is_time),
        unset="providers are asked",
    ),
    *(Variable(f"NBA_{name.upper()}_URL", f"where {name} is", WEB, unset="its own") for name in PROVIDERS),
    Variable("NBA_HISTORY_CREDITS", "what paid history may spend in one run", CREDITS, default="0"),
    Variable("NBA_CODE_HOST", "where `deploy/workspace.yaml` finds the code server"),
    Variable("NBA_POSTGRES_PASSWORD", "password of the database in `deploy/compose.yaml`", secret=True),
    Variable("NBA_ARCHIVE_ON_HOST", "folder that the containers see as `/archive`", unset="`deploy/archive`"),
)
_BY_NAME = {variable.name: variable for variable in VARIABLES}


def setting(name: str) -> str:
    """What is in force: what was set, or the default."""
    return _BY_NAME[name].value


def wrong_settings() -> list[str]:
    """Everything in the environment that is missing or wrong, in words."""
    return settings.problems(VARIABLES)


def environment() -> Environment:
    """What `NBA_ENV` chooses, with every other setting looked at, too: a run that ends at its last step cost hours."""
    settings.refuse(wrong_settings())
    return ENVIRONMENTS[setting("NBA_ENV")]


def home() -> Path:
    """Where all local state lives: the warehouse, the orchestrator's records, models and exports."""
    return Path(setting("NBA_HOME") or CHECKOUT / ".nba").expanduser().resolve()


def automation_is_on() -> bool:
    """Whether sensors and schedules are on from the start: `NBA_AUTOMATION`, which `nba ui` sets to on."""
    return environment().acts_by_itself and setting("NBA_AUTOMATION") == "on"


def webhook() -> str | None:
    """Where alerts go besides the log: nowhere from a test."""
    return (environment().acts_by_itself and setting("NBA_ALERT_WEBHOOK")) or None


def warehouse(patience_seconds: float | None = None) -> Warehouse:
    """Where tables are kept. Unless told how long, each waits as suits it for what is locked or does not answer."""
    opened = environment().warehouse
    return opened() if patience_seconds is None else opened(patience_seconds)


def objects(patience_seconds: float = 120.0) -> ObjectStore:
    """Where models, pictures and exports are kept."""
    return ObjectStore(root=environment().files(), patience_seconds=patience_seconds)


def source() -> Source:
    """Where facts come from; the simulated league when nothing is set, so that a first run needs nothing."""
    environment()
    return SOURCES[setting("NBA_SOURCE")]()


def resources() -> dict[str, object]:
    """What the graph runs on."""
    kept_in = warehouse()
    return {"warehouse": kept_in, "objects": objects(), "source": source(), "tables": WarehouseIOManager(kept_in)}

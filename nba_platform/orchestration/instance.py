"""The orchestrator's own records: one instance under `NBA_HOME`, whoever starts a run."""

import fcntl
import os
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import dagster as dg
from sqlalchemy.exc import OperationalError

from nba_assets.kit.calendar import BadSetting
from nba_platform.config.environments import home, postgres_address
from nba_resources.errors import UserError

POSTGRES = "NBA_DAGSTER_POSTGRES"
SETTINGS = """\
telemetry:
  enabled: false
nux:
  enabled: false
run_queue:
  max_concurrent_runs: 1  # the warehouse has one writer, so a second run would only wait for it
run_monitoring:
  enabled: true  # a run whose process was killed is marked as failed
  start_timeout_seconds: 600  # a run over five seasons plans for a minute before it starts
  max_resume_run_attempts: 0
  poll_interval_seconds: 30
run_launcher:
  module: nba_platform.orchestration.run_health
  class: WatchedRunLauncher
"""
ON_SQLITE = """\
event_log_storage:
  module: nba_platform.dagster_compat.event_log
  class: KeptOpenEventLog
  config: {}
"""
ON_POSTGRES = f"""\
storage:
  custom:
    module: nba_platform.dagster_compat.postgres_storage
    class: PostgresRecords
    config:
      postgres_url: {{env: {POSTGRES}}}
"""
_SIGNED = "# Kept up to date by nba until you edit it: {digest}\n"
EVENTS_WRITTEN_TOGETHER = "500"


class HomeUnusable(UserError, RuntimeError):
    """The folder for local state cannot be written: says which one, and what to set."""


class SettingsDisagree(UserError, RuntimeError):
    """Somebody's own `dagster.yaml` and the environment name different places for the records: says what to change."""


class RecordsUnreachable(UserError, RuntimeError):
    """PostgreSQL does not answer, or does not let us in: says what it said."""


def prepare_instance() -> Path:
    """Make the instance's folder, keep the settings in it that are ours up to date, and point `DAGSTER_HOME` at it."""
    folder = home() / "dagster"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _keep_settings(folder / "dagster.yaml")
    except OSError as error:
        raise HomeUnusable(
            f"{folder} cannot be written ({error.strerror}): set NBA_HOME to a writable folder."
        ) from None
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", EVENTS_WRITTEN_TOGETHER)
    return folder


def open_instance() -> dg.DagsterInstance:
    """The instance that the command line, the UI and `dagster asset materialize` share.

    One process at a time: two that make the records of a new home at once leave records no process can open.
    """
    folder = prepare_instance()
    _knock()
    with (folder / "opening.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        instance = dg.DagsterInstance.get()
        instance.get_runs_count()
        return instance


def _keep_settings(file: Path) -> None:
    """Write the settings the environment asks for, unless somebody has made the file theirs."""
    address = postgres_address()
    if address:
        _refuse_unusable(address)
    present = file.read_text(encoding="utf-8") if file.exists() else None
    if present is None or _is_ours(present):
        wanted = _signed(SETTINGS + (ON_POSTGRES if address else ON_SQLITE))
        if wanted != present:
            written = file.with_name(f"{file.name}.{os.getpid()}")
            written.write_text(wanted, encoding="utf-8")
            written.replace(file)
    elif bool(address) != (POSTGRES in present):
        how = "is set, but is not named in" if address else "is not set, but is named in"
        raise SettingsDisagree(
            f"{POSTGRES} {how} {file}, which was edited by hand: change one of the two, or move the file away and "
            f"a new one is written."
        )


def _refuse_unusable(address: str) -> None:
    if find_spec("dagster_postgres") is None:
        raise BadSetting(f"{POSTGRES} is set, but dagster-postgres is missing: pip install '.[production]'")
    from nba_platform.dagster_compat.postgres_storage import with_driver

    with_driver(address)


def _signed(settings: str) -> str:
    return _SIGNED.format(digest=sha256(settings.encode()).hexdigest()[:16]) + settings


def _is_ours(text: str) -> bool:
    """Nobody edited what we wrote; what was written before there were signatures is known by its text."""
    _, _, rest = text.partition("\n")
    return text == _signed(rest) or text == SETTINGS + ON_SQLITE


def _knock() -> None:
    """Tell in one line that the server is away: the orchestrator alone would try again for long, and noisily."""
    if address := postgres_address():
        from nba_platform.dagster_compat.postgres_storage import knock

        try:
            knock(address)
        except OperationalError as error:
            said = " ".join(str(error.orig).split())
            raise RecordsUnreachable(
                f"the orchestrator's records cannot be reached at {POSTGRES} ({said}): is PostgreSQL running, and are "
                f"user, password and database right?"
            ) from None

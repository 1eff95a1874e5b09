"""The Dagster instance under `NBA_HOME`, which the UI, the daemon and all commands share."""

import fcntl
import os
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nba_assets.kit.calendar import BadSetting
from nba_platform.config.environments import home, postgres_address
from nba_platform.dagster_compat.records import Records, RecordsUnreadable
from nba_resources.errors import UserError

if TYPE_CHECKING:
    import dagster as dg

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
OF_DAGSTER = {  # what every process of Dagster has set, those of deploy/ too
    "DAGSTER_EVENT_BATCH_SIZE": "500",
    # A look at two weeks of box scores is 421 requests, one a second: Dagster would give up after a minute
    "DAGSTER_SCHEDULE_GRPC_TIMEOUT_SECONDS": "900",
}


class InstanceUnusable(UserError, RuntimeError):
    """The instance cannot be opened: the message says why and what to change."""


def prepare_instance() -> Path:
    """Make the folder of the instance, update the settings that we wrote, and point `DAGSTER_HOME` at it."""
    folder = home() / "dagster"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_settings(folder / "dagster.yaml")
    except OSError as error:
        message = f"{folder} cannot be written ({error.strerror}): set NBA_HOME to a writable folder."
        raise InstanceUnusable(message) from None
    os.environ["DAGSTER_HOME"] = str(folder)
    for name, value in OF_DAGSTER.items():
        os.environ.setdefault(name, value)
    return folder


def open_records() -> Records:
    """Return the records of the instance for commands that only read them: it is not opened."""
    records = Records(prepare_instance(), postgres_address())
    if records.postgres:
        try:
            records.query("SELECT 1")
        except RecordsUnreadable as error:
            raise _unreachable(str(error)) from None
    return records


def open_instance() -> "dg.DagsterInstance":
    """Open the instance, one process at a time: two that create it at once leave records that none can open."""
    import dagster as dg

    folder = prepare_instance()
    _check_connection()
    with (folder / "opening.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        instance = dg.DagsterInstance.get()
        instance.get_runs_count()
        return instance


def _write_settings(file: Path) -> None:
    """Write the settings that the environment names, unless the file was edited."""
    address = postgres_address()
    if address:
        _refuse_unusable(address)
    present = file.read_text(encoding="utf-8") if file.exists() else None
    if present is None or _is_ours(present):
        settings = _signed(SETTINGS + (ON_POSTGRES if address else ON_SQLITE))
        if settings != present:
            written = file.with_name(f"{file.name}.{os.getpid()}")
            written.write_text(settings, encoding="utf-8")
            written.replace(file)
    elif bool(address) != (POSTGRES in present):
        how = "is set, but is not named in" if address else "is not set, but is named in"
        raise InstanceUnusable(
            f"{POSTGRES} {how} {file}, which was edited by hand: change one of the two, or move the file away and "
            f"a new one is written."
        )


def _refuse_unusable(address: str) -> None:
    if find_spec("dagster_postgres") is None:
        raise BadSetting(f"{POSTGRES} is set, but dagster-postgres is missing: pip install '.[production]'")
    from nba_platform.dagster_compat.postgres_storage import BadAddress, with_driver

    try:
        with_driver(address)
    except BadAddress as error:
        raise BadSetting(str(error)) from None


def _signed(settings: str) -> str:
    return _SIGNED.format(digest=sha256(settings.encode()).hexdigest()[:16]) + settings


def _is_ours(text: str) -> bool:
    """Return whether the file is as we wrote it; files from before there were signatures are known by their text."""
    _, _, rest = text.partition("\n")
    return text == _signed(rest) or text == SETTINGS + ON_SQLITE


def _check_connection() -> None:
    """Fail at once if the server cannot be reached: Dagster alone would retry for long and log each time."""
    if address := postgres_address():
        from sqlalchemy.exc import OperationalError

        from nba_platform.dagster_compat.postgres_storage import connect

        try:
            connect(address)
        except OperationalError as error:
            raise _unreachable(" ".join(str(error.orig).split())) from None


def _unreachable(message: str) -> InstanceUnusable:
    return InstanceUnusable(
        f"the orchestrator's records cannot be reached at {POSTGRES} ({message}): is PostgreSQL running, and are user, "
        f"password and database right?"
    )

"""The orchestrator's own records: one instance under `NBA_HOME`, whoever starts a run."""

import fcntl
import os
from pathlib import Path

import dagster as dg

from nba_platform.environments import home

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
  module: nba_platform.liveness
  class: WatchedRunLauncher
event_log_storage:
  module: nba_platform.event_log
  class: KeptOpenEventLog
  config: {}
"""
EVENTS_WRITTEN_TOGETHER = "500"


class HomeUnusable(RuntimeError):
    """The folder for local state cannot be written: says which one, and what to set."""


def prepare_instance() -> Path:
    """Make the instance's folder, write its settings unless someone already did, and point `DAGSTER_HOME` at it."""
    folder = home() / "dagster"
    settings = folder / "dagster.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not settings.exists():
            settings.write_text(SETTINGS, encoding="utf-8")
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
    with (folder / "opening.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        instance = dg.DagsterInstance.get()
        instance.get_runs_count()
        return instance

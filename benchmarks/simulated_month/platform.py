"""The platform of a month: the graph that is played, the work of its daemon at a time, and its commands."""

import contextlib
import datetime as dt
import json
import logging
import os
import sqlite3
import traceback
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import sqlalchemy

from models.training.config import CatBoostConfig, TrainingConfig, XGBoostConfig
from nba_assets.predictions import ml_model_registry
from nba_checks.all import all_checks
from nba_platform.alerts.sensors import alert_sensors
from nba_platform.config.environments import home, objects, resources, source, warehouse
from nba_platform.config.settings import read_settings
from nba_platform.definitions import TABLES, definitions_of
from nba_platform.errors import is_fixable
from nba_platform.orchestration import processes, run_health
from nba_platform.orchestration.automation.tick_state import RANGE_END, RANGE_START
from nba_platform.orchestration.event_log_reader import unstored
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.looks import Looks
from nba_platform.orchestration.processes import PROCESS
from nba_platform.orchestration.run_health import fail_dead_runs
from nba_platform.orchestration.schedules import REFRESHES, due
from nba_platform.orchestration.sensors import facts_to_load, sensors
from nba_resources.dates import EASTERN
from nba_resources.sources import provider_priority
from nba_resources.sources.http.client import Client
from nba_resources.sources.provider_priority import PROVIDERS, provider_class
from nba_resources.warehouse.duckdb import connections
from simulated_month.clock import Clock
from simulated_month.faults import READ_SECONDS

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
RUN_KEY = "dagster/run_key"
MOST_TICKS = 12
KNOWN = "an error for people"
LEFT_OUT = ("reports", "exports", "site")
NEAR_FACTS = (
    *("player_game_summary", "team_offense_game_summary", "team_defense_game_summary", "player_prop_lines"),
    *("seasons", "players", "birth_dates", "pipeline_coverage"),
)
FEW_ROWS = TrainingConfig(  # half a league plays few games in six weeks
    validation_dates=5,
    least_rows=300,
    xgboost=XGBoostConfig(trees=50, max_depth=3, min_child_weight=20),
    catboost=CatBoostConfig(trees=50),
    extended=CatBoostConfig(trees=50),
)
DOCUMENTS = ("best_bets", "predictions")  # the other documents are made of the same tables
PATIENCE_SECONDS = 2.0  # of real time, for a file that another process has locked


def live_by(clock: Clock) -> None:
    """Let everything that reads or waits for the time use the simulated clock."""

    def client(folder: Path, for_history: float) -> Client:
        return Client(folder, for_history, sleep=clock.sleep)

    patience = connections.stop_after_delay
    connections.stop_after_delay = lambda seconds: patience(min(seconds, PATIENCE_SECONDS))  # type: ignore[assignment]
    duckdb.connect = partial(_on_one_thread, duckdb.connect)  # a day's rows are few, and other programs are at work
    provider_priority.client_of = cache(client)  # type: ignore[assignment]
    for name in PROVIDERS:
        kind = provider_class(name)
        object.__setattr__(kind.policy, "read_seconds", READ_SECONDS)
    # the process table knows the real time only
    ml_model_registry.CONFIG = FEW_ROWS
    for module in (processes, run_health):
        module.is_alive = lambda process, since: Path(f"/proc/{process}").exists()  # type: ignore[attr-defined]
    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", partial(_simulated_times, clock))


def _on_one_thread(connect: Any, *args: Any, **settings: Any) -> Any:
    return connect(*args, **{**settings, "config": {"threads": 1, **settings.get("config", {})}})


def _simulated_times(clock: Clock, con: Any, _: object) -> None:
    """Let SQLite's own clock, which dates runs, show the simulated time."""
    if isinstance(con, sqlite3.Connection):
        con.create_function("current_timestamp", 0, lambda: f"{clock.moment:%Y-%m-%d %H:%M:%S}")


def kept(path: Sequence[str], all_tables: bool) -> bool:
    """Return whether an asset is played: all tables with two documents, or facts and what is made of them directly."""
    if path[0] in LEFT_OUT:
        return all_tables and path[-1] in DOCUMENTS
    return all_tables or path[0] == "nba_raw" or path[-1] in NEAR_FACTS


@cache
def definitions(all_tables: bool) -> dg.Definitions:
    """Return the real graph with its checks, without reports and most documents, which cost most of a day."""
    assets: list[Any] = [*(definitions_of(read_settings()).assets or ())]
    chosen = [one for one in assets if kept(one.key.path, all_tables)]
    names = {one.key for one in chosen}
    checks = [one for one in all_checks(TABLES) if {key.asset_key for key in one.check_keys} <= names]
    return dg.Definitions(
        assets=chosen,
        asset_checks=checks,
        resources=resources(read_settings()),
        executor=dg.in_process_executor,
        sensors=[
            *sensors(TABLES, dg.DefaultSensorStatus.STOPPED),
            *alert_sensors(TABLES, checks),
        ],
    )


class Daemon:
    """The work of the daemon at one time: dead runs, schedules, sensors, the runs they request, and alerts."""

    def __init__(self, instance: dg.DagsterInstance, clock: Clock, definitions: dg.Definitions) -> None:
        self.instance, self.clock, self.definitions = instance, clock, definitions
        self.cursors = home() / "cursors.json"
        self.runs = 0
        self.failed: list[str] = []
        self.problems: list[str] = []

    def work(self, refreshes: Sequence[str], tick: dt.datetime) -> dict[str, Any]:
        """Do all there is to do, and return what was done."""
        fail_dead_runs(self.instance)
        for name in refreshes:
            (refresh,) = (one for one in REFRESHES if one.name == name)
            with self._noted(name):
                keys = self.definitions.resolve_asset_graph().asset_check_keys
                lost = partial(unstored, self.instance, keys)
                at, looks = tick.astimezone(EASTERN), Looks(self.instance)
                asked = due(refresh, at, source(), warehouse(), TABLES, lost, looks)
                self._run_all([] if isinstance(asked, dg.SkipReason) else asked)
        with self._noted("changed_facts"):
            result = facts_to_load(self._cursor("facts"), source(), objects(), TABLES)
            if isinstance(result, dg.SensorResult):
                self._run_all(result.run_requests or ())
                self._store("facts", result.cursor)
        ticks = 0
        with self._noted("whenever_ready"):
            while requests := self._ready():
                self._run_all(requests)
                if (ticks := ticks + 1) == MOST_TICKS:
                    raise RuntimeError(f"after {MOST_TICKS} ticks there is still something to do")
        with self._noted("alerts"):
            self._sensor("alerts").evaluate_tick(
                dg.build_sensor_context(self.instance, None, definitions=self.definitions)
            )
        return {"runs": self.runs, "failed": self.failed, "problems": self.problems, "ticks": ticks}

    @contextlib.contextmanager
    def _noted(self, what: str) -> Iterator[None]:
        """Note an error of a tick, as the daemon does, and go on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - as Dagster's daemon
            traceback.print_exc()
            cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
            known = KNOWN if is_fixable(cause) or is_fixable(error) else type(cause).__name__
            self.problems.append(f"{what}: {known}: {' '.join(str(cause).split())[:300]}")

    def _sensor(self, name: str) -> Any:
        return self.definitions.get_repository_def().get_sensor_def(name)

    def _ready(self) -> Sequence[dg.RunRequest]:
        context = dg.build_sensor_context(self.instance, self._cursor("ready"), definitions=self.definitions)
        ticked = self._sensor("whenever_ready").evaluate_tick(context)
        self._store("ready", ticked.cursor)
        return ticked.run_requests or ()

    def _run_all(self, requests: Sequence[dg.RunRequest]) -> None:
        for request in requests:
            if request.run_key and self.instance.get_runs_count(dg.RunsFilter(tags={RUN_KEY: request.run_key})):
                continue
            self._run(request)

    def _run(self, request: dg.RunRequest) -> None:
        tags = {**request.tags, PROCESS: str(os.getpid())} | ({RUN_KEY: request.run_key} if request.run_key else {})
        job = self.definitions.resolve_implicit_global_asset_job_def()
        done = job.execute_in_process(
            instance=self.instance,
            asset_selection=list(request.asset_selection or ()),
            tags=tags,
            run_config=QUIET,
            raise_on_error=False,
        )
        self.runs += 1
        self.clock.sleep(1)
        if not done.success:
            steps = [event.step_key for event in done.all_events if event.is_step_failure]
            self.failed.append(f"{tags.get(RANGE_START)}...{tags.get(RANGE_END)} {', '.join(map(str, steps))}")

    def _cursor(self, name: str) -> str | None:
        return json.loads(self.cursors.read_text()).get(name) if self.cursors.exists() else None

    def _store(self, name: str, cursor: str | None) -> None:
        """Store a cursor at once or not at all, as the daemon does."""
        known = json.loads(self.cursors.read_text()) if self.cursors.exists() else {}
        written = self.cursors.with_suffix(".new")
        written.write_text(json.dumps({**known, name: cursor}))
        written.replace(self.cursors)


def daemon(clock: Clock, all_tables: bool, refreshes: Sequence[str], tick: dt.datetime) -> dict[str, Any]:
    """Do the work of the daemon at a tick."""
    logging.disable(logging.INFO)
    with open_instance() as instance:
        return Daemon(instance, clock, definitions(all_tables)).work(refreshes, tick)


def command(*words: str) -> int:
    """Run a command of `nba` and return its exit code."""
    from nba_platform.cli.main import app

    try:
        app([*words])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0

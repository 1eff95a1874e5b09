"""The daemon's work on an evening, in this process: its schedule of lines, its sensors, and the runs they request."""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import archive_edits
import dagster as dg

from nba_platform.config.environments import home, objects, source, warehouse
from nba_platform.dagster_compat.types import UNCHANGED_SINCE
from nba_platform.definitions import TABLES, platform
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.schedules import REFRESHES, due
from nba_platform.orchestration.sensors import facts_to_load
from nba_platform.orchestration.tip_off_times import tip_offs
from nba_resources.dates import EASTERN

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
MOST_TICKS = 20


class Evening:
    """One process with the definitions loaded, and what its last piece of work computed."""

    def __init__(self, date: str, instance: dg.DagsterInstance) -> None:
        self.date, self.instance, self.home, self.definitions = date, instance, home(), platform()
        self.archive = str(source().root)  # type: ignore[attr-defined]
        self.ready_cursor: str | None = None
        self.facts_cursor: str | None = None
        self.runs = 0
        self.stored: Counter[str] = Counter()
        self.changed = 0

    @classmethod
    @contextmanager
    def open(cls, date: str) -> Iterator["Evening"]:
        """Open the instance that the environment names; what conditions evaluate to is not printed."""
        logging.disable(logging.INFO)
        with open_instance() as instance:
            yield cls(date, instance)

    def move_lines(self) -> None:
        """Let the bookmakers move their lines on the evening."""
        archive_edits.move_lines(self.archive, self.date)

    def correct_box_score(self, date: str) -> None:
        """Let the league correct a box score, after the sensor saw the facts as they were."""
        self.facts_cursor = None
        self._changed_facts()
        archive_edits.edit(self.archive, date, "tov", "tov + 1")

    def refresh_lines(self) -> None:
        """Evaluate the schedule shortly before the last tip-off, then do all that follows from it."""
        (refresh,) = (one for one in REFRESHES if one.name == "line_refresh")
        starts = [start for start in tip_offs(warehouse(), TABLES, dt.date.fromisoformat(self.date)) if start]
        facts = source()
        now = (max(starts) - min(facts.before_tip)).astimezone(EASTERN)
        requests = due(refresh, now, facts, warehouse(), TABLES)
        self._work(requests if isinstance(requests, list) else [])

    def load_changed_facts(self) -> None:
        """Evaluate the sensor that watches the archive, then do all that follows from it."""
        self._work(self._changed_facts())

    def tick_until_idle(self) -> None:
        """Do what is left to do."""
        self._work([])

    @property
    def last_work(self) -> str:
        """Say what the last piece of work computed or checked, and what changed by it."""
        dates, tables = sum(self.stored.values()), len(self.stored)
        most = ", ".join(f"{name} {n}" for name, n in self.stored.most_common(5))
        found = f"{dates} dates of {tables} tables, reports and documents ({most})"
        return f"{self.runs} runs, {found}, of which {self.changed} changed"

    def _work(self, requests: Sequence[dg.RunRequest]) -> None:
        self.runs, self.stored, self.changed = 0, Counter(), 0
        for _ in range(MOST_TICKS):
            for request in requests:
                self._run(request)
            if not (requests := self._ready()):
                return
        raise RuntimeError(f"after {MOST_TICKS} ticks there was still something to do: {self.last_work}")

    def _ready(self) -> Sequence[dg.RunRequest]:
        sensor: Any = self.definitions.get_repository_def().get_sensor_def("whenever_ready")
        context = dg.build_sensor_context(self.instance, self.ready_cursor, definitions=self.definitions)
        ticked = sensor.evaluate_tick(context)
        self.ready_cursor = ticked.cursor
        return ticked.run_requests or ()

    def _changed_facts(self) -> Sequence[dg.RunRequest]:
        result = facts_to_load(self.facts_cursor, source(), objects(), TABLES)
        if isinstance(result, dg.SkipReason):
            return ()
        self.facts_cursor = result.cursor
        return result.run_requests or ()

    def _run(self, request: dg.RunRequest) -> None:
        keys, tags = list(request.asset_selection or ()), dict(request.tags)
        job = self.definitions.resolve_implicit_global_asset_job_def()
        run = partial(job.execute_in_process, instance=self.instance, run_config=QUIET, raise_on_error=False)
        if not (done := run(asset_selection=keys, tags=tags)).success:
            raise RuntimeError(f"run {done.run_id} failed: `nba history` shows why")
        self.runs += 1
        for event in done.get_asset_materialization_events():
            self.stored[event.materialization.asset_key.path[-1]] += 1
            self.changed += UNCHANGED_SINCE not in (event.materialization.tags or {})

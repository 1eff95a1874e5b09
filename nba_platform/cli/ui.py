"""`nba ui` in the terminal: a line for each run, warnings and errors, until Ctrl-C."""

import datetime as dt
import re
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import dagster as dg
from rich.console import Console
from rich.markup import escape

from nba_platform.dagster_compat.output_partitions import PARTLY_FAILED, refused_partitions
from nba_platform.diagnostics.history import run_entry
from nba_platform.orchestration.instance import open_instance, open_records
from nba_platform.orchestration.run_health import fail_dead_runs
from nba_platform.orchestration.ui_processes import UIProcesses, ui_processes
from nba_resources.errors import UserError

SECONDS_BETWEEN_LOOKS = 0.5
REFUSALS_SHOWN = 3
_TIMES_DIFFER = dt.timedelta(seconds=2)  # Dagster stores times of runs in whole seconds
# a record of Dagster's log, but none of a run's events: the line of the run has its error
_RECORD = re.compile(r"[\d-]+ ([\d:]+) [+-]\d{4} - .* - (WARNING|ERROR|CRITICAL) - (.+)")
_COLOUR = re.compile(r"\x1b\[\d+m")
_EVENT = re.compile(r" - [A-Z]+(_[A-Z]+)+ - ")


class UIEnded(UserError, RuntimeError):
    """A process of the UI has ended by itself; the message names its log."""


def serve(port: int, folder: Path, environment: Mapping[str, str], console: Console) -> None:
    """Run the UI on the instance in `folder` until Ctrl-C; afterwards no process and no run is left."""
    log = folder / "ui.log"
    with open_instance() as instance:
        lines = Lines(instance, log)
        try:
            with interrupted_once() as interruption, ui_processes(port, log, environment) as processes:
                _serve(processes, lines, console, interruption)
        except KeyboardInterrupt:
            console.print("Ended.")
        finally:
            fail_dead_runs(instance)
            for line in lines.new():
                console.print(line, markup=False, highlight=False, soft_wrap=True)


@dataclass
class Interruption:
    """Remembers that somebody asked to end: Python drops an exception that is raised in a callback of its own."""

    asked: bool = False

    def check(self) -> None:
        """Raise what may have been dropped."""
        if self.asked:
            raise KeyboardInterrupt


@contextmanager
def interrupted_once() -> Iterator[Interruption]:
    """Turn the first Ctrl-C, end of the terminal or request to end into an interrupt, and ignore those that follow."""
    signals, interruption = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP), Interruption()

    def interrupt(number: int, frame: FrameType | None) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        interruption.asked = True
        interruption.check()

    before = {one: signal.signal(one, interrupt) for one in signals}
    try:
        yield interruption
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _serve(processes: UIProcesses, lines: "Lines", console: Console, interruption: Interruption) -> None:
    began, answers = time.monotonic(), False
    with console.status("starting") as status:
        while True:
            interruption.check()
            if ended := processes.ended():
                raise UIEnded(f"the {ended} has ended, and the UI with it: {lines.log} says why.")
            if not answers and processes.answer():
                answers = True
                processes.start_daemon()
                console.print(f"The UI answers after {time.monotonic() - began:.0f} s.", highlight=False)
            for line in lines.new():
                console.print(line, markup=False, highlight=False, soft_wrap=True)
            status.update(escape(lines.in_progress or ("waiting for runs" if answers else "starting")))
            time.sleep(SECONDS_BETWEEN_LOOKS)


@dataclass
class Lines:
    """Lines that the terminal has not shown yet: runs that have ended, and warnings and errors in the log."""

    instance: dg.DagsterInstance
    log: Path
    in_progress: str = ""
    _since: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC) - _TIMES_DIFFER)
    _shown: set[str] = field(default_factory=set)
    _read: int = 0

    def __post_init__(self) -> None:
        """Leave out runs that have ended already."""
        self._shown |= {record.dagster_run.run_id for record in self._changed() if record.dagster_run.is_finished}

    def new(self) -> Iterator[str]:
        """Yield the lines since the last call."""
        yield from self._of_log()
        yield from self._of_runs()

    def _of_runs(self) -> Iterator[str]:
        """Yield a line for each run that has ended since, whoever started it."""
        self.in_progress = ""
        for record in self._changed():
            run = record.dagster_run
            if run.run_id in self._shown:
                continue
            if run.is_finished:
                self._shown.add(run.run_id)
                yield run_line(self.instance, record)
            elif run.status is dg.DagsterRunStatus.STARTED:
                self.in_progress = run_line(self.instance, record)

    def _changed(self) -> Sequence[dg.RunRecord]:
        """Return the runs whose state has changed, the oldest first."""
        return self.instance.get_run_records(dg.RunsFilter(updated_after=self._since), ascending=True)

    def _of_log(self) -> Iterator[str]:
        """Yield the warnings and errors that were added to the log; a line that is not complete waits."""
        with self.log.open("rb") as file:
            file.seek(self._read)
            added = file.read()
        complete, newline, _ = added.rpartition(b"\n")
        self._read += len(complete + newline)
        for line in _COLOUR.sub("", complete.decode("utf-8", "replace")).splitlines():
            if (record := _RECORD.match(line)) and not _EVENT.search(line):
                yield f"{record[1]} {record[2].lower()}: {record[3]}"


def run_line(instance: dg.DagsterInstance, record: dg.RunRecord) -> str:
    """Return a run in one line: when it began, what it computes and how it ended, with the reason of a failure."""
    records = open_records()
    run = records.run(record.dagster_run.run_id)
    assert run is not None
    entry = run_entry(records, run)
    state = entry.state if entry.seconds is None else f"{entry.state} after {entry.seconds:.1f} s"
    what = f"{entry.began[11:]} run {entry.run_id[:8]} by {entry.started_by}: {entry.tables}, {entry.dates}: {state}"
    if entry.error or PARTLY_FAILED not in record.dagster_run.tags:
        return f"{what}: {entry.error}" if entry.error else what
    refused = [f"{key.path[-1]} {date}: {why}" for key, date, why in refused_partitions(instance, entry.run_id)]
    return f"{what}, without {len(refused)} dates that were refused: {'; '.join(refused[:REFUSALS_SHOWN])}"

"""Progress of a run on stderr: a bar on a terminal, one line a table anywhere else."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dagster as dg
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from nba_platform.orchestration.backfill.runs import Listener, PartitionRun

ADVANCES = (dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, dg.DagsterEventType.ASSET_MATERIALIZATION)


@dataclass
class ProgressRate:
    """The speed of a run. Tables take unlike long, so the time left is an estimate that gets better."""

    tables: int
    dates: int
    began: float = field(default_factory=time.monotonic)
    finished: int = 0

    @property
    def rate(self) -> str:
        """Dates of tables a second so far."""
        return f"{self.finished * self.dates / self._seconds:.1f} dates/s"

    @property
    def left(self) -> str:
        """The time left at the speed so far; empty at the start and at the end."""
        if not self.finished or self.finished == self.tables:
            return ""
        seconds = self._seconds / self.finished * (self.tables - self.finished)
        return f"about {seconds / 60:.0f} min left" if seconds >= 90 else f"about {seconds:.0f} s left"

    @property
    def _seconds(self) -> float:
        return max(time.monotonic() - self.began, 0.1)


@contextmanager
def watching(leg: PartitionRun, console: Console, warnings: list[str]) -> Iterator[Listener]:
    """Yield a listener for the run's events that shows progress and appends to `warnings`.

    Each date of each table counts twice: planned and done. Checks do not count.
    """
    steps = {"__".join(key.path) for key in leg.keys}
    total = 2 * len(leg.keys) * max(1, len(leg.partitions))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(SpinnerColumn(), *columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("planning", total=total, rate="")
        rate = ProgressRate(len(leg.keys), max(1, len(leg.partitions)))

        def show(message: str) -> None:
            if console.is_terminal:
                bar.update(task, description=message)
            else:
                console.print(f"  {message}", markup=False, highlight=False)

        def listen(entry: dg.EventLogEntry) -> None:
            event = entry.dagster_event
            if event is None:
                if entry.level == logging.WARNING:
                    warnings.append(entry.user_message)
                elif entry.level == logging.INFO:
                    show(entry.user_message)
                return
            table = (event.step_key or "").replace("__", ".")
            if event.event_type in ADVANCES:
                bar.advance(task)
            elif event.event_type is dg.DagsterEventType.STEP_START:
                bar.update(task, description=table)
            elif event.event_type is dg.DagsterEventType.STEP_SUCCESS and event.step_key in steps:
                rate.finished += 1
                bar.update(task, rate=rate.rate)
                if not console.is_terminal:
                    line = f"[{rate.finished}/{rate.tables}] {table}, {rate.rate}, {rate.left}"
                    console.print(line.removesuffix(", "), markup=False, highlight=False)

        yield listen

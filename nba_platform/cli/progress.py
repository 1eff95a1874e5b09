"""Progress of a run on stderr: a bar on a terminal, one line a table anywhere else."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from rich import progress
from rich.console import Console

from nba_platform.orchestration.backfill.runs import Listener, PartitionRun

ADVANCES = (dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, dg.DagsterEventType.ASSET_MATERIALIZATION)


@contextmanager
def watching(planned: PartitionRun, console: Console, warnings: list[str]) -> Iterator[Listener]:
    """Yield a listener for the run's events that shows progress and appends to `warnings`.

    Each date of each table counts twice: planned and done. Checks do not count.
    """
    left = {"__".join(key.path) for key in planned.keys}
    tables, dates, began = len(left), max(1, len(planned.partitions)), time.monotonic()
    columns = (
        *(progress.SpinnerColumn(), "{task.description}", progress.BarColumn(), progress.MofNCompleteColumn()),
        *(progress.TimeElapsedColumn(), "{task.fields[rate]}", progress.TimeRemainingColumn()),
    )
    with progress.Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("planning", total=2 * tables * dates, rate="")

        def show(message: str) -> None:
            if console.is_terminal:
                bar.update(task, description=message)
            else:
                console.print(message, markup=False, highlight=False)

        def listen(entry: dg.EventLogEntry) -> None:
            event = entry.dagster_event
            if event is None:
                if entry.level == logging.WARNING:
                    warnings.append(entry.user_message)
                elif entry.level == logging.INFO:
                    show(f"{'' if console.is_terminal else '  '}{entry.user_message}")
                return
            table = (event.step_key or "").replace("__", ".")
            if event.event_type in ADVANCES:
                bar.advance(task)
            elif event.event_type is dg.DagsterEventType.STEP_START:
                bar.update(task, description=table)
            elif event.event_type is dg.DagsterEventType.STEP_SUCCESS and event.step_key in left:
                left.remove(event.step_key)
                finished, seconds = tables - len(left), max(time.monotonic() - began, 0.1)
                rate = f"{finished * dates / seconds:.1f} dates/s"
                bar.update(task, rate=rate)
                if not console.is_terminal:
                    show(f"[{finished}/{tables}] {table}, {rate}{_time_left(seconds / finished * len(left))}")

        yield listen


def _time_left(seconds: float) -> str:
    """Return the time left at the speed so far; tables take unlike long, so the estimate gets better."""
    if not seconds:
        return ""
    return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"

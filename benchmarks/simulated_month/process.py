"""Processes of their own, killed before a statement or stopped by a full disk."""

import ctypes
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy

from nba_platform.errors import is_fixable
from nba_resources.warehouse.duckdb.connections import Connections
from simulated_month.clock import Clock

END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


@dataclass(frozen=True)
class Ended:
    """How a process ended: what it returned, or the error, or that it was killed."""

    killed: bool
    result: Any = None
    error: str | None = None
    expected: bool = True  # the error is one for people


@dataclass
class Interference:
    """Disturbance of a process from outside: killed before a statement, or no space left from some size on."""

    kill_before: int = 0
    largest_file: int = 0
    statements: int = 0

    def notice(self) -> None:
        """Count a statement, and kill this process before the one that is drawn."""
        self.statements += 1
        if self.statements == self.kill_before:
            os.kill(os.getpid(), signal.SIGKILL)

    def begin(self) -> None:
        """Watch every statement of DuckDB and SQLite, and every file that is put in place."""
        if self.largest_file:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.largest_file, resource.RLIM_INFINITY))
        if self.kill_before:
            connect, replace, notice = Connections._connect, os.replace, self.notice

            def watched(file: Connections, writes: bool) -> Any:
                return _Watched(connect(file, writes), notice)

            def put_in_place(*args: Any, **kwargs: Any) -> None:
                notice()
                replace(*args, **kwargs)

            Connections._connect = watched  # type: ignore[assignment]
            os.replace = put_in_place
            sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", lambda *_: notice())
            sqlalchemy.event.listen(sqlalchemy.Engine, "commit", lambda *_: notice())


class _Watched:
    """A connection to DuckDB whose statements are noticed before they run."""

    def __init__(self, con: duckdb.DuckDBPyConnection, notice: Callable[[], None]) -> None:
        self._con, self._notice = con, notice

    def __getattr__(self, name: str) -> Any:
        if name in ("execute", "begin", "commit"):
            self._notice()
        return getattr(self._con, name)


def in_process(clock: Clock, log: Path, work: Callable[[], Any], interference: Interference | None = None) -> "Ended":
    """Run `work` in a process of its own and wait for its end."""
    return started(clock, log, work, interference)()


def started(
    clock: Clock, log: Path, work: Callable[[], Any], interference: Interference | None = None
) -> Callable[[], Ended]:
    """Start `work` in a process of its own; call what is returned to wait for its end."""
    reading, writing = Pipe(duplex=False)
    sys.stdout.flush()
    if (process := os.fork()) == 0:
        reading.close()
        _work(clock, log, work, interference, writing)
    writing.close()

    def wait() -> Ended:
        told: Ended | None = None
        with suppress(EOFError), reading:
            told = reading.recv()
        _, status = os.waitpid(process, 0)
        clock.follow()
        return told or Ended(killed=True, result=os.WTERMSIG(status))

    return wait


def _work(
    clock: Clock, log: Path, work: Callable[[], Any], interference: Interference | None, writing: Connection
) -> None:
    """Do the work and leave the process for good, whatever happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    try:
        if interference:
            interference.begin()
        ended = Ended(killed=False, result=work())
    except BaseException as error:  # noqa: BLE001 - the other side of the pipe judges it
        traceback.print_exc()
        ended = Ended(
            False, None, f"{type(error).__name__}: {error}", isinstance(error, Exception) and is_fixable(error)
        )
    sys.stdout.flush()
    sys.stderr.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    writing.send(ended)
    os._exit(0)

"""Processes of their own, killed before a statement or stopped by a full disk."""

import ctypes
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import sqlalchemy

from nba_platform.errors import is_fixable
from nba_resources.warehouse.duckdb.connections import Session
from simulated_month.clock import Clock

END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


@dataclass(frozen=True)
class Ended:
    """How a process ended: what it returned, or the error, or that it was killed."""

    killed: bool
    result: Any = None
    error: str | None = None
    expected: bool = True  # the error is one for people
    seconds: float = 0.0  # of a processor


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
            connect, replace, notice = Session.connection, os.replace, self.notice

            def watched(session: Session) -> Any:
                return _Watched(connect(session), notice)

            def put_in_place(*args: Any, **kwargs: Any) -> None:
                notice()
                replace(*args, **kwargs)

            Session.connection = watched  # type: ignore[method-assign]
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


class Process:
    """A process of its own that does one piece of work after the other: as the daemon's, it is warm after the first.

    It is started when there is something to do. One that was disturbed is never used again, even if it lives.
    """

    def __init__(self, clock: Clock, log: Path) -> None:
        self._clock, self._log = clock, log
        self._number = 0
        self._disturbed = False

    def start(self, work: Callable[[], Any], interference: Interference | None = None) -> None:
        """Begin a piece of work; `wait` returns how it ended."""
        if not self._number:
            self._fork()
        self._disturbed = interference is not None
        self._pipe.send((work, interference))

    def wait(self) -> Ended:
        """Wait until the work is done or the process is dead."""
        try:
            ended: Ended = self._pipe.recv()
        except EOFError:
            _, status = os.waitpid(self._number, 0)
            self._pipe.close()
            self._number, ended = 0, Ended(killed=True, result=os.WTERMSIG(status))
        if self._disturbed:
            self.end()
        self._clock.follow()
        return ended

    def run(self, work: Callable[[], Any], interference: Interference | None = None) -> Ended:
        """Do a piece of work and return how it ended."""
        self.start(work, interference)
        return self.wait()

    def end(self) -> None:
        """End the process, if it is alive."""
        if self._number:
            os.kill(self._number, signal.SIGKILL)
            os.waitpid(self._number, 0)
            self._pipe.close()
        self._number = 0

    def _fork(self) -> None:
        self._pipe, others = Pipe()
        sys.stdout.flush()
        if (number := os.fork()) == 0:
            self._pipe.close()
            _work_off(self._clock, self._log, others)
        others.close()
        self._number = number


def _work_off(clock: Clock, log: Path, pipe: Connection) -> NoReturn:
    """Do what is sent through the pipe until it is closed, and leave the process for good."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    try:
        while True:
            work, interference = pipe.recv()
            clock.follow()
            ended = _done(work, interference)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            sys.stdout.flush()
            sys.stderr.flush()
            pipe.send(ended)
    finally:
        os._exit(0)  # what follows in the process that forked this one is not its work


def _done(work: Callable[[], Any], interference: Interference | None) -> Ended:
    """Do a piece of work, whatever happens."""
    began = time.process_time()
    try:
        if interference:
            interference.begin()
        return Ended(False, work(), seconds=time.process_time() - began)
    except BaseException as error:  # noqa: BLE001 - the other side of the pipe judges it
        with suppress(OSError):  # the log cannot grow on a full disk
            traceback.print_exc()
        expected = isinstance(error, Exception) and is_fixable(error)
        return Ended(False, None, f"{type(error).__name__}: {error}", expected, time.process_time() - began)

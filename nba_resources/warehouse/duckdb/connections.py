"""Connections to a DuckDB file that several processes share: UI runs, the command line, the daemon.

Opening the file takes longer than most statements, and a process that has it open to write locks all others out. A run
keeps it open from step to step, but lets every process in that waits, and closes it after a moment without a step. A
locked file is tried again every few milliseconds.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_delay, wait_random

from nba_resources.memory import give_back
from nba_resources.warehouse.duckdb import attached
from nba_resources.warehouse.duckdb.attached import AttachedFile
from nba_resources.warehouse.duckdb.reused_results import Result, ReusedResults
from nba_resources.warehouse.duckdb.waiting import somebody_waits_for, waiting_for
from nba_resources.warehouse.errors import WarehouseBusy, WarehouseUnavailable

_LOCK_MESSAGES = ("Could not set lock", "different configuration", "already attached", "being used by another process")
_HEADER_BYTES, _CREATED_WITHIN = 3 * 4096, 2.0  # a shorter, newer file is one that another process is creating
MOMENT = 2.0  # after which a file that no step needs is closed, as while a model is trained: it holds memory
MOST_KEPT = 400_000_000  # bytes in DuckDB's memory: a date leaves 300 MB until the file is closed, seasons gigabytes
_PAUSE = 0.02  # longer than a process that waits sleeps between two tries
_OF_THREAD = threading.local()


@dataclass
class Session:
    """The open file, and a connection to it that lives for a step: temporary tables end with it."""

    results: ReusedResults
    file: AttachedFile | None = None
    con: duckdb.DuckDBPyConnection | None = None
    writes: bool = False

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return the connection of the step."""
        assert self.file is not None
        if self.con is None:
            self.con = self.file.cursor()
            self.con.execute("SET enable_progress_bar = false")  # it would be printed on stdout, into the JSON
            self.con.execute("SET TimeZone = 'UTC'")
        return self.con

    def end_step(self) -> None:
        """Close the connection, which rolls back an open transaction, and leave the file open."""
        if self.con is not None and self.file is not None:
            self.con.close()
            self.file.give_back()
        self.con = None

    def is_large(self) -> bool:
        """Return whether the open file keeps much in memory."""
        assert self.file is not None
        with closing(self.file.cursor()) as con:
            ((used,),) = con.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()
        return int(used or 0) > MOST_KEPT

    def close(self) -> None:
        """Close the connection and the file; the session may open it again."""
        self.end_step()
        if self.file is not None:
            self.file.close()
        if self.writes:
            self.results.closed()
        self.file, self.writes = None, False


class Keeper:
    """Keeps the file open between two steps of a run: for a moment, while it is small and no other process waits."""

    def __init__(self, path: str, is_small: bool) -> None:
        self.is_small = is_small  # the run has few rows
        self._path, self._lock = Path(path), threading.Lock()
        self._session: Session | None = None
        self._taken = threading.Event()

    def put(self, session: Session) -> None:
        """Take a session over after a step."""
        used = session.con is not None
        session.end_step()
        if session.file is None:
            return
        if somebody_waits_for(self._path):
            session.close()
            time.sleep(_PAUSE)
            return
        if used and session.is_large():
            session.close()
            give_back()
            return
        with self._lock:
            self._session, self._taken = session, threading.Event()
        threading.Thread(target=self._watch, args=[self._taken], daemon=True).start()

    def take(self) -> Session | None:
        """Return the session for the next step, if it is open still."""
        with self._lock:
            session, self._session = self._session, None
            self._taken.set()
            return session

    def _watch(self, taken: threading.Event) -> None:
        until = time.monotonic() + MOMENT
        while not taken.wait(_PAUSE):
            if time.monotonic() > until or somebody_waits_for(self._path):
                self.close()
                return

    def close(self) -> None:
        """Close the file, unless a step has taken the session."""
        if session := self.take():
            session.close()


_results_of = lru_cache(maxsize=4)(ReusedResults)


def _keepers() -> dict[str, Keeper]:
    """Return the keepers of the runs of this thread by path."""
    keepers: dict[str, Keeper] = _OF_THREAD.__dict__.setdefault("keepers", {})
    return keepers


def _sessions() -> dict[str, Session]:
    """Return the sessions of this thread by path: a session never crosses threads."""
    sessions: dict[str, Session] = _OF_THREAD.__dict__.setdefault("sessions", {})
    return sessions


@dataclass(frozen=True)
class Connections:
    """Opens the file of a path, within some patience for locks."""

    path: str
    patience_seconds: float
    memory_limit: str

    @contextmanager
    def kept(self, is_small: bool) -> Iterator[None]:
        """Keep the file open between the sessions of this thread inside, which are the steps of a run."""
        if self.path in _keepers():
            yield
            return
        keeper = _keepers()[self.path] = Keeper(self.path, is_small)
        try:
            yield
        finally:
            del _keepers()[self.path]
            keeper.close()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Keep one connection for the reads and writes of this thread inside; the first of nested sessions closes it.

        While it is open other processes wait, so a session must be as short as a step.
        """
        if self.path in _sessions():
            yield _sessions()[self.path]
            return
        keeper = _keepers().get(self.path)
        session = _sessions()[self.path] = (keeper and keeper.take()) or Session(_results_of(self.path))
        try:
            yield session
        finally:
            del _sessions()[self.path]
            if keeper:
                keeper.put(session)
            else:
                session.close()

    @contextmanager
    def open(self, writes: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the connection of the session, opened again if it must write and cannot."""
        with self.session() as session:
            if session.file is None or (writes and not session.writes):
                session.close()
                session.file, session.writes = self._connect(writes), writes
                if writes:
                    session.results.opened_to_write()
            yield session.connection()

    def reused(self, sql: str, reads: Iterable[str] | None, run: Callable[[], Result]) -> Result:
        """Return the result of an earlier read, if it still holds, or of `run`."""
        session = _sessions().get(self.path)
        is_alone = session is not None and session.writes  # the file changes by this process only
        return _results_of(self.path).read(sql, reads, run, is_alone)

    def _connect(self, writes: bool) -> AttachedFile:
        """Open the file; while another process has it, try so often that its pauses between two steps are enough."""
        waits = wait_random(0.005, 0.015)
        deadline = stop_after_delay(self.patience_seconds)
        try:
            with waiting_for(Path(self.path)):
                return Retrying(retry=retry_if_exception(is_locked), wait=waits, stop=deadline)(self._open, writes)
        except RetryError as error:
            holder = re.search(r" \(PID \d+\)", str(error.last_attempt.exception()))
            raise WarehouseBusy(
                f"{self.path} is locked by another program{holder.group() if holder else ''}: waited "
                f"{self.patience_seconds:g} s. Close the program that has it open (a DuckDB shell, another backfill) "
                f"and run again."
            ) from None

    def _open(self, writes: bool) -> AttachedFile:
        file = Path(self.path)
        if not writes and not file.exists():
            raise WarehouseUnavailable(
                f"{file} does not exist yet: nothing has been loaded. Run `nba backfill START END` first."
            )
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            size = file.stat().st_size if file.exists() else 0
            keeper = _keepers().get(self.path)
            is_small = keeper is not None and keeper.is_small
            return attached.attach(file, read_only=not writes, memory_limit=self.memory_limit, is_small=is_small)
        except OSError as error:
            raise WarehouseUnavailable(
                f"{file.parent} cannot be written ({error.strerror}): set NBA_HOME to a writable folder."
            ) from None
        except duckdb.Error as error:
            if is_locked(error):
                raise
            if "not a valid" in str(error) and _is_being_created(file, size):
                raise duckdb.IOException(f"Could not set lock: {file} is being created") from None
            raise WarehouseUnavailable(f"{file} cannot be opened: {first_line(error)}") from None


def is_locked(error: BaseException) -> bool:
    """Return whether another process has the file open."""
    return isinstance(error, duckdb.Error) and any(message in str(error) for message in _LOCK_MESSAGES)


def _is_being_created(file: Path, size: int) -> bool:
    """Return whether a file that was invalid at some size is short and new, or has been finished since."""
    status = file.stat()
    if status.st_size != size:
        return True
    return status.st_size < _HEADER_BYTES and time.time() - status.st_mtime < _CREATED_WITHIN


def first_line(error: Exception) -> str:
    """Return the first line of an error of the engine; the others quote the statement."""
    return str(error).splitlines()[0]

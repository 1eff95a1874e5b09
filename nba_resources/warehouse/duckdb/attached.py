"""Files attached to the DuckDB engine of this process.

`duckdb.connect(file)` starts an engine for the file, which registers two thousand functions: 7 ms, again and again. A
file is attached to an engine that is there within half a millisecond.
"""

import itertools
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

_NAMES = itertools.count(1)
_LOCK = threading.Lock()  # of everything below


@dataclass
class _Engine:
    con: duckdb.DuckDBPyConnection
    spills_to: str
    threads: int
    memory_limit: str = ""
    files: "dict[Path, AttachedFile]" = field(default_factory=dict)

    def limit_memory(self) -> None:
        """Set the limit, upon which DuckDB gives free memory back: its allocator keeps gigabytes otherwise."""
        self.con.execute(f"SET memory_limit = {_quoted(self.memory_limit)}")


_engine: _Engine | None = None


@dataclass
class AttachedFile:
    """A file, shared by the threads of this process that have opened it in the same way."""

    engine: _Engine
    path: Path
    name: str
    read_only: bool
    is_small: bool = False  # hardly any memory is used
    threads: int = 1

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection whose tables are those of the file."""
        con = self.engine.con.cursor()
        con.execute(f"USE {self.name}")
        return con

    def give_back(self) -> None:
        """Give memory back that no connection uses any more."""
        if not self.is_small:
            with _LOCK:
                self.engine.limit_memory()

    def close(self) -> None:
        """Let go of the file with its last thread, whose connections are closed before."""
        global _engine
        with _LOCK:
            self.threads -= 1
            if self.threads:
                return
            del self.engine.files[self.path]
            try:
                self.engine.con.execute(f"DETACH {self.name}")
                if not self.is_small:
                    self.engine.limit_memory()
            except duckdb.Error:  # as on a full disk, where what was committed stays in the file's log
                self.engine.con.close()
                _engine = None if _engine is self.engine else _engine


def attach(path: Path, read_only: bool, memory_limit: str, is_small: bool = False) -> AttachedFile:
    """Open a file; a thread that has opened it in the other way locks it, as another process does.

    `is_small`: its statements read and write few rows, so that one thread executes them.
    """
    with _LOCK:
        if found := _engine and _engine.files.get(path):
            if found.read_only != read_only:
                raise duckdb.IOException(f"Could not set lock on {path}: a thread of this process has it open")
            found.threads += 1
            return found
        engine, name = _engine_beside(path), f"file_{next(_NAMES)}"
        engine.memory_limit = memory_limit
        engine.limit_memory()
        engine.con.execute(f"SET threads = {1 if is_small else engine.threads}")
        engine.con.execute(f"ATTACH {_quoted(path)} AS {name}{' (READ_ONLY)' if read_only else ''}")
        file = engine.files[path] = AttachedFile(engine, path, name, read_only, is_small)
        return file


def _engine_beside(path: Path) -> _Engine:
    """Return the engine with its folder for what does not fit into memory beside the file: one that was used stays."""
    global _engine
    spills_to = f"{path}.tmp"
    if _engine and _engine.spills_to != spills_to:
        try:
            _engine.con.execute(f"SET temp_directory = {_quoted(spills_to)}")
            _engine.spills_to = spills_to
        except duckdb.NotImplementedException:
            _engine = None
    if _engine is None:
        settings: dict[str, Any] = {"preserve_insertion_order": False, "temp_directory": spills_to}
        con = duckdb.connect(config=settings)
        ((threads,),) = con.execute("SELECT current_setting('threads')").fetchall()
        _engine = _Engine(con, spills_to, threads)
    return _engine


def _quoted(value: object) -> str:
    """Return a literal: a bound parameter would import pandas, which commands that print stored rows do without."""
    return "'" + str(value).replace("'", "''") + "'"

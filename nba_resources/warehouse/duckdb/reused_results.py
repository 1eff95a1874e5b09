"""Small results of reads, reused until a table they read is written, as BigQuery does by itself.

The checks of a run count the same games and rows again and again. A write of this process makes the results of its
table outdated; a write of another process, seen by the time and size of the file, makes all outdated.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pandas as pd

Result = TypeVar("Result", "pd.DataFrame", list[tuple[Any, ...]])
_RESULTS, _ROWS = 64, 20_000

Version = tuple[int, ...]
State = tuple[tuple[int, int, int], ...]


class ReusedResults:
    """The results of reads of one DuckDB file by their SQL."""

    def __init__(self, path: str) -> None:
        self._files = (Path(path), Path(f"{path}.wal"))
        self._lock = threading.Lock()
        self._own_writes: Counter[str] = Counter()
        self._other_writes = 0
        self._state: State = ()
        self._results: OrderedDict[str, tuple[Version, Any]] = OrderedDict()

    def read(self, sql: str, reads: Iterable[str] | None, run: Callable[[], Result], is_alone: bool = False) -> Result:
        """Return the stored result if none of the tables was written since, or run the statement.

        If the tables are not known (None), none may have been written at all. `is_alone`: this process has the file
        open to write, so that no other can.
        """
        version = self._version(reads, is_alone)
        if (found := self._results.get(sql)) and found[0] == version:
            stored: Result = found[1]
            return stored.copy()
        result = run()
        if len(result) <= _ROWS:
            with self._lock:
                self._results[sql] = (version, result.copy())
                self._results.move_to_end(sql)
                while len(self._results) > _RESULTS:
                    self._results.popitem(last=False)
        return result

    def opened_to_write(self) -> None:
        """Note what others wrote before this process locked the file."""
        self._version(())

    def wrote(self, table: str) -> None:
        """Make the results of a table outdated: this process has changed it."""
        with self._lock:
            self._own_writes[table] += 1

    def closed(self) -> None:
        """Note the file as this process left it."""
        with self._lock:
            self._state = self._state_now()

    def _version(self, reads: Iterable[str] | None, is_alone: bool = False) -> Version:
        with self._lock:
            if not is_alone and (state := self._state_now()) != self._state:
                self._state, self._other_writes = state, self._other_writes + 1
            if reads is None:
                return (self._other_writes, self._own_writes.total())
            return (self._other_writes, *(self._own_writes[table] for table in reads))

    def _state_now(self) -> State:
        return tuple(_status(file) for file in self._files)


def _status(file: Path) -> tuple[int, int, int]:
    try:
        status = file.stat()
    except OSError:  # there is none, or no folder for it
        return (0, 0, 0)
    return (status.st_ino, status.st_size, status.st_mtime_ns)

"""The part of a warehouse that commands need which only print stored rows."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Reader(Protocol):
    """Reads stored tables by plain SQL that DuckDB and BigQuery understand alike."""

    def results(self, statements: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        """Return the rows of each SELECT, over one connection."""

    def stored(self, keys: Iterable[str]) -> set[str]:
        """Return those keys (`dataset.table`) whose table exists."""

    def session(self) -> AbstractContextManager[None]:
        """Let the reads inside share a connection, in engines that hold one."""


def records(reader: Reader, statement: str, columns: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rows of a SELECT by the names of its columns."""
    names, (rows,) = [*columns], reader.results([statement])
    return [dict(zip(names, row, strict=True)) for row in rows]

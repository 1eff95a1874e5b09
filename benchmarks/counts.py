"""Counts what does not depend on the machine: compilations of Ibis expressions, openings of a DuckDB file, and events.

`python benchmarks/counts.py FILE nba ARGUMENTS` runs a command of the environment and writes the counts of its process
to a file. Nothing is imported for it, so that a command which needs neither Ibis nor DuckDB shows its own time.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import runpy
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

EVENTS = "SELECT count(*) FROM event_logs"
INDEX = "index"  # it repeats events of the runs' files


@dataclass
class Counts:
    """Counts of this process since `watch` was called."""

    compilations: int = 0
    connections: int = 0

    def copy(self) -> "Counts":
        """Return the counts as they are now."""
        return replace(self)

    def since(self, before: "Counts") -> "Counts":
        """Return what was counted after an earlier copy."""
        return Counts(self.compilations - before.compilations, self.connections - before.connections)


def main() -> None:
    """Run a command and write its counts, however it ends."""
    file, program, *arguments = sys.argv[1:]
    counts = watch()
    sys.argv = [program, *arguments]
    try:
        runpy.run_path(program, run_name="__main__")
    finally:
        Path(file).write_text(json.dumps(asdict(counts)), encoding="utf-8")


def watch() -> Counts:
    """Count from now on in this process; call it before Ibis and the warehouse are imported."""
    counts = Counts()

    def compiled(*_: Any, **__: Any) -> None:
        counts.compilations += 1

    def opened(*_: Any, **__: Any) -> None:
        counts.connections += 1

    def watch_ibis(module: ModuleType) -> None:
        module.SQLGlotCompiler.to_sqlglot = _noticed(module.SQLGlotCompiler.to_sqlglot, compiled)

    def watch_files(module: ModuleType) -> None:
        module.attach = _noticed(module.attach, opened)

    watched = {"ibis.backends.sql.compilers.base": watch_ibis, "nba_resources.warehouse.duckdb.attached": watch_files}
    sys.meta_path.insert(0, _AfterImport(watched))
    return counts


def events_in(home: Path) -> int:
    """Return the number of events in the log of a home."""
    total = 0
    for file in (home / "dagster" / "history" / "runs").glob("*.db"):
        if file.stem != INDEX:
            with closing(sqlite3.connect(file)) as con:
                total += con.execute(EVENTS).fetchone()[0]
    return total


def _noticed(function: Callable[..., Any], notice: Callable[..., None]) -> Callable[..., Any]:
    @wraps(function)
    def noticed(*args: Any, **kwargs: Any) -> Any:
        notice(*args, **kwargs)
        return function(*args, **kwargs)

    return noticed


class _AfterImport(importlib.abc.MetaPathFinder):
    """Changes modules right after they are imported."""

    def __init__(self, changes: dict[str, Callable[[ModuleType], None]]) -> None:
        self.changes = changes

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        change = self.changes.pop(fullname, None)
        spec = importlib.util.find_spec(fullname) if change else None
        if change is None or spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_change(module: ModuleType) -> None:
            load(module)
            change(module)

        spec.loader.exec_module = load_and_change  # type: ignore[method-assign]
        return spec


if __name__ == "__main__":
    main()

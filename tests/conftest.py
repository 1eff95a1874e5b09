import fcntl
import functools
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pytest

Fill = Callable[[Path], None]
FilledOnce = Callable[[str, Fill], Path]


@pytest.fixture(scope="session")
def archive_dir() -> str:
    """The real archive is never part of the repository; what needs it says so and steps aside."""
    folder = os.environ.get("NBA_ARCHIVE_DIR") or str(Path(__file__).parents[1].parent / "shared" / "data" / "nba")
    if "://" not in folder and not Path(folder, "games.parquet").exists():
        pytest.skip(
            f"needs the real archive: no games.parquet in {folder}; set NBA_ARCHIVE_DIR to a folder that has it"
        )
    return folder


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> FilledOnce:
    """Return a function that gives the folder of a name: the first process that asks fills it, the others wait.

    All processes of a run share the folder, so a test that changes it needs a copy.
    """
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"

    def folder(name: str, fill: Fill) -> Path:
        place, done = root / name, root / f"{name}.done"
        root.mkdir(exist_ok=True)
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(place, ignore_errors=True)
                place.mkdir()
                fill(place)
                done.touch()
        return place

    return folder


def pytest_configure() -> None:
    """Compile equal expressions once in each process: most of the time of the tests is the compiler's."""
    ibis.to_sql = _compiled_once(ibis.to_sql)


def _compiled_once(compile_: Callable[..., Any]) -> Callable[..., Any]:
    @functools.lru_cache(maxsize=2_000)
    def compiled(rows: ops.Node, options: tuple[tuple[str, object], ...]) -> Any:
        return compile_(rows.to_expr(), **dict(options))

    def to_sql(rows: ir.Expr, **options: Any) -> Any:
        if rows.op().find(ops.InMemoryTable):  # would keep its rows in memory
            return compile_(rows, **options)
        return compiled(rows.op(), tuple(options.items()))

    return to_sql

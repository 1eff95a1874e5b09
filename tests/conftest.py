import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pytest

from . import shared  # noqa: F401 - makes the folder of the run before other processes start


@pytest.fixture(scope="session")
def archive_dir() -> str:
    """The real archive is never part of the repository; what needs it says so and steps aside."""
    folder = os.environ.get("NBA_ARCHIVE_DIR") or str(Path(__file__).parents[1].parent / "shared" / "data" / "nba")
    if "://" not in folder and not Path(folder, "games.parquet").exists():
        pytest.skip(
            f"needs the real archive: no games.parquet in {folder}; set NBA_ARCHIVE_DIR to a folder that has it"
        )
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

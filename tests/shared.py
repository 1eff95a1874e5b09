"""What all processes of one run of the tests share: a folder, and in it the SQL templates of every table.

Temporary files are in memory where there is room: SQLite waits for the disk at every commit, which took half of the
time of tests that record runs. They are gone after the run; set TMPDIR to keep them.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from nba_resources.code_hash import code_hash
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.sql.templates import TemplateFolder

VARIABLE = "PYTEST_SHARED_FOLDER"
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
if VARIABLE not in os.environ:  # this is the first process of the run: the others inherit the variables
    in_memory = "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    os.environ[VARIABLE] = tempfile.mkdtemp(prefix="nba-tests-", dir=MEMORY if in_memory else None)
    atexit.register(shutil.rmtree, os.environ[VARIABLE], ignore_errors=True)
    if in_memory:
        os.environ["TMPDIR"] = tempfile.tempdir = os.environ[VARIABLE]
        os.chmod(os.environ[VARIABLE], 0o711)  # PostgreSQL, which does not run as root, has its folder in it
SHARED = Path(os.environ[VARIABLE])
COMPILED = SHARED / "compiled"
TEMPLATES = TemplateFolder(COMPILED / code_hash())


def warehouse_at(file: Path | str) -> DuckDBWarehouse:
    """Return a warehouse of the declared tables that compiles no statement twice, as it would beside a home."""
    return DuckDBWarehouse(path=str(file), templates=str(TEMPLATES.path))


def share_compiled(home: Path) -> None:
    """Let a home have the compiled statements of all homes."""
    for folder in (home, COMPILED):
        folder.mkdir(exist_ok=True)
    if not (home / COMPILED.name).exists():
        (home / COMPILED.name).symlink_to(COMPILED)


def filled_once(name: str, fill: Callable[[Path], object]) -> Path:
    """Return the folder of a name: the first process that asks fills it, the others wait.

    All processes share the folder, so a test that changes it needs a copy.
    """
    folder, done = SHARED / name, SHARED / f"{name}.done"
    with (SHARED / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            fill(folder)
            done.touch()
    return folder

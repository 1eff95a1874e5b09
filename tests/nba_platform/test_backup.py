import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

SCRIPT = Path(__file__).parents[2] / "deploy" / "backup.py"


@pytest.fixture(scope="module")
def backup() -> ModuleType:
    """`deploy/` is no package."""
    spec = spec_from_file_location("backup", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_backup_holds_the_warehouse_the_objects_and_the_alerts(backup, tmp_path):
    home, folder = tmp_path / "home", tmp_path / "backups"
    (home / "objects" / "models").mkdir(parents=True)
    (home / "objects" / "models" / "card.json").write_text("{}")
    with closing(duckdb.connect(home / "nba.duckdb")) as con:
        con.execute("CREATE TABLE games AS FROM range(1000)")
    with closing(sqlite3.connect(home / "alerts.db")) as con:
        con.execute("CREATE TABLE open (key TEXT)")

    made = backup.backup(home, folder)

    assert [entry.name for entry in folder.iterdir()] == [made.name]
    with closing(duckdb.connect(made / "nba.duckdb", read_only=True)) as con:
        assert con.execute("SELECT count(*) FROM games").fetchone() == (1000,)
    with closing(sqlite3.connect(made / "alerts.db")) as con:
        assert con.execute("SELECT count(*) FROM open").fetchone() == (0,)
    assert (made / "objects" / "models" / "card.json").read_text() == "{}"


def test_a_write_that_is_under_way_is_left_out(backup, tmp_path):
    """It would be moved into place between being listed and being copied, and the backup would fail."""
    models = tmp_path / "home" / "objects" / "models"
    models.mkdir(parents=True)
    (models / "card.json").write_text("{}")
    (models / ".card.json.7").write_text("{")

    made = backup.backup(tmp_path / "home", tmp_path / "backups")

    assert [path.name for path in made.rglob("*") if path.is_file()] == ["card.json"]


def test_nobody_writes_the_warehouse_while_it_is_copied(backup, tmp_path):
    file = tmp_path / "nba.duckdb"
    duckdb.connect(file).close()
    write = [sys.executable, "-c", "import duckdb, sys; duckdb.connect(sys.argv[1])", str(file)]

    with backup.opened(file):
        held = subprocess.run(write, capture_output=True, text=True, check=False)
    assert "Could not set lock" in held.stderr
    assert subprocess.run(write, check=False).returncode == 0

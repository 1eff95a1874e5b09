"""The counts of `benchmarks/daily.py`, which do not depend on the machine."""

import json
import subprocess
import sys
from pathlib import Path

import counts
import dagster as dg
import duckdb
import pytest

from nba_platform.orchestration.instance import open_instance

PROGRAM = """
import sys
import ibis
import duckdb
from nba_resources.warehouse.duckdb.file import DuckDBFile
rows = ibis.memtable([{"points": 20}])
for _ in range(3):
    ibis.to_sql(rows.filter(rows.points > 5), dialect="duckdb")
for n in range(2):
    DuckDBFile(sys.argv[1]).results([f"SELECT {n}"])
duckdb.connect().execute("SELECT 1")
sys.exit(int(sys.argv[2]))
"""


def counted(folder: Path, program: str, *arguments: str) -> tuple[int, dict[str, int]]:
    """Run a program as `daily.py` runs a command; return its exit code and counts."""
    script, found = folder / "program.py", folder / "counts.json"
    script.write_text(program)
    done = subprocess.run([sys.executable, counts.__file__, str(found), str(script), *arguments])
    return done.returncode, json.loads(found.read_text())


def test_compilations_and_openings_of_a_file_are_counted_however_the_program_ends(tmp_path: Path):
    file, expected = tmp_path / "file.duckdb", {"compilations": 3, "connections": 2}
    duckdb.connect(file).close()
    assert counted(tmp_path, PROGRAM, str(file), "0") == (0, expected)
    assert counted(tmp_path, PROGRAM, str(file), "3") == (3, expected)


def test_a_program_that_needs_neither_imports_neither(tmp_path: Path):
    program = "import sys; assert not {'ibis', 'duckdb', 'pandas', 'dagster'} & {*sys.modules}"
    assert counted(tmp_path, program) == (0, {"compilations": 0, "connections": 0})


def test_events_are_counted_once_though_the_index_repeats_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A materialization that no run made, and a run of one step: the log shows how many events it wrote."""
    monkeypatch.setenv("NBA_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")

    @dg.asset
    def points() -> None: ...

    with open_instance() as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("points"))
        run = dg.materialize([points], instance=instance).run_id
        of_the_run = len(instance.all_logs(run))
    assert of_the_run > 5
    assert counts.events_in(tmp_path) == of_the_run + 1

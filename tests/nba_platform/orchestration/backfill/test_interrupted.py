"""A killed command, and commands at the same time: nothing lost, nothing doubled. `benchmarks/` has them long."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import dagster as dg
import duckdb

from nba_platform.orchestration.automation.tick_state import IN_PROGRESS
from nba_platform.orchestration.instance import open_instance

from .conftest import EIGHT_TABLES, EVENINGS

NBA = (sys.executable, "-c", "from nba_platform.cli.main import app; app()")
SELECTED = ("--select", EIGHT_TABLES)
SIX = ("--select", "schedule,seasons,birth_dates,player_boxscores,team_boxscores,players")


def contents(home: Path) -> dict[str, list]:
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        tables = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        columns = "COLUMNS(name -> name NOT IN ('computed_at', 'ingested_at'))"
        return {key: con.execute(f"SELECT {columns} FROM {key} ORDER BY ALL").fetchall() for (key,) in tables}


def start(*words: str) -> subprocess.Popen:
    command = [*NBA, "backfill", *words, "--json"]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))


def unfinished() -> list[dg.DagsterRun]:
    with open_instance() as instance:
        return list(instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS)))


def test_a_killed_backfill_is_finished_by_the_same_command(home, nba, eight_tables):
    with start(*EVENINGS, *SELECTED) as command:
        assert command.stderr is not None
        for line in command.stderr:
            if line.startswith("[3/8]"):
                break
        command.kill()
    (left_behind,) = unfinished()

    told = nba("backfill", *EVENINGS, *SELECTED, "--json").document()

    assert told["error"] is None
    assert any(left_behind.run_id in warning for warning in told["warnings"])
    assert unfinished() == []
    assert contents(home) == contents(eight_tables)
    assert nba("backfill", *EVENINGS, *SELECTED, "--json").document()["runs"] == []
    killed = nba("history", "player_game_summary", "--json").document()["entries"][-1]
    assert killed["run_id"] == left_behind.run_id
    assert killed["state"] in ("interrupted", "not reached")
    assert "is gone: it was killed" in killed["error"]


def test_two_backfills_of_overlapping_dates_get_along(home, eight_tables):
    commands = [start(*dates, *SIX) for dates in (EVENINGS, ("2024-10-22", "2024-10-23"))]
    said = [(*command.communicate(timeout=300), command.returncode) for command in commands]

    assert [code for *_, code in said] == [0, 0], said
    assert all("Traceback" not in err for _, err, _ in said)
    found, expected = contents(home), contents(eight_tables)
    assert found == {key: expected[key] for key in found}
    assert len(found) >= 6
    assert unfinished() == []

import datetime as dt
import os
import socket
import subprocess
import sys

import dagster as dg
import duckdb
import pytest
import yaml

from nba_platform.definitions import TABLES
from nba_platform.orchestration.instance import open_instance

STAMPS = ("computed_at", "ingested_at")


def contents(folder) -> dict[str, list]:
    """Every stored row of every table, without the time it was computed."""
    with duckdb.connect(folder / "nba.duckdb", read_only=True) as con:
        return {
            table.contract.key: con.execute(
                f"SELECT * EXCLUDE ({next(name for name in STAMPS if name in table.contract.columns)}) "
                f"FROM {table.contract.dataset}.{name} ORDER BY ALL"
            ).fetchall()
            for name, table in TABLES.items()
        }


def test_the_demo_fills_every_table_and_tells_it_in_one_document(filled):
    told = filled.said.document()

    assert filled.said.code == 0
    assert told["error"] is None
    assert {table["table"] for table in told["tables"]} == {table.contract.key for table in TABLES.values()}
    assert (told["start"], told["end"]) == ("2024-10-01", "2024-10-24")
    assert all(not table["worst"] for table in told["tables"])


def test_a_backfill_is_recorded_in_the_instance_date_by_date(filled, filled_home):
    runs = filled.said.document()["runs"]
    with open_instance() as instance:
        recorded = [instance.get_run_by_id(run["run_id"]) for run in runs]
        dates = instance.get_materialized_partitions(dg.AssetKey(["nba_raw", "schedule"]))

    assert [run and run.status for run in recorded] == [dg.DagsterRunStatus.SUCCESS] * 3
    assert [run["partitions"] for run in runs] == ["2024-10-01...2024-10-24", "2024-10-01", "2024-10-01...2024-10-24"]
    assert dates == {f"2024-10-{day:02}" for day in range(1, 25)}


def test_a_backfill_twice_gives_identical_tables(filled_home, nba):
    before = contents(filled_home)

    said = nba("backfill", "2024-10-22", "2024-10-24", "--force")

    assert said.code == 0, said.err
    assert contents(filled_home) == before


def test_a_selected_table_is_computed_alone_and_reported_alone(filled_home, nba):
    told = nba("backfill", "2024-10-23", "--select", "schedule", "--force", "--json").document()

    assert [run["tables"] for run in told["runs"]] == [["nba_raw.schedule"]]
    assert [table["table"] for table in told["tables"]] == ["nba_raw.schedule"]
    assert told["tables"][0]["states"] == {"complete": 1}


def test_a_first_table_alone_is_computed_though_its_dates_cannot_be_judged_yet(home, nba):
    """Which dates are bootstrap is known from the seasons, and nobody asked for those."""
    told = nba("backfill", "2024-10-23", "--select", "schedule", "--json").document()

    assert told["error"] is None
    assert "nba_reference.seasons was never loaded" in told["notes"][0]


def test_coverage_reports_every_table_and_prints_nothing_but_the_document(filled_home, nba):
    said = nba("coverage", "--json")
    told = said.document()

    assert said.code == 0
    assert (told["start"], told["end"]) == ("2024-10-22", "2024-10-24")
    assert {table["table"]: table["states"] for table in told["tables"]}["nba_raw.player_boxscores"] == {
        "complete": 2,
        "not_due": 1,
    }


def test_coverage_for_people_names_states_and_rows(filled_home, nba):
    said = nba("coverage", "2024-10-22", "2024-10-23")

    assert said.code == 0
    assert "nba_raw.schedule" in said.out
    assert "complete" in said.out


def test_a_season_is_shown_as_a_calendar_unless_told_otherwise(filled_home, nba):
    """Three evenings are stored, and the third has not been played."""
    shown = nba("coverage", "2024-10-20", "2024-10-24").out
    by_itself, asked_for = (nba("coverage", "2023-10-01", "2024-10-24", *option).out for option in ([], ["--calendar"]))

    assert "2024-10 raw                            ..##" in shown
    assert "raw        " not in by_itself
    assert "2023-10 raw" in asked_for
    assert "raw        " not in nba("coverage", "2024-10-20", "2024-10-24", "--no-calendar").out


def test_the_document_holds_the_state_of_each_layer_on_each_date(filled_home, nba):
    layers = nba("coverage", "2024-10-21", "2024-10-24", "--json").document()["layers"]

    assert layers["raw"] == {
        "2024-10-21": "no_games",
        "2024-10-22": "complete",
        "2024-10-23": "complete",
        "2024-10-24": "not_due",
    }


def test_simulated_games_are_never_mixed_with_real_ones(filled_home, nba, monkeypatch, tmp_path):
    monkeypatch.setenv("NBA_SOURCE", "archive")
    monkeypatch.setenv("NBA_ARCHIVE_DIR", str(tmp_path))

    said = nba("backfill", "2024-10-22")

    assert said.code == 1
    assert "holds facts from simulated" in said.err
    assert "NBA_HOME" in said.err


def test_a_misspelt_table_is_told_in_one_line(home, nba):
    said = nba("backfill", "2024-10-22", "--select", "schedul")

    assert said.code == 1
    assert said.err == "error: there is no table 'schedul': did you mean schedule?\n"


def test_an_unreadable_archive_is_told_in_one_line_with_the_table(home, nba, monkeypatch, tmp_path):
    (tmp_path / "games.parquet").write_bytes(b"PAR1 and then nothing")
    monkeypatch.setenv("NBA_SOURCE", "archive")
    monkeypatch.setenv("NBA_ARCHIVE_DIR", str(tmp_path))

    said = nba("backfill", "2024-10-22", "--select", "schedule", "--json")

    error = next(line for line in said.err.splitlines() if line.startswith("error: "))
    assert said.code == 1
    assert "nba_raw.schedule" in error
    assert "games.parquet" in error
    assert "Traceback" not in said.err
    assert f"error: {said.document()['error']}" == error


@pytest.mark.parametrize(("name", "value"), [("NBA_TODAY", "tomorrow"), ("NBA_SOURCE", "the paper")])
def test_a_setting_nobody_understands_is_named(name, value, home, nba, monkeypatch):
    monkeypatch.setenv(name, value)

    said = nba("backfill", "2024-10-22")

    assert said.code == 1
    assert said.err.startswith(f"error: {name} ")
    assert repr(value) in said.err
    assert said.err.count("\n") == 1


def test_a_home_that_cannot_be_written_is_told_in_one_line(home, nba, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setenv("NBA_HOME", str(home / "file"))

    said = nba("home")

    assert said.code == 1
    assert said.err.startswith("error: ")
    assert "set NBA_HOME to a writable folder" in said.err


def test_a_taken_port_is_told_before_anything_starts(home, nba):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = nba("ui", "--port", str(other.getsockname()[1]))

    assert said.code == 1
    assert "is taken" in said.err


def test_an_empty_home_is_told_what_to_run_first(home, nba):
    said = nba("coverage", "--json")

    assert said.code == 1
    assert "nba backfill" in said.document()["error"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["backfill", "yesterday"], "'yesterday' is no date"),
        (["backfill", "2024-10-24", "2024-10-22"], "END 2024-10-22 is before START 2024-10-24"),
    ],
)
def test_a_date_that_is_none_is_refused_before_anything_runs(words, complaint, home, nba):
    said = nba(*words)

    assert said.code == 2
    assert complaint in said.err


def test_home_prints_what_a_shell_can_read(home, nba):
    lines = nba("home").out.splitlines()

    assert lines[:2] == [f"export NBA_HOME={home}", f"export DAGSTER_HOME={home / 'dagster'}"]
    assert nba("home", "--json").document()["dagster_home"] == str(home / "dagster")
    assert yaml.safe_load((home / "dagster" / "dagster.yaml").read_text())["telemetry"] == {"enabled": False}


def test_dagsters_own_command_records_into_the_same_instance(filled_home):
    """What the README promises: `eval "$(nba home)"`, then `dagster asset materialize`."""
    command = ["-m", "dagster", "asset", "materialize", "-m", "nba_platform.definitions"]
    selected = ["--select", "nba_raw/schedule,nba_raw/team_boxscores", "--partition-range", "2024-10-22...2024-10-23"]

    done = subprocess.run([sys.executable, *command, *selected], capture_output=True, text=True, env=dict(os.environ))

    assert done.returncode == 0, done.stderr
    with open_instance() as instance:
        latest = instance.get_run_records(limit=1)[0]
    assert latest.dagster_run.status is dg.DagsterRunStatus.SUCCESS
    assert latest.dagster_run.tags["dagster/asset_partition_range_end"] == "2024-10-23"
    assert latest.create_timestamp.date() >= dt.date(2024, 1, 1)

import subprocess
import sys

import dagster as dg
import pytest
import yaml

from nba_platform.instance import HomeUnusable, open_instance, prepare_instance


def test_the_instance_lives_under_nba_home_and_tells_nobody(home):
    with open_instance() as instance:
        assert instance.root_directory == str(home / "dagster")
        assert instance.telemetry_enabled is False
        assert instance.nux_enabled is False
    settings = yaml.safe_load((home / "dagster" / "dagster.yaml").read_text())
    assert settings["run_queue"] == {"max_concurrent_runs": 1}


def test_settings_someone_changed_are_kept(home):
    prepare_instance()
    settings = home / "dagster" / "dagster.yaml"
    settings.write_text("telemetry: {enabled: false}\n")

    prepare_instance()

    assert settings.read_text() == "telemetry: {enabled: false}\n"


def test_dagster_finds_the_same_instance_by_itself(home, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME")
    prepare_instance()

    with dg.DagsterInstance.get() as instance:
        assert instance.root_directory == str(home / "dagster")


def test_a_home_that_cannot_be_made_says_what_to_set(home, monkeypatch):
    in_the_way = home / "a file"
    in_the_way.write_text("")
    monkeypatch.setenv("NBA_HOME", str(in_the_way))

    with pytest.raises(HomeUnusable, match="set NBA_HOME to a writable folder"):
        prepare_instance()


def test_processes_that_open_a_new_home_at_once_all_can(home):
    """Each made the records' tables: from then on no process could open them, as they had more than one version."""
    opening = [sys.executable, "-c", "from nba_platform.instance import open_instance; open_instance()"]
    processes = [subprocess.Popen(opening, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said

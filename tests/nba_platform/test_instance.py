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

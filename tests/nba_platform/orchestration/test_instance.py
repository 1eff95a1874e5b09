from hashlib import sha256

import dagster as dg
import pytest
import yaml

from nba_assets.kit.calendar import BadSetting
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_platform.orchestration.instance import (
    POSTGRES,
    SETTINGS,
    InstanceUnusable,
    open_instance,
    prepare_instance,
)
from nba_platform.orchestration.run_health import WatchedRunLauncher

from ..opening import opened_at_once

SECRET = "postgresql://nba:hush@127.0.0.1:5432/dagster"


@pytest.fixture(autouse=True)
def on_sqlite(monkeypatch):
    monkeypatch.delenv(POSTGRES, raising=False)


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

    with pytest.raises(InstanceUnusable, match="set NBA_HOME to a writable folder"):
        prepare_instance()


def test_processes_that_open_a_new_home_at_once_all_can(home):
    """Each made the records' tables: from then on no process could open them, as they had more than one version."""
    ended, said = opened_at_once(2)
    assert ended == [0, 0], said


def test_the_records_go_where_the_environment_says_and_the_password_into_no_file(home, monkeypatch):
    monkeypatch.setenv(POSTGRES, SECRET)
    prepare_instance()

    written = (home / "dagster" / "dagster.yaml").read_text()
    assert yaml.safe_load(written)["storage"]["custom"]["config"] == {"postgres_url": {"env": POSTGRES}}
    assert "event_log_storage" not in yaml.safe_load(written)
    assert "hush" not in written


def test_settings_nobody_edited_follow_the_environment_there_and_back(home, monkeypatch):
    settings = home / "dagster" / "dagster.yaml"
    prepare_instance()
    on_sqlite = settings.read_text()
    monkeypatch.setenv(POSTGRES, SECRET)
    prepare_instance()
    on_postgres = settings.read_text()
    monkeypatch.delenv(POSTGRES)
    prepare_instance()

    assert "KeptOpenEventLog" in on_sqlite
    assert "PostgresRecords" in on_postgres
    assert settings.read_text() == on_sqlite
    assert [file.name for file in settings.parent.glob("dagster.yaml*")] == ["dagster.yaml"]


def test_settings_of_an_earlier_version_are_brought_up_to_date_unless_they_were_edited(home):
    settings = home / "dagster" / "dagster.yaml"
    prepare_instance()
    present, earlier = settings.read_text(), "telemetry:\n  enabled: false\n"
    signature = f"# Kept up to date by nba until you edit it: {sha256(earlier.encode()).hexdigest()[:16]}\n"

    settings.write_text(signature + earlier)
    prepare_instance()
    assert settings.read_text() == present

    settings.write_text(signature + earlier + "# mine\n")
    prepare_instance()
    assert settings.read_text() == signature + earlier + "# mine\n"


def test_settings_from_before_they_were_signed_are_known_by_their_text(home, monkeypatch):
    settings = home / "dagster" / "dagster.yaml"
    prepare_instance()
    settings.write_text(settings.read_text().partition("\n")[2])
    monkeypatch.setenv(POSTGRES, SECRET)

    prepare_instance()

    assert POSTGRES in settings.read_text()


@pytest.mark.parametrize(
    ("own", "address", "told"),
    [
        (SETTINGS, SECRET, "is set, but is not named in"),
        (SETTINGS + f"# {POSTGRES}\n", None, "is not set, but is named in"),
    ],
)
def test_somebodys_own_settings_that_say_otherwise_are_neither_followed_nor_changed(
    home, monkeypatch, own, address, told
):
    """Records would go to one place while everybody looks in the other."""
    prepare_instance()
    settings = home / "dagster" / "dagster.yaml"
    settings.write_text(own)
    if address:
        monkeypatch.setenv(POSTGRES, address)

    with pytest.raises(InstanceUnusable, match=told) as refused:
        prepare_instance()

    assert "hush" not in str(refused.value)
    assert settings.read_text() == own


def test_a_server_that_is_away_is_told_in_one_line(home, monkeypatch, nba):
    monkeypatch.setenv(POSTGRES, "postgresql://nba:hush@127.0.0.1:1/dagster")
    said = nba("history")
    assert said.code == 1
    assert said.err.startswith(f"error: the orchestrator's records cannot be reached at {POSTGRES} (")
    assert "is PostgreSQL running" in said.err
    assert said.err.count("\n") == 1
    assert "hush" not in said.err


def test_the_address_needs_the_library_and_says_how_to_get_it(home, monkeypatch):
    monkeypatch.setenv(POSTGRES, SECRET)
    monkeypatch.setattr("nba_platform.orchestration.instance.find_spec", lambda name: None)
    with pytest.raises(BadSetting, match=r"dagster-postgres is missing: pip install '\.\[production\]'"):
        prepare_instance()


def test_settings_edited_by_hand_may_name_modules_as_before_they_moved(home):
    """A `dagster.yaml` that somebody has edited is never written again, so its old names work until version 0.3."""
    prepare_instance()
    file = home / "dagster" / "dagster.yaml"
    edited = file.read_text().replace("poll_interval_seconds: 30", "poll_interval_seconds: 60")
    edited = edited.replace("nba_platform.orchestration.run_health", "nba_platform.liveness")
    file.write_text(edited.replace("nba_platform.dagster_compat.event_log", "nba_platform.event_log"))
    with open_instance() as instance:
        assert type(instance.event_log_storage) is KeptOpenEventLog
        assert type(instance.run_launcher) is WatchedRunLauncher
        assert instance.run_monitoring_poll_interval_seconds == 60
    assert "nba_platform.liveness" in file.read_text()

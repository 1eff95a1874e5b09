"""New files of Dagster are stamped with its newest migration, which is read once a process."""

import sqlite3
from pathlib import Path

import dagster as dg
import pytest
from alembic.script import ScriptDirectory
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from dagster._core.storage.sql import get_alembic_config

from nba_platform.dagster_compat import migrations
from nba_platform.dagster_compat.event_log import KeptOpenEventLog


def test_all_databases_share_the_migrations():
    """They have one history, in one folder of Dagster."""
    modules = (sqlite_run_storage, sqlite_event_log, sqlite_run_storage)
    read = {id(ScriptDirectory.from_config(get_alembic_config(module.__file__))) for module in modules}
    assert len(read) == 1


def test_the_file_of_each_run_has_the_newest_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    @dg.asset
    def rows() -> None: ...

    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    log = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__, "config": {}}
    with dg.instance_for_test(overrides={"event_log_storage": log}, temp_dir=str(tmp_path)) as instance:
        runs = [dg.materialize([rows], instance=instance).run_id for _ in range(2)]
    newest = migrations._read(get_alembic_config(sqlite_event_log.__file__)).get_current_head()
    for run in runs:
        with sqlite3.connect(tmp_path / "history" / "runs" / f"{run}.db") as con:
            assert con.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest,)]

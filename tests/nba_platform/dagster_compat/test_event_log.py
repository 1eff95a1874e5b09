"""The log on SQLite, while several want to write to it."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, StepMaterializationData
from dagster._core.storage.partition_status_cache import AssetStatusCacheValue

from nba_platform.dagster_compat import event_log
from nba_platform.orchestration.instance import open_instance

POINTS = dg.AssetKey("points")
EVENTS = 60
SECONDS_SQLITE_WAITS = 30


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an empty log is kept."""
    monkeypatch.setenv("NBA_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    return tmp_path


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """Open, with one event, so that the table is known."""
    with open_instance() as opened:
        opened.event_log_storage.store_event_batch([stored("first")])
        yield opened


def stored(partition: str) -> dg.EventLogEntry:
    event = DagsterEvent(
        event_type_value="ASSET_MATERIALIZATION",
        job_name="test",
        event_specific_data=StepMaterializationData(dg.AssetMaterialization(POINTS, partition=partition)),
    )
    return dg.EventLogEntry(None, "debug", "", "a_run", time.time(), dagster_event=event)


def index(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        home / "dagster" / "history" / "runs" / "index.db", timeout=SECONDS_SQLITE_WAITS, isolation_level=None
    )


def count(log: sqlite3.Connection) -> int:
    return log.execute("SELECT count(*) FROM event_logs").fetchone()[0]


def remembered(instance: dg.DagsterInstance) -> AssetStatusCacheValue | None:
    return instance.get_asset_records([POINTS])[0].asset_entry.cached_status


def test_what_the_ui_writes_down_for_next_time_does_not_wait_for_another_writer(
    home: Path, instance: dg.DagsterInstance
):
    """It waited for the 30,000 events with which a run over five seasons begins, and all its pages with it."""
    seen = AssetStatusCacheValue(latest_storage_id=7)
    with closing(index(home)) as other:
        other.execute("BEGIN IMMEDIATE")
        ui = threading.Thread(target=instance.update_asset_cached_status_data, args=[POINTS, seen])
        ui.start()
        ui.join(SECONDS_SQLITE_WAITS / 3)
        assert not ui.is_alive()
        assert remembered(instance) is None
        other.execute("ROLLBACK")
    instance.update_asset_cached_status_data(POINTS, seen)
    assert remembered(instance) == seen


def test_another_writer_has_its_turn_before_a_large_batch_ends(
    home: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
):
    """SQLite lets others wait for half a minute and fails then; the first told for 45 s what it was going to do."""
    monkeypatch.setattr(event_log, "_AT_ONCE", 5)
    seen = []

    def second_writer() -> None:
        with closing(index(home)) as other:
            while count(other) == 1:
                time.sleep(0.01)
            other.execute("BEGIN IMMEDIATE")
            seen.append(count(other))
            other.execute("ROLLBACK")

    writer = threading.Thread(target=second_writer)
    writer.start()
    instance.event_log_storage.store_event_batch([stored(f"date {number}") for number in range(EVENTS)])
    writer.join(SECONDS_SQLITE_WAITS)
    assert 1 < seen[0] < 1 + EVENTS
    assert len(instance.get_materialized_partitions(POINTS)) == 1 + EVENTS

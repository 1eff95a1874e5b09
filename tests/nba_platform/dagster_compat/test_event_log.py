"""The event log on SQLite while two processes write."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as db
from dagster._core.events import DagsterEvent, StepMaterializationData
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.partition_status_cache import AssetStatusCacheValue

from nba_platform.dagster_compat import event_log
from nba_platform.orchestration.event_log_reader import CODE_VERSION
from nba_platform.orchestration.instance import open_instance

from .run_events import SUMMARIES, events_of_a_run

POINTS = dg.AssetKey("points")
EVENTS = 60
SECONDS_SQLITE_WAITS = 30


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of an empty log."""
    monkeypatch.setenv("NBA_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    return tmp_path


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """Open an instance with one event, so that the table exists."""
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


def cached_status(instance: dg.DagsterInstance) -> AssetStatusCacheValue | None:
    return instance.get_asset_records([POINTS])[0].asset_entry.cached_status


def contents(log: SqliteEventLogStorage, run_id: str) -> dict[str, list[tuple]]:
    """Return the tables of the index, and the events of the run's own file."""
    tables = [("index", table, columns) for table, columns in SUMMARIES.items()]
    tables.append((run_id, "event_logs", SUMMARIES["event_logs"]))
    found = {}
    for shard, table, columns in tables:
        with closing(sqlite3.connect(log.path_for_shard(shard))) as con:
            query = f"SELECT {columns} FROM {table} ORDER BY 1, 2, 3, 4"
            found[f"{table} of {'index' if shard == 'index' else 'run'}"] = con.execute(query).fetchall()
    return found


@pytest.mark.parametrize("size", [1, 7, 1_000], ids="{} at a time".format)
def test_a_batch_leaves_what_the_stock_storage_leaves_event_by_event(tmp_path: Path, size: int):
    events = events_of_a_run()
    stock = SqliteEventLogStorage(str(tmp_path / "stock"))
    stock.get_asset_tags_to_index = lambda keys: keys & {CODE_VERSION, "dagster/data_version"}
    for event in events:
        stock.store_event(event)

    ours = event_log.KeptOpenEventLog(str(tmp_path / "ours"))
    for start in range(0, len(events), size):
        ours.store_event_batch(events[start : start + size])

    expected = contents(stock, events[0].run_id)
    assert contents(ours, events[0].run_id) == expected
    assert len(expected["event_logs of run"]) == len(events)
    assert len(expected["asset_keys of index"]) == 2
    assert len([row for row in expected["asset_event_tags of index"] if row[2] == CODE_VERSION]) == 8
    assert len(expected["asset_check_executions of index"]) == 5


def test_a_ui_cache_write_is_skipped_while_another_process_writes(home: Path, instance: dg.DagsterInstance):
    """The UI waited for the 30,000 events of a starting run over five seasons, and so did every page."""
    value = AssetStatusCacheValue(latest_storage_id=7)
    with closing(index(home)) as other:
        other.execute("BEGIN IMMEDIATE")
        ui = threading.Thread(target=instance.update_asset_cached_status_data, args=[POINTS, value])
        ui.start()
        ui.join(SECONDS_SQLITE_WAITS / 3)
        assert not ui.is_alive()
        assert cached_status(instance) is None
        other.execute("ROLLBACK")
    instance.update_asset_cached_status_data(POINTS, value)
    assert cached_status(instance) == value


def test_another_process_can_write_before_a_large_batch_ends(
    home: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
):
    """SQLite waits for 30 s and then fails; the planned events of one run took 45 s."""
    monkeypatch.setattr(event_log, "_AT_ONCE", 5)
    counts = []

    def second_writer() -> None:
        with closing(index(home)) as other:
            while count(other) == 1:
                time.sleep(0.01)
            other.execute("BEGIN IMMEDIATE")
            counts.append(count(other))
            other.execute("ROLLBACK")

    writer = threading.Thread(target=second_writer)
    writer.start()
    instance.event_log_storage.store_event_batch([stored(f"date {number}") for number in range(EVENTS)])
    writer.join(SECONDS_SQLITE_WAITS)
    assert 1 < counts[0] < 1 + EVENTS
    assert len(instance.get_materialized_partitions(POINTS)) == 1 + EVENTS


def test_a_table_that_exists_is_looked_for_once(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch):
    """The stock storage opens the file for every event to find out whether it has the tables of checks and tags."""
    looked: list[str] = []
    stock = SqliteEventLogStorage.has_table
    monkeypatch.setattr(SqliteEventLogStorage, "has_table", lambda log, name: looked.append(name) or stock(log, name))

    for _ in range(3):
        assert instance.event_log_storage.supports_asset_checks  # every check event asks
        assert not instance.event_log_storage.has_table("nothing")

    assert looked.count("asset_check_executions") <= 1, "none if it was looked for before"
    assert looked.count("nothing") == 3, "a table that does not exist may be made"


def test_assets_are_read_by_two_statements(instance: dg.DagsterInstance):
    """The stock storage took seven, five of them to find out which columns and indexes there are."""
    statements: list[str] = []

    def note(con: db.Connection, cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    (first,) = instance.get_asset_records([POINTS])
    db.event.listen(db.Engine, "before_cursor_execute", note)
    try:
        (again,) = instance.get_asset_records([POINTS])
    finally:
        db.event.remove(db.Engine, "before_cursor_execute", note)
    assert len(statements) == 2, statements
    assert again == first
    assert again.asset_entry.last_materialization.asset_materialization.partition == "first"

"""The storage on a real PostgreSQL server; without one installed these tests are skipped."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import dagster as dg
import pytest
from dagster_postgres import PostgresEventLogStorage
from sqlalchemy.exc import IntegrityError

from nba_platform.dagster_compat.postgres_storage import BatchedEventLog, with_driver
from nba_platform.orchestration.event_log_reader import CODE_VERSION
from nba_platform.orchestration.instance import POSTGRES, open_instance, prepare_instance
from nba_platform.orchestration.run_health import PROCESS, fail_dead_runs

from ..opening import opened_at_once
from .postgres_server import PASSWORD, Server
from .run_events import SUMMARIES, events_of_a_run


@pytest.fixture
def address(server: Server, request: pytest.FixtureRequest) -> str:
    return server.empty_database(request.node.name[:60])


@pytest.fixture
def instance(home, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv(POSTGRES, address)
    with open_instance() as opened:
        yield opened


@pytest.fixture(scope="module")
def events() -> list[dg.EventLogEntry]:
    return events_of_a_run()


def name_of(address: str) -> str:
    """Return the name of the database."""
    return address.rpartition("/")[2]


def contents(server: Server, address: str) -> dict[str, Sequence[tuple]]:
    return {
        table: server.run(f"SELECT {columns} FROM {table} ORDER BY 1, 2, 3, 4", name_of(address))
        for table, columns in SUMMARIES.items()
    }


def test_a_batch_leaves_what_the_stock_storage_leaves_event_by_event(server, address, events):
    """All kinds of events in one batch, compared with the stock storage, which stores them one at a time."""
    stock_address = server.empty_database("stock")
    stock = PostgresEventLogStorage(with_driver(stock_address))
    stock.get_asset_tags_to_index = lambda keys: keys & {CODE_VERSION, "dagster/data_version"}
    for event in events:
        stock.store_event(event)

    BatchedEventLog(with_driver(address)).store_event_batch(events)

    ours, expected = contents(server, address), contents(server, stock_address)
    assert ours == expected
    assert len(expected["asset_keys"]) == 2
    assert len([row for row in expected["asset_event_tags"] if row[2] == CODE_VERSION]) == 8
    assert len(expected["asset_check_executions"]) == 5


def test_a_batch_that_cannot_be_stored_whole_leaves_nothing(server, address, events):
    log = BatchedEventLog(with_driver(address))
    planned = next(
        event for event in events if event.dagster_event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
    )
    server.run("CREATE UNIQUE INDEX only_once ON asset_check_executions (run_id, check_name)", name_of(address))

    with pytest.raises(IntegrityError):
        log.store_event_batch([*events, planned])

    assert not any(contents(server, address).values())


def test_events_become_visible_in_the_order_of_their_numbers(server, address, events):
    """A reader remembers the highest number it has seen, so a batch that ends later must not hold lower ones."""
    log, database = BatchedEventLog(with_driver(address)), name_of(address)
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    second = threading.Thread(target=log.store_event, args=[events[-1]])
    with log._transaction() as first:
        second.start()
        until(lambda: server.run(waiting, database) == [(1,)])
        for event in events[:3]:
            first.execute(log.prepare_insert_event(event))
        assert server.run("SELECT id FROM event_logs", database) == []
    second.join(timeout=30)

    stored = server.run("SELECT id, event FROM event_logs ORDER BY id", database)
    assert [number for number, _ in stored] == [1, 2, 3, 4]
    assert dg.deserialize_value(stored[-1][1], dg.EventLogEntry) == events[-1]


def test_a_connection_that_the_server_ended_is_replaced(instance, server, address):
    """PostgreSQL is restarted for its updates while the daemon goes on."""
    instance.get_runs_count()
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}", name_of(address))
    assert instance.get_runs_count() == 0


def test_the_instance_shows_where_its_events_are_but_not_the_password(instance):
    events = f"{instance.info_str()} {instance.get_ref().to_dict()} {instance.event_log_storage._engine!r}"
    assert POSTGRES in events
    assert PASSWORD not in events


def test_settings_edited_by_hand_may_name_the_storage_as_before_it_moved(home, address, monkeypatch):
    """A `dagster.yaml` that somebody has edited is never written again, so its old names work until version 0.3."""
    monkeypatch.setenv(POSTGRES, address)
    file = prepare_instance() / "dagster.yaml"
    edited = file.read_text().replace("nba_platform.dagster_compat.postgres_storage", "nba_platform.postgres_records")
    file.write_text(f"# edited\n{edited}")
    with open_instance() as instance:
        assert type(instance.event_log_storage) is BatchedEventLog
    assert "nba_platform.postgres_records" in file.read_text()


def test_a_wrong_password_is_reported_in_one_line_without_it(home, server, monkeypatch, nba):
    monkeypatch.setenv(POSTGRES, server.address("postgres", password="close%25sesame"))
    result = nba("history")
    assert result.code == 1
    assert result.err.startswith(f"error: the orchestrator's records cannot be reached at {POSTGRES} (")
    assert result.err.count("\n") == 1
    assert "sesame" not in result.err


def test_processes_can_open_a_new_database_at_once(home, address, monkeypatch):
    monkeypatch.setenv(POSTGRES, address)
    codes, errors = opened_at_once(2)
    assert codes == [0, 0], errors


def test_computed_dates_are_skipped_and_a_killed_run_is_marked_as_failed(instance, nba):
    """The whole way on PostgreSQL: a backfill, the same again, its history, and a run whose process is gone."""
    command = ("backfill", "2024-10-22", "2024-10-23", "--select", "schedule,seasons,player_boxscores", "--json")
    first = nba(*command).document()
    assert first["error"] is None
    assert nba(*command).document()["runs"] == []
    entry, *_ = nba("history", "player_boxscores", "2024-10-22", "--json").document()["entries"]
    assert (entry["state"], entry["started_by"]) == ("stored", "nba")
    assert entry["rows"] > 0

    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    run = instance.create_run_for_job(idle, status=dg.DagsterRunStatus.STARTED, tags={PROCESS: str(gone.pid)})
    assert fail_dead_runs(instance) == [run.run_id]


@dg.job
def idle() -> None: ...


def until(holds: Callable[[], bool]) -> None:
    patience = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.01)

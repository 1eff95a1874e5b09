"""Reads and writes of a step share a connection and steps the file, others get in between, and no count is repeated."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.contract import ContractBroken
from nba_resources.warehouse.duckdb import attached, connections
from nba_resources.warehouse.duckdb.attached import AttachedFile
from nba_resources.warehouse.duckdb.reused_results import ReusedResults
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.sql.statements import Query

from ...backends.scores import ALL_THREE, MONDAY, SCORES, in_threads, loaded, rows, score, stored

LOADED = {"s": 90, "m": 101, "t": 112}
OTHER = replace(SCORES, name="others")


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return loaded(DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"), patience_seconds=30))


@pytest.fixture
def opened(warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each opening of the file, whether it is read-only."""
    modes: list[bool] = []
    attach = attached.attach

    def counted(file: Path, read_only: bool, **settings: Any) -> AttachedFile:
        modes.append(read_only)
        return attach(file, read_only, **settings)

    monkeypatch.setattr(attached, "attach", counted)
    return modes


def pts_of(warehouse: Warehouse, game_id: str) -> int:
    table = SCORES.table()
    return int(warehouse.read(table.filter(table.game_id == game_id).select("pts"))["pts"].iat[0])


def test_reads_of_a_session_open_the_file_once(warehouse: DuckDBWarehouse, opened: list[bool]):
    with warehouse.session():
        assert [pts_of(warehouse, game) for game in "smt"] == [90, 101, 112]
        with warehouse.session():
            assert warehouse.holds(SCORES)
        assert stored(warehouse) == LOADED
    assert opened == [True]


def test_without_a_session_each_read_opens_the_file(warehouse: DuckDBWarehouse, opened: list[bool]):
    assert [pts_of(warehouse, game) for game in "sm"] == [90, 101]
    assert opened == [True] * 2


def test_a_session_that_has_read_can_write_and_sees_what_it_wrote(warehouse: DuckDBWarehouse, opened: list[bool]):
    with warehouse.session():
        assert stored(warehouse) == LOADED
        for pts in (1, 2):
            warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=pts)))
            assert stored(warehouse) == {"m": pts}
        assert warehouse.update(SCORES, {"game_id": "m"}, {"pts": 3}) == 1
        assert stored(warehouse) == {"m": 3}
    assert opened == [True, False]


def test_another_resource_of_the_same_file_joins_the_session(warehouse: DuckDBWarehouse, opened: list[bool]):
    """Dagster hands each asset its own copy of a resource."""
    with warehouse.session():
        assert stored(replace(warehouse)) == LOADED
        assert pts_of(warehouse, "s") == 90
    assert opened == [True]


def test_a_refused_write_leaves_the_session_usable_and_the_rows_as_they_were(warehouse: DuckDBWarehouse):
    with warehouse.session():
        with pytest.raises(ContractBroken, match="pts is outside"):
            warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=999)))
        assert stored(warehouse) == LOADED
        warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=5)))
    assert stored(warehouse) == {"m": 5}


READER = """
import sys
from nba_resources.warehouse.duckdb import connections
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.contract import Contract, integer, text
scores = Contract("nba_raw", "scores", ("game_id",), {"game_id": text(), "pts": integer()})
warehouse = DuckDBWarehouse(path=sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(warehouse.read(scores.table())["pts"].sum(), flush=True)
"""


@pytest.fixture
def read_elsewhere(warehouse: DuckDBWarehouse) -> Iterator[tuple[Callable[[], None], threading.Event]]:
    """Return what lets another process read the sum of the points, and the event that it has."""
    command = [sys.executable, "-c", READER, warehouse.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdin is not None
        assert reader.stdout.readline() == "ready\n"
        read = threading.Event()
        waiting = threading.Thread(target=lambda: (reader.stdout.readline(), read.set()))
        waiting.start()

        def start() -> None:
            reader.stdin.write("go\n")
            reader.stdin.flush()

        yield start, read
        waiting.join(timeout=60)
        reader.kill()


@pytest.mark.parametrize("is_a_run", [False, True])
def test_a_reader_of_another_process_gets_in_between_two_steps(
    warehouse: DuckDBWarehouse, read_elsewhere: tuple[Callable[[], None], threading.Event], is_a_run: bool
):
    """A reader whose pauses grew once waited until the whole run had ended."""
    start, read = read_elsewhere
    start()
    steps = 0
    with warehouse.kept() if is_a_run else nullcontext():
        while not read.is_set() and steps < 1000:
            with warehouse.session():
                warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=1)))
                assert stored(warehouse) == {"m": 1}
            if not is_a_run:
                read.wait(0.02)
            steps += 1
        assert read.is_set()


def test_the_steps_of_a_run_open_the_file_once_to_read_and_once_to_write(
    warehouse: DuckDBWarehouse, opened: list[bool], monkeypatch: pytest.MonkeyPatch
):
    """An evening of 44 steps opened it 61 times: an eighth of its time."""
    monkeypatch.setattr(connections, "MOMENT", 600)
    with warehouse.kept():
        assert stored(warehouse) == LOADED
        for pts in (1, 2):
            warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=pts)))
            with warehouse.session():
                assert stored(warehouse) == {"m": pts}
        with warehouse.kept():
            assert pts_of(warehouse, "m") == 2
    assert opened == [True, False]
    with closing(duckdb.connect(warehouse.path)) as con:
        assert con.execute("SELECT pts FROM nba_raw.scores").fetchall() == [(2,)]


def test_a_file_that_keeps_much_in_memory_is_closed_after_the_step(
    warehouse: DuckDBWarehouse, opened: list[bool], monkeypatch: pytest.MonkeyPatch
):
    """The next step needs the memory: after a step over seasons DuckDB keeps up to two gigabytes of what it read."""
    monkeypatch.setattr(connections, "MOMENT", 600)
    monkeypatch.setattr(connections, "MOST_KEPT", -1)
    with warehouse.kept():
        for pts in (1, 2):
            warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=pts)))
    assert opened == [False, False]


def test_a_step_after_a_refused_write_opens_the_file_again(warehouse: DuckDBWarehouse, opened: list[bool]):
    with warehouse.kept():
        with pytest.raises(ContractBroken):
            warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=999)))
        assert stored(warehouse) == LOADED
    assert opened == [False, True]


def test_a_run_that_computes_lets_a_reader_of_another_process_in(
    warehouse: DuckDBWarehouse,
    read_elsewhere: tuple[Callable[[], None], threading.Event],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(connections, "MOMENT", 600)
    start, read = read_elsewhere
    with warehouse.kept():
        warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=1)))
        start()
        assert read.wait(60)
        assert stored(warehouse) == {"m": 1}


def test_a_run_that_computes_for_long_closes_the_file(warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch):
    """It holds memory, which the training of a model needs."""
    monkeypatch.setattr(connections, "MOMENT", 0)
    closed = threading.Event()
    monkeypatch.setattr(ReusedResults, "closed", lambda results: closed.set())
    with warehouse.kept():
        warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=1)))
        assert closed.wait(60)


def test_what_a_step_leaves_behind_is_gone_in_the_next(warehouse: DuckDBWarehouse):
    """Temporary tables of a write over seasons would fill the memory while a model is trained."""
    with warehouse.kept():
        warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=1)))
        temporary = "SELECT table_name FROM duckdb_tables() WHERE temporary"
        assert warehouse.results([temporary, "SELECT current_setting('memory_limit')"]) == [[], [("1.1 GiB",)]]


def test_threads_whose_sessions_have_read_can_all_write(warehouse: DuckDBWarehouse):
    """One waits for the lock of writes, the other for the file: neither may hold what the other waits for."""
    together = threading.Barrier(2, timeout=20)

    def work(game: str) -> Callable[[], None]:
        def replace() -> None:
            with warehouse.session():
                assert len(stored(warehouse)) >= 1
                together.wait()
                warehouse.append(SCORES, ALL_THREE, rows(score(game, MONDAY)))

        return replace

    assert in_threads(work("one"), work("two")) == []
    assert stored(warehouse).keys() == {*LOADED, "one", "two"}


def test_the_same_count_is_read_once(warehouse: DuckDBWarehouse, opened: list[bool]):
    frames = [warehouse.read(SCORES.table().order_by("game_id")) for _ in range(3)]
    assert opened == [True]
    frames[0]["pts"] = 0
    assert [list(frame["pts"]) for frame in frames[1:]] == [[101, 90, 112]] * 2
    assert stored(warehouse) == {"m": 101, "s": 90, "t": 112}


def test_a_count_is_read_again_after_a_write_of_its_table_only(warehouse: DuckDBWarehouse, opened: list[bool]):
    assert stored(warehouse) == LOADED
    warehouse.replace(OTHER, ALL_THREE, rows())
    opened.clear()
    assert stored(warehouse) == LOADED
    assert opened == []
    warehouse.append(SCORES, ALL_THREE, rows(score("new", MONDAY, pts=7)))
    assert stored(warehouse) == {**LOADED, "new": 7}
    warehouse.update(SCORES, {"game_id": "new"}, {"pts": 8})
    assert stored(warehouse) == {**LOADED, "new": 8}


def test_rows_of_plain_sql_are_read_again_after_any_write(warehouse: DuckDBWarehouse, opened: list[bool]):
    """Nine documents of an evening asked for the same six counts to know whether they may be published."""
    counts = ["SELECT max(pts) FROM nba_raw.scores", "SELECT count(*) FROM nba_raw.scores"]
    found = [warehouse.results(counts) for _ in range(2)]
    found[0][0].append((0,))
    assert found[1] == warehouse.results(counts) == [[(112,)], [(3,)]]
    assert opened == [True]
    warehouse.replace(OTHER, ALL_THREE, rows())
    opened.clear()
    warehouse.results(counts)
    assert opened == [True]
    warehouse.append(SCORES, ALL_THREE, rows(score("new", MONDAY, pts=200)))
    assert warehouse.results(counts) == [[(200,)], [(4,)]]
    with closing(duckdb.connect(warehouse.path)) as con:
        con.execute("UPDATE nba_raw.scores SET pts = 300 WHERE game_id = 'm'")
    assert warehouse.results(counts) == [[(300,)], [(4,)]]


def test_a_count_is_read_again_after_a_write_of_another_program(warehouse: DuckDBWarehouse):
    assert stored(warehouse) == LOADED
    with closing(duckdb.connect(warehouse.path)) as con:
        con.execute("UPDATE nba_raw.scores SET pts = 5 WHERE game_id = 'm'")
    warehouse.replace(OTHER, ALL_THREE, rows())
    assert stored(warehouse) == {**LOADED, "m": 5}


def test_a_count_over_rows_in_memory_is_always_read(warehouse: DuckDBWarehouse):
    numbers = ibis.table({"n": "int64"}, name="numbers")
    queries = [Query("numbers", lambda dates: numbers, frames={"numbers": pa.table({"n": [n]})}) for n in (1, 2)]
    assert [warehouse.read(query)["n"].iat[0] for query in queries] == [1, 2]


def test_which_tables_exist_is_read_once_though_one_is_written_again(warehouse: DuckDBWarehouse, opened: list[bool]):
    """Each check asked after the write of its own table: a seventh of an evening's openings."""
    assert warehouse.holds(SCORES)
    warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY)))
    assert warehouse.stored_keys([SCORES, OTHER]) == {SCORES.key}
    assert opened == [True, False, True], "the last one for the table that is not stored"
    warehouse.replace(SCORES, ALL_THREE, rows(score("m", MONDAY, pts=1)))
    assert warehouse.stored_keys([SCORES, OTHER]) == {SCORES.key}
    assert opened == [True, False, True, False]


def test_a_table_that_another_program_drops_is_not_there_any_more(warehouse: DuckDBWarehouse):
    assert warehouse.holds(SCORES)
    with closing(duckdb.connect(warehouse.path)) as con:
        con.execute(f"DROP TABLE {SCORES.key}")
    assert not warehouse.holds(SCORES)


def test_a_table_is_known_as_soon_as_it_is_written(warehouse: DuckDBWarehouse):
    assert not warehouse.holds(OTHER)
    warehouse.replace(OTHER, ALL_THREE, rows())
    assert warehouse.holds(OTHER)

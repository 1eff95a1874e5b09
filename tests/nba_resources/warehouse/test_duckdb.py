import datetime as dt
import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pytest

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import WarehouseBusy, WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, ContractBroken, day, flag, integer, moment, number, text, texts
from nba_resources.warehouse.duckdb import DuckDBWarehouse

SUNDAY, MONDAY, TUESDAY = (dt.date(2025, 1, n) for n in (12, 13, 14))
ALL_THREE = DateRange(SUNDAY, TUESDAY)
COLUMNS = {
    "game_id": text(),
    "game_date": day(),
    "side": text("", "home", "away"),
    "pts": integer("", 0, 200),
    "pace": number("", 70, 130, null=True),
}
SCORES = Contract("nba_raw", "scores", ("game_id",), COLUMNS, partition="game_date")


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(path=str(tmp_path / "home" / "nba.duckdb"), patience_seconds=20)


def score(game_id: str, game_date: dt.date = MONDAY, **changes: Any) -> dict[str, Any]:
    return {"game_id": game_id, "game_date": game_date, "side": "home", "pts": 100, "pace": 98.5} | changes


def rows(*found: Mapping[str, Any], contract: Contract = SCORES) -> ir.Table:
    anything = ibis.schema({name: column.dtype(nullable=True) for name, column in contract.columns.items()})
    return ibis.memtable(list(found), schema=anything)


def stored(warehouse: DuckDBWarehouse, contract: Contract = SCORES) -> dict[str, int]:
    table = contract.table()
    found = warehouse.read(table.select("game_id", "pts").order_by("game_id"))
    return dict(zip(found["game_id"], found["pts"], strict=True))


def loaded(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    games = rows(score("s", SUNDAY, pts=90), score("m", MONDAY, pts=101), score("t", TUESDAY, pts=112))
    warehouse.replace(SCORES, ALL_THREE, games)
    return warehouse


def test_a_replace_stores_exactly_the_rows_and_counts_them_by_date(warehouse: DuckDBWarehouse):
    games = rows(score("a", SUNDAY), score("b", TUESDAY), score("c", TUESDAY, pts=117))
    counted = warehouse.replace(SCORES, ALL_THREE, games)
    assert counted == {SUNDAY: 1, TUESDAY: 2}
    assert stored(warehouse) == {"a": 100, "b": 100, "c": 117}


def test_the_same_replace_twice_changes_nothing(warehouse: DuckDBWarehouse):
    """Appending after a DELETE of 'old' rows once left 71,010 duplicates among 89,954 rows."""
    games = rows(score("a", SUNDAY), score("b", TUESDAY))
    first = warehouse.replace(SCORES, ALL_THREE, games)
    assert warehouse.replace(SCORES, ALL_THREE, games) == first
    assert stored(warehouse) == {"a": 100, "b": 100}


def test_a_replace_touches_only_its_own_dates(warehouse: DuckDBWarehouse):
    loaded(warehouse).replace(SCORES, DateRange(MONDAY, MONDAY), rows(score("m2", MONDAY, pts=7)))
    assert stored(warehouse) == {"s": 90, "m2": 7, "t": 112}


def test_an_empty_delivery_empties_its_dates(warehouse: DuckDBWarehouse):
    counted = loaded(warehouse).replace(SCORES, DateRange(MONDAY, TUESDAY), rows())
    assert counted == {}
    assert stored(warehouse) == {"s": 90}


def test_an_empty_first_write_makes_the_table(warehouse: DuckDBWarehouse):
    assert warehouse.replace(SCORES, ALL_THREE, rows()) == {}
    assert warehouse.holds(SCORES)
    assert stored(warehouse) == {}


def test_a_table_is_held_once_it_was_written(warehouse: DuckDBWarehouse):
    assert not warehouse.holds(SCORES)
    warehouse.replace(SCORES, ALL_THREE, rows(score("a")))
    assert warehouse.holds(SCORES)
    assert not warehouse.holds(replace(SCORES, name="shots"))


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ([score("x"), score("x", SUNDAY)], r"repeated keys \(game_id\), for instance \[\('x', 2\)\]"),
        ([score("x", pts=None)], r"1 rows where pts is NULL; the first at \[\('x',\)\]"),
        ([score("x", pts=201), score("y", pts=-1)], "2 rows where pts is outside 0 to 200"),
        ([score("x", side="left")], "1 rows where side is none of home, away"),
        ([score("x", pace=math.inf)], "1 rows where pace is not a finite number"),
        ([score("x", dt.date(2025, 1, 15))], "game_date is outside 2025-01-12...2025-01-14"),
        (
            [score("x", pts=None, side="left")],
            "1 rows where side is none of home, away; 1 rows where pts is NULL; the first",
        ),
    ],
)
def test_what_breaks_the_contract_is_refused_and_the_old_rows_stay(
    warehouse: DuckDBWarehouse, bad: list[dict[str, Any]], told: str
):
    loaded(warehouse)
    with pytest.raises(ContractBroken, match=f"nba_raw.scores: nothing stored. Found .*({told})"):
        warehouse.replace(SCORES, ALL_THREE, rows(score("good"), *bad))
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_nan_is_not_a_number_we_store(warehouse: DuckDBWarehouse):
    with pytest.raises(ContractBroken, match="pace is not a finite number"):
        warehouse.replace(SCORES, ALL_THREE, rows(score("x")).mutate(pace=ibis.literal(math.nan)))


@pytest.mark.parametrize(
    "change", [lambda t: t.drop("pace"), lambda t: t.mutate(colour=ibis.literal("green"))], ids=["missing", "unknown"]
)
def test_a_missing_or_an_unknown_column_is_refused_and_the_old_rows_stay(warehouse: DuckDBWarehouse, change: Any):
    loaded(warehouse)
    with pytest.raises(ContractBroken, match="columns missing"):
        warehouse.replace(SCORES, ALL_THREE, change(rows(score("x"))))
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_an_error_inside_the_computation_leaves_the_old_rows(warehouse: DuckDBWarehouse):
    loaded(warehouse)
    unreadable = rows(score("x")).mutate(pts=ibis.literal("thirty").cast("int64"))
    with pytest.raises(duckdb.ConversionException):
        warehouse.replace(SCORES, ALL_THREE, unreadable)
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_a_process_killed_in_the_middle_of_a_write_leaves_the_old_rows(warehouse: DuckDBWarehouse):
    loaded(warehouse)
    script = """
import os, sys, duckdb
con = duckdb.connect(sys.argv[1])
con.begin()
con.execute("DELETE FROM nba_raw.scores")
con.execute("INSERT INTO nba_raw.scores VALUES ('half', DATE '2025-01-13', 'home', 1, 80)")
os._exit(9)
"""
    died = subprocess.run([sys.executable, "-c", script, warehouse.path], check=False)
    assert died.returncode == 9
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_a_key_stored_under_another_date_is_refused(warehouse: DuckDBWarehouse):
    loaded(warehouse)
    with pytest.raises(ContractBroken, match=r"already stored under other dates.*'m'.*refresh those dates together"):
        warehouse.replace(SCORES, DateRange(TUESDAY, TUESDAY), rows(score("m", TUESDAY)))
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_a_moved_game_leaves_its_old_date(warehouse: DuckDBWarehouse):
    calendar = replace(SCORES, moves=("game_id",))
    loaded(warehouse)
    counted = warehouse.replace(calendar, DateRange(TUESDAY, TUESDAY), rows(score("m", TUESDAY), score("t", TUESDAY)))
    assert counted == {TUESDAY: 2}
    assert stored(warehouse) == {"s": 90, "m": 100, "t": 100}


def test_what_is_appended_never_rewrites_what_was_seen_first(warehouse: DuckDBWarehouse):
    warehouse.append(SCORES, ALL_THREE, rows(score("a", pts=20)))
    counted = warehouse.append(SCORES, ALL_THREE, rows(score("a", pts=25), score("b", TUESDAY, pts=30)))
    assert counted == {MONDAY: 1, TUESDAY: 1}
    assert stored(warehouse) == {"a": 20, "b": 30}


def test_an_appended_key_of_unknown_parts_is_still_the_same_key(warehouse: DuckDBWarehouse):
    keyed = replace(SCORES, grain=("game_id", "pace"))
    for _ in range(2):
        warehouse.append(keyed, ALL_THREE, rows(score("a", pace=None)))
    assert stored(warehouse) == {"a": 100}
    assert len(warehouse.read(SCORES.table())) == 1


def test_an_append_keeps_the_contract_too(warehouse: DuckDBWarehouse):
    warehouse.append(SCORES, ALL_THREE, rows(score("a")))
    with pytest.raises(ContractBroken, match="pts is outside"):
        warehouse.append(SCORES, ALL_THREE, rows(score("b", pts=900)))
    assert stored(warehouse) == {"a": 100}


def test_a_table_without_dates_is_replaced_whole(warehouse: DuckDBWarehouse):
    whole = replace(SCORES, partition=None)
    warehouse.replace(whole, None, rows(score("a"), score("b", TUESDAY)))
    assert warehouse.replace(whole, None, rows(score("c", SUNDAY))) == {}
    assert stored(warehouse) == {"c": 100}


def test_every_type_comes_back_as_it_was_stored(warehouse: DuckDBWarehouse):
    kinds = {
        "game_id": text(),
        "game_date": day(),
        "tipoff": moment(null=True),
        "neutral": flag(null=True),
        "reasons": texts(null=True),
        "pts": integer(null=True),
        "pace": number(null=True),
    }
    contract = Contract("nba_raw", "kinds", ("game_id",), kinds, partition="game_date")
    tipoff = dt.datetime(2025, 1, 14, 0, 30, tzinfo=dt.UTC)  # an evening in New York
    full = {"game_id": "a", "game_date": MONDAY, "tipoff": tipoff, "neutral": True, "reasons": ["Jokić", "x"]}
    full |= {"pts": 22400561, "pace": 0.1}
    blank = dict.fromkeys(kinds) | {"game_id": "b", "game_date": MONDAY, "reasons": []}
    warehouse.replace(contract, ALL_THREE, rows(full, blank, contract=contract))
    with duckdb.connect(warehouse.path, read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        types = con.execute("SELECT DISTINCT data_type FROM duckdb_columns() WHERE table_name = 'kinds'").fetchall()
        found = con.execute("SELECT * FROM nba_raw.kinds ORDER BY game_id").to_arrow_table().to_pylist()
    assert found == [full, blank]
    kept = {"VARCHAR", "DATE", "TIMESTAMP WITH TIME ZONE", "BOOLEAN", "VARCHAR[]", "BIGINT", "DOUBLE"}
    assert {name for (name,) in types} == kept
    frame = warehouse.read(contract.table().order_by("game_id"))
    assert frame["tipoff"].iloc[0] == tipoff
    assert frame["pts"].isna().tolist() == [False, True]
    assert list(frame["reasons"].iloc[0]) == ["Jokić", "x"]


def test_stored_tables_can_be_joined_with_rows_at_hand(warehouse: DuckDBWarehouse):
    wanted = ibis.memtable({"game_id": ["m", "nobody"]})
    found = loaded(warehouse).read(SCORES.table().semi_join(wanted, "game_id").select("pts"))
    assert found["pts"].tolist() == [101]


def test_a_table_stored_with_other_columns_says_which_and_what_to_do(warehouse: DuckDBWarehouse):
    loaded(warehouse)
    grown = replace(SCORES, columns={**COLUMNS, "coach": text(null=True)})
    with pytest.raises(WarehouseUnavailable, match=r"nba_raw\.scores .*\(coach\): drop the table and backfill it"):
        warehouse.replace(grown, ALL_THREE, rows(score("x", coach="Mazzulla"), contract=grown))
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_a_table_never_materialised_is_named_with_what_was_asked_of_it(warehouse: DuckDBWarehouse):
    shots = replace(SCORES, name="shots")
    with pytest.raises(WarehouseUnavailable, match=r"never materialised; this reads nba_raw\.shots: backfill"):
        loaded(warehouse).read(shots.table())


@contextmanager
def held_by_another_process(path: str, seconds: float) -> Iterator[subprocess.Popen[str]]:
    script = "import duckdb, sys, time; con = duckdb.connect(sys.argv[1]); print('open', flush=True); "
    script += "time.sleep(float(sys.argv[2])); con.close()"
    command = [sys.executable, "-c", script, path, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_locked_file_is_waited_for(warehouse: DuckDBWarehouse):
    """DuckDB lets one process in at a time: without waiting, 254 of 400 writes of two processes were lost."""
    loaded(warehouse)
    with held_by_another_process(warehouse.path, seconds=0.8):
        warehouse.replace(SCORES, ALL_THREE, rows(score("after")))
    assert stored(warehouse) == {"after": 100}


@pytest.mark.parametrize("verb", ["read", "write"])
def test_patience_ends_with_one_line_that_names_the_file_the_holder_and_what_to_do(
    warehouse: DuckDBWarehouse, verb: str
):
    hasty = loaded(warehouse).model_copy(update={"patience_seconds": 0.3})
    began = time.monotonic()
    with held_by_another_process(warehouse.path, seconds=60) as holder, pytest.raises(WarehouseBusy) as refused:
        hasty.read(SCORES.table()) if verb == "read" else hasty.replace(SCORES, ALL_THREE, rows())
    said = str(refused.value)
    assert said.startswith(f"{warehouse.path} is locked by another program (PID {holder.pid}): waited 0.3 s. Close")
    assert "\n" not in said
    assert time.monotonic() - began < 10
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


WRITER = """
import datetime as dt, sys
import ibis
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract, day, integer
from nba_resources.warehouse.duckdb import DuckDBWarehouse

contract = Contract("nba_raw", "tally", ("writer", "n"), {"writer": integer(), "n": integer(), "on": day()}, "on")
warehouse = DuckDBWarehouse(path=sys.argv[1])
for n in range(int(sys.argv[3])):
    on = dt.date(2025, 1, 1) + dt.timedelta(days=2 * n + int(sys.argv[2]))
    rows = [{"writer": int(sys.argv[2]), "n": n, "on": on}]
    warehouse.replace(contract, DateRange(on, on), ibis.memtable(rows, schema=contract.schema))
"""


def test_two_processes_that_write_at_the_same_time_lose_nothing(warehouse: DuckDBWarehouse):
    times = 10
    commands = [[sys.executable, "-c", WRITER, warehouse.path, str(who), str(times)] for who in (0, 1)]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    errors = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], errors
    with duckdb.connect(warehouse.path, read_only=True) as con:
        assert con.execute("SELECT writer, COUNT(*) FROM nba_raw.tally GROUP BY 1 ORDER BY 1").fetchall() == [
            (0, times),
            (1, times),
        ]


def in_threads(*work: Callable[[], object]) -> list[Exception]:
    failed: list[Exception] = []

    def told(task: Callable[[], object]) -> None:
        try:
            task()
        except Exception as error:  # noqa: BLE001 - handed to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=told, args=(task,)) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_readers_and_a_writer_within_one_process_wait_for_each_other(warehouse: DuckDBWarehouse):
    loaded(warehouse)

    def read() -> None:
        for _ in range(10):
            warehouse.read(SCORES.table())

    def write() -> None:
        for n in range(5):
            warehouse.replace(SCORES, ALL_THREE, rows(score("w", pts=n)))

    assert in_threads(read, write, read) == []
    assert stored(warehouse) == {"w": 4}


def test_writers_within_one_process_wait_for_each_other(warehouse: DuckDBWarehouse):
    """Two threads that made the same dataset at once got a conflict in the catalogue instead of a turn."""

    def writes(game_date: dt.date, game_id: str) -> Callable[[], object]:
        one_day = DateRange(game_date, game_date)
        return lambda: [warehouse.replace(SCORES, one_day, rows(score(game_id, game_date))) for _ in range(5)]

    assert in_threads(writes(SUNDAY, "s"), writes(MONDAY, "m"), writes(TUESDAY, "t")) == []
    assert stored(warehouse) == {"s": 100, "m": 100, "t": 100}


def test_a_missing_file_says_that_nothing_was_loaded(warehouse: DuckDBWarehouse):
    with pytest.raises(WarehouseUnavailable, match=r"nba\.duckdb does not exist yet: .*Run `nba backfill START END`"):
        warehouse.read(SCORES.table())
    assert not Path(warehouse.path).exists()


def test_an_unwritable_folder_is_told_in_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    warehouse = DuckDBWarehouse(path=str(tmp_path / "file" / "home" / "nba.duckdb"))
    with pytest.raises(
        WarehouseUnavailable, match=r"cannot be written .*: set NBA_HOME to a writable folder\.$"
    ) as told:
        warehouse.replace(SCORES, ALL_THREE, rows())
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("content", [b"", b"game_id,pts\n" * 2000, None], ids=["empty", "csv", "truncated"])
@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_file_that_is_no_database_is_told_in_one_line_and_left_alone(
    warehouse: DuckDBWarehouse, content: bytes | None, verb: str
):
    file = Path(loaded(warehouse).path)
    file.write_bytes(file.read_bytes()[:20_000] if content is None else content)
    before = file.read_bytes()
    with pytest.raises(WarehouseUnavailable, match=r"nba\.duckdb cannot be opened: ") as told:
        warehouse.read(SCORES.table()) if verb == "read" else warehouse.replace(SCORES, ALL_THREE, rows())
    assert "\n" not in str(told.value)
    assert file.read_bytes() == before


FULL_DISK = """
import datetime as dt, os, resource, signal, sys
import ibis
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, day, integer
from nba_resources.warehouse.duckdb import DuckDBWarehouse

path, many = sys.argv[1], int(sys.argv[2])
contract = Contract("nba_raw", "wide", ("n",), {"n": integer(), "on": day()}, "on")
dates = DateRange(dt.date(2025, 1, 1), dt.date(2025, 1, 1))
rows = lambda size: ibis.range(size).unnest().name("n").as_table().mutate(
    n=lambda t: (t.n * 2654435761) % 4294967296 * 1000003, on=ibis.date(2025, 1, 1))
warehouse = DuckDBWarehouse(path=path)
warehouse.replace(contract, dates, rows(1000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(path) + 4096,) * 2)
try:
    warehouse.replace(contract, dates, rows(many))
except WarehouseUnavailable as refused:
    print(refused)
"""


@pytest.mark.parametrize("many", [50_000, 500_000], ids=["in the log", "in the file"])
def test_a_full_disk_is_told_in_one_line_and_the_old_rows_stay(warehouse: DuckDBWarehouse, many: int):
    """A commit that finds the disk full is not an I/O error to DuckDB but a failed transaction."""
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, warehouse.path, str(many)], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("the warehouse could not finish: ")
    assert "Could not write file" in ended.stdout
    assert ended.stdout.count("\n") == 1
    with closing(duckdb.connect(warehouse.path, read_only=True)) as con:
        assert con.execute("SELECT COUNT(*) FROM nba_raw.wide").fetchall() == [(1000,)]


def test_a_status_can_be_changed_without_rewriting_the_row(warehouse: DuckDBWarehouse):
    loaded(warehouse)
    assert warehouse.update(SCORES, {"game_id": "m"}, {"pts": 99}) == 1
    assert stored(warehouse) == {"s": 90, "m": 99, "t": 112}


def test_an_update_may_change_several_rows_and_may_find_none(warehouse: DuckDBWarehouse):
    loaded(warehouse)
    assert warehouse.update(SCORES, {"side": "home"}, {"side": "away"}) == 3
    assert warehouse.update(SCORES, {"game_id": "nowhere"}, {"pts": 1}) == 0


@pytest.mark.parametrize("values", [{"pts": 300}, {"side": "nowhere"}, {"game_id": None}])
def test_an_update_that_breaks_the_contract_changes_nothing(warehouse: DuckDBWarehouse, values: dict[str, Any]):
    loaded(warehouse)
    with pytest.raises(ContractBroken):
        warehouse.update(SCORES, {"game_id": "m"}, values)
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_an_update_of_an_unknown_column_names_it(warehouse: DuckDBWarehouse):
    loaded(warehouse)
    with pytest.raises(ContractBroken, match="points"):
        warehouse.update(SCORES, {"game_id": "m"}, {"points": 1})


def test_a_file_that_another_process_is_creating_is_waited_for(warehouse: DuckDBWarehouse, tmp_path: Path):
    """Two first writers at once: the second saw a file of a few bytes and called the warehouse broken."""
    path, elsewhere = Path(warehouse.path), tmp_path / "elsewhere.duckdb"
    path.parent.mkdir()
    path.write_bytes(b"DUCK")
    loaded(DuckDBWarehouse(path=str(elsewhere)))
    threading.Timer(0.3, elsewhere.rename, [path]).start()
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}

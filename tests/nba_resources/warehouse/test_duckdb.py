import datetime as dt
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pytest

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import WarehouseBusy, WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, day, flag, integer, moment, number, text, texts
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.sql.statements import Query

from ...backends.scores import ALL_THREE, MONDAY, SCORES, loaded, rows, score, stored


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(path=str(tmp_path / "home" / "nba.duckdb"), patience_seconds=60)


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


def test_the_file_keeps_types_that_other_clients_read(warehouse: DuckDBWarehouse):
    kinds = {"n": integer(), "on": day(), "at": moment(), "said": texts(), "yes": flag(), "x": number(), "t": text()}
    contract = Contract("nba_raw", "kinds", ("n",), kinds, partition="on")
    warehouse.replace(contract, ALL_THREE, rows(contract=contract))
    with duckdb.connect(warehouse.path, read_only=True) as con:
        types = con.execute("SELECT data_type FROM duckdb_columns() WHERE table_name = 'kinds'").fetchall()
    assert [name for (name,) in types] == [
        *("BIGINT", "DATE", "TIMESTAMP WITH TIME ZONE", "VARCHAR[]", "BOOLEAN", "DOUBLE", "VARCHAR")
    ]


def test_a_statement_reads_one_season_at_a_time_but_for_a_table_without_dates(warehouse: DuckDBWarehouse):
    """Five seasons of one table at once failed with 1.5 GB of memory."""
    loaded(warehouse)
    asked = []

    def build(dates: DateRange) -> ir.Table:
        asked.append(dates)
        games = SCORES.table()
        return games.filter(games.game_date.between(ibis.literal(dates.start), ibis.literal(dates.end)))

    last, first = dt.date(2024, 6, 30), dt.date(2024, 7, 1)  # days of two seasons
    two_seasons = DateRange(dt.date(2024, 6, 1), MONDAY)
    copy = replace(SCORES, name="copy")
    warehouse.replace(copy, two_seasons, Query("copy", build, two_seasons))
    assert asked == [DateRange(two_seasons.start, last), DateRange(first, MONDAY)]
    assert stored(warehouse, copy) == {"s": 90, "m": 101}
    warehouse.replace(replace(copy, partition=None), None, Query("copy", build, two_seasons))
    assert asked[2:] == [two_seasons]


@contextmanager
def locked_by_another_process(path: str, seconds: float) -> Iterator[subprocess.Popen[str]]:
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
    with locked_by_another_process(warehouse.path, seconds=0.8):
        warehouse.replace(SCORES, ALL_THREE, rows(score("after")))
    assert stored(warehouse) == {"after": 100}


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_lock_that_stays_is_reported_with_the_file_and_the_process(warehouse: DuckDBWarehouse, verb: str):
    impatient = replace(loaded(warehouse), patience_seconds=0.3)
    with locked_by_another_process(warehouse.path, seconds=60) as holder:
        with pytest.raises(WarehouseBusy) as error:
            impatient.read(SCORES.table()) if verb == "read" else impatient.replace(SCORES, ALL_THREE, rows())
        assert holder.poll() is None
    message = str(error.value)
    assert message.startswith(f"{warehouse.path} is locked by another program (PID {holder.pid}): waited 0.3 s. Close")
    assert "\n" not in message
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


WRITER = """
import datetime as dt, sys
import ibis
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract, day, integer
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

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


def test_a_missing_file_means_that_nothing_was_loaded(warehouse: DuckDBWarehouse):
    with pytest.raises(WarehouseUnavailable, match=r"nba\.duckdb does not exist yet: .*Run `nba backfill START END`"):
        warehouse.read(SCORES.table())
    assert not Path(warehouse.path).exists()


def test_an_unwritable_folder_is_reported_in_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    warehouse = DuckDBWarehouse(path=str(tmp_path / "file" / "home" / "nba.duckdb"))
    with pytest.raises(
        WarehouseUnavailable, match=r"cannot be written .*: set NBA_HOME to a writable folder\.$"
    ) as error:
        warehouse.replace(SCORES, ALL_THREE, rows())
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"game_id,pts\n" * 2000, None], ids=["empty", "csv", "truncated"])
@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_file_that_is_no_database_is_reported_in_one_line_and_not_changed(
    warehouse: DuckDBWarehouse, content: bytes | None, verb: str
):
    file = Path(loaded(warehouse).path)
    file.write_bytes(file.read_bytes()[:20_000] if content is None else content)
    before = file.read_bytes()
    with pytest.raises(WarehouseUnavailable, match=r"nba\.duckdb cannot be opened: ") as error:
        warehouse.read(SCORES.table()) if verb == "read" else warehouse.replace(SCORES, ALL_THREE, rows())
    assert "\n" not in str(error.value)
    assert file.read_bytes() == before


FULL_DISK = """
import datetime as dt, os, resource, signal, sys
import ibis
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, day, integer
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

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
except WarehouseUnavailable as error:
    print(error)
"""


@pytest.mark.parametrize("many", [50_000, 500_000], ids=["in the log", "in the file"])
def test_a_full_disk_is_reported_in_one_line_and_the_old_rows_stay(warehouse: DuckDBWarehouse, many: int):
    """DuckDB reports a full disk at commit as a failed transaction, not as an I/O error."""
    process = subprocess.run(
        [sys.executable, "-c", FULL_DISK, warehouse.path, str(many)], capture_output=True, text=True, check=False
    )
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.startswith("the warehouse could not finish: ")
    assert "Could not write file" in process.stdout
    assert process.stdout.count("\n") == 1
    with closing(duckdb.connect(warehouse.path, read_only=True)) as con:
        assert con.execute("SELECT COUNT(*) FROM nba_raw.wide").fetchall() == [(1000,)]


def test_a_file_that_another_process_is_creating_is_waited_for(warehouse: DuckDBWarehouse, tmp_path: Path):
    """The second of two first writers once saw a file of a few bytes and reported a broken warehouse."""
    path, elsewhere = Path(warehouse.path), tmp_path / "elsewhere.duckdb"
    loaded(DuckDBWarehouse(path=str(elsewhere)))
    path.parent.mkdir()
    path.write_bytes(b"DUCK")
    os.utime(path, (time.time() + 60,) * 2)  # still being created, however slow this machine is
    threading.Timer(0.3, elsewhere.rename, [path]).start()
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}

"""Files that share the engine of a process do not meet, and each has what it needs."""

import resource
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pytest

from nba_resources.warehouse.duckdb.attached import attach
from nba_resources.warehouse.duckdb.connections import is_locked

MANY = "SELECT n, md5(n::VARCHAR) AS text FROM range(2_000_000) AS r(n)"  # 80 MB


@contextmanager
def open_file(path: Path, read_only: bool = False, memory_limit: str = "1GB") -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(attach(path, read_only, memory_limit)) as file, closing(file.cursor()) as con:
        yield con


def test_tables_of_one_name_in_two_files_are_two(tmp_path: Path):
    with open_file(tmp_path / "one's.duckdb") as one, open_file(tmp_path / "two.duckdb") as two:
        one.execute("CREATE TABLE points AS SELECT 1 AS n")
        two.execute("CREATE TABLE points AS SELECT 2 AS n")
        assert [con.execute("FROM points").fetchall() for con in (one, two)] == [[(1,)], [(2,)]]
    with duckdb.connect(tmp_path / "one's.duckdb", read_only=True) as con:
        assert con.execute("FROM points").fetchall() == [(1,)]


def test_threads_that_read_share_a_file_and_one_that_writes_waits_for_the_last(tmp_path: Path):
    with open_file(tmp_path / "file.duckdb") as con:
        con.execute("CREATE TABLE points AS SELECT 1 AS n")
    first, second = (attach(tmp_path / "file.duckdb", True, "1GB") for _ in range(2))
    for file in (first, second):
        with pytest.raises(duckdb.IOException) as refused:
            attach(tmp_path / "file.duckdb", False, "1GB")
        assert is_locked(refused.value)
        assert file.cursor().execute("FROM points").fetchall() == [(1,)]
        file.close()
    with open_file(tmp_path / "file.duckdb") as con:
        con.execute("INSERT INTO points VALUES (2)")


def test_what_does_not_fit_into_memory_lies_beside_its_file(tmp_path: Path):
    """DuckDB keeps the folder of an engine once it is used: a second file needs a second engine."""
    for name in ("one.duckdb", "two.duckdb"):
        with open_file(tmp_path / name, memory_limit="40MB") as con:
            con.execute("CREATE TEMP TABLE many AS " + MANY)
            assert [*tmp_path.glob(f"{name}.tmp/*")]


def test_what_is_committed_when_the_disk_fills_up_is_stored_and_more_can_be_when_there_is_room(tmp_path: Path):
    """The log has room for what is committed, the file has none when it is closed."""
    path = tmp_path / "file.duckdb"
    with open_file(path) as con:
        con.execute("CREATE TABLE many AS " + MANY)
    ignored, limits = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, limits[1]))
        with open_file(path) as con:
            con.execute("INSERT INTO many SELECT -n, md5((-n)::VARCHAR) FROM range(1, 2001) AS r(n)")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert Path(f"{path}.wal").exists()
    for left in (2_000, 1_999):
        with open_file(path) as con:
            assert con.execute("SELECT count(*) FROM many WHERE n < 0").fetchall() == [(left,)]
            con.execute("DELETE FROM many WHERE n = -1")
    assert not Path(f"{path}.wal").exists()


def test_memory_of_a_step_goes_back_when_its_connection_is_closed(tmp_path: Path):
    """The engine stays, and its allocator kept what five seasons had needed: two gigabytes beside every later step."""
    file = attach(tmp_path / "file.duckdb", False, "1GB")
    with closing(file.cursor()) as con:
        con.execute("CREATE TEMP TABLE many AS SELECT hash(n) AS hashed FROM range(20_000_000) AS r(n)")
        used = _anonymous_megabytes()
    file.give_back()
    assert _anonymous_megabytes() < used - 100
    file.close()


def _anonymous_megabytes() -> int:
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("RssAnon"))
    return int(line.split()[1]) // 1024

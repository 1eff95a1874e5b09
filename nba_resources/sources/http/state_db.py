"""What this machine remembers of its providers, in one file: circuits, questions answered, credits spent.

In a file, as each run is a process of its own.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_PATIENCE_SECONDS = 60.0
_TABLES = """
    CREATE TABLE IF NOT EXISTS circuits (
        host TEXT, endpoint TEXT, failures INTEGER NOT NULL, open_until TEXT, said TEXT, PRIMARY KEY (host, endpoint)
    );
    CREATE TABLE IF NOT EXISTS asked (request TEXT PRIMARY KEY, provider TEXT, asked_at TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS asked_of ON asked (provider, asked_at);
    CREATE TABLE IF NOT EXISTS credits (
        id INTEGER PRIMARY KEY, provider TEXT NOT NULL, asked_at TEXT NOT NULL, endpoint TEXT NOT NULL,
        spent REAL NOT NULL, remaining REAL
    );
"""


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """The records of this machine about its providers, one at a time: what is read is still true when one writes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, timeout=_PATIENCE_SECONDS, isolation_level=None)) as con:
        con.execute("PRAGMA synchronous = NORMAL")
        con.executescript(_TABLES)
        con.execute("BEGIN IMMEDIATE")
        try:
            yield con
        except BaseException:
            con.rollback()
            raise
        con.commit()

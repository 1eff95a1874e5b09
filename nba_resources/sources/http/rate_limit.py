"""How fast a host is asked: one rate for all processes of this machine, kept in a file they share."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast

from pyrate_limiter import Rate, RateItem, SQLiteBucket

_PATIENCE_SECONDS = 60.0  # for the file, which another process holds for microseconds


@dataclass(frozen=True)
class Pace:
    """Makes whoever asks a host wait until it is his turn.

    Counting and taking a turn are one transaction: the bucket alone counts first, and two processes that count at once
    would both go.
    """

    file: Path
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time

    def wait(self, host: str, seconds_between: float) -> None:
        """Returns when the next question to the host may be sent."""
        while (left := self._turn(host, seconds_between)) > 0:
            self.sleep(left)

    def _turn(self, host: str, seconds_between: float) -> float:
        """Takes the turn if it is free, else says in how many seconds to look again."""
        table = f"host_{sha256(host.encode()).hexdigest()[:16]}"
        interval = max(1, round(seconds_between * 1000))
        with closing(sqlite3.connect(self.file, timeout=_PATIENCE_SECONDS, isolation_level=None)) as con:
            con.execute("PRAGMA synchronous = OFF")  # a turn lost in a power cut is a turn taken twice
            con.execute("BEGIN IMMEDIATE")
            now = round(self.clock() * 1000)  # not before: the wait for the file would make the turn an old one
            con.execute(f"CREATE TABLE IF NOT EXISTS {table} (name VARCHAR, item_timestamp INTEGER)")
            con.execute(f"DELETE FROM {table} WHERE item_timestamp > ?", [now + interval])  # a clock was set back
            bucket, turn = SQLiteBucket([Rate(1, interval)], con, table), RateItem(host, now)
            taken = bucket.put(turn)
            if con.in_transaction:
                con.commit()
            bucket.leak(now)
            return 0.0 if taken else max(cast(int, bucket.waiting(turn)), 1) / 1000

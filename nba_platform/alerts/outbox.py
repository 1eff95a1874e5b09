"""What is wrong now, and which messages still have to leave: kept in a file, so that a restart forgets neither.

A message stays until its channel took it. A channel that fails is left alone for a while, and only its own messages
wait; they leave in the order in which they were written.
"""

import datetime as dt
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from nba_platform.alerts.alert import Alert, Severity
from nba_platform.alerts.channels import Channel, NotDelivered, Refused

FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(hours=1)
LEASE = dt.timedelta(minutes=1)  # two that deliver at once would send twice; one that died may not block for ever
AT_ONCE_SECONDS = 10.0
_TABLES = """
CREATE TABLE IF NOT EXISTS open (key TEXT PRIMARY KEY, condition TEXT NOT NULL, alert TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, channel TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS channel (name TEXT PRIMARY KEY, failures INTEGER NOT NULL, next_at REAL NOT NULL);
"""


@dataclass(frozen=True)
class Outbox:
    """Open alerts and waiting messages in one SQLite file, which several processes may use."""

    file: Path

    def note(self, condition: str, found: Sequence[Alert], channels: Sequence[Channel]) -> list[str]:
        """Everything a condition finds now: what is new is told, what is gone is taken back, the rest is known."""
        now_open = {alert.key: alert for alert in found}
        with self._transaction() as con:
            known = {key: _alert(kept) for key, kept in con.execute(_OF_CONDITION, [condition])}
            texts = [alert.text for key, alert in now_open.items() if _is_news(alert, known.get(key))]
            texts += [alert.text_when_over for key, alert in known.items() if key not in now_open]
            con.execute("DELETE FROM open WHERE condition = ?", [condition])
            kept = [(key, condition, json.dumps(asdict(alert))) for key, alert in now_open.items()]
            con.executemany("INSERT OR REPLACE INTO open VALUES (?, ?, ?)", kept)
            waiting = [(channel.name, text) for text in texts for channel in channels]
            con.executemany("INSERT INTO message (channel, text) VALUES (?, ?)", waiting)
        return texts

    def deliver(self, channels: Sequence[Channel], now: dt.datetime) -> dict[str, str]:
        """Send what waits; for each channel that failed, why."""
        failed: dict[str, str] = {}
        for channel in channels:
            if self._lease(channel, now):
                failures, why = self._send(channel)
                self._release(channel, now, failures)
                failed |= {channel.name: why} if why else {}
        return failed

    def open_alerts(self) -> list[Alert]:
        """What was found and is not over."""
        with self._transaction() as con:
            return [_alert(kept) for (kept,) in con.execute("SELECT alert FROM open ORDER BY key")]

    def waiting(self, channel: str) -> list[str]:
        """The messages that a channel has not taken yet, oldest first."""
        with self._transaction() as con:
            return [text for _, text in con.execute(_OF_CHANNEL, [channel])]

    def _lease(self, channel: Channel, now: dt.datetime) -> bool:
        with self._transaction() as con:
            con.execute("INSERT OR IGNORE INTO channel VALUES (?, 0, 0)", [channel.name])
            taken = con.execute(
                "UPDATE channel SET next_at = ? WHERE name = ? AND next_at <= ?",
                [(now + LEASE).timestamp(), channel.name, now.timestamp()],
            )
            return taken.rowcount == 1

    def _send(self, channel: Channel) -> tuple[int, str | None]:
        """How many failures this adds, and why: a slow channel is left after a while and goes on next time."""
        with self._transaction() as con:
            messages = con.execute(_OF_CHANNEL, [channel.name]).fetchall()
        until, refused = time.monotonic() + AT_ONCE_SECONDS, None
        for number, text in messages:
            if time.monotonic() > until:
                return 0, refused
            try:
                channel.send(text)
            except Refused as error:  # it would be refused for ever and hold up all others; the log has it
                refused = str(error)
            except NotDelivered as error:
                return 1, str(error)
            with self._transaction() as con:
                con.execute("DELETE FROM message WHERE id = ?", [number])
        return 0, refused

    def _release(self, channel: Channel, now: dt.datetime, failures: int) -> None:
        with self._transaction() as con:
            (before,) = con.execute("SELECT failures FROM channel WHERE name = ?", [channel.name]).fetchone()
            in_a_row = before + 1 if failures else 0
            wait = min(FIRST_WAIT * 2 ** min(in_a_row - 1, 10), LONGEST_WAIT) if in_a_row else dt.timedelta()
            con.execute(
                "UPDATE channel SET failures = ?, next_at = ? WHERE name = ?",
                [in_a_row, (now + wait).timestamp(), channel.name],
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Takes the write lock at once: what is read here is still true when it is written."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file, timeout=10, isolation_level=None)) as con:
            con.executescript(_TABLES)
            con.execute("BEGIN IMMEDIATE")
            with con:
                yield con


_OF_CONDITION = "SELECT key, alert FROM open WHERE condition = ?"
_OF_CHANNEL = "SELECT id, text FROM message WHERE channel = ? ORDER BY id"


def _alert(kept: str) -> Alert:
    told = json.loads(kept)
    return Alert(**{**told, "severity": Severity(told["severity"])})


def _is_news(alert: Alert, known: Alert | None) -> bool:
    """What was a warning and is critical now is told again."""
    return known is None or (alert.severity is Severity.CRITICAL and known.severity is Severity.WARNING)

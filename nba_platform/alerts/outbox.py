"""Open alerts and undelivered messages in a SQLite file, which a restart does not lose.

A message stays until its channel accepts it. After a failure only that channel pauses, and its messages keep their
order.
"""

import datetime as dt
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from nba_platform.alerts.alert import Alert, Severity
from nba_platform.alerts.channels import Channel, NotDelivered, Refused

FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(hours=1)
LEASE = dt.timedelta(minutes=1)  # two processes must not send a message twice; one that died must not block for ever
AT_ONCE_SECONDS = 10.0
_ALERT = TypeAdapter(Alert)
_TABLES = """
CREATE TABLE IF NOT EXISTS open (key TEXT PRIMARY KEY, condition TEXT NOT NULL, alert TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, channel TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS channel (name TEXT PRIMARY KEY, failures INTEGER NOT NULL, next_at REAL NOT NULL);
"""


@dataclass(frozen=True)
class Outbox:
    """The SQLite file. Several processes may use it."""

    file: Path

    def update(self, condition: str, alerts: Sequence[Alert], channels: Sequence[Channel]) -> list[str]:
        """Store what a condition finds now and queue messages for new, worse and recovered alerts."""
        current = {alert.key: alert for alert in alerts}
        with self._transaction() as con:
            rows = con.execute("SELECT key, alert FROM open WHERE condition = ?", [condition])
            known = {key: _ALERT.validate_json(document) for key, document in rows}
            texts = [alert.text for key, alert in current.items() if _is_new(alert, known.get(key))]
            texts += [alert.text_when_over for key, alert in known.items() if key not in current]
            con.execute("DELETE FROM open WHERE condition = ?", [condition])
            documents = [(key, condition, json.dumps(asdict(alert))) for key, alert in current.items()]
            con.executemany("INSERT OR REPLACE INTO open VALUES (?, ?, ?)", documents)
            messages = [(channel.name, text) for text in texts for channel in channels]
            con.executemany("INSERT INTO message (channel, text) VALUES (?, ?)", messages)
        return texts

    def deliver(self, channels: Sequence[Channel], now: dt.datetime) -> dict[str, str]:
        """Send the queued messages; return the error of each channel that failed."""
        errors: dict[str, str] = {}
        for channel in channels:
            if self._lease(channel, now):
                failed, error = self._send(channel)
                self._release(channel, now, failed)
                errors |= {channel.name: error} if error else {}
        return errors

    def _lease(self, channel: Channel, now: dt.datetime) -> bool:
        with self._transaction() as con:
            con.execute("INSERT OR IGNORE INTO channel VALUES (?, 0, 0)", [channel.name])
            leased = "UPDATE channel SET next_at = ? WHERE name = ? AND next_at <= ?"
            values = [(now + LEASE).timestamp(), channel.name, now.timestamp()]
            return con.execute(leased, values).rowcount == 1

    def _send(self, channel: Channel) -> tuple[bool, str | None]:
        """Return whether the channel failed, and its last error. A slow channel continues at the next look."""
        with self._transaction() as con:
            query = "SELECT id, text FROM message WHERE channel = ? ORDER BY id"
            messages = con.execute(query, [channel.name]).fetchall()
        until, error = time.monotonic() + AT_ONCE_SECONDS, None
        for number, text in messages:
            if time.monotonic() > until:
                break
            try:
                channel.send(text)
            except Refused as refused:  # it would be refused for ever and hold up the others; the log has it
                error = str(refused)
            except NotDelivered as failure:
                return True, str(failure)
            with self._transaction() as con:
                con.execute("DELETE FROM message WHERE id = ?", [number])
        return False, error

    def _release(self, channel: Channel, now: dt.datetime, failed: bool) -> None:
        with self._transaction() as con:
            (failures,) = con.execute("SELECT failures FROM channel WHERE name = ?", [channel.name]).fetchone()
            wait = min(FIRST_WAIT * 2 ** min(failures, 10), LONGEST_WAIT) if failed else dt.timedelta()
            values = [failures + 1 if failed else 0, (now + wait).timestamp(), channel.name]
            con.execute("UPDATE channel SET failures = ?, next_at = ? WHERE name = ?", values)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Take the write lock at once, so that rows do not change between read and write."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file, timeout=10, isolation_level=None)) as con:
            con.executescript(_TABLES)
            con.execute("BEGIN IMMEDIATE")
            with con:
                yield con


def _is_new(alert: Alert, known: Alert | None) -> bool:
    """Return whether to send a message: for a new alert, or a warning that became critical."""
    return known is None or (alert.severity is Severity.CRITICAL and known.severity is Severity.WARNING)

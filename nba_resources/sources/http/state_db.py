"""The state of providers that all processes on this machine share, in one SQLite file."""

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.providers.provider import CreditsSpent, Quota, Request, utc_now

FAILURES = 5
PAUSE = dt.timedelta(minutes=15)
_LOCK_SECONDS = 60.0
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
    CREATE TABLE IF NOT EXISTS rate_limits (host TEXT PRIMARY KEY, last_request REAL NOT NULL);
"""


class CircuitOpen(SourceUnavailable):
    """The endpoint failed repeatedly and is not requested for a while: names the time and the last error."""


@dataclass(frozen=True)
class StateDb:
    """The file, and the clock and sleep function of those who use it."""

    file: Path
    now: Callable[[], dt.datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Lock the file for one transaction, so that what is read still holds when it is written."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.file, timeout=_LOCK_SECONDS, isolation_level=None)) as con:
                con.execute("PRAGMA synchronous = NORMAL")
                con.executescript(_TABLES)
                con.execute("BEGIN IMMEDIATE")
                try:
                    yield con
                except BaseException:
                    con.rollback()
                    raise
                con.commit()
        except (sqlite3.Error, OSError) as error:
            raise SourceUnavailable(
                f"{self.file}, which counts requests and credits, cannot be written ({error}): no request is sent "
                "before it can. Is the disk full, or NBA_HOME read-only?"
            ) from None

    def check_circuit(self, host: str, endpoint: str) -> None:
        """Raise `CircuitOpen` during the pause; after it, let one request through and start a new pause for others."""
        with self.transaction() as con:
            row = con.execute(
                "SELECT open_until, said FROM circuits WHERE host = ? AND endpoint = ? AND open_until IS NOT NULL",
                [host, endpoint],
            ).fetchone()
            if row is None:
                return
            until = dt.datetime.fromisoformat(row[0])
            if self.now() < until:
                raise CircuitOpen(
                    f"{host} {endpoint} is not requested until {until:%Y-%m-%d %H:%M} UTC because it failed: {row[1]}"
                )
            self._open_circuit(con, host, endpoint, PAUSE)

    def record_failure(self, host: str, endpoint: str, error: str, retry_after: float | None = None) -> None:
        """Count a failure. The fifth in a row opens the circuit; so does a host that asks for a long wait."""
        with self.transaction() as con:
            failures = _value(
                con,
                "INSERT INTO circuits VALUES (?, ?, 1, NULL, ?) ON CONFLICT (host, endpoint)"
                " DO UPDATE SET failures = failures + 1, said = excluded.said RETURNING failures",
                host,
                endpoint,
                error,
            )
            if failures >= FAILURES or retry_after is not None:
                self._open_circuit(con, host, endpoint, max(PAUSE, dt.timedelta(seconds=retry_after or 0)))

    def close_circuit(self, host: str, endpoint: str) -> None:
        """Forget the failures of an endpoint that responded."""
        with self.transaction() as con:
            con.execute("DELETE FROM circuits WHERE host = ? AND endpoint = ?", [host, endpoint])

    def _open_circuit(self, con: sqlite3.Connection, host: str, endpoint: str, pause: dt.timedelta) -> None:
        until = (self.now() + pause).isoformat()
        con.execute("UPDATE circuits SET open_until = ? WHERE host = ? AND endpoint = ?", [until, host, endpoint])

    def record_response(self, request: Request) -> None:
        """Store that a request was answered now, also if nothing was landed because nothing had changed."""
        with self.transaction() as con:
            con.execute(
                "INSERT INTO asked VALUES (?, ?, ?) ON CONFLICT (request) DO UPDATE SET asked_at = excluded.asked_at",
                [request.digest, request.provider, self.now().isoformat()],
            )

    def last_response(self, request: Request) -> dt.datetime | None:
        """Return when a request was last answered."""
        return self._time("SELECT asked_at FROM asked WHERE request = ?", request.digest)

    def last_response_of(self, provider: str) -> dt.datetime | None:
        """Return when a provider last answered any request."""
        return self._time("SELECT max(asked_at) FROM asked WHERE provider = ?", provider)

    def _time(self, sql: str, value: str) -> dt.datetime | None:
        with self.transaction() as con:
            stored = _value(con, sql, value)
        return dt.datetime.fromisoformat(stored) if stored else None

    def wait_for_turn(self, host: str, seconds_between: float) -> None:
        """Sleep until the next request to the host may be sent. All processes share the rate."""
        while (seconds := self._seconds_to_wait(host, seconds_between)) > 0:
            self.sleep(seconds)

    def _seconds_to_wait(self, host: str, seconds_between: float) -> float:
        with self.transaction() as con:
            now = self.now().timestamp()  # read under the lock: the wait for the lock must not count
            last = _value(con, "SELECT last_request FROM rate_limits WHERE host = ?", host)
            wait = 0.0 if last is None else last + seconds_between - now
            if 0 < wait <= 2 * seconds_between:  # longer means that the clock was set back
                return max(wait, 0.001)
            con.execute("INSERT OR REPLACE INTO rate_limits VALUES (?, ?)", [host, now])
            return 0.0


@dataclass
class Credits:
    """The credits of paid plans: reserved before a request is sent, corrected by the cost that the response reports.

    A request without a response stays counted, as the provider may have counted it. `for_history` is what this process
    may still spend on history.
    """

    state: StateDb
    environment: Mapping[str, str]
    for_history: float

    def reserve(self, request: Request, quota: Quota) -> int:
        """Record the cost and return the id of the record; raise `CreditsSpent` if the plan does not allow it."""
        with self.state.transaction() as con:
            self._check(con, request, quota)
            record = con.execute(
                "INSERT INTO credits (provider, asked_at, endpoint, spent) VALUES (?, ?, ?, ?)",
                [request.provider, self.state.now().isoformat(), request.endpoint, request.cost],
            ).lastrowid
        if request.history:
            self.for_history -= request.cost
        return int(record or 0)

    def settle(self, record: int, request: Request, cost: float | None, remaining: float | None) -> None:
        """Store the real cost, and the time at which it was charged; without one the reserved cost stays."""
        cost = request.cost if cost is None else cost
        with self.state.transaction() as con:
            con.execute(
                "UPDATE credits SET spent = ?, remaining = ?, asked_at = ? WHERE id = ?",
                [cost, remaining, self.state.now().isoformat(), record],
            )
        if request.history:
            self.for_history += request.cost - cost

    def record_remaining(self, request: Request, remaining: float) -> None:
        """Store the provider's count from the response to a free request: it shows credits that were bought."""
        with self.state.transaction() as con:
            con.execute(
                "INSERT INTO credits (provider, asked_at, endpoint, spent, remaining) VALUES (?, ?, ?, 0, ?)",
                [request.provider, self.state.now().isoformat(), request.endpoint, remaining],
            )

    def left(self, provider: str, quota: Quota) -> float:
        """Return the credits left this month: our count or the provider's, whichever is lower."""
        with self.state.transaction() as con:
            spent, remaining = self._spent(con, provider, "%Y-%m"), self._remaining(con, provider)
        ours = self._monthly(quota) - spent
        return ours if remaining is None else min(ours, remaining)

    def _spent(self, con: sqlite3.Connection, provider: str, since: str) -> float:
        since = self.state.now().strftime(since)
        return _value(con, "SELECT total(spent) FROM credits WHERE provider = ? AND asked_at >= ?", provider, since)

    def _remaining(self, con: sqlite3.Connection, provider: str) -> float | None:
        """Return the provider's last count of this month, less what was reserved since."""
        reserved_since = "SELECT total(spent) FROM credits WHERE provider = last.provider AND id > last.id"
        sql = (
            f"SELECT remaining - ({reserved_since}) FROM credits AS last"
            " WHERE provider = ? AND remaining IS NOT NULL AND asked_at >= ? ORDER BY id DESC LIMIT 1"
        )
        return _value(con, sql, provider, self.state.now().strftime("%Y-%m"))

    def _check(self, con: sqlite3.Connection, request: Request, quota: Quota) -> None:
        costs, monthly = f"{request} would cost {request.cost:g}", self._monthly(quota)
        limits = [("this month", "%Y-%m", quota.monthly, monthly)]
        if quota.daily and quota.daily in self.environment:
            limits.append(("today", "%Y-%m-%d", quota.daily, _read_credits(quota.daily, self.environment, monthly)))
        for period, since, variable, limit in limits:
            spent = self._spent(con, request.provider, since)
            if spent + request.cost > limit:
                raise CreditsSpent(
                    f"{costs}, but {spent:g} of {limit:g} credits of {period} are spent; raise {variable} to allow more"
                )
        remaining = self._remaining(con, request.provider)
        if remaining is not None and remaining - request.cost < quota.min_remaining:
            raise CreditsSpent(
                f"{costs}, but the provider counts {remaining:g} credits left, "
                f"of which {quota.min_remaining:g} are never spent"
            )
        if request.history and request.cost > self.for_history:
            raise CreditsSpent(
                f"{costs} as paid history, but {self.for_history:g} credits are left for history; "
                "`nba ingest --credits` allows more"
            )

    def _monthly(self, quota: Quota) -> float:
        return _read_credits(quota.monthly, self.environment, quota.monthly_default)


def _value(con: sqlite3.Connection, sql: str, *parameters: str | int) -> Any:
    row = con.execute(sql, parameters).fetchone()
    return row and row[0]


def _read_credits(variable: str, environment: Mapping[str, str], default: float) -> float:
    """Return the number of credits in an environment variable, which must be a plain decimal number."""
    text = environment.get(variable) or str(default)
    if not text.replace(".", "", 1).isdecimal():
        raise SourceUnavailable(f"{variable} is {text!r}: it must be a number of credits")
    return float(text)

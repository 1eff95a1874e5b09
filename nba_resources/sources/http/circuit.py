"""Which endpoints are left alone for a while: what failed five times in a row is not asked again at once."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.state_db import opened

FAILURES = 5
PAUSE = dt.timedelta(minutes=15)


class CircuitOpen(SourceUnavailable):
    """An endpoint that failed again and again is left alone: says until when, and what it last said."""


@dataclass(frozen=True)
class Circuits:
    """The endpoints that are left alone."""

    file: Path
    now: Callable[[], dt.datetime]

    def refuse_if_open(self, host: str, endpoint: str) -> None:
        """While it is open nothing is asked; after that one question goes through, to see how things are."""
        with opened(self.file) as con:
            found = con.execute(
                "SELECT open_until, said FROM circuits WHERE host = ? AND endpoint = ? AND open_until IS NOT NULL",
                [host, endpoint],
            ).fetchone()
            if found is None:
                return
            until = dt.datetime.fromisoformat(found[0])
            if self.now() < until:
                raise CircuitOpen(
                    f"{host} {endpoint} is left alone until {until:%Y-%m-%d %H:%M} UTC after it failed: {found[1]}"
                )
            probe_until = (self.now() + PAUSE).isoformat()  # only one probes, others find it open still
            con.execute(
                "UPDATE circuits SET open_until = ? WHERE host = ? AND endpoint = ?", [probe_until, host, endpoint]
            )

    def failed(self, host: str, endpoint: str, said: str, asked_to_wait: float | None = None) -> None:
        """Counts a failure; the fifth in a row opens the circuit, and so does a host that asks to be left alone."""
        with opened(self.file) as con:
            con.execute(
                "INSERT INTO circuits VALUES (?, ?, 1, NULL, ?)"
                " ON CONFLICT (host, endpoint) DO UPDATE SET failures = failures + 1, said = excluded.said",
                [host, endpoint, said],
            )
            (failures,) = con.execute(
                "SELECT failures FROM circuits WHERE host = ? AND endpoint = ?", [host, endpoint]
            ).fetchone()
            pause = PAUSE if asked_to_wait is None else max(PAUSE, dt.timedelta(seconds=asked_to_wait))
            if failures >= FAILURES or asked_to_wait is not None:
                con.execute(
                    "UPDATE circuits SET open_until = ? WHERE host = ? AND endpoint = ?",
                    [(self.now() + pause).isoformat(), host, endpoint],
                )

    def answered(self, host: str, endpoint: str) -> None:
        """An answer of any kind closes the circuit."""
        with opened(self.file) as con:
            con.execute("DELETE FROM circuits WHERE host = ? AND endpoint = ?", [host, endpoint])

"""What is spent of a paid plan: put aside before a question is sent, corrected by what the answer says it cost.

A question that got no answer keeps what was put aside: the provider may have counted it.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.state_db import opened
from nba_resources.sources.providers.provider import CreditsSpent, Quota, Request


@dataclass
class Credits:
    """The ledger of this machine. `for_history` is what this process may still spend on history."""

    file: Path
    now: Callable[[], dt.datetime]
    environment: Mapping[str, str]
    for_history: float

    def reserve(self, request: Request, quota: Quota) -> int:
        """Puts the cost aside, or refuses: nothing is sent that a plan does not allow."""
        with opened(self.file) as con:
            self._refuse(con, request, quota)
            con.execute(
                "INSERT INTO credits (provider, asked_at, endpoint, spent) VALUES (?, ?, ?, ?)",
                [request.provider, self.now().isoformat(), request.endpoint, request.cost],
            )
            (entry,) = con.execute("SELECT last_insert_rowid()").fetchone()
        if request.history:
            self.for_history -= request.cost
        return int(entry)

    def settle(self, entry: int, request: Request, cost: float | None, remaining: float | None) -> None:
        """What it really cost; where the answer does not say, what was put aside stands."""
        with opened(self.file) as con:
            con.execute(
                "UPDATE credits SET spent = ?, remaining = ? WHERE id = ?",
                [request.cost if cost is None else cost, remaining, entry],
            )
        if request.history and cost is not None:
            self.for_history += request.cost - cost

    def left(self, provider: str, quota: Quota) -> float:
        """Of this month, by our own count or by the provider's, whichever is less."""
        with opened(self.file) as con:
            spent, remaining = self._spent(con, provider, "%Y-%m"), self._remaining(con, provider)
        ours = self._monthly(quota) - spent
        return ours if remaining is None else min(ours, remaining)

    def _spent(self, con: sqlite3.Connection, provider: str, since: str) -> float:
        found = con.execute(
            "SELECT sum(spent) FROM credits WHERE provider = ? AND asked_at >= ?",
            [provider, self.now().strftime(since)],
        ).fetchone()
        return float(found[0] or 0)

    def _remaining(self, con: sqlite3.Connection, provider: str) -> float | None:
        """As the provider last counted, less what was put aside since; nothing is known of it in a new month."""
        told = con.execute(
            "SELECT id, remaining FROM credits WHERE provider = ? AND remaining IS NOT NULL AND asked_at >= ?"
            " ORDER BY id DESC LIMIT 1",
            [provider, self.now().strftime("%Y-%m")],
        ).fetchone()
        if told is None:
            return None
        since = con.execute("SELECT sum(spent) FROM credits WHERE provider = ? AND id > ?", [provider, told[0]])
        return float(told[1] - (since.fetchone()[0] or 0))

    def _refuse(self, con: sqlite3.Connection, request: Request, quota: Quota) -> None:
        spent, today = (self._spent(con, request.provider, since) for since in ("%Y-%m", "%Y-%m-%d"))
        remaining = self._remaining(con, request.provider)
        monthly = self._monthly(quota)
        if spent + request.cost > monthly:
            raise CreditsSpent(
                f"{request} would cost {request.cost:g}, and {spent:g} of {monthly:g} credits of this month are spent: "
                f"{quota.monthly} allows more"
            )
        if quota.daily and quota.daily in self.environment:
            daily = number_of_credits(quota.daily, self.environment, monthly)
            if today + request.cost > daily:
                raise CreditsSpent(
                    f"{request} would cost {request.cost:g}, and {today:g} of {daily:g} credits of today are spent: "
                    f"{quota.daily} allows more"
                )
        if remaining is not None and remaining - request.cost < quota.min_remaining:
            raise CreditsSpent(
                f"{request} would cost {request.cost:g}, and the provider counts {remaining:g} credits left, of which "
                f"{quota.min_remaining:g} are never spent"
            )
        if request.history and request.cost > self.for_history:
            raise CreditsSpent(
                f"{request} is paid history and would cost {request.cost:g}, where {self.for_history:g} credits are "
                f"left for history: `nba ingest --credits` allows more"
            )

    def _monthly(self, quota: Quota) -> float:
        return number_of_credits(quota.monthly, self.environment, quota.monthly_default)


def number_of_credits(variable: str, environment: Mapping[str, str], otherwise: float) -> float:
    """What a variable allows to be spent; `otherwise` where it says nothing."""
    said = environment.get(variable) or str(otherwise)
    if not is_a_number(said):
        raise SourceUnavailable(f"{variable} is {said!r}: it must be a number of credits")
    return float(said)


def is_a_number(said: str) -> bool:
    """A number of credits, written plainly."""
    return said.replace(".", "", 1).isdecimal()

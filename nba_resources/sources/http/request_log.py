"""When each question was last answered, also where the answer was that nothing changed and nothing was landed."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nba_resources.sources.http.state_db import opened
from nba_resources.sources.providers.provider import Request


@dataclass(frozen=True)
class Questions:
    """The questions this machine has asked."""

    file: Path
    now: Callable[[], dt.datetime]

    def answered(self, request: Request) -> None:
        """A question was answered now."""
        with opened(self.file) as con:
            con.execute(
                "INSERT INTO asked VALUES (?, ?, ?) ON CONFLICT (request) DO UPDATE SET asked_at = excluded.asked_at",
                [request.digest, request.provider, self.now().isoformat()],
            )

    def last_answered(self, request: Request) -> dt.datetime | None:
        """When a question was last answered."""
        with opened(self.file) as con:
            found = con.execute("SELECT asked_at FROM asked WHERE request = ?", [request.digest]).fetchone()
        return dt.datetime.fromisoformat(found[0]) if found else None

    def last_answer_of(self, provider: str) -> dt.datetime | None:
        """When a provider last answered anything."""
        with opened(self.file) as con:
            (found,) = con.execute("SELECT max(asked_at) FROM asked WHERE provider = ?", [provider]).fetchone()
        return dt.datetime.fromisoformat(found) if found else None

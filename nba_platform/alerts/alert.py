"""The text of an alert, without secrets."""

import os
import re
from dataclasses import dataclass
from enum import StrEnum

from nba_resources.errors import printable

LONGEST = 1_500  # chats refuse long messages
HIDDEN = "***"
_SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|WEBHOOK|POSTGRES|HEADERS", re.IGNORECASE)
_SHORTEST_SECRET = 6  # a shorter value is hardly a secret, and occurs by chance in many texts
_LOGIN, _QUERY = re.compile(r"(\w+://)[^/\s@]+@"), re.compile(r"(?<=\w)\?[^\s`'\"]*=[^\s`'\"]*")


class Severity(StrEnum):
    """A warning can wait for the morning, a critical alert cannot."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Alert:
    """One problem. Its key stays the same while it lasts: a message is sent when it begins and when it is over."""

    key: str
    severity: Severity
    title: str
    happened: str
    to_do: str
    run_id: str | None = None

    @property
    def text(self) -> str:
        """The message to send: no text from outside begins a line of it."""
        head, happened, to_do = (without_secrets(printable(text)) for text in (self._head, self.happened, self.to_do))
        if len(happened) > LONGEST:
            happened = f"{happened[:LONGEST]} ..."
        run = f"\nRun: {self.run_id}" if self.run_id else ""
        return f"{head}\nWhat happened: {happened}\nWhat to do: {to_do}{run}"

    @property
    def text_when_over(self) -> str:
        """The message to send when the problem is over."""
        return f"{without_secrets(printable(f'[RECOVERED] {self.title}'))}\nIt is no longer found."

    @property
    def _head(self) -> str:
        return f"[{self.severity.upper()}] {self.title}"


def without_secrets(text: str) -> str:
    """Hide secret values of the environment, and log-ins and queries in addresses, which errors often quote."""
    secrets = {value for name, value in os.environ.items() if _SECRET_NAMES.search(name)}
    for secret in sorted((value for value in secrets if len(value) >= _SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _QUERY.sub(f"?{HIDDEN}", _LOGIN.sub(rf"\1{HIDDEN}@", text))

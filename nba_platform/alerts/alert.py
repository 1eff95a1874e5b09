"""What an alert says, and what it must never say."""

import os
import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 1_500  # a trace in a message helps nobody, and chats refuse long ones
HIDDEN = "***"
_SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|WEBHOOK|POSTGRES", re.IGNORECASE)
_SHORTEST_SECRET = 6  # a shorter value is no secret, and hiding it would riddle every text with holes
_LOGIN, _QUERY = re.compile(r"(\w+://)[^/\s@]+@"), re.compile(r"(?<=\w)\?[^\s`'\"]*=[^\s`'\"]*")


class Severity(StrEnum):
    """Whether it can wait for the morning."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Alert:
    """One thing that is wrong. The key names it for as long as it lasts: it is told once, and once more when over."""

    key: str
    severity: Severity
    title: str
    happened: str
    to_do: str
    run_id: str | None = None

    @property
    def text(self) -> str:
        """As it is sent."""
        happened = without_secrets(self.happened)
        if len(happened) > LONGEST:
            happened = f"{happened[:LONGEST]} ..."
        run = f"\nRun: {self.run_id}" if self.run_id else ""
        head = without_secrets(f"[{self.severity.upper()}] {self.title}")
        return f"{head}\nWhat happened: {happened}\nWhat to do: {without_secrets(self.to_do)}{run}"

    @property
    def text_when_over(self) -> str:
        """The same alert, taken back."""
        return without_secrets(f"[RECOVERED] {self.title}\nIt is no longer found.")


def without_secrets(text: str) -> str:
    """Errors quote addresses and settings: what the environment keeps secret, and log-ins in addresses, stay here."""
    secrets = {value for name, value in os.environ.items() if _SECRET_NAMES.search(name)}
    for secret in sorted((value for value in secrets if len(value) >= _SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _QUERY.sub(f"?{HIDDEN}", _LOGIN.sub(rf"\1{HIDDEN}@", text))

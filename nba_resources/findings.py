"""What an examination finds: of a source, of the machine, of the settings."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`fail`: it will not work so. `warn`: it works, and somebody should know."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing looked at, what was found, and, unless all is well, what to do."""

    level: Level
    subject: str
    found: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if (self.level == Level.OK) == bool(self.remedy):
            raise ValueError(f"{self.subject}: what is well wants no remedy, and what is not wants one")

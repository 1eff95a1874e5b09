"""The results of examining a source, the machine or the settings."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`fail`: it cannot work. `warn`: it works, but someone should look at it."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One finding of an examination, with what to do unless all is well."""

    level: Level
    subject: str
    found: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if (self.level == Level.OK) == bool(self.remedy):
            needs = "needs no remedy" if self.level is Level.OK else "needs a remedy"
            raise ValueError(f"{self.subject}: a finding that is {self.level} {needs}")

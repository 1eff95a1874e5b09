"""The one way to name a span of days."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class DateRange:
    """Days from `start` to `end`, both included: a range of one day is the same code as a range of five seasons."""

    start: dt.date
    end: dt.date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a range of dates must not end before it starts: {self.start} to {self.end}")

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day <= self.end

    def __iter__(self) -> Iterator[dt.date]:
        return (self.start + dt.timedelta(days=n) for n in range((self.end - self.start).days + 1))

    def __str__(self) -> str:
        return f"{self.start}" if self.start == self.end else f"{self.start}...{self.end}"

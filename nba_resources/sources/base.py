"""The interface of all sources: the simulated league, the archive, and live providers."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nba_resources.dates import DateRange
from nba_resources.errors import UserError
from nba_resources.findings import Finding, Level
from nba_resources.rejected import RejectedRow

if TYPE_CHECKING:
    import pyarrow as pa

ALWAYS = DateRange(dt.date(1946, 11, 1), dt.date(2099, 12, 31))
SIMULATED_TODAY = dt.date(2025, 2, 12)  # nine games, shortly before the All-Star break: enough to train on
BEFORE_TIP = tuple(dt.timedelta(minutes=minutes) for minutes in (480, 240, 120, 60, 30, 15, 5))


class BadInput(UserError, ValueError):
    """A value cannot be stored: names the file, row and column, what was expected and what was found."""


class SourceUnavailable(UserError, RuntimeError):
    """The source cannot be reached or read: names the address and what to set."""


Note = int | float | str


@dataclass(frozen=True)
class Delivery:
    """The rows of one feed for some dates, with the feed's types.

    `notes` count what was corrected or left out. `facts` are stored with the load for information: the provider, the
    credits left. `rejected` are rows that could not be read or contradict each other.
    """

    rows: "pa.Table"
    notes: Mapping[str, Note] = field(default_factory=dict)
    facts: Mapping[str, Note] = field(default_factory=dict)
    rejected: tuple[RejectedRow, ...] = ()


class Source(ABC):
    """Delivers the rows of any range of dates; the same range gives the same rows unless they were corrected."""

    name: str
    watches_facts = False  # whether `fingerprints` change with every fact of every feed
    before_tip: tuple[dt.timedelta, ...] = BEFORE_TIP  # how long before each tip-off its lines are requested

    @abstractmethod
    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """Return all rows of the feed within the range; an empty delivery if the source does not have the feed."""

    def signature(self) -> str | None:
        """Return a cheap text that changes whenever a row may have changed; None if the source cannot be watched."""
        return None

    def fingerprints(self, feed: str) -> dict[dt.date, str]:
        """Return a text for each date that changes with any of its rows. Only sources with a signature have it."""
        raise NotImplementedError(f"the {self.name} source cannot be watched")

    def rows_by_provider(self, feed: str, dates: DateRange) -> "dict[str, pa.Table]":
        """Return the rows of each provider, the most trusted first; empty for a source with a single provider."""
        return {}

    def today(self) -> dt.date:
        """Return the first date with an unfinished game: 'tonight' for a source of past games."""
        import pyarrow as pa
        import pyarrow.compute as pc

        schedule = self.fetch("schedule", ALWAYS).rows
        unfinished = schedule.filter(pc.is_in(schedule["status"], pa.array(["scheduled", "live"])))
        if not schedule.num_rows:
            raise SourceUnavailable(f"the {self.name} source has no game at all, so there is no tonight")
        return (pc.min(unfinished["game_date"]) if unfinished.num_rows else pc.max(schedule["game_date"])).as_py()

    def health(self) -> list[Finding]:
        """Examine the source, for `nba doctor`; a source with several providers has a finding for each."""
        return [Finding(Level.OK, f"source {self.name}", f"answers: tonight is {self.today()}")]

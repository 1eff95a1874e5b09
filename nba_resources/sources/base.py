"""The interface every source of facts implements, from the simulated league to a paid provider."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from nba_resources.dates import DateRange
from nba_resources.errors import UserError
from nba_resources.findings import Finding, Level

ALWAYS = DateRange(dt.date(1946, 11, 1), dt.date(2099, 12, 31))
BEFORE_TIP = tuple(dt.timedelta(minutes=minutes) for minutes in (480, 240, 120, 60, 30, 15, 5))


class BadInput(UserError, ValueError):
    """A fact that cannot be stored: names the file, row and column, what was expected and what was found."""


class SourceUnavailable(UserError, RuntimeError):
    """The source cannot be reached or read at all: says where it was looked for and what to set."""


Note = int | float | str


@dataclass(frozen=True)
class Delivery:
    """The facts of one feed for some dates, typed as the feed says, and what was mended or left out on the way.

    `facts` are worth keeping beside the load and no reason to worry: who delivered, what is left of a plan.
    """

    rows: pa.Table
    notes: Mapping[str, Note] = field(default_factory=dict)
    facts: Mapping[str, Note] = field(default_factory=dict)


class Source(ABC):
    """Delivers the facts of any range of dates; a range always gives the same facts unless they were corrected."""

    name: str
    before_tip: tuple[dt.timedelta, ...] = BEFORE_TIP  # how long before each tip-off its lines are requested

    @abstractmethod
    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """All facts of the feed dated within the range. A feed the source does not have is an empty delivery."""

    def signature(self) -> str | None:
        """Cheap to ask for, and another one whenever a fact may have changed. None: nothing here can be watched."""
        return None

    def fingerprints(self, feed: str) -> dict[dt.date, str]:
        """For each date of the feed something that changes with any fact of it; asked only of what can be watched."""
        raise NotImplementedError(f"the {self.name} source cannot be watched")

    def told_by_each(self, feed: str, dates: DateRange) -> dict[str, pa.Table]:
        """What each of several publishers says, the most trusted first; of one there is nothing to compare."""
        return {}

    def today(self) -> dt.date:
        """The first date with an unfinished game: 'tonight' for a source that replays the past."""
        schedule = self.fetch("schedule", ALWAYS).rows
        waiting = schedule.filter(pc.is_in(schedule["status"], pa.array(["scheduled", "live"])))
        games = waiting if waiting.num_rows else schedule
        if not games.num_rows:
            raise SourceUnavailable(f"the {self.name} source knows no game at all, so there is no tonight")
        return (pc.min if waiting.num_rows else pc.max)(games["game_date"]).as_py()

    def health(self) -> list[Finding]:
        """Whether it answers, for `nba doctor`; a source of several providers finds something of each."""
        return [Finding(Level.OK, f"source {self.name}", f"answers: tonight is {self.today()}")]

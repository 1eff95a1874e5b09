"""The state of a table on a date."""

import datetime as dt
from dataclasses import dataclass

from nba_assets.kit.calendar import State


@dataclass(frozen=True)
class DateState:
    """The state of one table on one date, the counts behind it, and its reason.

    `source_has_none`: what is missing does not exist at the source, so that no command helps (`source_gaps.py`).
    """

    table: str
    date: dt.date
    state: State
    expected: int
    actual: int
    rows: int
    reason: str | None = None
    source_has_none: bool = False

    @property
    def needs_work(self) -> bool:
        """True if the date should be computed again.

        A date left out by design must be empty: rows stored there were computed from hardly any games.
        """
        too_early = self.state is State.BOOTSTRAP and self.rows > 0
        return too_early or self.state in (State.MISSING, State.PARTIAL)

    @property
    def command(self) -> str | None:
        """The command that computes the date again, if it needs work and the source has what is missing."""
        if not self.needs_work or self.source_has_none:
            return None
        return f"nba backfill {self.date} --select {self.table.split('.')[-1]}"

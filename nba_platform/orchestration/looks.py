"""The mornings on which the source was looked at and nothing was left to load, kept beside the records of the instance.

A morning may be missed: the file was locked, the machine was off, or the run that it requested was killed. The next
look then begins where the last complete one ended.
"""

import datetime as dt
from dataclasses import dataclass

import dagster as dg

from nba_platform.dagster_compat.instance_records import store_value, value

_KEY = "nba/looked at until/"


@dataclass(frozen=True)
class Looks:
    """The last date of each refresh up to which everything was stored; without an instance none is kept."""

    instance: dg.DagsterInstance | None = None

    def last(self, refresh: str) -> dt.date | None:
        """Return the last date of the last complete look."""
        stored = value(self.instance, _KEY + refresh) if self.instance else None
        return dt.date.fromisoformat(stored) if stored else None

    def complete(self, refresh: str, last: dt.date) -> None:
        """Keep that a look up to a date found everything stored."""
        if self.instance:
            store_value(self.instance, _KEY + refresh, last.isoformat())


NOT_KEPT = Looks()

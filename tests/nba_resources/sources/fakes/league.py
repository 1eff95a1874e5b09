"""The simulated league's rows, which fake providers serve in their own formats."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from nba_resources.dates import DateRange
from nba_resources.sources.simulated import SimulatedSource

Row = dict[str, Any]
SEASON = DateRange(dt.date(2024, 8, 1), dt.date(2025, 7, 31))
DATES = DateRange(dt.date(2024, 12, 10), dt.date(2024, 12, 19))
MORNING = dt.datetime(2024, 12, 20, 15, tzinfo=dt.UTC)  # all games of DATES are over


@dataclass(frozen=True)
class League:
    """The season's schedule as of a morning, and all other feeds of some dates."""

    today: dt.date = dt.date(2024, 12, 20)
    dates: DateRange = DATES

    def frame(self, feed: str, dates: DateRange | None = None) -> pd.DataFrame:
        return SimulatedSource(today=self.today).fetch(feed, dates or self.dates).rows.to_pandas()

    def rows(self, feed: str, dates: DateRange | None = None) -> list[Row]:
        return SimulatedSource(today=self.today).fetch(feed, dates or self.dates).rows.to_pylist()

    @cached_property
    def schedule(self) -> list[Row]:
        return self.rows("schedule", SEASON)

    @cached_property
    def played(self) -> list[Row]:
        return [game for game in self.schedule if game["game_date"] in self.dates]

    @cached_property
    def players(self) -> dict[str, list[Row]]:
        return by(self.rows("player_boxscores"), "game_id")

    @cached_property
    def teams(self) -> dict[str, list[Row]]:
        return by(self.rows("team_boxscores"), "game_id")

    @cached_property
    def shots(self) -> dict[str, list[Row]]:
        return by(self.rows("shots"), "game_id")


def by(rows: Iterable[Row], key: str | Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Group rows, keeping their order."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key] if isinstance(key, str) else key(row), []).append(row)
    return groups


def iso(time: dt.datetime | None) -> str | None:
    return None if time is None else time.strftime("%Y-%m-%dT%H:%M:%SZ")

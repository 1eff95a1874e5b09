"""Fill seasons from live providers. Each month is a run of its own, so a failed month does not undo the others."""

import datetime as dt
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from nba_assets.kit.calendar import FIRST_DAY, counted, month_of
from nba_assets.kit.table import Table
from nba_platform.definitions import TABLES
from nba_platform.errors import NothingToDo
from nba_resources.dates import SUMMER, DateRange, days_of, season_of
from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.provider_priority import LiveSettings, provider_quotas
from nba_resources.warehouse.base import Warehouse

_RAW_TABLES = {name: table for name, table in TABLES.items() if table.feed}
RAW = ",".join(_RAW_TABLES)
GAMES, DATES = 1_320, 215  # assumed for a season that is not stored: regular season, play-in, playoffs
_MINUTE = 60


@dataclass(frozen=True)
class Estimate:
    """Cost of the paid history of some seasons at one provider, if none of its responses were stored."""

    provider: str
    games: int
    dates: int
    credits: float

    def __str__(self) -> str:
        return f"{self.provider}: about {self.credits:,.0f} credits for {self.games:,} games on {self.dates:,} dates"


@dataclass(frozen=True)
class MissingDates:
    """Number of dates with finished games on which a raw table has no row, for one season."""

    season: str
    table: str
    dates: int
    of: int

    def __str__(self) -> str:
        return f"{self.season} {self.table}: nothing on {self.dates} of {self.of} dates with finished games"


@dataclass(frozen=True)
class IngestResult:
    """Failed months, missing dates, and the cost of paid history."""

    months: int
    failures: Mapping[str, str]
    missing: tuple[MissingDates, ...]
    estimates: tuple[Estimate, ...]
    seconds: float
    warnings: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def error(self) -> str | None:
        """The first month that failed. The other months were filled."""
        if not self.failures:
            return None
        month, why = next(iter(self.failures.items()))
        return f"{len(self.failures)} of {self.months} months failed, first {month}: {why} The same command continues."

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of an ingestion."""
        return {**vars(self), "error": self.error}


def ingest(
    backfill: Callable[[DateRange], tuple[Sequence[str], str | None]],
    warehouse: Warehouse,
    seasons: Sequence[str],
    estimates: Sequence[Estimate],
    today: dt.date,
    report: Callable[[str], None],
) -> IngestResult:
    """Call `backfill`, which returns warnings and an error, for each month; a failed one does not stop the others."""
    began = time.monotonic()
    months = [month for season in seasons for month in months_of(season, today)]
    failures: dict[str, str] = {}
    warnings: list[str] = []
    for done, month in enumerate(months):
        seconds_left = (time.monotonic() - began) / done * (len(months) - done) if done else 0
        left = f", about {seconds_left / _MINUTE:.0f} min left" if done else ""
        report(f"{month} ({done + 1} of {len(months)} months{left})")
        try:
            of_month, error = backfill(month)
        except SourceUnavailable as unavailable:
            failures[str(month)] = f"{unavailable}."
            continue
        warnings += of_month
        if error:
            failures[str(month)] = error
    missing = tuple(one for season in seasons for one in missing_dates(warehouse, season))
    seconds = round(time.monotonic() - began, 1)
    return IngestResult(len(months), failures, missing, tuple(estimates), seconds, tuple(dict.fromkeys(warnings)))


def parse_seasons(first: str, last: str, today: dt.date) -> list[str]:
    """Return the seasons from first to last, written like 2024-25."""
    for season in (first, last):
        if not re.fullmatch(r"\d{4}-\d{2}", season) or (int(season[:4]) + 1) % 100 != int(season[5:]):
            raise NothingToDo(f"{season!r} is no season: write it like 2024-25.")
    oldest, newest = season_of(FIRST_DAY), season_of(today)
    seasons = [f"{year}-{(year + 1) % 100:02}" for year in range(int(first[:4]), int(last[:4]) + 1)]
    if not seasons or seasons[0] < oldest or seasons[-1] > newest:
        raise NothingToDo(f"seasons from {first} to {last} cannot be filled: there are {oldest} to {newest}, in order.")
    return seasons


def months_of(season: str, today: dt.date) -> list[DateRange]:
    """Return the months of a season with games, up to today."""
    days = [day for day in days_of(season) if FIRST_DAY <= day <= today and day.month not in SUMMER]
    months = [list(of_month) for _, of_month in groupby(days, key=month_of)]
    return [DateRange(month[0], month[-1]) for month in months]


def estimate(warehouse: Warehouse, seasons: Sequence[str], live: LiveSettings) -> list[Estimate]:
    """Estimate costs from the stored schedule, or from the usual size of a season."""
    games = dates = 0
    for season in seasons:
        played = _played(warehouse, season)
        games += sum(played.values()) or GAMES
        dates += len(played) or DATES
    return [
        Estimate(name, games, dates, games * quota.per_game + dates * quota.per_date)
        for name, quota in provider_quotas(live).items()
    ]


def missing_dates(warehouse: Warehouse, season: str) -> list[MissingDates]:
    """Compare the dates of raw tables with the finished games of a season."""
    played = _played(warehouse, season)
    dated = [table for table in _RAW_TABLES.values() if table.contract.partition]
    missing = {table.contract.name: len(played.keys() - _stored(warehouse, table, season)) for table in dated}
    return [MissingDates(season, name, dates, len(played)) for name, dates in missing.items() if dates]


def _played(warehouse: Warehouse, season: str) -> dict[dt.date, int]:
    contract = TABLES["schedule"].contract
    if not warehouse.holds(contract):
        return {}
    games = counted(contract.table())
    games = games.filter(games.season == season, games.status == "final")
    by_date = warehouse.read(games.group_by("game_date").aggregate(n=games.count()))
    return dict(zip(by_date.game_date.dt.date, by_date.n.astype(int), strict=True))


def _stored(warehouse: Warehouse, table: Table, season: str) -> set[dt.date]:
    if not warehouse.holds(table.contract):
        return set()
    rows, days = table.contract.table(), days_of(season)
    day = rows[table.contract.partition or ""]
    return set(warehouse.read(rows.filter(day.between(days.start, days.end)).select(day=day).distinct()).day.dt.date)

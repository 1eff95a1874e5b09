"""Seasons filled from live providers, month by month: each month is a run of its own, and what is done stays done."""

import datetime as dt
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console

from nba_assets.kit.calendar import FIRST_DAY, counted, month_of
from nba_assets.kit.table import Table
from nba_platform.cli.errors import NothingToDo
from nba_platform.definitions import TABLES
from nba_resources.dates import SUMMER, DateRange, days_of, season_of
from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.provider_priority import provider_quotas
from nba_resources.warehouse.base import Warehouse

if TYPE_CHECKING:
    from nba_platform.cli.session import Session

_FED = {name: table for name, table in TABLES.items() if table.feed}
RAW = ",".join(_FED)
GAMES, DATES = 1_320, 215  # of a season nobody has loaded yet: regular season, play-in, playoffs
_A_MINUTE = 60


@dataclass(frozen=True)
class Estimate:
    """What the paid history of some seasons would cost at one provider, if nothing of it were landed yet."""

    provider: str
    games: int
    dates: int
    credits: float

    def __str__(self) -> str:
        return f"{self.provider}: about {self.credits:,.0f} credits for {self.games:,} games on {self.dates:,} dates"


@dataclass(frozen=True)
class Missing:
    """How many dates with finished games a raw table of a season has no row on."""

    season: str
    table: str
    dates: int
    of: int

    def __str__(self) -> str:
        return f"{self.season} {self.table}: nothing on {self.dates} of {self.of} dates with finished games"


@dataclass(frozen=True)
class Ingested:
    """What became of the months, what is missing, and what paid history would cost."""

    months: int
    failures: Mapping[str, str]
    missing: tuple[Missing, ...]
    estimates: tuple[Estimate, ...]
    seconds: float
    warnings: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def error(self) -> str | None:
        """The first month that failed; the others were filled all the same."""
        if not self.failures:
            return None
        month, why = next(iter(self.failures.items()))
        return f"{len(self.failures)} of {self.months} months failed, first {month}: {why} The same command goes on."

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        lists = {name: [asdict(one) for one in getattr(self, name)] for name in ("missing", "estimates")}
        told = {"months": self.months, "failures": dict(self.failures), "warnings": list(self.warnings)}
        return {**told, **lists, "error": self.error, "seconds": self.seconds, "dry_run": self.dry_run}

    def show(self, console: Console) -> None:
        """For people."""
        for line in (*self.estimates, *self.missing):
            console.print(str(line), highlight=False, soft_wrap=True)
        done = (
            "nothing was asked" if self.dry_run else f"{self.months} months in {self.seconds / _A_MINUTE:.0f} minutes"
        )
        console.print(f"{done}; {'nothing is missing' if not (self.missing or self.dry_run) else 'see above'}")


def ingest(session: "Session", first: str, last: str, credits: float, dry_run: bool) -> Ingested:
    """Fill the seasons; the estimate is told before anything is asked."""
    began = time.monotonic()
    seasons = seasons_named(first, last, session.today)
    estimates = tuple(estimate(session.warehouse, seasons))
    for one in estimates:
        told = f"paid history, {one}; --credits allows {credits:,.0f}"
        session.progress.print(told, highlight=False, soft_wrap=True)
    if dry_run:
        return Ingested(0, {}, (), estimates, 0.0, dry_run=True)
    months = [month for season in seasons for month in months_of(season, session.today)]
    failures: dict[str, str] = {}
    warnings: list[str] = []
    for done, month in enumerate(months):
        session.progress.print(_progress(month, done, len(months), time.monotonic() - began), highlight=False)
        try:
            outcome = session.backfill(month, RAW)
        except SourceUnavailable as error:
            failures[str(month)] = f"{error}."
            continue
        warnings += outcome.warnings
        if outcome.error:
            failures[str(month)] = outcome.error
    missing = tuple(one for season in seasons for one in missing_of(session.warehouse, season))
    seconds = round(time.monotonic() - began, 1)
    return Ingested(len(months), failures, missing, estimates, seconds, tuple(dict.fromkeys(warnings)))


def seasons_named(first: str, last: str, today: dt.date) -> list[str]:
    """The seasons from one to another, as the league writes them."""
    for said in (first, last):
        if not re.fullmatch(r"\d{4}-\d{2}", said) or (int(said[:4]) + 1) % 100 != int(said[5:]):
            raise NothingToDo(f"{said!r} is no season: write it like 2024-25.")
    oldest, newest = season_of(FIRST_DAY), season_of(today)
    found = [f"{year}-{(year + 1) % 100:02}" for year in range(int(first[:4]), int(last[:4]) + 1)]
    if not found or found[0] < oldest or found[-1] > newest:
        raise NothingToDo(f"seasons from {first} to {last} cannot be filled: there are {oldest} to {newest}, in order.")
    return found


def months_of(season: str, today: dt.date) -> list[DateRange]:
    """The months of a season that have dates, up to today."""
    days = [day for day in days_of(season) if FIRST_DAY <= day <= today and day.month not in SUMMER]
    months = [list(of_month) for _, of_month in groupby(days, key=month_of)]
    return [DateRange(month[0], month[-1]) for month in months]


def estimate(warehouse: Warehouse, seasons: Sequence[str]) -> list[Estimate]:
    """From the stored schedule, or from a season's usual size; landed answers cost nothing again."""
    games = dates = 0
    for season in seasons:
        found = _played(warehouse, season)
        games += sum(found.values()) or GAMES
        dates += len(found) or DATES
    return [
        Estimate(name, games, dates, games * quota.per_game + dates * quota.per_date)
        for name, quota in provider_quotas().items()
    ]


def missing_of(warehouse: Warehouse, season: str) -> list[Missing]:
    """What raw tables lack of a season, against its finished games."""
    played = _played(warehouse, season)
    dated = [table for table in _FED.values() if table.contract.partition]
    lacking = {table.contract.name: len(played.keys() - _stored(warehouse, table, season)) for table in dated}
    return [Missing(season, name, dates, len(played)) for name, dates in lacking.items() if dates]


def _played(warehouse: Warehouse, season: str) -> dict[dt.date, int]:
    contract = TABLES["schedule"].contract
    if not warehouse.holds(contract):
        return {}
    games = counted(contract.table())
    games = games.filter(games.season == season, games.status == "final")
    found = warehouse.read(games.group_by("game_date").aggregate(n=games.count()))
    return dict(zip(found.game_date.dt.date, found.n.astype(int), strict=True))


def _stored(warehouse: Warehouse, table: Table, season: str) -> set[dt.date]:
    if not warehouse.holds(table.contract):
        return set()
    rows, days = table.contract.table(), days_of(season)
    day = rows[table.contract.partition or ""]
    return set(warehouse.read(rows.filter(day.between(days.start, days.end)).select(day=day).distinct()).day.dt.date)


def _progress(month: DateRange, done: int, months: int, seconds: float) -> str:
    left = f", about {seconds / done * (months - done) / _A_MINUTE:.0f} min left" if done else ""
    return f"{month} ({done + 1} of {months} months{left})"

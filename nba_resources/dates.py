"""Ranges of days, US Eastern dates, and seasons."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")  # the league's days begin and end there
SUMMER = (7, 8, 9)  # months between two seasons, in which no game is played


@dataclass(frozen=True)
class DateRange:
    """The days from `start` to `end`, both included."""

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


def eastern_date(time: dt.datetime) -> dt.date:
    """Return the Eastern date of a time: a game that tips off at 03:00 UTC belongs to the evening before."""
    return time.astimezone(EASTERN).date()


def season_year(day: dt.date) -> int:
    """Return the year in which the season of a day began."""
    return day.year if day.month >= SUMMER[0] else day.year - 1


def season_name(year: int) -> str:
    """Return `2024-25` for 2024."""
    return f"{year}-{(year + 1) % 100:02}"


def season_of(day: dt.date) -> str:
    """Return the season of a day, such as 2024-25."""
    return season_name(season_year(day))


def days_of(season: str) -> DateRange:
    """Return the days of a season, from July to June."""
    year = int(season[:4])
    return DateRange(dt.date(year, SUMMER[0], 1), dt.date(year + 1, SUMMER[0] - 1, 30))


def by_season(dates: DateRange) -> list[DateRange]:
    """Split a range into parts of one season each."""
    years = range(season_year(dates.start), season_year(dates.end) + 1)
    seasons = [days_of(season_name(year)) for year in years]
    return [DateRange(max(season.start, dates.start), min(season.end, dates.end)) for season in seasons]

"""US Eastern time, the league's time zone, and its dates and seasons."""

import datetime as dt

from nba_resources.dates import EASTERN, DateRange, season_of


def date_of(time: dt.datetime) -> dt.date:
    """Return the Eastern date of a time: a game that tips off at 03:00 UTC belongs to the evening before."""
    return time.astimezone(EASTERN).date()


def season_year(day: dt.date) -> int:
    """Return the year in which the season of a day began."""
    return int(season_of(day)[:4])


def season_name(year: int) -> str:
    """Return `2024-25` for 2024."""
    return season_of(dt.date(year, 12, 31))


def season_years(dates: DateRange, first: int, last: int) -> range:
    """Return the first years of the seasons of the dates, limited to `first` to `last`."""
    return range(max(first, season_year(dates.start)), min(last, season_year(dates.end)) + 1)

"""The league's time zone, dates and seasons, as its sources need them."""

import datetime as dt

from nba_resources.dates import EASTERN, DateRange, season_of


def date_of(moment: dt.datetime) -> dt.date:
    """The league's date of a moment: a game that tips off at 03:00 UTC belongs to the evening before."""
    return moment.astimezone(EASTERN).date()


def season_year(day: dt.date) -> int:
    """The year in which the season of a day began."""
    return int(season_of(day)[:4])


def season_name(year: int) -> str:
    """`2024-25` for 2024."""
    return season_of(dt.date(year, 12, 31))


def season_years(dates: DateRange, first: int, last: int) -> range:
    """The seasons the dates touch, of those from `first` to `last`."""
    return range(max(first, season_year(dates.start)), min(last, season_year(dates.end)) + 1)

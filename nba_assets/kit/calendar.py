"""Seasons and the states of a date, each defined once.

Commands that print stored rows import this module, so Ibis and the sources are imported only where they are used.
"""

import datetime as dt
import os
from enum import StrEnum
from typing import TYPE_CHECKING

from nba_resources.dates import SUMMER, DateRange
from nba_resources.errors import UserError

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from nba_resources.sources.base import Source

FIRST_DAY = dt.date(2021, 10, 19)
BOOTSTRAP_DAYS = 14  # after two weeks every team has played five to eight games
WINDOW = 365  # days: 30 June reads back to 1 July, where `season_floor` begins, also in a leap year
SEASON_GAMES = 120  # more than anyone plays
PIN = "NBA_TODAY"
COUNTED = ("regular", "play_in", "playoffs", "nba_cup_final")


class Scope(StrEnum):
    """The dates on which a table has rows."""

    GAME_DATES = "game dates"
    AFTER_BOOTSTRAP = "game dates after the first two weeks of a season"


class State(StrEnum):
    """The state of one table on one date. `missing` and `partial` need work, the others do not."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    MISSING = "missing"
    BOOTSTRAP = "bootstrap"
    NO_GAMES = "no_games"
    NOT_DUE = "not_due"


class BadSetting(UserError, ValueError):
    """A variable of the environment has an invalid value: the message says what is valid."""


def pinned_today() -> dt.date | None:
    """Return the date in `NBA_TODAY`, if it is set."""
    pinned = os.environ.get(PIN)
    try:
        return dt.date.fromisoformat(pinned) if pinned else None
    except ValueError:
        raise BadSetting(f"{PIN} must be a date like 2025-01-31, not {pinned!r}") from None


def today(source: "Source") -> dt.date:
    """Return tonight's date, the only clock: `NBA_TODAY` if set, else what the source returns."""
    return pinned_today() or source.today()


def month_of(date: dt.date) -> dt.date:
    """Return the first day of the date's month, which is its monthly partition."""
    return date.replace(day=1)


def season_floor(date: dt.date) -> dt.date:
    """Return 1 July before the season of the date: a literal bound that lets an engine skip older partitions."""
    return dt.date(date.year if date.month >= SUMMER[0] else date.year - 1, SUMMER[0], 1)


def season_name(date: "ir.DateValue") -> "ir.StringValue":
    """Return the season of a date, for instance 2024-25, for facts that have no game."""
    return _season_from(date.year() - (date.month() < SUMMER[0]).ifelse(1, 0))


def season_after(season: "ir.StringValue") -> "ir.StringValue":
    """Return the season after one: 2024-25 after 2023-24."""
    return _season_from(season.substr(0, 4).cast("int64") + 1)


def _season_from(year: "ir.IntegerValue") -> "ir.StringValue":
    return year.cast("string") + "-" + (year + 1).cast("string").substr(2, 2)


def filing_date(date: "ir.DateValue") -> "ir.DateValue":
    """Return the partition of a fact: its own date, or the first partition if it is earlier."""
    import ibis

    return (date < FIRST_DAY).ifelse(ibis.literal(FIRST_DAY), date)


def with_unfiled_days(dates: DateRange) -> DateRange:
    """Extend a range that begins with the first partition by the days before it, which have none of their own."""
    return DateRange(season_floor(FIRST_DAY), dates.end) if dates.start <= FIRST_DAY else dates


def is_bootstrap(date: "ir.DateValue", season_start: "ir.DateValue") -> "ir.BooleanValue":
    """Return whether a date is among the first days of a season, for which history tables have no rows."""
    return (date >= season_start) & (date.delta(season_start, unit="day") < BOOTSTRAP_DAYS)


def after_bootstrap(rows: "ir.Table", date: str, seasons: "ir.Table") -> "ir.Table":
    """Keep rows of dates after the first days of their season; dates before the first known season go as well."""
    days = rows.select(day=date).distinct()
    started = days.cross_join(seasons.select("start_date")).filter(lambda pair: pair.start_date <= pair.day)
    latest = started.group_by("day").aggregate(start=started.start_date.max())
    open_days = latest.filter(~is_bootstrap(latest.day, latest.start))
    return rows.semi_join(open_days, rows[date] == open_days.day)


def counted(games: "ir.Table") -> "ir.Table":
    """Keep games that count in windows and coverage: no preseason or all-star game, none postponed or cancelled."""
    return games.filter(games.season_type.isin(COUNTED), games.status.notin(("postponed", "cancelled")))

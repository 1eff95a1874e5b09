"""Which days exist, when seasons begin, and what may be asked of a date.

One definition of each: predecessors had three lists of bootstrap dates, and two of them were wrong.
"""

import datetime as dt
import os
from enum import StrEnum

import dagster as dg
import ibis
import ibis.expr.types as ir

from nba_resources.dates import DateRange
from nba_resources.errors import UserError
from nba_resources.sources.base import Source

FIRST_DAY = dt.date(2021, 10, 19)
SUMMER = (7, 8, 9)  # no game is played and no partition exists
BOOTSTRAP_DAYS = 14  # after two weeks every team has played five to eight games
WINDOW = 274  # the dates of a season: as far back as history is read
SEASON_GAMES = 120  # more than anyone plays
PIN = "NBA_TODAY"
COUNTED = ("regular", "play_in", "playoffs", "nba_cup_final")

DAILY = dg.DailyPartitionsDefinition(
    start_date=FIRST_DAY.isoformat(), timezone="America/New_York", end_offset=1, exclusions=["0 0 * 7-9 *"]
)

MONTHLY = dg.MonthlyPartitionsDefinition(
    start_date=FIRST_DAY.replace(day=1).isoformat(),
    timezone="America/New_York",
    end_offset=1,
    exclusions=["0 0 1 7-9 *"],
)


class Scope(StrEnum):
    """On which dates a table has rows at all."""

    GAME_DATES = "game dates"
    AFTER_BOOTSTRAP = "game dates after the first two weeks of a season"


class State(StrEnum):
    """What became of one table on one date. `missing` and `partial` want work, the others do not."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    MISSING = "missing"
    BOOTSTRAP = "bootstrap"
    NO_GAMES = "no_games"
    NOT_DUE = "not_due"


class BadSetting(UserError, ValueError):
    """A variable of the environment means nothing: says what it may be."""


def pinned_today() -> dt.date | None:
    """What `NBA_TODAY` says tonight is, if anything."""
    pinned = os.environ.get(PIN)
    try:
        return dt.date.fromisoformat(pinned) if pinned else None
    except ValueError:
        raise BadSetting(f"{PIN} must be a date like 2025-01-31, not {pinned!r}") from None


def today(source: Source) -> dt.date:
    """The only clock: `NBA_TODAY` if set, else the source's own first date with an unfinished game."""
    return pinned_today() or source.today()


def month_of(date: dt.date) -> dt.date:
    """The first day of the date's month: models are made for one month each."""
    return date.replace(day=1)


def season_floor(date: dt.date) -> dt.date:
    """A day in the summer before the season of the date: a literal bound that lets an engine skip older partitions."""
    return dt.date(date.year if date.month >= SUMMER[0] else date.year - 1, SUMMER[0], 1)


def season_name(date: ir.DateValue) -> ir.StringValue:
    """The season a date belongs to, for instance 2024-25: news has a date but no game."""
    first = date.year() - (date.month() < SUMMER[0]).ifelse(1, 0)
    return first.cast("string") + "-" + (first + 1).cast("string").substr(2, 2)


def filing_date(date: ir.DateValue) -> ir.DateValue:
    """The partition a fact is filed under: its own date, or the next one that exists."""
    autumn = ibis.date(date.year(), SUMMER[-1] + 1, 1)
    opened = date.month().isin(SUMMER).ifelse(autumn, date)
    return (opened < FIRST_DAY).ifelse(ibis.literal(FIRST_DAY), opened)


def with_unfiled_days(dates: DateRange) -> DateRange:
    """The range and the days before it that have no partition of their own."""
    if dates.start <= FIRST_DAY:
        return DateRange(season_floor(FIRST_DAY), dates.end)
    if (dates.start.month, dates.start.day) == (SUMMER[-1] + 1, 1):
        return DateRange(season_floor(dates.start), dates.end)
    return dates


def is_bootstrap(date: ir.DateValue, season_start: ir.DateValue) -> ir.BooleanValue:
    """Whether too little of the season has been played for a table of history to say anything."""
    return (date >= season_start) & (date.delta(season_start, unit="day") < BOOTSTRAP_DAYS)


def after_bootstrap(rows: ir.Table, date: str, seasons: ir.Table) -> ir.Table:
    """Rows of dates on which enough of the season has been played. Before the first season known nothing is certain."""
    told = rows.select(day=date).distinct()
    started = told.cross_join(seasons.select("start_date")).filter(lambda pair: pair.start_date <= pair.day)
    latest = started.group_by("day").aggregate(start=started.start_date.max())
    open_days = latest.filter(~is_bootstrap(latest.day, latest.start))
    return rows.semi_join(open_days, rows[date] == open_days.day)


def counted(games: ir.Table) -> ir.Table:
    """Games that enter windows and coverage: no pre-season, no all-star show, none postponed or cancelled."""
    return games.filter(games.season_type.isin(COUNTED), games.status.notin(("postponed", "cancelled")))

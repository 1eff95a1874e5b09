"""The only door to history.

A table function never receives an earlier table as such: it receives a `History`, which opens in two ways. `as_of`
gives what was known before each row of a spine, and has no inclusive form. `History.on` gives the rows of the date
itself, and of those only the columns that are known before tip-off; of lines and odds, only what was visible before
it.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from nba_assets.kit.calendar import season_floor
from nba_assets.kit.expressions.joins import without
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract

EVENT_DATE = "event_date"
RECENCY = "recency"
BEFORE_TIP = "minutes_before_tip"
_LOOKS_SIDEWAYS = (
    *(ops.WindowFunction, ops.Aggregate, ops.Reduction, ops.JoinChain, ops.Subquery, ops.Limit, ops.Sample),
    ops.PhysicalTable,
)


class Leak(ValueError):
    """An expression that could see the game it is about: raised while it is built, before anything runs."""


@dataclass(frozen=True)
class History:
    """A table that a morning may look back on.

    `rows` is private to this module in spirit: reading it directly is the leak this class exists to prevent, and a lint
    test over the table modules forbids it. `changed` says that they are no longer as they were stored. `narrowed` makes
    the same rows for some dates only, with these as constants below every join: an engine rules out partitions by them.
    """

    rows: ir.Table
    dates: DateRange
    event_date: str
    known_at: str | None = None
    hidden: tuple[str, ...] = ()
    post: bool = False
    after_games: bool = False
    changed: bool = False
    narrowed: Callable[[dt.date | None, dt.date], ir.Table] | None = None

    @classmethod
    def of(cls, contract: Contract, dates: DateRange, after_games: bool = False) -> "History":
        """The history of a stored table for a computation over some dates, made before or after their games."""
        if contract.partition is None:
            raise Leak(f"{contract.key} has no event date, so nothing can be known as of a date from it")
        hidden = () if after_games else tuple(name for name, column in contract.columns.items() if column.post)
        post = contract.post and not after_games
        return cls(contract.table(), dates, contract.partition, contract.known_at, hidden, post, after_games)

    def on(self) -> ir.Table:
        """The rows of the computed dates themselves, as they could be known before tip-off."""
        if self.post:
            raise Leak("the rows of a date of this table exist only after its games: use as_of")
        if self.changed and not self.after_games:
            raise Leak(
                "a changed history may hide what its rows of the date must not show: call on() first, then change"
            )
        if self.known_at and BEFORE_TIP not in self.rows.columns and not self.after_games:
            raise Leak(f"of timed news without {BEFORE_TIP} nobody can say what was known before tip-off: use as_of")
        stored = self._part(self.dates.start, self.dates.end)
        rows = stored.filter(stored[self.event_date].between(self.dates.start, self.dates.end))
        rows = without(rows, *self.hidden)
        if self.known_at is None or BEFORE_TIP not in rows.columns:
            return rows
        return rows.filter(rows[self.known_at].isnull() | (rows[BEFORE_TIP] > 0))

    def before_the_last(self) -> ir.Table:
        """All rows before the last date computed: for a range of months, each of which cuts again at its own start."""
        if self.known_at:
            raise Leak("timed news is read by its own clock: use as_of")
        rows = self._part(None, self.dates.end)
        return rows.filter(rows[self.event_date] < self.dates.end)

    def map(self, change: Callable[[ir.Table], ir.Table]) -> "History":
        """The same history, each row changed or dropped by itself; looking at other rows or dating anew is refused."""
        rows = change(self.rows)
        before, after = self.rows.op(), rows.op()
        if set(after.find(_LOOKS_SIDEWAYS)) - set(before.find(_LOOKS_SIDEWAYS)):
            raise Leak("a history may only be changed row by row: windows, joins, sums and limits belong after as_of")
        for clock in filter(None, (self.event_date, self.known_at)):
            if clock not in rows.columns:
                raise Leak(f"a history without its {clock} cannot be read as of a date")
            if not _kept(after, clock, before, clock):
                raise Leak(f"a history cannot be dated anew: {clock} must stay as it was stored")
        narrowed = self.narrowed
        changed = narrowed and (lambda start, end: change(narrowed(start, end)))
        return replace(self, rows=rows, changed=True, narrowed=changed)

    def first(self, per: Sequence[str]) -> "History":
        """The first row of each key only: later rows cannot change it, so it is as safe as the rows themselves.

        Where the date is part of the key there is nothing to look back for, and an engine may skip other dates.
        """
        if self.known_at:
            raise Leak("the first of timed news would lose the time it was known: use as_of on all of it")
        if self.event_date in per:

            def narrowed(start: dt.date | None, end: dt.date) -> ir.Table:
                return self._between(start, end).select(*per).distinct()

            return replace(self, rows=self.rows.select(*per).distinct(), changed=True, narrowed=narrowed)
        earliest = self.rows.group_by(list(per)).aggregate(**{self.event_date: self.rows[self.event_date].min()})
        return replace(self, rows=earliest, changed=True, narrowed=None)

    def called(self, event_date: str) -> "History":
        """The same history, its date under another name: tables that are to be joined must agree on one."""
        names, narrowed = {event_date: self.event_date}, self.narrowed
        renamed = narrowed and (lambda start, end: narrowed(start, end).rename(names))
        return replace(self, rows=self.rows.rename(names), event_date=event_date, narrowed=renamed)

    def joined(self, other: "History", on: Sequence[str], how: Literal["inner", "left"] = "inner") -> "History":
        """Each row with what another history says of the same event: both must agree on the event date."""
        if self.known_at or other.known_at:
            raise Leak("timed news is read by its own clock, so it joins nothing before as_of")
        if self.event_date not in on or other.event_date != self.event_date:
            raise Leak(f"histories join on their event date too: {self.event_date} must be among {list(on)}")
        added = [name for name in other.rows.columns if name not in on]

        def both(mine: ir.Table, theirs: ir.Table) -> ir.Table:
            return mine.join(theirs, list(on), how=how).select(*self.rows.columns, *added)

        def narrowed(start: dt.date | None, end: dt.date) -> ir.Table:
            return both(self._between(start, end), other._between(start, end))

        return replace(self, rows=both(self.rows, other.rows), changed=True, narrowed=narrowed)

    def _part(self, start: dt.date | None, end: dt.date) -> ir.Table:
        """For whoever bounds the rows by these dates as well."""
        return self.rows if self.narrowed is None else self.narrowed(start, end)

    def _between(self, start: dt.date | None, end: dt.date) -> ir.Table:
        if self.narrowed:
            return self.narrowed(start, end)
        upto = self.rows.filter(self.rows[self.event_date] <= end)
        return upto if start is None else upto.filter(upto[self.event_date] >= start)


def as_of(
    history: History,
    spine: ir.Table,
    per: Sequence[str],
    *,
    date: str = "game_date",
    last: int | None = None,
    days: int | None = None,
    across_seasons: bool = False,
    keep_empty: bool = False,
) -> ir.Table:
    """What was known of each key on the morning of each date of the spine: earlier rows, never one of the date itself.

    `last` keeps the newest N dates of a key, `days` the N days before; without either it is the season to date.
    Windows stay inside the season (column `season` on both sides) unless `across_seasons`. Each spine key is repeated
    for every row it may know, with the row's own date as `event_date` and, for `last`, its place from the newest as
    `recency`. Keys of which nothing is known vanish, unless `keep_empty` leaves them one row of NULLs, so that
    counting gives a true zero.

    A history with a `known_at` is read by that clock instead: what was published before the spine's `tipoff`, on the
    day itself too, and what has only a date from the next day on.
    """
    shared = [*per, *([] if across_seasons else ["season"])]
    keys = [date, *shared, *(["tipoff"] if history.known_at else [])]
    _refuse_misuse(history, spine, keys, shared, {"last": last, "days": days})
    spine = spine.select(*keys).distinct()
    events = _events(history, days, across_seasons)
    events = events.rename({EVENT_DATE: history.event_date, **{f"{name}_known": name for name in shared}})
    events = events.rename({f"event_{name}": name for name in events.columns if name in spine.columns})
    matches: list[Any] = [spine[name] == events[f"{name}_known"] for name in shared]
    matches += _earlier(events, history.known_at, spine, date)
    if days:
        matches.append(events[EVENT_DATE] >= spine[date] - ibis.interval(days=days))
    joined = spine.join(events, matches, how="left" if keep_empty else "inner")
    known = without(joined, *(f"{name}_known" for name in shared))
    if last is None:
        return known
    newest = ibis.window(group_by=keys, order_by=known[EVENT_DATE].desc())
    return known.mutate(**{RECENCY: ibis.dense_rank().over(newest) + 1}).filter(lambda t: t[RECENCY] <= last)


def _refuse_misuse(
    history: History, spine: ir.Table, keys: Sequence[str], shared: Sequence[str], windows: Mapping[str, int | None]
) -> None:
    if absent := [name for name in keys if name not in spine.columns]:
        raise Leak(
            f"the spine lacks {absent}: as_of needs the date, the keys, the season and, for dated news, the tip-off"
        )
    if absent := [name for name in shared if name not in history.rows.columns]:
        raise Leak(f"the history lacks {absent}: it cannot be matched to the spine")
    for name, window in windows.items():
        if window is not None and window < 1:
            raise Leak(f"{name}={window} would look at the date itself or after it: windows reach back at least 1")


def _events(history: History, days: int | None, across_seasons: bool) -> ir.Table:
    """All that any of the computed dates may know, between constants."""
    start, end, floor = history.dates.start, history.dates.end, None
    if days or not across_seasons:
        floor = season_floor(start) if days is None else start - dt.timedelta(days=days)
    events = history._part(floor, end)
    happened: Any = events[history.event_date]
    events = events.filter(happened <= end if history.known_at else happened < end)
    return events.filter(happened >= floor) if floor else events


def _earlier(events: ir.Table, known_at: str | None, spine: ir.Table, date: str) -> list[Any]:
    """What must hold of a row known before tip-off: by its own clock if it has one, else by its date."""
    was = events[EVENT_DATE]
    if known_at is None:
        return [was < spine[date]]
    known = events[known_at]
    in_time = ibis.ifelse(known.isnull(), was < spine[date], (known < spine.tipoff).fill_null(was < spine[date]))
    return [in_time, was <= spine[date]]  # a range must not know more of a date than the date alone


def _kept(node: Any, name: str, origin: Any, original: str) -> bool:
    """Whether a column is another relation's column, carried along and never computed."""
    if node == origin:
        return name == original
    if isinstance(node, ops.Set):
        return all(_kept(side, name, origin, original) for side in (node.left, node.right))
    value = node.values.get(name)
    return isinstance(value, ops.Field) and _kept(value.rel, value.name, origin, original)

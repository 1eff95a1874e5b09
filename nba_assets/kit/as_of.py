"""`History` and `as_of`: the only way for a table to read earlier rows.

A table function receives a `History`, never the earlier table itself. `as_of` returns what was known before each row of
a spine; it has no inclusive form. `History.on` returns the rows of the date itself, without columns that are known only
after the games, and of lines and odds only those visible before tip-off.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from nba_assets.kit.calendar import season_after, season_floor
from nba_assets.kit.expressions.joins import without
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract

EVENT_DATE = "event_date"
RECENCY = "recency"
BEFORE_TIP = "minutes_before_tip"
_READS_OTHER_ROWS = (
    *(ops.WindowFunction, ops.Aggregate, ops.Reduction, ops.JoinChain, ops.Subquery, ops.Limit, ops.Sample),
    ops.PhysicalTable,
)


class Leak(ValueError):
    """An expression that could read the game it is about. Raised while it is built, before anything runs."""


@dataclass(frozen=True)
class History:
    """An upstream table whose earlier rows may be read.

    `rows` must not be read outside this module, as that could leak; a lint test over table modules forbids it.
    `changed`: the rows differ from those stored. `narrowed` returns the rows of some dates with these dates as
    constants below every join, so that an engine can skip partitions.
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
        """Return the history of a stored table, for dates computed before or after their games."""
        if contract.partition is None:
            raise Leak(f"{contract.key} has no event date, so nothing can be known as of a date from it")
        hidden = () if after_games else tuple(name for name, column in contract.columns.items() if column.post)
        post = contract.post and not after_games
        return cls(contract.table(), dates, contract.partition, contract.known_at, hidden, post, after_games)

    def on(self) -> ir.Table:
        """Return the rows of the computed dates themselves, as known before tip-off."""
        if self.post:
            raise Leak("the rows of a date of this table exist only after its games: use as_of")
        if self.changed and not self.after_games:
            raise Leak("a changed history may hide columns that must be dropped: call on() first, then change")
        if self.known_at and BEFORE_TIP not in self.rows.columns and not self.after_games:
            raise Leak(f"rows with a time but without {BEFORE_TIP} cannot be cut at tip-off: use as_of")
        stored = self._part(self.dates.start, self.dates.end)
        rows = stored.filter(stored[self.event_date].between(self.dates.start, self.dates.end))
        rows = without(rows, *self.hidden)
        if self.known_at is None or BEFORE_TIP not in rows.columns:
            return rows
        return rows.filter(rows[self.known_at].isnull() | (rows[BEFORE_TIP] > 0))

    def before_the_last(self, since: dt.date | None = None) -> ir.Table:
        """Return all rows before the last computed date; a date or month of a range must cut them again at its own."""
        if self.known_at:
            raise Leak("rows with a time are read by their own clock: use as_of")
        rows = self._part(since, self.dates.end)
        rows = rows.filter(rows[self.event_date] < self.dates.end)
        return rows.filter(rows[self.event_date] >= since) if since else rows

    def map(self, change: Callable[[ir.Table], ir.Table]) -> "History":
        """Return the history with each row changed or dropped; refuse reading other rows or changing the date."""
        rows = change(self.rows)
        before, after = self.rows.op(), rows.op()
        if set(after.find(_READS_OTHER_ROWS)) - set(before.find(_READS_OTHER_ROWS)):
            raise Leak("a history may only be changed row by row: windows, joins, sums and limits belong after as_of")
        for clock in filter(None, (self.event_date, self.known_at)):
            if clock not in rows.columns:
                raise Leak(f"a history without its {clock} cannot be read as of a date")
            if not _is_unchanged(after, clock, before, clock):
                raise Leak(f"a history must keep its dates: {clock} must stay as it was stored")
        narrowed = self.narrowed
        changed = narrowed and (lambda start, end: change(narrowed(start, end)))
        return replace(self, rows=rows, changed=True, narrowed=changed)

    def first(self, per: Sequence[str]) -> "History":
        """Return the first row of each key only, which later rows cannot change.

        If the date is part of the key, an engine may skip other dates.
        """
        if self.known_at:
            raise Leak("the first of several rows with a time would lose that time: use as_of on all rows")
        if self.event_date in per:

            def narrowed(start: dt.date | None, end: dt.date) -> ir.Table:
                return self._between(start, end).select(*per).distinct()

            return replace(self, rows=self.rows.select(*per).distinct(), changed=True, narrowed=narrowed)
        earliest = self.rows.group_by(list(per)).aggregate(**{self.event_date: self.rows[self.event_date].min()})
        return replace(self, rows=earliest, changed=True, narrowed=None)

    def with_date_named(self, event_date: str) -> "History":
        """Return the history with its date renamed, so that it can be joined with another."""
        names, narrowed = {event_date: self.event_date}, self.narrowed
        renamed = narrowed and (lambda start, end: narrowed(start, end).rename(names))
        return replace(self, rows=self.rows.rename(names), event_date=event_date, narrowed=renamed)

    def joined(self, other: "History", on: Sequence[str], how: Literal["inner", "left"] = "inner") -> "History":
        """Join another history on keys that include the event date."""
        if self.known_at or other.known_at:
            raise Leak("rows with a time are read by their own clock: join them after as_of")
        if self.event_date not in on or other.event_date != self.event_date:
            raise Leak(f"histories join on their event date too: {self.event_date} must be among {list(on)}")
        added = [name for name in other.rows.columns if name not in on]

        def join(left: ir.Table, right: ir.Table) -> ir.Table:
            return left.join(right, list(on), how=how).select(*self.rows.columns, *added)

        def narrowed(start: dt.date | None, end: dt.date) -> ir.Table:
            return join(self._between(start, end), other._between(start, end))

        return replace(self, rows=join(self.rows, other.rows), changed=True, narrowed=narrowed)

    def summed(self, by: Sequence[str], columns: Sequence[str]) -> "History":
        """Return one row per key with the sums of its rows, NULL if a term is unknown.

        The date is part of the key, so no sum reads a later row.
        """
        if self.known_at:
            raise Leak("rows with a time are read by their own clock: sum them after as_of")
        if self.event_date not in by:
            raise Leak(f"a history is summed within its dates: {self.event_date} must be among {list(by)}")

        def sums(rows: ir.Table) -> ir.Table:
            known = {name: rows[name].count() == rows.count() for name in columns}
            return rows.group_by(list(by)).aggregate(
                **{name: known[name].ifelse(rows[name].sum(), None) for name in columns}
            )

        def narrowed(start: dt.date | None, end: dt.date) -> ir.Table:
            return sums(self._between(start, end))

        return replace(self, rows=sums(self.rows), changed=True, narrowed=narrowed)

    def _part(self, start: dt.date | None, end: dt.date) -> ir.Table:
        """May return extra rows: callers must still filter by the dates."""
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
    """Return the rows known for each key on the morning of each date of the spine, never rows of the date itself.

    `last` keeps the newest N dates of a key, `days` the N days before; without either the season to date is kept.
    Windows stay inside the season (column `season` on both sides) unless `across_seasons`. Each spine key is repeated
    for every row it may read, with the row's own date as `event_date` and, for `last`, its place from the newest as
    `recency`. Keys without rows are dropped, or kept with one row of NULLs with `keep_empty`, so that counts are 0.

    A history with a `known_at` is cut by that time instead: rows known before the spine's `tipoff`, also on the day
    itself, and rows that have only a date from the next day on.
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


def season_before(history: History, spine: ir.Table) -> ir.Table:
    """Return the rows of the season before each season of the spine, the same ones on all of its dates."""
    following = history.map(lambda rows: rows.mutate(season=season_after(rows.season)))
    seasons = spine.group_by("season").aggregate(game_date=spine.game_date.min())
    return as_of(following, seasons, ["season"], across_seasons=True)


def _refuse_misuse(
    history: History, spine: ir.Table, keys: Sequence[str], shared: Sequence[str], windows: Mapping[str, int | None]
) -> None:
    if absent := [name for name in keys if name not in spine.columns]:
        raise Leak(f"the spine lacks {absent}: as_of needs date, keys, season and, for rows with a time, the tip-off")
    if absent := [name for name in shared if name not in history.rows.columns]:
        raise Leak(f"the history lacks {absent}: it cannot be matched to the spine")
    for name, window in windows.items():
        if window is not None and window < 1:
            raise Leak(f"{name}={window} would read the date itself or later: windows reach back at least 1")


def _events(history: History, days: int | None, across_seasons: bool) -> ir.Table:
    """Return all rows that any computed date may read, bounded by constant dates."""
    start, end, floor = history.dates.start, history.dates.end, None
    if days or not across_seasons:
        floor = season_floor(start) if days is None else start - dt.timedelta(days=days)
    events = history._part(floor, end)
    happened: Any = events[history.event_date]
    events = events.filter(happened <= end if history.known_at else happened < end)
    return events.filter(happened >= floor) if floor else events


def _earlier(events: ir.Table, known_at: str | None, spine: ir.Table, date: str) -> list[Any]:
    """Return the conditions for a row to be known before tip-off: by its own time if it has one, else by its date."""
    happened = events[EVENT_DATE]
    if known_at is None:
        return [happened < spine[date]]
    known, earlier = events[known_at], happened < spine[date]
    in_time = ibis.ifelse(known.isnull(), earlier, (known < spine.tipoff).fill_null(earlier))
    return [in_time, happened <= spine[date]]  # a range must not read more for a date than the date alone


def _is_unchanged(node: Any, name: str, origin: Any, original: str) -> bool:
    """Return whether a column is another relation's column, carried along and never computed."""
    if node == origin:
        return name == original
    if isinstance(node, ops.Set):
        return all(_is_unchanged(side, name, origin, original) for side in (node.left, node.right))
    value = node.values.get(name)
    return isinstance(value, ops.Field) and _is_unchanged(value.rel, value.name, origin, original)

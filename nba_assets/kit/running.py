"""`running`: averages of all earlier games of a key, from running sums.

`as_of` repeats a spine row for every earlier row it may read, which is too much for a career on each of its dates. Here
sums run over the games themselves, and each date reads those after the latest game strictly before it. Games before the
first computed date enter as one sum, so that a single date costs one pass over them.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from nba_assets.kit.as_of import EVENT_DATE, History, Leak
from nba_assets.kit.calendar import season_floor
from nba_assets.kit.expressions.joins import stacked, with_columns_of

GAMES, NAME, VALUE = "games", "name", "value"
_DAY, _IS_GAME, _SEASON = "day", "is_game", "event_season"
_READS_OTHER_ROWS = (ops.Analytic, ops.WindowFunction, ops.Subquery)


@dataclass(frozen=True)
class HalfLife:
    """The average in which a game weighs half as much as one `games` games later; unknown values are left out.

    With `per` it is the ratio of both weighted sums, such as rebounds per minute. Weights grow with the number of the
    game, so that one running sum serves every date; 2^(n / games) is a finite double up to game 1000 x `games`.
    """

    games: float
    value: str = VALUE
    per: str | None = None

    def terms(self, rows: ir.Table) -> dict[str, ir.Value]:
        """Return what is summed, by names that values with equal terms share."""
        weight: Any = ibis.literal(2.0) ** (rows[GAMES] / self.games)
        whole = weight * rows[self.per] if self.per else weight
        return {self._above: weight * rows[self.value], self._below: rows[self.value].notnull().ifelse(whole, None)}

    def average(self, sums: ir.Table) -> ir.Value:
        """Return the average, from the sums of the terms."""
        return sums[self._above] / sums[self._below].nullif(0)

    @property
    def _above(self) -> str:
        return f"{self.value}_{self.games}"

    @property
    def _below(self) -> str:
        return f"{self.value}_{self.games}_{self.per or 'weight'}"


@dataclass(frozen=True)
class InSeason:
    """An aggregate of the games of the season so far, or of the last few of them."""

    aggregate: Callable[[ir.Table], ir.Value]
    last: int | None = None


Values = Mapping[str, HalfLife | InSeason]


def running(
    history: History,
    spine: ir.Table,
    per: Sequence[str],
    values: Values,
    *,
    order: str,
    columns: Sequence[str] = (),
    date: str = "game_date",
) -> ir.Table:
    """Return the values of each key after its latest game before each date of the spine, never of the date itself.

    `order` tells the games of a key on one date apart. With `columns`, each of them is averaged under its `name`, and
    is the `value` of a game's row. Spine and history have a `season`; values of the season are NULL before its first
    game. Returned are the spine's date, keys and season, `name`, the date of the latest game as `event_date`, the
    values, and with a half-life the number of games of all seasons as `games`. Without one only the season is read.
    Keys without an earlier game are dropped.
    """
    _refuse_misuse(history, spine, [date, *per, "season"], [*per, "season", order, *columns], values)
    keys = spine.select(*per, "season", **{_DAY: spine[date]}).distinct()
    half_lives = {name: value for name, value in values.items() if isinstance(value, HalfLife)}
    in_season = {name: value for name, value in values.items() if isinstance(value, InSeason)}
    floor = season_floor(history.dates.start)
    games = history.before_the_last(since=None if half_lives else floor).semi_join(keys, list(per))
    games = games.rename({EVENT_DATE: history.event_date, _SEASON: "season"})
    in_order = ibis.window(group_by=list(per), order_by=[games[EVENT_DATE], games[order]])
    games = games.mutate(**{GAMES: ibis.row_number().over(in_order) + 1})
    rows = in_rows(games, columns, {value.per for value in half_lives.values() if value.per}) if columns else games
    group = [*per, *([NAME] if columns else [])]
    known = _latest_before(keys, games, per)
    known = known.join(_half_lives(rows, half_lives, group, history.dates.start), [*per, GAMES])
    if in_season:
        of_season = _in_season(rows.filter(rows[EVENT_DATE] >= floor), in_season, group)
        known = with_columns_of(known, of_season, [*group, "season", GAMES])
    counted = [GAMES] if half_lives else []
    return known.select(*group, "season", EVENT_DATE, *counted, *values, **{date: known[_DAY]})


def in_rows(rows: ir.Table, columns: Sequence[str], kept: Collection[str] = ()) -> ir.Table:
    """Return a row for each of some columns, with its `name` and its `value`; the other columns are repeated."""
    pairs = [ibis.struct({NAME: column, VALUE: rows[column].cast("float64")}) for column in columns]
    others = [name for name in rows.columns if name not in columns or name in kept]
    pairs = rows.select(*others, pair=ibis.array(pairs).unnest())
    return pairs.select(*others, **{NAME: pairs.pair[NAME], VALUE: pairs.pair[VALUE]})


def _half_lives(rows: ir.Table, values: Mapping[str, HalfLife], group: Sequence[str], start: dt.date) -> ir.Table:
    """Return the half-lives after each game since the start, and after the latest game before it."""
    terms = {name: term for value in values.values() for name, term in value.terms(rows).items()}
    rows = rows.select(*group, GAMES, EVENT_DATE, **terms)
    before = rows.filter(rows[EVENT_DATE] < start)
    latest = {name: before[name].max() for name in (GAMES, EVENT_DATE)}
    before = before.group_by(list(group)).aggregate(**latest, **{name: before[name].sum() for name in terms})
    rows = stacked(before, rows.filter(rows[EVENT_DATE] >= start))
    up_to_the_game = ibis.window(group_by=list(group), order_by=GAMES, rows=(None, 0))
    sums = rows.mutate(**{name: rows[name].sum().over(up_to_the_game) for name in terms})
    return sums.select(*group, GAMES, EVENT_DATE, **{name: value.average(sums) for name, value in values.items()})


def _in_season(rows: ir.Table, values: Mapping[str, InSeason], group: Sequence[str]) -> ir.Table:
    """Return the values of each season after each of its games."""

    def over(value: InSeason) -> ir.Value:
        aggregate = value.aggregate(rows)
        if set(aggregate.op().find(_READS_OTHER_ROWS)) - set(rows.op().find(_READS_OTHER_ROWS)):
            raise Leak("a value of the season is made of sums, means and other aggregates, which end at each game")
        first = None if value.last is None else 1 - value.last
        return aggregate.over(ibis.window(group_by=[*group, _SEASON], order_by=GAMES, rows=(first, 0)))

    return rows.select(*group, GAMES, season=_SEASON, **{name: over(value) for name, value in values.items()})


def _latest_before(keys: ir.Table, games: ir.Table, per: Sequence[str]) -> ir.Table:
    """Return each key and date with the number of its latest game before the date.

    One window over dates and games together: joining both on an earlier date would pair every date with every game.
    """
    of_game = {_DAY: games[EVENT_DATE], GAMES: games[GAMES], _IS_GAME: 1}
    asked = keys.select(*per, "season", _DAY, **{GAMES: ibis.null("int64"), _IS_GAME: 0})
    both = stacked(asked, games.select(*per, season=ibis.null("string"), **of_game))
    dates_first = ibis.window(group_by=list(per), order_by=[both[_DAY], both[_IS_GAME]], rows=(None, 0))
    both = both.mutate(**{GAMES: both[GAMES].max().over(dates_first)})
    return both.filter(both[_IS_GAME] == 0).select(*per, "season", _DAY, GAMES)


def _refuse_misuse(
    history: History, spine: ir.Table, asked: Sequence[str], read: Sequence[str], values: Values
) -> None:
    if absent := [name for name in asked if name not in spine.columns]:
        raise Leak(f"the spine lacks {absent}: running needs the date, the keys and the season")
    if absent := [name for name in read if name not in history.rows.columns]:
        raise Leak(f"the history lacks {absent}: it cannot be matched to the spine or put in order")
    for name, value in values.items():
        if isinstance(value, InSeason) and value.last is not None and value.last < 1:
            raise Leak(f"{name}: last={value.last} would read games after the latest one: it is at least 1")

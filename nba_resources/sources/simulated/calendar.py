"""Who meets whom, when and where: preseason, 82 games a club, and the days on which nobody plays."""

import datetime as dt
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from nba_resources.sources.eastern import EASTERN
from nba_resources.sources.simulated.clubs import ARENAS, CLUBS, CONFERENCES, EAST, HOURS_WEST, divisions
from nba_resources.sources.simulated.columns import Columns, day64, rng_for

REGULAR_DAYS = 173  # from the opener, a Tuesday, to the last Sunday: true of every NBA season from 2021-22 to 2025-26
CUP_FINAL_DAY = 56
PRESEASON_DAYS = 14
ATTEMPTS = 20
GAMES_BY_WEEKDAY = np.array([8.0, 6.0, 10.5, 4.0, 10.5, 8.5, 7.5])
ABROAD = ("Arena CDMX", "Accor Arena")


@dataclass(frozen=True)
class Fixtures(Columns):
    """Games to be played. The pairing is public from `known_from` on; a moved game was first set for `moved_from`."""

    game_id: np.ndarray
    season_type: np.ndarray
    day: np.ndarray
    home: np.ndarray
    away: np.ndarray
    tip: np.ndarray
    neutral: np.ndarray
    arena: np.ndarray
    known_from: np.ndarray
    moved_from: np.ndarray

    @property
    def clubs(self) -> np.ndarray:
        """Home and away side by side."""
        return np.stack([self.home, self.away], axis=1)


def opening_day(year: int) -> dt.date:
    """The first Tuesday from 18 October on, as in every season since 2021."""
    earliest = dt.date(year, 10, 18)
    return earliest + dt.timedelta(days=(1 - earliest.weekday()) % 7)


def closing_day(year: int) -> dt.date:
    """The last day of the regular season: everybody plays."""
    return opening_day(year) + dt.timedelta(days=REGULAR_DAYS)


def all_star_sunday(year: int) -> dt.date:
    """The third Sunday of February."""
    return dt.date(year + 1, 2, 15) + dt.timedelta(days=6 - dt.date(year + 1, 2, 15).weekday())


def fixtures(
    game_ids: list[str], season_type: str, day: np.ndarray, home: np.ndarray, away: np.ndarray, rng: np.random.Generator
) -> Fixtures:
    """Ordinary games at the home club's arena, their tip-off still to be published like everyone else's."""
    games = len(day)
    return Fixtures(
        game_id=np.array(game_ids, dtype=object),
        season_type=np.full(games, season_type, dtype=object),
        day=day.astype("datetime64[D]"),
        home=home,
        away=away,
        tip=_tip_offs(day.astype("datetime64[D]"), home, rng),
        neutral=np.zeros(games, dtype=bool),
        arena=ARENAS[home],
        known_from=np.full(games, np.datetime64("0001-01-01", "D")),
        moved_from=np.full(games, np.datetime64("NaT", "D")),
    )


def preseason(seed: int, year: int) -> Fixtures:
    """Two games a club in the fortnight before the opener."""
    rng = rng_for(seed, year, "preseason")
    start = day64(opening_day(year)) - PRESEASON_DAYS
    draws = [rng.permutation(30).reshape(15, 2) for _ in range(2)]
    pairs = np.concatenate(draws)
    day = start + np.concatenate([np.arange(15) // 5, 5 + np.arange(15) // 5])
    ids = [f"001{year % 100:02d}{number:05d}" for number in range(1, 31)]
    return fixtures(ids, "preseason", day, pairs[:, 0], pairs[:, 1], rng)


def regular_season(seed: int, year: int) -> Fixtures:
    """The 1,230 games, in the order of their first dates, one of them moved and two of them abroad."""
    rng = rng_for(seed, year, "calendar")
    day, home, away = _dated(_meetings(rng), year, rng)
    order = np.lexsort((rng.random(len(day)), day))
    day, home, away = day64(opening_day(year)) + day[order], home[order], away[order]
    ids = [f"002{year % 100:02d}{number:05d}" for number in range(1, len(day) + 1)]
    games = _abroad(fixtures(ids, "regular", day, home, away, rng), year)
    return _with_one_moved(games, year, rng)


def _meetings(rng: np.random.Generator) -> np.ndarray:
    """How often each club (row) hosts each other: twice within a conference, once outside, 41 home games in all.

    Fifty-two games must fit 14 conference rivals, so each club meets two rivals of either foreign division only three
    times; pairing the divisions around a circle gives everyone as many home games as away games.
    """
    hosts = np.where(EAST[:, None] == EAST[None, :], 2, 1)
    np.fill_diagonal(hosts, 0)
    members = {name: rng.permutation(clubs) for name, clubs in divisions().items()}
    for conference in CONFERENCES:
        for one, other in combinations(conference, 2):
            hosts[members[other], members[one]] = 1
            hosts[members[one], np.roll(members[other], 1)] = 1
    return hosts


def _dark_days(year: int) -> set[int]:
    """Days without regular games: two feasts, the cup final and its morrow, the All-Star break, the last Saturday."""
    first = opening_day(year)
    november = dt.date(year, 11, 1)
    thanksgiving = november + dt.timedelta(days=(3 - november.weekday()) % 7 + 21)
    break_from = all_star_sunday(year) - dt.timedelta(days=2)
    dark = [thanksgiving, dt.date(year, 12, 24), *(break_from + dt.timedelta(days=n) for n in range(6))]
    return {(day - first).days for day in dark} | {CUP_FINAL_DAY, CUP_FINAL_DAY + 1, REGULAR_DAYS - 1}


def _dated(hosts: np.ndarray, year: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days (from the opener on), home and away clubs of all games: two games open, fifteen close the season."""
    opening, closing = rng.permutation(30)[:4].reshape(2, 2), rng.permutation(30).reshape(15, 2)
    fixed = np.concatenate([opening, closing])
    fixed_days = np.repeat([0, REGULAR_DAYS], [len(opening), len(closing)])
    rest = hosts.copy()
    np.subtract.at(rest, (fixed[:, 0], fixed[:, 1]), 1)
    home, away = (np.repeat(side, rest[rest > 0]) for side in np.nonzero(rest))

    days = np.arange(REGULAR_DAYS + 1)
    quota = GAMES_BY_WEEKDAY[(days + 1) % 7]
    quota[[0, *_dark_days(year), REGULAR_DAYS]] = 0
    for _ in range(ATTEMPTS):
        chosen = _placed(home, away, fixed, fixed_days, quota, rng)
        if chosen is not None:
            return np.append(chosen, fixed_days), np.append(home, fixed[:, 0]), np.append(away, fixed[:, 1])
    raise RuntimeError(f"no calendar found for {year} in {ATTEMPTS} attempts; choose another seed")


def _placed(
    home: np.ndarray,
    away: np.ndarray,
    fixed: np.ndarray,
    fixed_days: np.ndarray,
    quota: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray | None:
    """A day for every game: each in turn takes the day that costs its two clubs and the league least; None if stuck."""
    days = np.arange(len(quota))
    busy = np.zeros((30, len(days) + 6), dtype=bool)  # three empty days either side, so that windows never fall off
    busy[fixed, fixed_days[:, None] + 3] = True
    load = np.zeros(len(days))
    met: dict[tuple[int, int], list[int]] = {}
    chosen = np.empty(len(home), dtype=int)
    for game in rng.permutation(len(home)):
        pair = (min(home[game], away[game]), max(home[game], away[game]))
        crowd = 3 * load / np.maximum(quota, 1) + np.where(load >= 1.35 * quota, 30, 0)
        cost = _strain(busy[home[game]]) + _strain(busy[away[game]]) + crowd + rng.random(len(days))
        for earlier in met.get(pair, ()):
            cost += np.where(np.abs(days - earlier) < 8, 4, 0)
        cost[quota == 0] = np.inf
        chosen[game] = day = int(np.argmin(cost))
        if not np.isfinite(cost[day]):
            return None
        load[day] += 1
        busy[pair, day + 3] = True
        met.setdefault(pair, []).append(day)
    return chosen


def _strain(busy: np.ndarray) -> np.ndarray:
    """What a game would cost a club on each day: two in a row are dear, three out of the question."""
    before = [busy[3 - n : len(busy) - 3 - n].astype(int) for n in range(4)]
    after = [busy[3 + n : len(busy) - 3 + n].astype(int) for n in range(4)]
    near = before[1] + after[1]
    three = (before[1] & before[2]) | (before[1] & after[1]) | (after[1] & after[2])
    strain = 2.6 * near + 1.2 * (before[2] + after[2]) + 0.6 * (before[3] + after[3])
    return np.where(before[0] | three, np.inf, strain)


def _tip_offs(day: np.ndarray, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Seven in the evening where the game is played, some matinees at weekends; UTC follows New York's summer time."""
    weekday = (day.astype(int) + 3) % 7  # day 0 of the epoch was a Thursday
    evening = 19 + HOURS_WEST[home] + rng.choice([0, 0, 0.5], len(day))
    matinee = (weekday >= 5) & (rng.random(len(day)) < 0.25)
    hour = np.where(matinee, rng.choice([13, 15.5, 18], len(day)), evening)
    offset = {one: dt.datetime.combine(one.astype(dt.date), dt.time(18), EASTERN).utcoffset() for one in np.unique(day)}
    utc_behind = np.array([np.timedelta64(offset[one]) for one in day], dtype="timedelta64[m]")
    return day.astype("datetime64[m]") + (hour * 60).astype("timedelta64[m]") - utc_behind


def _abroad(games: Fixtures, year: int) -> Fixtures:
    """One November and one January game leave their home arena: at a neutral site nobody is at home."""
    neutral, arena = games.neutral.copy(), games.arena.copy()
    for month, place in zip((f"{year}-11", f"{year + 1}-01"), ABROAD, strict=True):
        first = int(np.argmax(games.day.astype("datetime64[M]") == np.datetime64(month)))
        neutral[first], arena[first] = True, place
    return replace(games, neutral=neutral, arena=arena)


def _with_one_moved(games: Fixtures, year: int, rng: np.random.Generator) -> Fixtures:
    """A January game is put off, within winter time, to its clubs' easiest day: until its first date nobody knows."""
    first = day64(opening_day(year))
    offset = (games.day - first).astype(int)
    busy = np.zeros((len(CLUBS), REGULAR_DAYS + 7), dtype=bool)
    busy[games.clubs, offset[:, None] + 3] = True
    january = games.day.astype("datetime64[M]") == np.datetime64(f"{year + 1}-01")
    for game in rng.permutation(np.flatnonzero(january & ~games.neutral)):
        cost = _strain(busy[games.home[game]]) + _strain(busy[games.away[game]])
        cost[list(_dark_days(year))] = np.inf
        cost[: offset[game] + 7] = cost[offset[game] + 36 :] = np.inf
        if np.isfinite(cost.min()):
            return _move(games, game, first + int(np.argmin(cost)))
    raise RuntimeError(f"no January game of {year} can be moved; choose another seed")


def _move(games: Fixtures, game: int, later: np.datetime64) -> Fixtures:
    day, tip, moved_from = games.day.copy(), games.tip.copy(), games.moved_from.copy()
    moved_from[game], day[game] = day[game], later
    tip[game] += later - moved_from[game]
    return replace(games, day=day, tip=tip, moved_from=moved_from)

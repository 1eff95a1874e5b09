"""The calendar of a season: opponents, dates, tip-offs and arenas of preseason and regular season."""

import datetime as dt
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from nba_resources.dates import EASTERN
from nba_resources.sources.simulated.clubs import ARENAS, CONFERENCES, DIVISIONS, EAST, HOURS_WEST
from nba_resources.sources.simulated.columns import Array, Columns, Rng, rng_for

REGULAR_DAYS = 173  # from the opener, a Tuesday, to the last Sunday: true of every NBA season from 2021-22 to 2025-26
CUP_FINAL_DAY = 56
PRESEASON_DAYS = 14
ATTEMPTS = 20
GAMES_BY_WEEKDAY = np.array([8.0, 6.0, 10.5, 4.0, 10.5, 8.5, 7.5])
ABROAD = ("Arena CDMX", "Accor Arena")


@dataclass(frozen=True)
class Fixtures(Columns):
    """Games to be played, announced on `known_from`; `moved_from` is the first date of a moved game."""

    game_id: Array
    season_type: Array
    day: Array
    home: Array
    away: Array
    tip: Array
    neutral: Array
    arena: Array
    known_from: Array
    moved_from: Array

    @property
    def clubs(self) -> Array:
        """The home and away club of each game."""
        return np.stack([self.home, self.away], axis=1)


def opening_day(year: int) -> dt.date:
    """Return the first Tuesday from 18 October on, as in every season since 2021."""
    earliest = dt.date(year, 10, 18)
    return earliest + dt.timedelta(days=(1 - earliest.weekday()) % 7)


def all_star_sunday(year: int) -> dt.date:
    """Return the third Sunday of February."""
    return dt.date(year + 1, 2, 15) + dt.timedelta(days=6 - dt.date(year + 1, 2, 15).weekday())


def fixtures(game_ids: list[str], season_type: str, day: Array, home: Array, away: Array, rng: Rng) -> Fixtures:
    """Return games at the home club's arena, announced long ago, with random tip-offs."""
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
    """Draw two games a club in the two weeks before the opener."""
    rng = rng_for(seed, year, "preseason")
    start = np.datetime64(opening_day(year)) - PRESEASON_DAYS
    draws = [rng.permutation(30).reshape(15, 2) for _ in range(2)]
    pairs = np.concatenate(draws)
    day = start + np.concatenate([np.arange(15) // 5, 5 + np.arange(15) // 5])
    ids = [f"001{year % 100:02d}{number:05d}" for number in range(1, 31)]
    return fixtures(ids, "preseason", day, pairs[:, 0], pairs[:, 1], rng)


def regular_season(seed: int, year: int) -> Fixtures:
    """Draw the 1,230 games in the order of their first dates; one is moved and two are played abroad."""
    rng = rng_for(seed, year, "calendar")
    day, home, away = _schedule(_draw_pairings(rng), year, rng)
    order = np.lexsort((rng.random(len(day)), day))
    day, home, away = np.datetime64(opening_day(year)) + day[order], home[order], away[order]
    ids = [f"002{year % 100:02d}{number:05d}" for number in range(1, len(day) + 1)]
    games = _move_abroad(fixtures(ids, "regular", day, home, away, rng), year)
    return _postpone_one(games, year, rng)


def _draw_pairings(rng: Rng) -> Array:
    """Draw how often each club (row) hosts each other: twice within a conference, once outside, 41 home games in all.

    A club plays 52 games against 14 conference rivals, so it meets two rivals of each other division only three times;
    pairing the divisions around a circle gives every club as many home games as away games.
    """
    hosts = np.where(EAST[:, None] == EAST[None, :], 2, 1)
    np.fill_diagonal(hosts, 0)
    members = {name: rng.permutation(clubs) for name, clubs in DIVISIONS.items()}
    for conference in CONFERENCES:
        for one, other in combinations(conference, 2):
            hosts[members[other], members[one]] = 1
            hosts[members[one], np.roll(members[other], 1)] = 1
    return hosts


def _days_off(year: int) -> set[int]:
    """Return the days without games: two holidays, the cup final and the day after, All-Star break, last Saturday."""
    first = opening_day(year)
    november = dt.date(year, 11, 1)
    thanksgiving = november + dt.timedelta(days=(3 - november.weekday()) % 7 + 21)
    break_from = all_star_sunday(year) - dt.timedelta(days=2)
    holidays = [thanksgiving, dt.date(year, 12, 24), *(break_from + dt.timedelta(days=n) for n in range(6))]
    return {(day - first).days for day in holidays} | {CUP_FINAL_DAY, CUP_FINAL_DAY + 1, REGULAR_DAYS - 1}


def _schedule(hosts: Array, year: int, rng: Rng) -> tuple[Array, Array, Array]:
    """Return days (from the opener on), home and away clubs; two games open and fifteen close the season."""
    opening, closing = rng.permutation(30)[:4].reshape(2, 2), rng.permutation(30).reshape(15, 2)
    fixed = np.concatenate([opening, closing])
    fixed_days = np.repeat([0, REGULAR_DAYS], [len(opening), len(closing)])
    busy = np.zeros((30, REGULAR_DAYS + 7), dtype=bool)  # three empty days on either side
    busy[fixed, fixed_days[:, None] + 3] = True
    rest = hosts.copy()
    np.subtract.at(rest, (fixed[:, 0], fixed[:, 1]), 1)
    home, away = (np.repeat(side, rest[rest > 0]) for side in np.nonzero(rest))

    days = np.arange(REGULAR_DAYS + 1)
    quota = GAMES_BY_WEEKDAY[(days + 1) % 7]
    quota[[0, *_days_off(year), REGULAR_DAYS]] = 0
    for _ in range(ATTEMPTS):
        chosen = _choose_days(home, away, busy.copy(), quota, rng)
        if chosen is not None:
            return np.append(chosen, fixed_days), np.append(home, fixed[:, 0]), np.append(away, fixed[:, 1])
    raise RuntimeError(f"no calendar found for {year} in {ATTEMPTS} attempts; choose another seed")


def _choose_days(home: Array, away: Array, busy: Array, quota: Array, rng: Rng) -> Array | None:
    """Choose for each game in turn the day with the lowest cost; return None if a game has no possible day."""
    days = np.arange(len(quota))
    load, crowd, closed = np.zeros(len(days)), np.zeros(len(days)), quota == 0
    met: dict[tuple[int, int], list[int]] = {}
    chosen = np.empty(len(home), dtype=int)
    for game in rng.permutation(len(home)):
        pair = (min(home[game], away[game]), max(home[game], away[game]))
        host, guest = _fatigue_cost(busy[[home[game], away[game]]])
        cost = host + guest + crowd + rng.random(len(days))
        for earlier in met.get(pair, ()):
            cost += np.where(np.abs(days - earlier) < 8, 4, 0)
        cost[closed] = np.inf
        chosen[game] = day = int(np.argmin(cost))
        if not np.isfinite(cost[day]):
            return None
        load[day] += 1
        crowd[day] = 3 * load[day] / quota[day] + (30 if load[day] >= 1.35 * quota[day] else 0)
        busy[pair, day + 3] = True
        met.setdefault(pair, []).append(day)
    return chosen


def _fatigue_cost(busy: Array) -> Array:
    """Return the cost of a game for each club and day: two days in a row are expensive, three impossible."""
    played = busy.view(np.int8)  # 0 or 1, to be added up
    days = busy.shape[1] - 6
    before = [played[:, 3 - n : 3 - n + days] for n in range(4)]
    after = [played[:, 3 + n : 3 + n + days] for n in range(4)]
    three = (before[1] & before[2]) | (before[1] & after[1]) | (after[1] & after[2])
    cost = 2.6 * (before[1] + after[1]) + 1.2 * (before[2] + after[2]) + 0.6 * (before[3] + after[3])
    cost[(before[0] | three).view(bool)] = np.inf
    return cost


def _tip_offs(day: Array, home: Array, rng: Rng) -> Array:
    """Draw tip-offs in UTC: 19:00 local time, some afternoon games at weekends, with New York's summer time."""
    weekday = (day.astype(int) + 3) % 7  # day 0 of the epoch was a Thursday
    evening = 19 + HOURS_WEST[home] + rng.choice([0, 0, 0.5], len(day))
    matinee = (weekday >= 5) & (rng.random(len(day)) < 0.25)
    hour = np.where(matinee, rng.choice([13, 15.5, 18], len(day)), evening)
    offset = {one: dt.datetime.combine(one.astype(dt.date), dt.time(18), EASTERN).utcoffset() for one in np.unique(day)}
    utc_behind = np.array([np.timedelta64(offset[one]) for one in day], dtype="timedelta64[m]")
    return day.astype("datetime64[m]") + (hour * 60).astype("timedelta64[m]") - utc_behind


def _move_abroad(games: Fixtures, year: int) -> Fixtures:
    """Move one November and one January game to a neutral site."""
    neutral, arena = games.neutral.copy(), games.arena.copy()
    for month, place in zip((f"{year}-11", f"{year + 1}-01"), ABROAD, strict=True):
        first = int(np.argmax(games.day.astype("datetime64[M]") == np.datetime64(month)))
        neutral[first], arena[first] = True, place
    return replace(games, neutral=neutral, arena=arena)


def _postpone_one(games: Fixtures, year: int, rng: Rng) -> Fixtures:
    """Postpone a January game, within winter time, to the best day of its clubs; this is known on its first date."""
    first = np.datetime64(opening_day(year))
    offset = (games.day - first).astype(int)
    busy = np.zeros((len(EAST), REGULAR_DAYS + 7), dtype=bool)
    busy[games.clubs, offset[:, None] + 3] = True
    january = games.day.astype("datetime64[M]") == np.datetime64(f"{year + 1}-01")
    for game in rng.permutation(np.flatnonzero(january & ~games.neutral)):
        host, guest = _fatigue_cost(busy[[games.home[game], games.away[game]]])
        cost = host + guest
        cost[list(_days_off(year))] = np.inf
        cost[: offset[game] + 7] = cost[offset[game] + 36 :] = np.inf
        if np.isfinite(cost.min()):
            day, tip, moved_from = games.day.copy(), games.tip.copy(), games.moved_from.copy()
            moved_from[game], day[game] = day[game], first + int(np.argmin(cost))
            tip[game] += day[game] - moved_from[game]
            return replace(games, day=day, tip=tip, moved_from=moved_from)
    raise RuntimeError(f"no January game of {year} can be moved; choose another seed")

"""The league of a season: its people, their clubs day by day, and what each club has been good at for years."""

import datetime as dt
from dataclasses import dataclass
from functools import cache

import numpy as np

from nba_resources.sources.simulated.calendar import PRESEASON_DAYS, all_star_sunday, opening_day
from nba_resources.sources.simulated.columns import day64, rng_for
from nba_resources.sources.simulated.players import Players, active_players, brothers

FOUNDED = 2018  # three seasons of history before the first one anybody trains on
ROSTER = 17
DAYS = 290  # preseason to the last possible day of the finals, and a margin
STAYS = 0.8
TRADES, DEADLINE_TRADES = 10, 14
INHERITED = 0.6


@dataclass(frozen=True)
class League:
    """One season's people and clubs. `slots[day, club]` are the positions in `players` of the men on its roster."""

    year: int
    first_day: np.datetime64
    players: Players
    slots: np.ndarray
    form: np.ndarray
    pace: np.ndarray
    offence: np.ndarray
    defence: np.ndarray

    def day_number(self, day: np.ndarray) -> np.ndarray:
        """Days since the league of this season first met."""
        return (day - self.first_day).astype(int)

    def club_of(self) -> np.ndarray:
        """The club of each player on each day."""
        clubs = np.empty((DAYS, len(self.players.talent)), dtype=int)
        np.put_along_axis(clubs, self.slots.reshape(DAYS, -1), np.repeat(np.arange(30), ROSTER)[None, :], axis=1)
        return clubs


def season_year(day: dt.date) -> int:
    """The season a day belongs to: a new one is drawn up in August."""
    return day.year if day.month >= 8 else day.year - 1


def the_league(seed: int, year: int) -> League:
    """The season's league. Clubs keep their style and players their club and talent, so the past says something."""
    players = active_players(seed, year)
    rng = rng_for(seed, year, "form")
    return League(
        year=year,
        first_day=day64(opening_day(year)) - PRESEASON_DAYS,
        players=players,
        slots=_rosters(seed, year),
        form=_form(rng, len(players.talent)),
        pace=_tradition(seed, year, "pace", (30,), 1.7),
        offence=_tradition(seed, year, "offence", (30,), 0.014),
        defence=_tradition(seed, year, "defence", (30,), 0.010)[:, None]
        + _tradition(seed, year, "zones", (30, 3), np.array([0.018, 0.016, 0.011])),
    )


def _tradition(seed: int, year: int, what: str, shape: tuple[int, ...], spread: float | np.ndarray) -> np.ndarray:
    """A club trait that fades over the years: the sum of this year's shock and, waning, those of the four before."""
    waning = INHERITED ** np.arange(5)
    shocks = [rng_for(seed, year - ago, what).normal(size=shape) * weight for ago, weight in enumerate(waning)]
    return spread * np.sum(shocks, axis=0) / np.sqrt((waning**2).sum())


def _form(rng: np.random.Generator, players: int) -> np.ndarray:
    """A player's ups and downs, day by day: a slow random walk between monthly marks."""
    marks = np.cumsum(rng.normal(0, 0.3, (DAYS // 30 + 2, players)), axis=0)
    month, share = np.divmod(np.arange(DAYS), 30)
    share = share[:, None] / 30
    return marks[month] * (1 - share) + marks[month + 1] * share


@cache
def _rosters(seed: int, year: int) -> np.ndarray:
    """Seventeen men a club and day, two-way contracts included; trades are even, so the number never changes."""
    players = active_players(seed, year)
    slots = np.repeat(_opening_rosters(seed, year, players)[None].astype(np.int16), DAYS, axis=0)
    rng = rng_for(seed, year, "trades")
    deadline = PRESEASON_DAYS + (all_star_sunday(year) - opening_day(year)).days - 10
    early = rng.integers(PRESEASON_DAYS + 25, deadline - 5, TRADES)
    settled = {brother for pair in brothers(players) for brother in pair}
    for day in np.sort(np.append(early, deadline - rng.integers(0, 4, DEADLINE_TRADES))):
        for _ in range(rng.integers(1, 3)):
            _exchange(slots, day, players.talent, settled, rng)
    return slots


def _exchange(slots: np.ndarray, day: int, talent: np.ndarray, settled: set[int], rng: np.random.Generator) -> None:
    """Two clubs swap two men of much the same worth; nobody moves twice in a season, and brothers never."""
    one, other = rng.permutation(30)[:2]
    leaves = int(rng.integers(2, 12))
    gone = slots[day, one, leaves]
    comes = int(np.argmin(np.abs(talent[slots[day, other]] - talent[gone]) + rng.random(ROSTER) * 0.3))
    new = slots[day, other, comes]
    if {int(gone), int(new)} & settled:
        return
    slots[day:, one, leaves], slots[day:, other, comes] = new, gone
    settled |= {int(gone), int(new)}


def _opening_rosters(seed: int, year: int, players: Players) -> np.ndarray:
    """Four in five stay; the others and the rookies sign one after the other, the best with the weakest club."""
    rng = rng_for(seed, year, "signings")
    club = np.full(len(players.talent), -1)
    if year > FOUNDED:
        veterans = active_players(seed, year - 1).player_id[_rosters(seed, year - 1)[-1]]
        last_club = {person: number for number, roster in enumerate(veterans) for person in roster}
        club = np.array([last_club.get(person, -1) for person in players.player_id])
        club[rng.random(len(club)) > STAYS] = -1
    size = np.bincount(club[club >= 0], minlength=30)
    strength = np.bincount(club[club >= 0], players.talent[club >= 0], minlength=30)
    for man in np.flatnonzero(club < 0):  # players stand in order of talent
        weakest = np.where(size < ROSTER, strength + rng.normal(0, 3, 30), np.inf)
        club[man] = signed = int(np.argmin(weakest))
        size[signed] += 1
        strength[signed] += players.talent[man]
    for elder, younger in brothers(players):
        family = club == club[elder]
        family[elder] = False
        swap = int(np.argmin(np.where(family, np.abs(players.talent - players.talent[younger]), np.inf)))
        club[[younger, swap]] = club[[swap, younger]]
    return np.argsort(club, kind="stable").reshape(30, ROSTER)

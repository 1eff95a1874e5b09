"""The league of a season: players, rosters by day, and the long-term strengths of each club."""

import datetime as dt
from dataclasses import dataclass
from functools import cache

import numpy as np

from nba_resources.sources.simulated.calendar import PRESEASON_DAYS, all_star_sunday, opening_day
from nba_resources.sources.simulated.columns import Array, Rng, rng_for
from nba_resources.sources.simulated.players import Players, active_players, brothers

FOUNDED = 2018  # three seasons of history before the first training season
ROSTER = 17
DAYS = 290  # from preseason to beyond the finals
STAYS = 0.8
TRADES, DEADLINE_TRADES = 10, 14
INHERITED = 0.6


@dataclass(frozen=True)
class League:
    """Players and clubs of a season; `slots[day, club]` are positions in `players` of the club's roster."""

    year: int
    first_day: np.datetime64
    players: Players
    slots: Array
    form: Array
    pace: Array
    offence: Array
    defence: Array

    def day_number(self, day: Array) -> Array:
        """Return the number of days since the first day of preseason."""
        return (day - self.first_day).astype(int)

    def club_of(self) -> Array:
        """Return the club of each player, by day."""
        clubs = np.empty((DAYS, len(self.players.talent)), dtype=int)
        np.put_along_axis(clubs, self.slots.reshape(DAYS, -1), np.repeat(np.arange(30), ROSTER)[None, :], axis=1)
        return clubs


def announced_season(day: dt.date) -> int:
    """Return the year in which the newest announced season begins; a season is announced in August."""
    return day.year if day.month >= 8 else day.year - 1


def build_league(seed: int, year: int) -> League:
    """Build the league of a season; clubs and players largely resemble the season before."""
    players = active_players(seed, year)
    rng = rng_for(seed, year, "form")
    return League(
        year=year,
        first_day=np.datetime64(opening_day(year)) - PRESEASON_DAYS,
        players=players,
        slots=_rosters(seed, year),
        form=_form(rng, len(players.talent)),
        pace=_club_trait(seed, year, "pace", (30,), 1.7),
        offence=_club_trait(seed, year, "offence", (30,), 0.014),
        defence=_club_trait(seed, year, "defence", (30,), 0.010)[:, None]
        + _club_trait(seed, year, "zones", (30, 3), np.array([0.018, 0.016, 0.011])),
    )


def _club_trait(seed: int, year: int, trait: str, shape: tuple[int, ...], spread: float | Array) -> Array:
    """Draw a club trait that changes slowly: this year's shock plus the weakening ones of four years before."""
    weights = INHERITED ** np.arange(5)
    shocks = [rng_for(seed, year - ago, trait).normal(size=shape) * weight for ago, weight in enumerate(weights)]
    return spread * np.sum(shocks, axis=0) / np.sqrt((weights**2).sum())


def _form(rng: Rng, players: int) -> Array:
    """Draw each player's form by day: a slow random walk between monthly marks."""
    marks = np.cumsum(rng.normal(0, 0.3, (DAYS // 30 + 2, players)), axis=0)
    month, share = np.divmod(np.arange(DAYS), 30)
    share = share[:, None] / 30
    return marks[month] * (1 - share) + marks[month + 1] * share


@cache
def _rosters(seed: int, year: int) -> Array:
    """Draw the seventeen players of each club and day; trades are one for one."""
    players = active_players(seed, year)
    slots = np.repeat(_opening_rosters(seed, year, players)[None].astype(np.int16), DAYS, axis=0)
    rng = rng_for(seed, year, "trades")
    deadline = PRESEASON_DAYS + (all_star_sunday(year) - opening_day(year)).days - 10
    early = rng.integers(PRESEASON_DAYS + 25, deadline - 5, TRADES)
    not_tradable = {brother for pair in brothers(players) for brother in pair}
    for day in np.sort(np.append(early, deadline - rng.integers(0, 4, DEADLINE_TRADES))):
        for _ in range(rng.integers(1, 3)):
            _trade(slots, day, players.talent, not_tradable, rng)
    return slots


def _trade(slots: Array, day: int, talent: Array, not_tradable: set[int], rng: Rng) -> None:
    """Swap two players of similar talent; no player moves twice in a season, and brothers never."""
    one, other = rng.permutation(30)[:2]
    leaves = int(rng.integers(2, 12))
    gone = slots[day, one, leaves]
    comes = int(np.argmin(np.abs(talent[slots[day, other]] - talent[gone]) + rng.random(ROSTER) * 0.3))
    new = slots[day, other, comes]
    if {int(gone), int(new)} & not_tradable:
        return
    slots[day:, one, leaves], slots[day:, other, comes] = new, gone
    not_tradable |= {int(gone), int(new)}


def _opening_rosters(seed: int, year: int, players: Players) -> Array:
    """Keep four players in five; the others and the rookies sign in order of talent, with the weakest club."""
    rng = rng_for(seed, year, "signings")
    club = np.full(len(players.talent), -1)
    if year > FOUNDED:
        veterans = active_players(seed, year - 1).player_id[_rosters(seed, year - 1)[-1]]
        last_club = {person: number for number, roster in enumerate(veterans) for person in roster}
        club = np.array([last_club.get(person, -1) for person in players.player_id])
        club[rng.random(len(club)) > STAYS] = -1
    size = np.bincount(club[club >= 0], minlength=30)
    strength = np.bincount(club[club >= 0], players.talent[club >= 0], minlength=30)
    for player in np.flatnonzero(club < 0):  # players are in order of talent
        weakest = np.where(size < ROSTER, strength + rng.normal(0, 3, 30), np.inf)
        club[player] = signed = int(np.argmin(weakest))
        size[signed] += 1
        strength[signed] += players.talent[player]
    for elder, younger in brothers(players):
        family = club == club[elder]
        family[elder] = False
        swap = int(np.argmin(np.where(family, np.abs(players.talent - players.talent[younger]), np.inf)))
        club[[younger, swap]] = club[[swap, younger]]
    return np.argsort(club, kind="stable").reshape(30, ROSTER)

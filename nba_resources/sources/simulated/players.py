"""Players: drafted with a talent and a style, improving until 26, declining after 30."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from nba_resources.sources.simulated.columns import Array, Columns, Rng, rng_for
from nba_resources.sources.simulated.names import brothers_in, class_names

LEAGUE_SIZE = 510
CLASS_SIZE = 60
CAREER = 18
ZONES = ("restricted_area", "paint_non_ra", "mid_range", "above_break_3", "left_corner_3", "right_corner_3")
ZONE_VALUE = np.array([2, 2, 2, 3, 3, 3])
ZONE_DEFENCE = np.array([0, 0, 1, 2, 2, 2])
ZONE_PCT = np.array([0.655, 0.435, 0.413, 0.350, 0.381, 0.384])
TOUCH = np.array([0.035, 0.03, 0.03, 0.018, 0.02, 0.02])
# Rows: guard, wing, big.
SHOT_MIX = np.array(
    [[0.22, 0.19, 0.13, 0.36, 0.05, 0.05], [0.26, 0.17, 0.10, 0.32, 0.08, 0.07], [0.45, 0.26, 0.09, 0.15, 0.03, 0.02]]
)
# Weights per minute of guard, wing and big, and how much single players differ from them.
RATES = {
    "usage": ((1.06, 0.96, 0.98), 0.17),
    "fouled": ((0.95, 0.85, 1.25), 0.35),
    "tov": ((1.25, 0.85, 0.95), 0.2),
    "ast": ((1.9, 0.85, 0.7), 0.35),
    "oreb": ((0.35, 0.8, 2.3), 0.3),
    "dreb": ((0.75, 0.95, 1.5), 0.2),
    "stl": ((1.15, 1.05, 0.75), 0.25),
    "blk": ((0.4, 0.8, 2.2), 0.4),
    "pf": ((0.85, 0.95, 1.3), 0.15),
}
WITH_TALENT = {"usage": 0.27, "fouled": 0.36, "tov": 0.15, "ast": 0.2}


@dataclass(frozen=True)
class Players(Columns):
    """Players of a season: `rates` are weights per minute on court, `mix` and `skill` shots and accuracy by zone."""

    player_id: Array
    name: Array
    talent: Array
    born: Array
    rates: dict[str, Array]
    mix: Array
    skill: Array
    ft_pct: Array

    @property
    def birth_dates(self) -> Array:
        """Birth dates; a few are unknown."""
        year = (self.born - 1970).astype("datetime64[Y]").astype("datetime64[D]")
        unknown = self.player_id % 50 == 0
        return np.where(unknown, np.datetime64("NaT", "D"), year + self.player_id * 97 % 365)


@cache
def active_players(seed: int, year: int) -> Players:
    """Return the 510 best players of the last eighteen draft classes, best first; talent is from 0 to about 4."""
    classes = []
    for drafted in range(year - CAREER + 1, year + 1):
        people, career = _draft_class(seed, drafted)
        classes.append(replace(people, talent=career[:, year - drafted]))
    everyone = Players.joined(*classes)
    chosen = everyone.where(np.argsort(-everyone.talent, kind="stable")[:LEAGUE_SIZE])
    talent = 4.2 * (1 - np.exp((chosen.talent[-1] - chosen.talent) / 3.2))
    return replace(
        chosen,
        talent=talent,
        rates={name: rate * np.exp(WITH_TALENT.get(name, 0) * talent) for name, rate in chosen.rates.items()},
        skill=chosen.skill + 0.011 * (talent[:, None] - 1.5),
    )


def brothers(players: Players) -> list[tuple[int, int]]:
    """Return the positions of brothers who are both in the league."""
    position = {int(player): n for n, player in enumerate(players.player_id)}
    drafted = sorted({1980 + (player - 1_600_000) // 1_000 for player in position})
    elders = [_id_base(year) for year in drafted if brothers_in(year)]
    return [(position[one], position[one + 1]) for one in elders if one in position and one + 1 in position]


def _id_base(drafted: int) -> int:
    return 1_600_000 + (drafted - 1980) * 1_000 + 100


@cache
def _draft_class(seed: int, drafted: int) -> tuple[Players, Array]:
    """Draw sixty players, and their talent in each season of a possible career."""
    rng = rng_for(seed, drafted, "draft class")
    age = rng.integers(19, 24, CLASS_SIZE)
    peak = rng.normal(0, 0.9, CLASS_SIZE) + rng.exponential(0.8, CLASS_SIZE)
    kind = rng.choice(3, CLASS_SIZE, p=(0.38, 0.36, 0.26))
    number = np.arange(CLASS_SIZE)
    ids = _id_base(drafted) + np.where(number < 2, number, 2 + number * 13 + rng.integers(0, 11, CLASS_SIZE))
    if brothers_in(drafted):
        peak[:2], age[:2] = 2.2, 20
    ages = age[:, None] + np.arange(CAREER)
    drift = np.cumsum(rng.normal(0, 0.18, (CLASS_SIZE, CAREER)), axis=1)
    career = peak[:, None] + drift - 0.14 * np.clip(26 - ages, 0, None) - 0.16 * np.clip(ages - 30, 0, None)
    people = Players(
        player_id=ids,
        name=np.array(class_names(seed, drafted, CLASS_SIZE), dtype=object),
        talent=career[:, 0],
        born=drafted - age,
        rates={
            name: np.array(by_kind)[kind] * np.exp(rng.normal(0, spread, CLASS_SIZE))
            for name, (by_kind, spread) in RATES.items()
        },
        mix=_shot_mixes(rng, kind),
        skill=rng.normal(0, TOUCH, (CLASS_SIZE, len(ZONES))) + rng.normal(0, 0.008, (CLASS_SIZE, 1)),
        ft_pct=np.clip(rng.normal((0.81, 0.78, 0.71), 0.065, (CLASS_SIZE, 3))[number, kind], 0.45, 0.93),
    )
    return people, career


def _shot_mixes(rng: Rng, kind: Array) -> Array:
    """Draw each player's share of shots by zone, around that of his kind."""
    mix = SHOT_MIX[kind] * np.exp(rng.normal(0, 0.4, (len(kind), len(ZONES))))
    return mix / mix.sum(axis=1, keepdims=True)

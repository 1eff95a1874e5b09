"""The cup final, the play-in and the playoffs: games that depend on the results of earlier ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from nba_resources.sources.simulated.calendar import CUP_FINAL_DAY, REGULAR_DAYS, Fixtures, fixtures, opening_day
from nba_resources.sources.simulated.clubs import EAST
from nba_resources.sources.simulated.columns import Array, Rng, rng_for
from nba_resources.sources.simulated.games import Stage

PlayStage = Callable[[str, Fixtures], Stage]
ROUND_STARTS = (6, 22, 37, 53)
SERIES_DAYS = np.array([0, 2, 5, 7, 9, 11, 13])
FINALS_DAYS = np.array([0, 3, 6, 8, 11, 14, 17])
HIGHER_SEED_HOSTS = np.array([True, True, False, False, True, False, True])
FIRST_ROUND = ((0, 7), (3, 4), (1, 6), (2, 5))  # winners of neighbouring pairs meet


def cup_final(seed: int, year: int, regular: Stage) -> Fixtures:
    """Return the game of the best clubs of both conferences in the middle of December, at a neutral site."""
    day = np.datetime64(opening_day(year)) + CUP_FINAL_DAY
    standing = _strength(regular.where(regular.fixtures.day < day - 3))
    east, west = (int(np.argmax(np.where(half, standing, -1))) for half in (EAST, ~EAST))
    home, away = (east, west) if standing[east] >= standing[west] else (west, east)
    ids, rng = [f"006{year % 100:02d}00001"], rng_for(seed, year, "cup")
    game = fixtures(ids, "nba_cup_final", np.array([day]), np.array([home]), np.array([away]), rng)
    arena = np.array(["T-Mobile Arena"], dtype=object)
    return replace(game, neutral=np.array([True]), arena=arena, known_from=np.array([day - 3]))


def postseason(seed: int, year: int, regular: Stage, play: PlayStage) -> Iterator[Stage]:
    """Play the play-in and four rounds; each stage is announced when the one before is over."""
    rng, standing = rng_for(seed, year, "postseason"), _strength(regular)
    end = np.datetime64(opening_day(year)) + REGULAR_DAYS
    seeds = [np.argsort(np.where(half, -standing, np.inf), kind="stable")[: half.sum()] for half in (EAST, ~EAST)]
    yy = f"{year % 100:02d}"

    rivals = np.array([(order[a], order[b]) for order in seeds for a, b in ((6, 7), (8, 9))])
    ids = [f"005{yy}00{number}" for number in ("101", "111", "121", "131")]
    opening = fixtures(ids, "play_in", end + np.array([2, 3, 2, 3]), rivals[:, 0], rivals[:, 1], rng)
    first = play("play-in", replace(opening, known_from=np.full(4, end + 1)))
    yield first

    won, lost = _winners(first), _winners(first, lost=True)
    ids = [f"005{yy}00{number}" for number in ("201", "211")]
    decider = fixtures(ids, "play_in", end + np.array([5, 5]), lost[[0, 2]], won[[1, 3]], rng)
    second = play("play-in deciders", replace(decider, known_from=np.full(2, end + 4)))
    yield second

    eighth = _winners(second)
    field = [[*order[:6], won[2 * half], eighth[half]] for half, order in enumerate(seeds)]
    pairs = [(order[a], order[b]) for order in field for a, b in FIRST_ROUND]
    public = end + ROUND_STARTS[0]
    for number, start in enumerate(ROUND_STARTS, start=1):
        days = end + start + (FINALS_DAYS if number == len(ROUND_STARTS) else SERIES_DAYS)
        stage = _round(year, number, pairs, days, public, play, rng)
        yield stage
        winners = _winners(stage).tolist()
        advancing = [max(pair, key=winners.count) for pair in pairs]
        meetings = zip(advancing[::2], advancing[1::2], strict=False)  # empty after the finals
        pairs = [(one, other) if standing[one] >= standing[other] else (other, one) for one, other in meetings]
        public = stage.fixtures.day.max() + 1


def _strength(stage: Stage) -> Array:
    """Return the games won by each club, with the point difference as a tie-breaker."""
    margin = stage.played.score @ np.array([1, -1])
    clubs = stage.fixtures.clubs.ravel()
    own = np.stack([margin, -margin], axis=1).ravel()
    return np.bincount(clubs, own > 0, minlength=30) + np.bincount(clubs, own, minlength=30) / 1e5


def _winners(stage: Stage, lost: bool = False) -> Array:
    side = stage.played.score.argmin(axis=1) if lost else stage.played.score.argmax(axis=1)
    return stage.fixtures.clubs[np.arange(len(side)), side]


def _round(
    year: int, number: int, pairs: list[tuple[int, int]], days: Array, public: np.datetime64, play: PlayStage, rng: Rng
) -> Stage:
    """Play all seven games of each series, then drop those after the fourth win."""
    series, game = (axis.ravel() for axis in np.mgrid[: len(pairs), :7])
    higher, lower = np.array(pairs)[series].T
    hosts = HIGHER_SEED_HOSTS[game]
    day = days[game] + (series % 2 if number < 4 else 0)
    ids = [f"004{year % 100:02d}00{number}{one}{nth + 1}" for one, nth in zip(series, game, strict=True)]
    drawn = fixtures(ids, "playoffs", day, np.where(hosts, higher, lower), np.where(hosts, lower, higher), rng)
    before = np.where(game == 0, public, np.roll(day, 1) + 1)
    stage = play(f"round {number}", replace(drawn, known_from=np.where(game < 4, public, before)))
    wins = (_winners(stage) == higher).reshape(-1, 7)
    ahead = np.cumsum(wins, axis=1) - wins
    behind = np.arange(7) - ahead
    return stage.where(((ahead < 4) & (behind < 4)).ravel())

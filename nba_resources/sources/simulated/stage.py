"""A stage of the season: games that can be played at once, because none depends on the result of another."""

from dataclasses import dataclass

import numpy as np

from nba_resources.sources.simulated.calendar import Fixtures
from nba_resources.sources.simulated.columns import Columns, rng_for
from nba_resources.sources.simulated.games import Played, outlook, play
from nba_resources.sources.simulated.injuries import Availability, availability
from nba_resources.sources.simulated.league import League


@dataclass(frozen=True)
class Stage(Columns):
    """Games with who was fit for them and how they went. `name` is what their dice are called by."""

    fixtures: Fixtures
    known: Availability
    played: Played


def play_stage(seed: int, league: League, absent: np.ndarray, name: str, games: Fixtures) -> Stage:
    """Who dresses, then the games themselves."""
    known = availability(league, absent, games, rng_for(seed, league.year, name, "availability"))
    expected = outlook(league, games, known.dressed)
    return Stage(games, known, play(games, expected, rng_for(seed, league.year, name, "games")))

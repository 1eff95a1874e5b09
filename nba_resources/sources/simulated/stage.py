"""A stage of the season: games that do not depend on each other's results."""

from dataclasses import dataclass

import numpy as np

from nba_resources.sources.simulated.calendar import Fixtures
from nba_resources.sources.simulated.columns import Columns, rng_for
from nba_resources.sources.simulated.games import Played, outlook, play
from nba_resources.sources.simulated.injuries import Availability, availability
from nba_resources.sources.simulated.league import League


@dataclass(frozen=True)
class Stage(Columns):
    """Games with the availability of the players and the results."""

    fixtures: Fixtures
    known: Availability
    played: Played


def play_stage(seed: int, league: League, absent: np.ndarray, name: str, games: Fixtures) -> Stage:
    """Draw who can play, then the games; `name` selects their random numbers."""
    known = availability(league, absent, games, rng_for(seed, league.year, name, "availability"))
    expected = outlook(league, games, known.dressed)
    return Stage(games, known, play(games, expected, rng_for(seed, league.year, name, "games")))

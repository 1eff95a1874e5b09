"""A stage of the season: games that do not depend on each other's results."""

from dataclasses import dataclass

from nba_resources.sources.simulated.calendar import Fixtures
from nba_resources.sources.simulated.columns import Columns
from nba_resources.sources.simulated.games import Played
from nba_resources.sources.simulated.injuries import Availability


@dataclass(frozen=True)
class Stage(Columns):
    """Games with the availability of the players and the results."""

    fixtures: Fixtures
    known: Availability
    played: Played

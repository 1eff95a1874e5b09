"""The thirty clubs: the one part of the simulated league that is real, so that every join on ids and tricodes holds."""

from dataclasses import dataclass

import numpy as np

from nba_resources.sources.teams import TEAMS


@dataclass(frozen=True)
class Club:
    """A club as the league office files it; `hours_west` are the hours its clocks run behind New York."""

    tricode: str
    team_id: int
    division: str
    hours_west: int
    arena: str


CLUBS = (
    Club("ATL", 1610612737, "southeast", 0, "State Farm Arena"),
    Club("BOS", 1610612738, "atlantic", 0, "TD Garden"),
    Club("BKN", 1610612751, "atlantic", 0, "Barclays Center"),
    Club("CHA", 1610612766, "southeast", 0, "Spectrum Center"),
    Club("CHI", 1610612741, "central", 1, "United Center"),
    Club("CLE", 1610612739, "central", 0, "Rocket Arena"),
    Club("DAL", 1610612742, "southwest", 1, "American Airlines Center"),
    Club("DEN", 1610612743, "northwest", 2, "Ball Arena"),
    Club("DET", 1610612765, "central", 0, "Little Caesars Arena"),
    Club("GSW", 1610612744, "pacific", 3, "Chase Center"),
    Club("HOU", 1610612745, "southwest", 1, "Toyota Center"),
    Club("IND", 1610612754, "central", 0, "Gainbridge Fieldhouse"),
    Club("LAC", 1610612746, "pacific", 3, "Intuit Dome"),
    Club("LAL", 1610612747, "pacific", 3, "Crypto.com Arena"),
    Club("MEM", 1610612763, "southwest", 1, "FedExForum"),
    Club("MIA", 1610612748, "southeast", 0, "Kaseya Center"),
    Club("MIL", 1610612749, "central", 1, "Fiserv Forum"),
    Club("MIN", 1610612750, "northwest", 1, "Target Center"),
    Club("NOP", 1610612740, "southwest", 1, "Smoothie King Center"),
    Club("NYK", 1610612752, "atlantic", 0, "Madison Square Garden"),
    Club("OKC", 1610612760, "northwest", 1, "Paycom Center"),
    Club("ORL", 1610612753, "southeast", 0, "Kia Center"),
    Club("PHI", 1610612755, "atlantic", 0, "Wells Fargo Center"),
    Club("PHX", 1610612756, "pacific", 2, "Footprint Center"),
    Club("POR", 1610612757, "northwest", 3, "Moda Center"),
    Club("SAC", 1610612758, "pacific", 3, "Golden 1 Center"),
    Club("SAS", 1610612759, "southwest", 1, "Frost Bank Center"),
    Club("TOR", 1610612761, "atlantic", 0, "Scotiabank Arena"),
    Club("UTA", 1610612762, "northwest", 2, "Delta Center"),
    Club("WAS", 1610612764, "southeast", 0, "Capital One Arena"),
)

CONFERENCES = (("atlantic", "central", "southeast"), ("northwest", "pacific", "southwest"))
TEAM_IDS = np.array([club.team_id for club in CLUBS])
HOURS_WEST = np.array([club.hours_west for club in CLUBS])
ARENAS = np.array([club.arena for club in CLUBS], dtype=object)
EAST = np.array([club.division in CONFERENCES[0] for club in CLUBS])

if tuple(club.tricode for club in CLUBS) != TEAMS:
    raise AssertionError("CLUBS must list the clubs in the order of feeds.TEAMS: positions are used as club numbers")


def divisions() -> dict[str, list[int]]:
    """The club numbers of each division."""
    return {
        name: [number for number, club in enumerate(CLUBS) if club.division == name]
        for conference in CONFERENCES
        for name in conference
    }

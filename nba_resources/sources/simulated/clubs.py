"""The thirty clubs; they are real, so that joins on ids and tricodes work. A club number is its position in `TEAMS`."""

from collections.abc import Mapping

import numpy as np

from nba_resources.sources import teams
from nba_resources.sources.teams import TEAMS

# Division, hours behind New York, arena.
_CLUBS: Mapping[str, tuple[str, int, str]] = {
    "ATL": ("southeast", 0, "State Farm Arena"),
    "BOS": ("atlantic", 0, "TD Garden"),
    "BKN": ("atlantic", 0, "Barclays Center"),
    "CHA": ("southeast", 0, "Spectrum Center"),
    "CHI": ("central", 1, "United Center"),
    "CLE": ("central", 0, "Rocket Arena"),
    "DAL": ("southwest", 1, "American Airlines Center"),
    "DEN": ("northwest", 2, "Ball Arena"),
    "DET": ("central", 0, "Little Caesars Arena"),
    "GSW": ("pacific", 3, "Chase Center"),
    "HOU": ("southwest", 1, "Toyota Center"),
    "IND": ("central", 0, "Gainbridge Fieldhouse"),
    "LAC": ("pacific", 3, "Intuit Dome"),
    "LAL": ("pacific", 3, "Crypto.com Arena"),
    "MEM": ("southwest", 1, "FedExForum"),
    "MIA": ("southeast", 0, "Kaseya Center"),
    "MIL": ("central", 1, "Fiserv Forum"),
    "MIN": ("northwest", 1, "Target Center"),
    "NOP": ("southwest", 1, "Smoothie King Center"),
    "NYK": ("atlantic", 0, "Madison Square Garden"),
    "OKC": ("northwest", 1, "Paycom Center"),
    "ORL": ("southeast", 0, "Kia Center"),
    "PHI": ("atlantic", 0, "Wells Fargo Center"),
    "PHX": ("pacific", 2, "Footprint Center"),
    "POR": ("northwest", 3, "Moda Center"),
    "SAC": ("pacific", 3, "Golden 1 Center"),
    "SAS": ("southwest", 1, "Frost Bank Center"),
    "TOR": ("atlantic", 0, "Scotiabank Arena"),
    "UTA": ("northwest", 2, "Delta Center"),
    "WAS": ("southeast", 0, "Capital One Arena"),
}

CONFERENCES = (("atlantic", "central", "southeast"), ("northwest", "pacific", "southwest"))
TEAM_IDS = np.array([teams.TEAM_IDS[team] for team in TEAMS])
HOURS_WEST = np.array([_CLUBS[team][1] for team in TEAMS])
ARENAS = np.array([_CLUBS[team][2] for team in TEAMS], dtype=object)
EAST = np.array([_CLUBS[team][0] in CONFERENCES[0] for team in TEAMS])
DIVISIONS = {
    name: [number for number, team in enumerate(TEAMS) if _CLUBS[team][0] == name]
    for conference in CONFERENCES
    for name in conference
}

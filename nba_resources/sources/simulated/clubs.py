"""The thirty clubs; they are real, so that joins on ids and tricodes work. A club number is its position in `TEAMS`."""

import numpy as np

from nba_resources.sources import teams
from nba_resources.sources.teams import TEAMS

_DIVISIONS = {
    "atlantic": "BOS BKN NYK PHI TOR",
    "central": "CHI CLE DET IND MIL",
    "southeast": "ATL CHA MIA ORL WAS",
    "northwest": "DEN MIN OKC POR UTA",
    "pacific": "GSW LAC LAL PHX SAC",
    "southwest": "DAL HOU MEM NOP SAS",
}
_HOURS_WEST = {1: "CHI DAL HOU MEM MIL MIN NOP OKC SAS", 2: "DEN PHX UTA", 3: "GSW LAC LAL POR SAC"}  # of New York
_ARENAS = """
    ATL State Farm Arena, BOS TD Garden, BKN Barclays Center, CHA Spectrum Center, CHI United Center,
    CLE Rocket Arena, DAL American Airlines Center, DEN Ball Arena, DET Little Caesars Arena, GSW Chase Center,
    HOU Toyota Center, IND Gainbridge Fieldhouse, LAC Intuit Dome, LAL Crypto.com Arena, MEM FedExForum,
    MIA Kaseya Center, MIL Fiserv Forum, MIN Target Center, NOP Smoothie King Center, NYK Madison Square Garden,
    OKC Paycom Center, ORL Kia Center, PHI Wells Fargo Center, PHX Footprint Center, POR Moda Center,
    SAC Golden 1 Center, SAS Frost Bank Center, TOR Scotiabank Arena, UTA Delta Center, WAS Capital One Arena
"""

CONFERENCES = (("atlantic", "central", "southeast"), ("northwest", "pacific", "southwest"))
TEAM_IDS = np.array([teams.TEAM_IDS[team] for team in TEAMS])
_hours_of = {team: hours for hours, clubs in _HOURS_WEST.items() for team in clubs.split()}
HOURS_WEST = np.array([_hours_of.get(team, 0) for team in TEAMS])
_arena_of = dict(entry.split(maxsplit=1) for entry in _ARENAS.replace("\n", " ").split(","))
ARENAS = np.array([_arena_of[team].strip() for team in TEAMS], dtype=object)
DIVISIONS = {name: [TEAMS.index(team) for team in TEAMS if team in clubs] for name, clubs in _DIVISIONS.items()}
EAST = np.isin(np.arange(len(TEAMS)), [club for name in CONFERENCES[0] for club in DIVISIONS[name]])

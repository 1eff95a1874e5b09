"""The names of the thirty teams: full names, other codes, and NBA.com's ids."""

from collections.abc import Mapping

# Tricode: NBA.com's id, the full name, then other names seen at providers.
_NAMES: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "ATL": (1610612737, ("Atlanta Hawks",)),
    "BOS": (1610612738, ("Boston Celtics",)),
    "BKN": (1610612751, ("Brooklyn Nets", "BRK")),
    "CHA": (1610612766, ("Charlotte Hornets", "CHO")),
    "CHI": (1610612741, ("Chicago Bulls",)),
    "CLE": (1610612739, ("Cleveland Cavaliers",)),
    "DAL": (1610612742, ("Dallas Mavericks",)),
    "DEN": (1610612743, ("Denver Nuggets",)),
    "DET": (1610612765, ("Detroit Pistons",)),
    "GSW": (1610612744, ("Golden State Warriors", "GS")),
    "HOU": (1610612745, ("Houston Rockets",)),
    "IND": (1610612754, ("Indiana Pacers",)),
    "LAC": (1610612746, ("LA Clippers", "Los Angeles Clippers")),
    "LAL": (1610612747, ("Los Angeles Lakers", "LA Lakers")),
    "MEM": (1610612763, ("Memphis Grizzlies",)),
    "MIA": (1610612748, ("Miami Heat",)),
    "MIL": (1610612749, ("Milwaukee Bucks",)),
    "MIN": (1610612750, ("Minnesota Timberwolves",)),
    "NOP": (1610612740, ("New Orleans Pelicans", "NO")),
    "NYK": (1610612752, ("New York Knicks", "NY")),
    "OKC": (1610612760, ("Oklahoma City Thunder",)),
    "ORL": (1610612753, ("Orlando Magic",)),
    "PHI": (1610612755, ("Philadelphia 76ers",)),
    "PHX": (1610612756, ("Phoenix Suns", "PHO")),
    "POR": (1610612757, ("Portland Trail Blazers",)),
    "SAC": (1610612758, ("Sacramento Kings",)),
    "SAS": (1610612759, ("San Antonio Spurs", "SA")),
    "TOR": (1610612761, ("Toronto Raptors",)),
    "UTA": (1610612762, ("Utah Jazz", "UTAH")),
    "WAS": (1610612764, ("Washington Wizards", "WSH")),
}

TEAM_IDS: Mapping[str, int] = {tricode: team_id for tricode, (team_id, _) in _NAMES.items()}
TEAMS = tuple(TEAM_IDS)
_BY_ID = {team_id: tricode for tricode, team_id in TEAM_IDS.items()}


def _normal(name: str) -> str:
    return name.lower().replace(" ", "")


_BY_NAME = {_normal(name): tricode for tricode, (_, names) in _NAMES.items() for name in (tricode, *names)}


def tricode(name: str | int) -> str | None:
    """Return the tricode of a full name, another code or an NBA.com id; None if there is no such team."""
    return _BY_ID.get(name) if isinstance(name, int) else _BY_NAME.get(_normal(name))

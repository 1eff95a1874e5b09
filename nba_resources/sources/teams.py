"""The names of the thirty teams: full names, other codes, and NBA.com's ids."""

from collections.abc import Mapping

# In the order of NBA.com's ids, which are consecutive.
_NAMES = """
    ATL Atlanta Hawks, BOS Boston Celtics, CLE Cleveland Cavaliers, NOP New Orleans Pelicans, CHI Chicago Bulls,
    DAL Dallas Mavericks, DEN Denver Nuggets, GSW Golden State Warriors, HOU Houston Rockets, LAC LA Clippers,
    LAL Los Angeles Lakers, MIA Miami Heat, MIL Milwaukee Bucks, MIN Minnesota Timberwolves, BKN Brooklyn Nets,
    NYK New York Knicks, ORL Orlando Magic, IND Indiana Pacers, PHI Philadelphia 76ers, PHX Phoenix Suns,
    POR Portland Trail Blazers, SAC Sacramento Kings, SAS San Antonio Spurs, OKC Oklahoma City Thunder,
    TOR Toronto Raptors, UTA Utah Jazz, MEM Memphis Grizzlies, WAS Washington Wizards, DET Detroit Pistons,
    CHA Charlotte Hornets
"""
_FIRST_ID = 1610612737
# Other names seen at providers.
_ALIASES = {"BRK": "BKN", "CHO": "CHA", "GS": "GSW", "NO": "NOP", "NY": "NYK", "PHO": "PHX", "SA": "SAS"}
_ALIASES |= {"UTAH": "UTA", "WSH": "WAS", "Los Angeles Clippers": "LAC", "LA Lakers": "LAL"}


def _normal(name: str) -> str:
    return name.lower().replace(" ", "")


_full_names = dict(entry.split(maxsplit=1) for entry in _NAMES.replace("\n", " ").split(","))
_BY_ID = dict(enumerate(_full_names, _FIRST_ID))
TEAM_IDS: Mapping[str, int] = {code: n for n, code in sorted(_BY_ID.items(), key=lambda team: _full_names[team[1]])}
TEAMS = tuple(TEAM_IDS)
_BY_NAME = {_normal(name): code for code, name in _full_names.items()}
_BY_NAME |= {_normal(code): code for code in TEAMS} | {_normal(name): code for name, code in _ALIASES.items()}


def tricode(name: str | int) -> str | None:
    """Return the tricode of a full name, another code or an NBA.com id; None if there is no such team."""
    return _BY_ID.get(name) if isinstance(name, int) else _BY_NAME.get(_normal(name))

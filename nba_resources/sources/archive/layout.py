"""How the files of an archive tell the facts of each feed: which file, under which names, and what only they know."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nba_resources.sources.eastern import EASTERN


@dataclass(frozen=True)
class Layout:
    """One way to read a feed out of the files called `stem`.

    `renames` gives a field's column in the file. `constants` are fields the file leaves out because they are the same
    in each row; None is a fact it does not know. `where` takes only the rows with that value, `any_known` only the rows
    that state at least one of those columns. `dropped` columns are known and left out on purpose, any other is a
    surprise. `zone` is what times without a zone mean in the file.
    """

    stem: str
    renames: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str | None] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    any_known: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    zone: str = "UTC"


_TIP_OFF = {"start_time_utc": "commence_time_utc"}
_SIDES = {"team_abbr": "team", "opponent_team_abbr": "opponent"}
_SEASON = ("season", "season_type")
_NEVER_QUOTED = (
    "snapshot_utc",
    "start_time_utc",
    "spread_home_price",
    "spread_away_price",
    "over_price",
    "under_price",
)


def _quoted(kind: str, **constants: None) -> Layout:
    """The wide file holds two moments of a game in one row; its moneylines are those at the close."""
    this, other = kind, "close" if kind == "open" else "open"
    return Layout(
        "game_odds_open_close",
        renames={"spread_home": f"spread_home_{this}", "total": f"total_{this}"},
        constants={"bookmaker": "unknown", "snapshot_kind": kind} | dict.fromkeys(_NEVER_QUOTED) | constants,
        any_known=(f"spread_home_{this}", f"total_{this}") if kind == "open" else (),
        dropped=(f"spread_home_{other}", f"total_{other}", *constants),
    )


LAYOUTS: Mapping[str, tuple[Layout, ...]] = {
    "schedule": (Layout("games"),),
    "player_boxscores": (Layout("player_boxscores", _SIDES, dropped=(*_SEASON, "team_id")),),
    "team_boxscores": (Layout("team_boxscores", _SIDES, dropped=_SEASON),),
    "shots": (
        Layout(
            "shots", {"team_abbr": "team", "seconds_left": "secs_left"}, dropped=(*_SEASON, "team_id", "player_name")
        ),
    ),
    "player_points_props": (
        Layout(
            "player_points_props",
            _TIP_OFF | {"player_name_raw": "player_name"},
            where={"market": "player_points"},
            dropped=("market",),
        ),
    ),
    "game_odds": (
        Layout("game_odds", _TIP_OFF, constants={"snapshot_kind": "snapshot"}),
        _quoted("open", ml_home=None, ml_away=None),
        _quoted("close"),
    ),
    "injury_reports": (
        Layout(
            "injury_reports",
            {"team_abbr": "team", "player_name_raw": "player_name", "known_at": "report_time"},
            zone=EASTERN.key,
        ),
    ),
    "rosters": (Layout("rosters"),),
}

"""The layout of archive files: which file and columns hold the fields of each feed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nba_resources.dates import EASTERN


@dataclass(frozen=True)
class Layout:
    """The mapping of a feed to the files called `stem`.

    `renames` maps a field to its column in the file, `days` a date to the column with a time of that day. `constants`
    are fields without a column, with their value in every row; without a column of its own an `optional` field is NULL.
    `where` selects rows with that value if the file has the column, `any_known` rows with a value in at least one of
    those columns. `dropped` columns are ignored on purpose; other unknown columns are reported. `zone` is the zone of
    times without one.
    """

    stem: str
    renames: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str | None] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    any_known: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    zone: str = "UTC"

    def column(self, field: str) -> str:
        """Return the column of the file that holds a field."""
        return self.days.get(field, self.renames.get(field, field))


_TIP_OFF = {"start_time_utc": "commence_time_utc"}
_SIDES = {"team_abbr": "team", "opponent_team_abbr": "opponent"}
_SEASON = ("season", "season_type")
_SHOT = {"team_abbr": "team", "seconds_left": "secs_left"}
_INJURY = {"team_abbr": "team", "player_name_raw": "player_name", "known_at": "report_time"}
_POINTS = {"market": "player_points"}
_LINE = {"player_name_raw": "player_name", "start_time_utc": "commence_time_utc"}
_UNKNOWN = ("snapshot_utc", "start_time_utc", "spread_home_price", "spread_away_price", "over_price", "under_price")


def _open_or_close(kind: str, other: str, any_known: tuple[str, ...] = (), unknown: tuple[str, ...] = ()) -> Layout:
    """Return the layout of one of the two moments in a row of the wide file; its moneylines are those at the close."""
    return Layout(
        "game_odds_open_close",
        renames={"spread_home": f"spread_home_{kind}", "total": f"total_{kind}"},
        constants={"bookmaker": "unknown", "snapshot_kind": kind} | dict.fromkeys((*_UNKNOWN, *unknown)),
        any_known=any_known,
        dropped=(f"spread_home_{other}", f"total_{other}", *unknown),
    )


LAYOUTS: Mapping[str, tuple[Layout, ...]] = {
    "schedule": (Layout("games"),),
    "player_boxscores": (Layout("player_boxscores", _SIDES, dropped=(*_SEASON, "team_id")),),
    "team_boxscores": (Layout("team_boxscores", _SIDES, dropped=_SEASON),),
    "shots": (Layout("shots", _SHOT, dropped=(*_SEASON, "team_id", "player_name")),),
    "player_props": (
        Layout("player_props", _LINE),
        Layout("player_points_props", _LINE, constants=_POINTS, where=_POINTS, dropped=("market",)),
    ),
    "game_odds": (
        Layout("game_odds", _TIP_OFF, constants={"snapshot_kind": "snapshot"}),
        _open_or_close("open", "close", ("spread_home_open", "total_open"), unknown=("ml_home", "ml_away")),
        _open_or_close("close", "open"),
    ),
    "injury_reports": (
        Layout("injury_reports", _INJURY, optional=("game_date",), zone=EASTERN.key),
        Layout(
            "injury_statuses",
            _INJURY | {"note": "reason"},
            days={"report_date": "report_time"},
            constants={"kind": "status_report", "event": "status"},
            zone=EASTERN.key,
        ),
    ),
    "rosters": (Layout("rosters"),),
}

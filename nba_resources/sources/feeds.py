"""The feeds that sources deliver, field by field.

A source maps its own names to these fields, and `validate_feed` types them strictly. Columns that we compute (game
codes, zones, shot numbers) are not part of a feed but of its raw table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from nba_resources.rejected import Unit

Kind = Literal["text", "name", "integer", "number", "flag", "day", "moment", "team", "minutes", "price", "line"]


@dataclass(frozen=True)
class Field:
    """One field: how to read it, and whether it may be NULL."""

    kind: Kind
    null: bool = False


@dataclass(frozen=True)
class Feed:
    """The fields of one kind of row. Rows with the same `key` are duplicates and must agree.

    Without a key no row is a duplicate: three missed tip-ins within one second are three equal rows. `merge` names
    fields that may differ between duplicates, and how to merge them: a bookmaker's tip-off moves by minutes between
    its own rows, and notes on an injury complement each other. With `off_days`, rows may also be dated on days without
    games, and rows from before the first partition are filed under it. `unit` is the part of a delivery that a broken
    row takes with it.
    """

    name: str
    date: str
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    merge: Mapping[str, Literal["earliest", "joined"]] = field(default_factory=dict)
    off_days: bool = False
    unit: Unit = Unit.ROW


def _fields(null: bool = False, **kinds: str) -> dict[str, Field]:
    return {name: Field(cast(Kind, kind), null) for kind, names in kinds.items() for name in names.split()}


_GAME = _fields(text="game_id", day="game_date")
_SHOOTING = "fgm fga fg3m fg3a ftm fta"
_COUNTS = "oreb dreb reb ast stl blk tov pf"

FEEDS = {
    feed.name: feed
    for feed in (
        Feed(
            "schedule",
            date="game_date",
            unit=Unit.WHOLE,
            key=("game_id",),
            fields=_GAME
            | _fields(text="season season_type status", team="home_team away_team", integer="home_team_id away_team_id")
            | _fields(
                null=True, moment="start_time_utc", integer="home_pts away_pts", flag="neutral_site", text="arena"
            ),
        ),
        Feed(
            "player_boxscores",
            date="game_date",
            unit=Unit.GAME,
            key=("game_id", "player_id"),
            fields=_GAME
            | _fields(integer="player_id", name="player_name", team="team_abbr opponent_team_abbr", flag="is_home")
            | _fields(minutes="minutes", integer="pts")
            | _fields(null=True, flag="starter", integer=f"{_SHOOTING} {_COUNTS} plus_minus"),
        ),
        Feed(
            "team_boxscores",
            date="game_date",
            unit=Unit.GAME,
            key=("game_id", "team_abbr"),
            fields=_GAME
            | _fields(team="team_abbr opponent_team_abbr", integer="team_id", flag="is_home")
            | _fields(integer=f"pts opp_pts {_SHOOTING} {_COUNTS} plus_minus"),
        ),
        Feed(
            "shots",
            date="game_date",
            unit=Unit.GAME,
            key=(),
            fields=_GAME
            | _fields(integer="player_id period seconds_left shot_value distance_ft", team="team_abbr", flag="made")
            | _fields(null=True, number="x y", text="zone_basic action_type"),
        ),
        Feed(
            "player_props",
            date="game_date",
            key=("source", "bookmaker", "game_date", "player_name_raw", "market", "snapshot_utc", "line"),
            fields=_fields(text="source market bookmaker", name="player_name_raw", day="game_date", line="line")
            | _fields(null=True, team="home_team away_team", moment="snapshot_utc start_time_utc")
            | _fields(null=True, price="over_price under_price"),
            merge={"start_time_utc": "earliest"},
        ),
        Feed(
            "game_odds",
            date="game_date",
            key=("home_team", "away_team", "game_date", "bookmaker", "snapshot_kind", "snapshot_utc"),
            fields=_fields(text="bookmaker snapshot_kind", day="game_date", team="home_team away_team")
            | _fields(null=True, moment="snapshot_utc start_time_utc", number="spread_home total")
            | _fields(null=True, integer="ml_home ml_away")
            | _fields(null=True, price="spread_home_price spread_away_price over_price under_price"),
        ),
        Feed(
            "injury_reports",
            date="report_date",
            key=("report_date", "known_at", "team_abbr", "player_name_raw", "event", "game_date"),
            fields=_fields(text="kind event", name="player_name_raw", day="report_date", team="team_abbr")
            | _fields(null=True, moment="known_at", day="game_date", text="status note"),
            merge={"note": "joined"},
            off_days=True,
        ),
        Feed(
            "rosters",
            date="listed_on",
            key=("player_id", "listed_on", "birth_date"),
            fields=_fields(integer="player_id", day="listed_on") | _fields(null=True, day="birth_date"),
        ),
    )
}

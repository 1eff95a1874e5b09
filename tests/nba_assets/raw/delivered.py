"""Hand-written rows that a source delivers for a Monday in January: BOS at home to NYK."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.parsers import arrow_schema

MONDAY, TUESDAY, WEDNESDAY = (dt.date(2025, 1, n) for n in (13, 14, 15))


def at(hour: int, minute: int = 0, on: int = 13) -> dt.datetime:
    return dt.datetime(2025, 1, on, hour, minute, tzinfo=dt.UTC)


TIPOFF = at(23)


def facts(feed: str, *rows: Mapping[str, Any]) -> pa.Table:
    blank = dict.fromkeys(FEEDS[feed].fields)
    return pa.Table.from_pylist([blank | dict(row) for row in rows], schema=arrow_schema(FEEDS[feed]))


def delivered(feed: str, *rows: Mapping[str, Any]) -> ir.Table:
    return ibis.memtable(facts(feed, *rows))


def a_game(game_id: str = "0022400561", game_date: dt.date = MONDAY, **changes: Any) -> dict[str, Any]:
    teams = {"home_team": "BOS", "away_team": "NYK", "home_team_id": 1610612738, "away_team_id": 1610612752}
    kind = {"season": "2024-25", "season_type": "regular", "status": "final", "start_time_utc": TIPOFF}
    return {"game_id": game_id, "game_date": game_date, "neutral_site": False} | teams | kind | changes


def slate(*games: Mapping[str, Any]) -> ir.Table:
    return delivered("schedule", *(games or (a_game(),)))


def a_box(game_id: str = "0022400561", **changes: Any) -> dict[str, Any]:
    who = {"player_id": 1628369, "player_name": "Jayson Tatum", "team_abbr": "BOS", "opponent_team_abbr": "NYK"}
    return who | {"game_id": game_id, "game_date": MONDAY, "is_home": True, "minutes": 34.0, "pts": 27} | changes


def a_line(**changes: Any) -> dict[str, Any]:
    who = {
        "source": "us_books",
        "market": "player_points",
        "bookmaker": "fanduel",
        "player_name_raw": "Jayson Tatum",
        "game_date": MONDAY,
    }
    what = {"line": 27.5, "home_team": "BOS", "away_team": "NYK", "over_price": -110, "under_price": -114}
    return who | what | {"snapshot_utc": at(20)} | changes


def an_injury(**changes: Any) -> dict[str, Any]:
    who = {"team_abbr": "BOS", "player_name_raw": "Kristaps Porzingis", "report_date": MONDAY}
    return who | {"kind": "il_transaction", "event": "placed"} | changes


def rows_of(table: ir.Table) -> list[dict[str, Any]]:
    return table.to_pyarrow().to_pylist()

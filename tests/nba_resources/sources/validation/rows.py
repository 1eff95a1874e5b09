"""Rows as an origin may deliver them, as text like in a CSV, and their validation."""

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from nba_resources.sources.base import Delivery
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.validate import DeliveredTable, validate_feed

COUNTS = ["fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "reb", "ast", "stl", "blk", "tov", "pf"]
COUNTS += ["plus_minus"]


def a_box_score(**changes: Any) -> dict[str, Any]:
    return (
        {
            "game_id": "0022400561",
            "game_date": "2025-01-14",
            "player_id": "1628369",
            "player_name": "Jayson Tatum",
            "team_abbr": "BOS",
            "opponent_team_abbr": "TOR",
            "is_home": "false",
            "minutes": "34",
            "pts": "22",
            "starter": "true",
        }
        | {name: "1" for name in COUNTS}
        | changes
    )


def a_line(**changes: Any) -> dict[str, Any]:
    return {
        "source": "a_feed",
        "market": "player_points",
        "bookmaker": "fanduel",
        "player_name_raw": "Jayson Tatum",
        "game_date": "2025-01-14",
        "line": "27.5",
        "home_team": "TOR",
        "away_team": "BOS",
        "snapshot_utc": "2025-01-14T17:00:00Z",
        "start_time_utc": "2025-01-15T00:30:00Z",
        "over_price": "-110",
        "under_price": "-114",
    } | changes


def an_injury(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "status_report",
        "player_name_raw": "Jayson Tatum",
        "event": "status",
        "report_date": "2025-01-14",
        "game_date": "2025-01-14",
        "team_abbr": "BOS",
        "known_at": "2025-01-14T17:30:00Z",
        "status": "questionable",
        "note": "left knee",
    } | changes


def boxes(*rows: Mapping[str, Any]) -> Delivery:
    return validate_feed(FEEDS["player_boxscores"], DeliveredTable("boxes.csv", pa.Table.from_pylist(list(rows))))


def lines(*rows: Mapping[str, Any], **how: Any) -> Delivery:
    return validate_feed(FEEDS["player_props"], DeliveredTable("props.csv", pa.Table.from_pylist(list(rows)), **how))


def injuries(*rows: Mapping[str, Any], **how: Any) -> Delivery:
    return validate_feed(
        FEEDS["injury_reports"], DeliveredTable("injuries.csv", pa.Table.from_pylist(list(rows)), **how)
    )


def only(delivery: Delivery, name: str) -> Any:
    (value,) = delivery.rows[name].to_pylist()
    return value


def assert_refused(delivery: Delivery, match: str) -> None:
    """Assert that a row was set aside with a reason."""
    assert re.search(match, "; ".join(one.reason for one in delivery.rejected))

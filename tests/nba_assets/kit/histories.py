"""Contracts, games, news and a slate of January 2025, and helpers to read them."""

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.as_of import History
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract, day, flag, integer, moment, number, text


def jan(n: int) -> dt.date:
    return dt.date(2025, 1, n)


def at(n: int, hour: int) -> dt.datetime:
    return dt.datetime(2025, 1, n, hour, tzinfo=dt.UTC)


TONIGHT = jan(10)
LOG = {"game_date": "date", "season": "string", "player": "string", "pts": "int64"}
NEWS = {"game_date": "date", "season": "string", "player": "string", "known_at": "timestamp('UTC')", "said": "string"}
SPINE = {"game_date": "date", "season": "string", "player": "string"}
GAMES = Contract(
    "nba_raw",
    "games",
    ("game_id",),
    {
        "game_id": text(),
        "game_date": day(),
        "season": text(),
        "player": text(),
        "pts": integer(null=True, post=True),
        "neutral": flag(),
    },
    partition="game_date",
)
LINES = Contract(
    "nba_raw",
    "lines",
    ("game_date", "player", "snapshot_utc"),
    {
        "game_date": day(),
        "player": text(),
        "line": number(),
        "snapshot_utc": moment(null=True),
        "minutes_before_tip": number(null=True),
    },
    partition="game_date",
    known_at="snapshot_utc",
)
REPORTS = Contract(
    "nba_raw",
    "reports",
    ("report_date", "player"),
    {"report_date": day(), "player": text(), "known_at": moment(null=True)},
    partition="report_date",
    known_at="known_at",
)
BOXES = Contract(
    "nba_raw",
    "boxes",
    ("game_id",),
    {"game_id": text(), "game_date": day(), "player": text(), "pts": integer()},
    partition="game_date",
    post=True,
)


def logs(*games: tuple[dt.date, int], player: str = "tatum", season: str = "2024-25") -> ir.Table:
    rows = [{"game_date": on, "season": season, "player": player, "pts": pts} for on, pts in games]
    return ibis.memtable(rows, schema=ibis.schema(LOG))


def spine(*dates: dt.date, player: str = "tatum", season: str = "2024-25") -> ir.Table:
    rows = [{"game_date": on, "season": season, "player": player} for on in dates]
    return ibis.memtable(rows, schema=ibis.schema(SPINE))


def history(rows: ir.Table, start: dt.date = TONIGHT, end: dt.date | None = None, **clock: Any) -> History:
    return History(rows, DateRange(start, end or start), "game_date", **clock)


def pairs(known: ir.Table, column: str = "pts") -> list[tuple[dt.date, int]]:
    found = known.select("game_date", column).execute()
    return sorted((on.date(), value) for on, value in zip(found["game_date"], found[column], strict=True))


def points(known: ir.Table) -> list[int]:
    return sorted(known.execute()["pts"].tolist())


def news(*reports: tuple[dt.date, dt.datetime | None, str]) -> ir.Table:
    rows = [
        {"game_date": on, "season": "2024-25", "player": "tatum", "known_at": known_at, "said": what}
        for on, known_at, what in reports
    ]
    return ibis.memtable(rows, schema=ibis.schema(NEWS))


TIMED = news(
    (jan(9), at(9, 23), "yesterday"),
    (jan(9), None, "yesterday, no time"),
    (TONIGHT, at(10, 17), "today before tip-off"),
    (TONIGHT, at(10, 19), "today at tip-off"),
    (TONIGHT, at(10, 21), "today after tip-off"),
    (TONIGHT, None, "today, no time"),
    (jan(11), at(10, 18), "of tomorrow, known today"),
)

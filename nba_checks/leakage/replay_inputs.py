"""Raw rows as they were known before the games of a date: later rows are deleted or changed.

A deleted row reveals a table that counts the future, a changed one a table that uses its values. What was public before
tip-off stays: the date's fixtures, lines, odds and injury news.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.calendar import season_floor
from nba_assets.kit.expressions.joins import stacked
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Tables
from nba_assets.raw.player_boxscores import MOST, MOST_POINTS
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract

SUM_OF_LINES, SUM_OF_TOTALS = 70.5, 500.0  # subtracting from these keeps a value in its contract's range
TIMES = 3
_AT_MOST = {"pts": MOST_POINTS, "fga": MOST["fga"], "fta": MOST["fta"]}
PLANTED = "planted"
_OF_THE_SEASON = ("shots", "injury_reports")
_OF_THE_DATE = ("player_props", "game_odds")


class Future(StrEnum):
    """The treatment of raw rows that were not known yet."""

    KEPT = "as stored"
    DELETED = "deleted"
    CHANGED = "changed"


@stored_query
def raw_rows(tables: Tables, dates: DateRange, name: str, future: str) -> ir.Table:
    """The rows of a raw table that could reach the first of the dates, up to the last, with the given future.

    The table of seasons is selected whole.
    """
    contract = tables[name].contract
    rows = contract.table()
    if contract.partition is None:
        return rows
    if future != Future.KEPT:
        rows = _with_future(rows, tables, name, dates.start, future)
    first = {**dict.fromkeys(_OF_THE_SEASON, season_floor(dates.start)), **dict.fromkeys(_OF_THE_DATE, dates.start)}
    day: Any = rows[contract.partition]
    return rows.filter(day.between(first[name], dates.end) if name in first else day <= dates.end)


def _with_future(rows: ir.Table, tables: Tables, name: str, date: dt.date, future: str) -> ir.Table:
    later = _later(rows, tables, name, date)
    if name == "schedule":
        return _fixtures(rows, later, date, future)
    if future == Future.DELETED:
        return rows.filter(~later)
    changed = _where(later, rows, **_CHANGES[name](rows))
    if name == "injury_reports":
        planted = _everyone_injured(tables[name].contract, tables["player_boxscores"].contract.table(), date)
        return stacked(changed, planted)
    return changed


def _later(rows: ir.Table, tables: Tables, name: str, date: dt.date) -> Any:
    """Return whether rows were not known before the games; injury news may be used until the last tip-off."""
    contract = tables[name].contract
    day: Any = rows[contract.partition or ""]
    if name == "injury_reports":
        games = tables["schedule"].contract.table()
        last_tip = games.filter(games.game_date == date).start_time_utc.max().as_scalar()
        return (day > date) | (day == date) & ~(rows.known_at < last_tip).fill_null(False)
    if contract.known_at:
        in_play = rows.minutes_before_tip.notnull() & (rows.minutes_before_tip <= 0).fill_null(False)
        return (day > date) | (day == date) & in_play
    return day >= date


def _everyone_injured(reports: Contract, boxes: ir.Table, date: dt.date) -> ir.Table:
    """Return injury news without a time for everyone who plays on the date: it may be read from the next day on."""
    boxes = boxes.filter(boxes.game_date == date)
    columns: dict[str, Any] = {
        "kind": ibis.literal("il_transaction"),
        "report_date": boxes.game_date,
        "report_key": boxes.game_date.strftime("%Y-%m-%d"),
        "team_abbr": boxes.team_abbr,
        "player_name_raw": boxes.player_name,
        "event": ibis.literal("placed"),
        "game_key": ibis.literal("none"),
        "source": ibis.literal(PLANTED),
        "ingested_at": boxes.ingested_at,
    }
    nulls = {name: ibis.null(column.dtype.copy(nullable=True)) for name, column in reports.columns.items()}
    return boxes.select(**(nulls | columns))


def _where(later: Any, rows: ir.Table, **values: Any) -> ir.Table:
    """Replace columns in later rows."""
    return rows.mutate(**{name: later.ifelse(value, rows[name]) for name, value in values.items()})


def _fixtures(rows: ir.Table, later: Any, date: dt.date, future: str) -> ir.Table:
    """Change results only: the calendar of the league is public long before."""
    if future == Future.DELETED:
        return _where(later, rows, status="scheduled", home_pts=None, away_pts=None)
    results = _where(later, rows, home_pts=rows.away_pts, away_pts=rows.home_pts)
    return results.mutate(status=(results.game_date > date).ifelse("postponed", results.status))


def _other_team(rows: ir.Table) -> dict[str, Any]:
    """Return three times the points from three times the shots, for the other team, under another name."""
    counts = {name: (rows[name] * TIMES).clip(upper=limit) for name, limit in _AT_MOST.items()}
    teams = {"team_abbr": rows.opponent_team_abbr, "opponent_team_abbr": rows.team_abbr}
    return {**counts, **teams, "player_name": "Somebody Else"}


def _opposite_news(rows: ir.Table) -> dict[str, Any]:
    event = rows.event.cases(("placed", "activated"), ("activated", "placed"), else_=rows.event)
    status = rows.status.notnull().ifelse((rows.status == "out").ifelse("available", "out"), None)
    return {"event": event, "status": status}


_CHANGES: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "player_boxscores": _other_team,
    "team_boxscores": lambda rows: {"pts": rows.opp_pts, "opp_pts": rows.pts},
    "shots": lambda rows: {"zone": "three", "made": ~rows.made},
    "player_props": lambda rows: {"line": SUM_OF_LINES - rows.line},
    "game_odds": lambda rows: {"spread_home": 0 - rows.spread_home, "total": SUM_OF_TOTALS - rows.total},
    "injury_reports": _opposite_news,
}

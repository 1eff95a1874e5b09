"""Raw rows as they were known before the games of a date: later rows are deleted or changed.

A deleted row reveals a table that counts the future, a changed one a table that uses its values. What was public before
tip-off stays: the date's fixtures, lines, odds and injury news.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.expressions.joins import stacked
from nba_assets.kit.table import Table, Tables
from nba_assets.raw.player_boxscores import MOST, MOST_POINTS
from nba_resources.warehouse.contract import Contract

SUM_OF_LINES, SUM_OF_TOTALS = 70.5, 500.0  # subtracting from these keeps a value in its contract's range
TIMES = 3
_AT_MOST = {"pts": MOST_POINTS, "fga": MOST["fga"], "fta": MOST["fta"]}
PLANTED = "planted"


class Future(StrEnum):
    """The treatment of raw rows that were not known yet."""

    KEPT = "as stored"
    DELETED = "deleted"
    CHANGED = "changed"


@dataclass(frozen=True)
class ReplayInputs:
    """A date, and the tip-off of its last game, until which injury news may be used."""

    date: dt.date
    last_tip: dt.datetime | None

    def raw(self, table: Table, tables: Tables, future: Future) -> ir.Table:
        """Return the stored rows of a raw table with the given future."""
        rows = table.contract.table()
        if future is Future.KEPT:
            return rows
        later = self._later(rows, table.contract)
        if table.contract.name == "schedule":
            return _fixtures(rows, later, self.date, future)
        if future is Future.DELETED:
            return rows.filter(~later)
        changed = _where(later, rows, **_CHANGES[table.contract.name](rows))
        if table.contract.name == "injury_reports":
            planted = self._everyone_injured(table.contract, tables["player_boxscores"].contract.table())
            return stacked(changed, planted)
        return changed

    def _later(self, rows: ir.Table, contract: Contract) -> Any:
        day: Any = rows[contract.partition or ""]
        if contract.name == "injury_reports":
            tip = ibis.literal(self.last_tip, type="timestamp('UTC')")
            known = ibis.literal(False) if self.last_tip is None else (rows.known_at < tip).fill_null(False)
            return (day > self.date) | (day == self.date) & ~known
        if contract.known_at:
            in_play = rows.minutes_before_tip.notnull() & (rows.minutes_before_tip <= 0).fill_null(False)
            return (day > self.date) | (day == self.date) & in_play
        return day >= self.date

    def _everyone_injured(self, reports: Contract, boxes: ir.Table) -> ir.Table:
        """Return injury news without a time for everyone who plays on the date: it may be read from the next day on."""
        boxes = boxes.filter(boxes.game_date == self.date)
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


def _fixtures(rows: ir.Table, later: Any, date: dt.date, future: Future) -> ir.Table:
    """Change results only: the calendar of the league is public long before."""
    if future is Future.DELETED:
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

"""Raw rows as they could be known on the morning of a date: what came later is withheld, or told otherwise.

A withheld row shows a table that counts the future; a changed one shows a table that believes it. Both keep what was
public before tip-off: the date's own fixtures, its lines and odds, and its injury news.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.table import Table
from nba_resources.warehouse.contract import Contract

SUM_OF_LINES, SUM_OF_TOTALS = 70.5, 450.0  # subtracting from these keeps a value in its contract's range
TIMES = 3
_AT_MOST = {"pts": 90, "fga": 60, "fta": 60}
PLANTED = "planted"


class Future(StrEnum):
    """What is done with raw rows that nobody could know yet."""

    KEPT = "as stored"
    DELETED = "deleted"
    CHANGED = "changed"


@dataclass(frozen=True)
class ReplayInputs:
    """A date, and the tip-off of its last game: until then its news may count."""

    date: dt.date
    last_tip: dt.datetime | None

    def raw(self, table: Table, tables: Mapping[str, Table], future: Future) -> ir.Table:
        """The stored rows of a raw table, those of the future treated as asked."""
        rows = table.contract.table()
        if future is Future.KEPT:
            return rows
        later = self._later(rows, table.contract)
        if table.contract.name == "schedule":
            return _fixtures(rows, later, self.date, future)
        if future is Future.DELETED:
            return rows.filter(~later)
        changed = _CHANGES[table.contract.name](rows, later)
        if table.contract.name == "injury_reports":
            planted = self._everyone_placed(table.contract, tables["player_boxscores"].contract.table())
            return _nullable(changed).union(_nullable(planted))
        return changed

    def _later(self, rows: ir.Table, contract: Contract) -> Any:
        day: Any = rows[contract.partition or ""]
        if contract.name == "injury_reports":
            return (day > self.date) | (day == self.date) & ~self._heard_in_time(rows)
        if contract.known_at:
            in_play = rows.minutes_before_tip.notnull() & (rows.minutes_before_tip <= 0).fill_null(False)
            return (day > self.date) | (day == self.date) & in_play
        return day >= self.date

    def _heard_in_time(self, rows: ir.Table) -> Any:
        if self.last_tip is None:
            return ibis.literal(False)
        return (rows.known_at < ibis.literal(self.last_tip, type="timestamp('UTC')")).fill_null(False)

    def _everyone_placed(self, reports: Contract, boxes: ir.Table) -> ir.Table:
        """News of the date without a time, which nobody may read before the next day: everyone who plays is hurt."""
        boxes = boxes.filter(boxes.game_date == self.date)
        told: dict[str, Any] = {
            "kind": ibis.literal("il_transaction"),
            "report_date": boxes.game_date,
            "report_key": boxes.game_date.strftime("%Y-%m-%d"),
            "team_abbr": boxes.team_abbr,
            "player_name_raw": boxes.player_name,
            "event": ibis.literal("placed"),
            "source": ibis.literal(PLANTED),
            "ingested_at": boxes.ingested_at,
        }
        nothing = {name: ibis.null(column.dtype.copy(nullable=True)) for name, column in reports.columns.items()}
        return boxes.select(**(nothing | told))


def _nullable(rows: ir.Table) -> ir.Table:
    """Two sides of a union must agree on what may be NULL."""
    return rows.cast({name: dtype.copy(nullable=True) for name, dtype in rows.schema().items()})


def _fixtures(rows: ir.Table, later: Any, date: dt.date, future: Future) -> ir.Table:
    """The league's calendar is public long before: only results are not."""
    if future is Future.DELETED:
        return rows.mutate(
            status=later.ifelse("scheduled", rows.status),
            home_pts=later.ifelse(None, rows.home_pts),
            away_pts=later.ifelse(None, rows.away_pts),
        )
    return rows.mutate(
        status=(rows.game_date > date).ifelse("postponed", rows.status),
        home_pts=later.ifelse(rows.away_pts, rows.home_pts),
        away_pts=later.ifelse(rows.home_pts, rows.away_pts),
    )


def _other_teams(rows: ir.Table, later: Any) -> ir.Table:
    """Three times the points from three times the shots, for the other team, under another name."""
    counts = {
        name: later.ifelse((rows[name] * TIMES).clip(upper=limit), rows[name]) for name, limit in _AT_MOST.items()
    }
    return rows.mutate(
        **counts,
        team_abbr=later.ifelse(rows.opponent_team_abbr, rows.team_abbr),
        opponent_team_abbr=later.ifelse(rows.team_abbr, rows.opponent_team_abbr),
        player_name=later.ifelse("Somebody Else", rows.player_name),
    )


def _other_winner(rows: ir.Table, later: Any) -> ir.Table:
    return rows.mutate(
        pts=later.ifelse(rows.opp_pts, rows.pts),
        opp_pts=later.ifelse(rows.pts, rows.opp_pts),
    )


def _all_threes(rows: ir.Table, later: Any) -> ir.Table:
    return rows.mutate(zone=later.ifelse("three", rows.zone), made=rows.made != later)


def _other_lines(rows: ir.Table, later: Any) -> ir.Table:
    return rows.mutate(line=later.ifelse(SUM_OF_LINES - rows.line, rows.line))


def _other_odds(rows: ir.Table, later: Any) -> ir.Table:
    return rows.mutate(
        spread_home=later.ifelse(0 - rows.spread_home, rows.spread_home),
        total=later.ifelse(SUM_OF_TOTALS - rows.total, rows.total),
    )


def _other_news(rows: ir.Table, later: Any) -> ir.Table:
    event = rows.event.cases(("placed", "activated"), ("activated", "placed"), else_=rows.event)
    status = rows.status.notnull().ifelse((rows.status == "out").ifelse("available", "out"), None)
    return rows.mutate(event=later.ifelse(event, rows.event), status=later.ifelse(status, rows.status))


_CHANGES: Mapping[str, Callable[[ir.Table, Any], ir.Table]] = {
    "player_boxscores": _other_teams,
    "team_boxscores": _other_winner,
    "shots": _all_threes,
    "player_points_props": _other_lines,
    "game_odds": _other_odds,
    "injury_reports": _other_news,
}

"""The raw table of injury news: moves on and off the injured list, and statuses before a game."""

import ibis.expr.types as ir

from nba_assets.kit.calendar import filing_date
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.matching import time_key
from nba_resources.warehouse.contract import day, moment, text


@table(
    dataset="nba_raw",
    grain=["source", "report_key", "team_abbr", "player_name_raw", "event", "game_key"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    feed="injury_reports",
    partition="report_date",
    known_at="known_at",
    columns={
        "kind": text("A move on or off the list, or a status before a game", "il_transaction", "status_report"),
        "report_date": day("US Eastern; news from before the first partition is filed under it"),
        "known_at": moment("NULL: only the date is known, usable from the next day on", null=True),
        "report_key": text("The time it was known as text, or the date of the report"),
        "team_abbr": text("Tricode"),
        "player_name_raw": text("The name as the source gives it"),
        "event": text("", "placed", "activated", "status"),
        "game_date": day("Game that a status speaks of; NULL for moves, and if the source does not say", null=True),
        "game_key": text("`game_date` as text, or `none`"),
        "status": text("For status reports", "out", "doubtful", "questionable", "probable", "available", null=True),
        "note": text("Free text; notes of the same news are joined", null=True),
    },
)
def injury_reports(delivered: ir.Table) -> ir.Table:
    """One row per piece of injury news about a player: a move on or off the injured list, or a status before a game.

    A report is dated by the day it was made and may be used from `known_at` on.
    """
    key = time_key(delivered.known_at, delivered.report_date.strftime("%Y-%m-%d"))
    game = delivered.game_date.strftime("%Y-%m-%d").coalesce("none")
    return delivered.mutate(report_key=key, game_key=game, report_date=filing_date(delivered.report_date))

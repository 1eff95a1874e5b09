"""Spreads, totals and moneylines, as bookmakers published them."""

import ibis.expr.types as ir

from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.matching import minutes_between, off_slate, time_key, with_game
from nba_resources.warehouse.contract import day, integer, moment, number, text


@table(
    dataset="nba_raw",
    grain=["game_id", "bookmaker", "snapshot_key"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    feed="game_odds",
    left_out=off_slate,
    known_at="snapshot_utc",
    columns={
        "game_id": text("NBA's ten-digit id"),
        "game_date": day("US Eastern date"),
        "bookmaker": text("`unknown` where the source names none"),
        "snapshot_key": text("The snapshot's time as text, or its kind"),
        "snapshot_kind": text("", "snapshot", "open", "close"),
        "snapshot_utc": moment("When the odds were visible", null=True),
        "start_time_utc": moment("Tip-off as the source gives it, else from the schedule", null=True),
        "minutes_before_tip": number("Negative: in play, stored and never used", unit="minutes", null=True),
        "spread_home": number("Negative: home favoured", -40, 40, unit="points", null=True),
        "spread_home_price": integer("American", -2000, 2000, null=True),
        "spread_away_price": integer("American", -2000, 2000, null=True),
        "total": number("", 150, 300, unit="points", null=True),
        "over_price": integer("American", -2000, 2000, null=True),
        "under_price": integer("American", -2000, 2000, null=True),
        "ml_home": integer("American", null=True),
        "ml_away": integer("American", null=True),
    },
)
def game_odds(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """From the schedule's home side: where a source has the teams reversed, its sides and the spread turn too."""
    rows = with_game(delivered, schedule)
    start = rows.start_time_utc.coalesce(rows.tipoff)
    turned = rows.mutate(
        spread_home=rows.swapped.ifelse(-rows.spread_home, rows.spread_home),
        spread_home_price=rows.swapped.ifelse(rows.spread_away_price, rows.spread_home_price),
        spread_away_price=rows.swapped.ifelse(rows.spread_home_price, rows.spread_away_price),
        ml_home=rows.swapped.ifelse(rows.ml_away, rows.ml_home),
        ml_away=rows.swapped.ifelse(rows.ml_home, rows.ml_away),
        start_time_utc=start,
        minutes_before_tip=minutes_between(rows.snapshot_utc, start),
        snapshot_key=time_key(rows.snapshot_utc, rows.snapshot_kind),
    )
    return turned.select(*(name for name in game_odds.contract.columns if name in turned.columns))

"""The raw table of spreads, totals and moneylines."""

import ibis.expr.types as ir

from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.matching import minutes_between, off_slate, time_key, with_game
from nba_assets.raw.player_props import player_props
from nba_assets.raw.schedule import schedule
from nba_resources.warehouse.contract import integer, moment, number, text


@table(
    dataset="nba_raw",
    grain=["game_id", "bookmaker", "snapshot_key"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    feed="game_odds",
    left_out=off_slate,
    known_at="snapshot_utc",
    columns={
        **schedule.columns("game_id", "game_date"),
        **player_props.columns("bookmaker"),
        "snapshot_key": text("The snapshot's time as text, or its kind"),
        "snapshot_kind": text("", "snapshot", "open", "close"),
        "snapshot_utc": moment("When the odds were visible", null=True),
        **player_props.columns("start_time_utc", "minutes_before_tip"),
        "spread_home": number("Negative: home favoured; in play up to a rout", -75, 75, unit="points", null=True),
        "spread_home_price": integer("American", -2000, 2000, null=True),
        "spread_away_price": integer("American", -2000, 2000, null=True),
        "total": number("", 140, 360, unit="points", null=True),
        **player_props.columns("over_price", "under_price"),
        "ml_home": integer("American", null=True),
        "ml_away": integer("American", null=True),
    },
)
def game_odds(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """One row per game, bookmaker and snapshot: spread, total and moneylines.

    Sides are those of the schedule: where a source has the teams reversed, its prices and the spread are turned.
    """
    rows = with_game(delivered, schedule)
    start = rows.start_time_utc.coalesce(rows.tipoff)
    oriented = rows.mutate(
        spread_home=rows.swapped.ifelse(-rows.spread_home, rows.spread_home),
        spread_home_price=rows.swapped.ifelse(rows.spread_away_price, rows.spread_home_price),
        spread_away_price=rows.swapped.ifelse(rows.spread_home_price, rows.spread_away_price),
        ml_home=rows.swapped.ifelse(rows.ml_away, rows.ml_home),
        ml_away=rows.swapped.ifelse(rows.ml_home, rows.ml_away),
        start_time_utc=start,
        minutes_before_tip=minutes_between(rows.snapshot_utc, start),
        snapshot_key=time_key(rows.snapshot_utc, rows.snapshot_kind),
    )
    return oriented.select(*(name for name in game_odds.contract.columns if name in oriented.columns))

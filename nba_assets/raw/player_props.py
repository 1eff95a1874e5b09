"""The raw table of lines on players, in every market. Rows are added and never rewritten."""

import ibis
import ibis.expr.types as ir

from nba_assets.kit.expressions.joins import without
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.matching import minutes_between, time_key, with_game
from nba_resources.warehouse.contract import day, integer, moment, number, text

UNDATED = "date_only"


@table(
    dataset="nba_raw",
    grain=["source", "bookmaker", "game_date", "player_name_raw", "market", "snapshot_key", "line"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    feed="player_props",
    appends=True,
    known_at="snapshot_utc",
    refreshed=("start_time_utc", "minutes_before_tip", "book_kind"),
    columns={
        "market": text("The Odds API's key, such as `player_points`"),
        "bookmaker": text("`unknown` where the source names none"),
        "book_kind": text("Only the prices of a sportsbook are odds", "sportsbook", "pickem", "consensus", "unknown"),
        "game_date": day("US Eastern date"),
        "player_name_raw": text("The name as the source gives it"),
        "home_team": text("As the source gives it", null=True),
        "away_team": text("As the source gives it", null=True),
        "snapshot_key": text("The snapshot's time as text, or `date_only`"),
        "snapshot_utc": moment("When the line was visible", null=True),
        "start_time_utc": moment("Tip-off as the source gives it, else from the schedule", null=True),
        "minutes_before_tip": number("Negative: in play, stored but never used", unit="minutes", null=True),
        "line": number("In the unit of its market", 0.5, 100),
        "over_price": integer("American", -2000, 2000, null=True),
        "under_price": integer("American", -2000, 2000, null=True),
    },
)
def player_props(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """One row per bookmaker, player, market, snapshot and line, alternate lines included.

    Which line is the main one is decided in `player_prop_lines`. A line is never rewritten; what follows from the
    schedule and from other lines of its book is.
    """
    tipoffs = with_game(delivered, schedule).select("game_date", "home_team", "away_team", "tipoff").distinct()
    rows = delivered.left_join(tipoffs, ["game_date", "home_team", "away_team"])
    rows = rows.select(*delivered.columns, "tipoff")
    rows = without(rows.mutate(start_time_utc=rows.start_time_utc.coalesce(rows.tipoff)), "tipoff")
    book = {"group_by": ["source", "bookmaker", "game_date"]}
    rows = rows.mutate(two_sided=(rows.over_price.notnull() & rows.under_price.notnull()).any().over(**book))
    kind = ibis.cases(
        (rows.source.startswith("pickem"), "pickem"),
        (rows.source.startswith("consensus"), "consensus"),
        (rows.two_sided, "sportsbook"),
        else_="unknown",
    )
    rows = rows.mutate(
        book_kind=kind,
        snapshot_key=time_key(rows.snapshot_utc, UNDATED),
        minutes_before_tip=minutes_between(rows.snapshot_utc, rows.start_time_utc),
    )
    return without(rows, "two_sided")

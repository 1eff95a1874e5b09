"""The table of every book's line on a player at every look before tip-off."""

import ibis.expr.types as ir

from models.markets import HIGHEST_LINE, LOWEST_LINE
from nba_assets.analytics.lines_before_tip import CONSENSUS, main_lines_before_tip
from nba_assets.analytics.main_lines import BOOK
from nba_assets.analytics.player_prop_lines import player_prop_lines
from nba_assets.kit.as_of import History
from nba_assets.kit.table import ExpectedRows, table
from nba_resources.warehouse.contract import integer, moment, number, text


@table(
    dataset="nba_analytics",
    grain=[*BOOK, "snapshot_key"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    columns={
        **player_prop_lines.columns("game_date", "player_lookup", "market"),
        "bookmaker": text("The book; `unknown` where the source names none"),
        "snapshot_key": text("The minute of the look as text, or `date_only`"),
        **player_prop_lines.columns("game_id", "player_id"),
        "book_kind": text("Only the prices of a sportsbook are odds", "sportsbook", "pickem", "unknown"),
        "line": number("The book's main line", LOWEST_LINE, HIGHEST_LINE),
        "over_price": integer("American", -2000, 2000, null=True),
        "under_price": integer("American", -2000, 2000, null=True),
        "over_prob": number("P(over) of a sportsbook with both prices, margin removed", 0, 1, null=True),
        "snapshot_utc": moment("When the line was seen; NULL from a source that gives dates only", null=True),
        "minutes_before_tip": number(
            "To the earlier tip-off of source and schedule; NULL without a time", 0, null=True, unit="minutes"
        ),
    },
)
def prop_line_path(
    player_props: ir.Table, schedule: ir.Table, players: ir.Table, player_boxscores: History
) -> ir.Table:
    """One row per player, date, market, book and look: the way the line took until tip-off.

    The last row of a book is its closing line if it was seen late enough. A consensus that a source publishes is no
    book and has no row.
    """
    mains = main_lines_before_tip(player_props, schedule, players, player_boxscores)
    return mains.filter(mains.book_kind != CONSENSUS).select(*prop_line_path.computed_columns)

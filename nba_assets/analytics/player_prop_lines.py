"""The table of lines on players before tip-off, in every market."""

from typing import Any

import ibis
import ibis.expr.types as ir

from models.markets import HIGHEST_LINE, LOWEST_LINE, MARKETS
from nba_assets.analytics.lines_before_tip import CONSENSUS, main_lines_before_tip
from nba_assets.analytics.main_lines import (
    PLAYER_MARKET,
    consensus,
    current_lines,
    first_of,
    opening_lines,
    payout,
    priced_together,
)
from nba_assets.kit.as_of import History
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.json_text import json_object
from nba_assets.kit.table import ExpectedRows, table
from nba_resources.warehouse.contract import day, flag, integer, moment, number, text

MOST_MOVE = 50
MOST_VALUE = 0.25  # of a price at the chance that the books' prices give together; honest ones reach a tenth
_LINE = (LOWEST_LINE, HIGHEST_LINE)


@table(
    dataset="nba_analytics",
    grain=list(PLAYER_MARKET),
    expected_rows=ExpectedRows.AS_DELIVERED,
    columns={
        "game_date": day("US Eastern date"),
        "player_lookup": text("Name key, one per player"),
        "market": text("The Odds API's key", *MARKETS),
        "game_id": text("NBA's ten-digit id"),
        "player_id": integer("NBA id"),
        "team_abbr": text("Tricode; NULL if his last known team is not one of the two", null=True),
        "line": number("Consensus of the books' latest main lines; some book offers it", *_LINE),
        "opening_line": number("Consensus of the books' first main lines", *_LINE, null=True),
        "line_move": number("line - opening_line", -MOST_MOVE, MOST_MOVE, null=True),
        "line_known_at": moment("Latest snapshot used", null=True),
        "price_known_at": moment(
            "Earliest snapshot among the prices at `line`; NULL without a time: nothing is bet against it", null=True
        ),
        "opening_known_at": moment("Earliest snapshot used for the opening line", null=True),
        "line_time_known": flag("FALSE if a source gave a date only: not a closing line"),
        "best_over_price": integer("American, best at `line` of the books seen together", -2000, 2000, null=True),
        "best_under_price": integer("American, best at `line` of the books seen together", -2000, 2000, null=True),
        "best_over_book": text("The book that offers it", null=True),
        "best_under_book": text("The book that offers it", null=True),
        "over_prob_novig": number("Mean of the same books with both prices, margin removed", 0, 1, null=True),
        "overround": number("Mean margin of the same books", 0, 0.5, null=True),
        "n_books": integer("Books with a main line; 0 if only a published consensus has one", 0),
        "n_books_at_line": integer("Books with `line` as main line", 0),
        "line_min": number("Lowest main line", *_LINE),
        "line_max": number("Highest main line", *_LINE),
        "line_disagreement": number("line_max - line_min", 0, HIGHEST_LINE),
        "books": text("JSON: one object per book with book, kind, main line, prices, known_at"),
    },
)
def player_prop_lines(
    player_props: ir.Table, schedule: ir.Table, players: ir.Table, player_boxscores: History
) -> ir.Table:
    """One row per player, date and market: the consensus line, its best prices, and its move since opening.

    A consensus that a source publishes is not a book: it stands as the line only where no
    book has one. Prices are those of sportsbooks seen within fifteen minutes of each other.
    """
    mains = main_lines_before_tip(player_props, schedule, players, player_boxscores)
    books = current_lines(mains)
    books = books.inner_join(consensus(books).rename(agreed="line"), list(PLAYER_MARKET))
    lines = _summed_up(books)
    openings = opening_lines(mains)
    opened = consensus(openings).rename(opening_line="line")
    seen = openings.group_by(*PLAYER_MARKET).aggregate(opening_known_at=openings.snapshot_utc.min())
    with_opening = with_columns_of(lines, opened.inner_join(seen, list(PLAYER_MARKET)), PLAYER_MARKET)
    return with_opening.mutate(line_move=with_opening.line - with_opening.opening_line)


def _summed_up(books: ir.Table) -> ir.Table:
    """Return one row per player, date and market from the books' current main lines."""
    at_line, is_book = books.line == books.agreed, books.book_kind != CONSENSUS
    priced = priced_together(books)
    lines = books.group_by(*PLAYER_MARKET).aggregate(
        game_id=books.game_id.min(),
        player_id=books.player_id.min(),
        team_abbr=books.team_abbr.min(),
        line=books.agreed.min(),
        line_known_at=books.snapshot_utc.max(),
        line_time_known=books.snapshot_utc.isnull().ifelse(1, 0).sum() == 0,
        n_books=is_book.ifelse(1, 0).sum(),
        n_books_at_line=(at_line & is_book).ifelse(1, 0).sum(),
        line_min=books.line.min(),
        line_max=books.line.max(),
        books="[" + _offer(books).group_concat(sep=", ", order_by=ibis.asc(books.bookmaker, nulls_first=True)) + "]",
    )
    prices = priced.group_by(*PLAYER_MARKET).aggregate(
        price_known_at=priced.snapshot_utc.min(),
        over_prob_novig=priced.over_prob.mean(),
        overround=priced.overround.mean(),
    )
    lines = with_columns_of(lines, prices, PLAYER_MARKET)
    priced = with_columns_of(priced, prices.select(*PLAYER_MARKET, chance="over_prob_novig"), PLAYER_MARKET)
    for side, chance in (("over", priced.chance), ("under", 1 - priced.chance)):
        lines = with_columns_of(lines, _best(priced, side, chance), PLAYER_MARKET)
    return lines.mutate(line_disagreement=lines.line_max - lines.line_min)


def _best(books: ir.Table, side: str, chance: ir.FloatingValue) -> ir.Table:
    """Return the best price of a side and its book; a price far above all others belongs to another bet."""
    value: Any = chance * payout(books[f"{side}_price"]) - (1 - chance)
    priced = books.filter(books[f"{side}_price"].notnull(), value.isnull() | (value <= MOST_VALUE))
    order = [payout(priced[f"{side}_price"]).desc(), priced.bookmaker]
    best = first_of(priced, PLAYER_MARKET, order)
    renamed = {f"best_{side}_price": best[f"{side}_price"], f"best_{side}_book": "bookmaker"}
    return best.select(*PLAYER_MARKET, **renamed)


def _offer(books: ir.Table) -> ir.StringValue:
    halves = (books.line * 2).round().cast("int64")
    return json_object(
        {
            "book": _quoted(books.bookmaker),
            "kind": _quoted(books.book_kind),
            "line": (halves // 2).cast("string") + (halves % 2 == 1).ifelse(".5", ".0"),
            "over_price": books.over_price.cast("string").coalesce("null"),
            "under_price": books.under_price.cast("string").coalesce("null"),
            "known_at": _quoted(books.snapshot_utc.strftime("%Y-%m-%dT%H:%M:%SZ")).coalesce("null"),
        }
    )


def _quoted(value: ir.StringValue) -> ir.StringValue:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

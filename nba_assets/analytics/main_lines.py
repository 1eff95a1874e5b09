"""Selects each bookmaker's main line among its lines, and the consensus of all bookmakers.

Pure functions over offers: one row per player, date, market, book, snapshot and line, all visible before tip-off.
"""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.expressions.median import with_median

PLAYER_MARKET = ("game_date", "player_lookup", "market")
BOOK = (*PLAYER_MARKET, "bookmaker")
SAME_LOOK_MINUTES = 15  # prices seen further apart were never on offer together
MOST_MARGIN = 0.5  # a pair of prices with more margin, or a negative one, is a misprint
UNPRICED = 9.0  # sorts after every distance from an even chance and after every margin


def implied_probability(price: ir.IntegerValue) -> ir.FloatingValue:
    """Return the break-even probability of American odds, the bookmaker's margin included."""
    return (price > 0).ifelse(100.0, price.abs()) / (price.abs() + 100.0)


def payout(price: ir.IntegerValue) -> ir.FloatingValue:
    """Return the profit of a winning stake of one at American odds."""
    return (price > 0).ifelse(price.abs(), 100.0) / (price > 0).ifelse(100.0, price.abs()).nullif(0)


def with_margin_removed(offers: ir.Table) -> ir.Table:
    """Add `over_prob` and `overround`; NULL unless a sportsbook prices both sides, as pick'em prices are not odds."""
    over, under = implied_probability(offers.over_price), implied_probability(offers.under_price)
    margin = (over + under - 1).round(9)
    market = (offers.book_kind == "sportsbook") & margin.between(0, MOST_MARGIN)
    over_prob = market.ifelse(over / (over + under).nullif(0), ibis.null("float64"))
    return offers.mutate(over_prob=over_prob, overround=market.ifelse(margin, ibis.null("float64")))


def main_lines(offers: ir.Table) -> ir.Table:
    """Return one row per player, market, book and snapshot: the line nearest an even chance; the others are alternates.

    Two spellings of a player at one book count as one. The last keys only give equal offers a fixed order.
    """
    priced = with_margin_removed(offers)
    offers = with_median(priced, PLAYER_MARKET, "line")
    two_sided = offers.over_prob.notnull()
    preference: list[Any] = [
        two_sided.ifelse(0, 1),
        two_sided.ifelse((offers.over_prob - 0.5).abs().round(9), UNPRICED),
        two_sided.ifelse(offers.overround, UNPRICED),
        (offers.line - offers.median).abs(),
        offers.line,
        offers.source,
        offers.raw_name,
    ]
    return first_of(offers, [*BOOK, "snapshot_key"], preference).select(*priced.columns)


def current_lines(mains: ir.Table) -> ir.Table:
    """Return each book's latest main line; one without a time counts as the oldest."""
    return first_of(mains, BOOK, [mains.snapshot_utc.isnull().ifelse(1, 0), mains.snapshot_utc.desc()])


def opening_lines(mains: ir.Table) -> ir.Table:
    """Return each book's first main line, for players and markets with two looks at some book."""
    seen = _seen_twice(mains)
    return first_of(seen, BOOK, [seen.snapshot_utc])


def closing_lines(mains: ir.Table) -> ir.Table:
    """Return each book's last main line, for players and markets with two looks at some book."""
    seen = _seen_twice(mains)
    return first_of(seen, BOOK, [seen.snapshot_utc.desc()])


def _seen_twice(mains: ir.Table) -> ir.Table:
    """Keep what has a time, where some book was looked at twice: one look is neither the first nor the last."""
    timed = mains.filter(mains.snapshot_utc.notnull())
    seen = timed.mutate(looks=timed.count().over(group_by=BOOK))
    return seen.mutate(most=seen.looks.max().over(group_by=PLAYER_MARKET)).filter(lambda t: t.most > 1)


def consensus(books: ir.Table, per: Sequence[str] = PLAYER_MARKET) -> ir.Table:
    """Return the line of most books; a tie goes to the line nearest the median, then to the lower one."""
    lines = with_median(books, per, "line")
    votes = lines.group_by(*per, "line", "median").aggregate(n=lines.count())
    preference = [votes.n.desc(), (votes.line - votes.median).abs(), votes.line]
    return first_of(votes, per, preference).select(*per, "line")


def priced_together(books: ir.Table) -> ir.Table:
    """Return the sportsbooks at the consensus line whose prices were seen within minutes of the newest of them.

    Where no price has a time, all of them are returned: nothing may be bet against them.
    """
    at_line = books.filter(books.line == books.agreed, books.book_kind == "sportsbook")
    newest = at_line.mutate(newest=at_line.snapshot_utc.max().over(group_by=PLAYER_MARKET))
    together = newest.snapshot_utc >= newest.newest - ibis.interval(minutes=SAME_LOOK_MINUTES)
    return newest.filter(newest.newest.isnull() | together).select(*books.columns)


def first_of(rows: ir.Table, per: Sequence[str], preference: Sequence[Any]) -> ir.Table:
    """Return the first row of each group. Sort keys must not be NULL: engines place NULL differently."""
    ranked = rows.mutate(rank=ibis.row_number().over(group_by=list(per), order_by=list(preference)))
    return ranked.filter(ranked["rank"] == 0).select(*rows.columns)

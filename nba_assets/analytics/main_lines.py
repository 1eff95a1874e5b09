"""Which of the many lines of a bookmaker is his line, and which line the bookmakers agree on.

Pure functions over offers: one row a player, date, book, snapshot and line, all published before tip-off.
"""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.expressions.median import with_median

PLAYER_DATE = ("game_date", "player_lookup")
BOOK = (*PLAYER_DATE, "bookmaker")
MOST_MARGIN = 0.5  # a pair of prices with more, or with less than none, is a misprint and no market
UNPRICED = 9.0  # sorts after every distance from an even chance and after every margin


def implied_probability(price: ir.IntegerValue) -> ir.FloatingValue:
    """What American odds ask the bet to win to break even, the bookmaker's margin included."""
    return (price > 0).ifelse(100.0, price.abs()) / (price.abs() + 100.0)


def payout(price: ir.IntegerValue) -> ir.FloatingValue:
    """What American odds pay for a stake of one, the stake not counted."""
    return (price > 0).ifelse(price.abs(), 100.0) / (price > 0).ifelse(100.0, price.abs()).nullif(0)


def with_margin_removed(offers: ir.Table) -> ir.Table:
    """`over_prob` and `overround` where a sportsbook prices both sides; NULL otherwise: pick'em prices are no odds."""
    over, under = implied_probability(offers.over_price), implied_probability(offers.under_price)
    margin = (over + under - 1).round(9)
    market = (offers.book_kind == "sportsbook") & margin.between(0, MOST_MARGIN)
    nothing = ibis.null("float64")
    return offers.mutate(
        over_prob=market.ifelse(over / (over + under).nullif(0), nothing), overround=market.ifelse(margin, nothing)
    )


def main_lines(offers: ir.Table) -> ir.Table:
    """One row a player, book and snapshot: the line nearest an even chance, which is what tells it from its alternates.

    A book that spells one player in two ways is still one book. The last keys only make equal offers sort alike.
    """
    priced = with_margin_removed(offers)
    offers = with_median(priced, PLAYER_DATE, "line")
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
    """Each book's latest main line; one without a time counts as older than any with one."""
    return first_of(mains, BOOK, [mains.snapshot_utc.isnull().ifelse(1, 0), mains.snapshot_utc.desc()])


def opening_lines(mains: ir.Table) -> ir.Table:
    """Each book's first main line, where at least one book shows two moments: else nothing has been seen to open."""
    timed = mains.filter(mains.snapshot_utc.notnull())
    seen = timed.mutate(snapshots=timed.count().over(group_by=BOOK))
    seen = seen.mutate(most=seen.snapshots.max().over(group_by=PLAYER_DATE)).filter(lambda t: t.most > 1)
    return first_of(seen, BOOK, [seen.snapshot_utc])


def consensus(books: ir.Table) -> ir.Table:
    """The line most books have, so that one can bet it; a tie goes to the nearest the median, then to the lower."""
    told = with_median(books, PLAYER_DATE, "line")
    votes = told.group_by(*PLAYER_DATE, "line", "median").aggregate(n=told.count())
    preference = [votes.n.desc(), (votes.line - votes.median).abs(), votes.line]
    return first_of(votes, PLAYER_DATE, preference).select(*PLAYER_DATE, "line")


def first_of(rows: ir.Table, per: Sequence[str], preference: Sequence[Any]) -> ir.Table:
    """Of each group the row that sorts first. A key that decides must not be NULL: engines place NULL differently."""
    ranked = rows.mutate(rank=ibis.row_number().over(group_by=list(per), order_by=list(preference)))
    return ranked.filter(ranked["rank"] == 0).select(*rows.columns)

"""The value of a pick against the lines that other books closed at."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from models.markets import HIGHEST_LINE, LOWEST_LINE
from models.picks import OVER
from nba_assets.analytics.main_lines import PLAYER_MARKET, closing_lines, consensus, payout
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.predictions.prediction_columns import PREDICTION_GRAIN
from nba_resources.warehouse.contract import Column, number, text

CLOSING, LATE, UNKNOWN = "closing", "late", "unknown"
CLOSE_STATES = (CLOSING, LATE, UNKNOWN)
TIMELY_MINUTES = 30  # injury news of the last half hour still moves a line that was seen before

CLOSING_COLUMNS: Mapping[str, Column] = {
    "close_state": text(
        "Other books' last lines: seen within 30 minutes of tip-off, before, or no second look; NULL if it is no pick",
        *CLOSE_STATES,
        null=True,
    ),
    "close_age_minutes": number("From the oldest of these looks to tip-off", 0, null=True, unit="minutes"),
    "closing_line": number("Consensus of these lines", LOWEST_LINE, HIGHEST_LINE, null=True),
    "closing_chance": number(
        "Of the side picked, margin removed: mean of the books that closed at `line`; NULL where none did",
        0,
        1,
        null=True,
    ),
    "closing_value": number(
        "Expected value of the pick at this chance and its price", -1, 20, unit="per unit staked", null=True
    ),
}


def with_closing_value(picks: ir.Table, prop_line_path: ir.Table) -> ir.Table:
    """Add the close to graded forecasts; void picks have one too, as nobody knew that they would be void.

    A close is the last line of a book before tip-off. The book bet at is left out: a price is not judged by itself.
    Without a book that was seen twice the close is unknown: the only look is the one that the pick was made at. Where
    the price itself is of the last look, the value shows the choice of book and not of time. A chance holds at its own
    line only, so a pick has no value where the line moved away from it. At a whole line chance and value are those of a
    bet that is not pushed, as no book prices the push.
    """
    rows = with_columns_of(picks, _closes(picks, prop_line_path), PREDICTION_GRAIN)
    age, over = rows.close_age_minutes, rows.over_chance
    state = ibis.cases((age.isnull(), UNKNOWN), (age <= TIMELY_MINUTES, CLOSING), else_=LATE)
    chance = (rows.recommendation == OVER).ifelse(over, 1 - over)
    return rows.mutate(
        close_state=rows.is_pick.ifelse(state, ibis.null("string")),
        closing_chance=chance,
        closing_value=chance * payout(rows.price_used) - (1 - chance),
    )


def _closes(picks: ir.Table, prop_line_path: ir.Table) -> ir.Table:
    """Return the close of each pick: of the timely books only, if there are any."""
    bets = picks.filter(picks.is_pick).select(*PREDICTION_GRAIN, "game_id", "price_book", line_of_bet="line")
    closes = closing_lines(prop_line_path)
    closes = closes.select(*PLAYER_MARKET, "game_id", "bookmaker", "minutes_before_tip", "line", "over_prob")
    others = bets.inner_join(closes, [*PLAYER_MARKET, "game_id"])
    others = others.filter(others.price_book.isnull() | (others.bookmaker != others.price_book))
    newest = others.minutes_before_tip.min().over(group_by=PREDICTION_GRAIN)
    others = others.mutate(any_timely=newest <= TIMELY_MINUTES)
    used = others.filter((others.minutes_before_tip <= TIMELY_MINUTES) | ~others.any_timely)
    summed = used.group_by(*PREDICTION_GRAIN).aggregate(
        close_age_minutes=used.minutes_before_tip.max(),
        over_chance=used.over_prob.mean(where=used.line == used.line_of_bet),
    )
    agreed = consensus(used, PREDICTION_GRAIN).rename(closing_line="line")
    return summed.inner_join(agreed, list(PREDICTION_GRAIN))

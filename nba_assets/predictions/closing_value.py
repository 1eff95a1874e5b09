"""The value of a pick against the lines that other books closed at."""

import math
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
LOGISTIC_SCALE = math.sqrt(3) / math.pi  # of a logistic distribution with the standard deviation 1

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
    "carried_value": number(
        "The same where no book closed at `line`: each close carried to it by the forecast's own spread",
        *(-1, 20),
        unit="per unit staked",
        null=True,
    ),
}


def with_closing_value(picks: ir.Table, prop_line_path: ir.Table) -> ir.Table:
    """Add the close to graded forecasts; void picks have one too, as nobody knew that they would be void.

    A close is the last line of a book before tip-off. The book bet at is left out: a price is not judged by itself.
    Without a book that was seen twice the close is unknown: the only look is the one that the pick was made at. Where
    the price itself is of the last look, the value shows the choice of book and not of time. A chance holds at its own
    line only: where the line moved away from the pick, its value is carried and stands in a column of its own. At a
    whole line chance and value are those of a bet that is not pushed, as no book prices the push.
    """
    rows = with_columns_of(picks, _closes(picks, prop_line_path), PREDICTION_GRAIN)
    age, is_over = rows.close_age_minutes, rows.recommendation == OVER
    state = ibis.cases((age.isnull(), UNKNOWN), (age <= TIMELY_MINUTES, CLOSING), else_=LATE)
    chance = is_over.ifelse(rows.over_chance, 1 - rows.over_chance)
    carried = is_over.ifelse(rows.carried_chance, 1 - rows.carried_chance)
    return rows.mutate(
        close_state=rows.is_pick.ifelse(state, ibis.null("string")),
        closing_chance=chance,
        closing_value=_value(chance, rows.price_used),
        carried_value=chance.isnull().ifelse(_value(carried, rows.price_used), None),
    )


def _value(chance: ir.FloatingValue, price: ir.IntegerValue) -> ir.FloatingValue:
    return chance * payout(price) - (1 - chance)


def _closes(picks: ir.Table, prop_line_path: ir.Table) -> ir.Table:
    """Return the close of each pick: of the timely books only, if there are any."""
    bets = picks.filter(picks.is_pick).select(
        *PREDICTION_GRAIN, "game_id", "price_book", "predicted_sd", line_of_bet="line"
    )
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
        carried_chance=_carried(used).mean(),
    )
    agreed = consensus(used, PREDICTION_GRAIN).rename(closing_line="line")
    return summed.inner_join(agreed, list(PREDICTION_GRAIN))


def _carried(closes: ir.Table) -> ir.FloatingValue:
    """Return the chance of over at the line of the bet, by a logistic distribution as wide as the forecast's.

    There a line nearer by one point changes the odds by the same factor wherever the line is.
    """
    away = (closes.line - closes.line_of_bet) / (closes.predicted_sd * LOGISTIC_SCALE)
    odds = closes.over_prob / (1 - closes.over_prob) * away.exp()
    return odds / (1 + odds)

"""The table of grades: every forecast beside its result, none left out."""

from functools import reduce
from operator import add
from typing import Any

import ibis
import ibis.expr.types as ir

from models.evaluation.graded_predictions import GRADES
from models.markets import BASES, MARKETS
from models.picks import PICKS
from nba_assets.analytics.availability import OUT
from nba_assets.analytics.main_lines import implied_probability, payout
from nba_assets.analytics.slate import certain
from nba_assets.kit.calendar import Scope
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.predictions.closing_value import CLOSING_COLUMNS, with_closing_value
from nba_assets.predictions.prediction_columns import GRADED, NO_LATE_GRADES, PREDICTION_GRAIN, PREDICTION_KEYS
from nba_assets.raw.player_boxscores import MOST_MINUTES
from nba_resources.warehouse.contract import flag, integer, number, text

OUTCOMES = ("PLAYED", "DNP", "PENDING", "UNGRADEABLE")
REASONS = ("dnp_injury_confirmed", "dnp_late_scratch", "dnp_unknown", "game_moved", "no_player_rows", "no_line")
NOT_TO_BE_PLAYED = ("postponed", "cancelled")
IN_DOUBT = ("questionable", "probable")
_GAME = ["game_date", "game_id"]
MOST_VALUE = 150  # of any market in a game


@table(
    dataset="nba_predictions",
    grain=list(PREDICTION_GRAIN),
    expected_rows=ExpectedRows.GRADES,
    scope=Scope.AFTER_BOOTSTRAP,
    post=True,
    not_later=(NO_LATE_GRADES,),
    columns={
        **PREDICTION_KEYS,
        **GRADED,
        "outcome_state": text("Played, did not play, game not over, or no player rows", *OUTCOMES),
        "actual_value": integer("Of the market, only when he played", 0, MOST_VALUE, null=True),
        "actual_minutes": number("Only when he played", 0, MOST_MINUTES, unit="minutes", null=True),
        "absolute_error": number("Only when he played", 0, MOST_VALUE, null=True),
        "signed_error": number("predicted - actual", -MOST_VALUE, MOST_VALUE, null=True),
        "within_3": flag("Off by 3 at most", null=True),
        "within_5": flag("Off by 5 at most", null=True),
        "is_pick": flag("The recommendation is OVER or UNDER"),
        "grade": text("NULL if and only if it is no pick", *GRADES, null=True),
        "grade_reason": text("For VOID and UNGRADEABLE", *REASONS, null=True),
        "price_used": integer("Price of the side picked, American", -2000, 2000, null=True),
        "break_even": number("Implied probability of this price, margin included", 0, 1, null=True),
        "profit_units": number(
            "One unit staked; 0 for PUSH and VOID; NULL while PENDING, UNGRADEABLE or without a price",
            -1,
            20,
            null=True,
        ),
        "line_absolute_error": number("Absolute error of the line", 0, MOST_VALUE, null=True),
        **CLOSING_COLUMNS,
    },
)
def prediction_accuracy(
    player_prop_predictions: ir.Table, player_game_summary: ir.Table, schedule: ir.Table, prop_line_path: ir.Table
) -> ir.Table:
    """One row per forecast: what the player did, the error, the grade of the pick, and its value at the close.

    A player who did not play is void, never a zero. Picks are void too if the game was moved to another date, postponed
    or cancelled.
    """
    graded = with_grades(player_prop_predictions, player_game_summary, schedule)
    return with_closing_value(graded, prop_line_path).select(*prediction_accuracy.computed_columns)


def with_grades(forecasts: ir.Table, player_game_summary: ir.Table, schedule: ir.Table) -> ir.Table:
    """Add what the player did, the error, and the grade of the pick."""
    box = player_game_summary.select(*_GAME, "player_id", "played", *BASES, actual_minutes="minutes")
    teams = player_game_summary.select(*_GAME, "team_abbr").distinct().mutate(team_is_told=True)
    rows = with_columns_of(forecasts, schedule.select(*_GAME, "status"), _GAME)
    rows = with_columns_of(rows, teams, [*_GAME, "team_abbr"])
    rows = with_columns_of(rows, box, [*_GAME, "player_id"])
    rows = rows.mutate(actual_value=_value_of_market(rows))
    return _graded(_with_outcome(rows))


def _value_of_market(rows: ir.Table) -> ir.IntegerValue:
    """Return the sum of the market's counts; NULL if one of them is unknown."""
    sums = ((market.key, reduce(add, (rows[count] for count in market.counts))) for market in MARKETS.values())
    return rows.market.cases(*sums, else_=None)


def _with_outcome(rows: ir.Table) -> ir.Table:
    moved = rows.status.isnull() | rows.status.isin(NOT_TO_BE_PLAYED)
    outcome = ibis.cases(
        (moved, "DNP"),
        (rows.status != "final", "PENDING"),
        (rows.team_is_told.isnull(), "UNGRADEABLE"),
        (certain(rows.played) & rows.actual_value.isnull(), "UNGRADEABLE"),
        (certain(rows.played), "PLAYED"),
        else_="DNP",
    )
    played = outcome == "PLAYED"
    rows = rows.mutate(
        moved=moved,
        outcome_state=outcome,
        actual_value=played.ifelse(rows.actual_value, None),
        actual_minutes=played.ifelse(rows.actual_minutes, None),
    )
    error: Any = rows.predicted_value - rows.actual_value
    return rows.mutate(
        signed_error=error,
        absolute_error=error.abs(),
        within_3=error.abs() <= 3,
        within_5=error.abs() <= 5,
        line_absolute_error=(rows.line - rows.actual_value).abs(),
    )


def _graded(rows: ir.Table) -> ir.Table:
    """Give each pick exactly one of six grades, so that grades add up to all picks."""
    is_over, points, status = rows.recommendation == "OVER", rows.actual_value, rows.player_status
    is_pick: Any = rows.recommendation.isin(PICKS)
    grade = ibis.cases(
        (rows.outcome_state.isin(("PENDING", "UNGRADEABLE")), rows.outcome_state),
        (rows.outcome_state == "DNP", "VOID"),
        (points == rows.line, "PUSH"),
        ((points > rows.line) == is_over, "WIN"),
        ((points < rows.line) == is_over, "LOSS"),
        else_="UNGRADEABLE",
    )
    reason = ibis.cases(
        (rows.outcome_state == "UNGRADEABLE", "no_player_rows"),
        (grade == "UNGRADEABLE", "no_line"),
        (grade != "VOID", ibis.null("string")),
        (rows.moved, "game_moved"),
        (status.isin(OUT), "dnp_injury_confirmed"),
        (status.isin(IN_DOUBT), "dnp_late_scratch"),
        else_="dnp_unknown",
    )
    price = is_pick.ifelse(is_over.ifelse(rows.over_price, rows.under_price), None)
    profit = grade.cases(("WIN", payout(price)), ("LOSS", -1.0), ("PUSH", 0.0), ("VOID", 0.0), else_=None)
    return rows.mutate(
        is_pick=is_pick,
        grade=is_pick.ifelse(grade, None),
        grade_reason=is_pick.ifelse(reason, None),
        price_used=price,
        break_even=implied_probability(price),
        profit_units=price.notnull().ifelse(profit, None),
    )

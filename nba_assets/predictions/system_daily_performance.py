"""The daily performance of every system, beside the line on the same rows."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from models.evaluation.graded_predictions import GRADES
from models.forecast_keys import FORECAST_KEYS, ForecastKey
from nba_assets.analytics.slate import certain
from nba_assets.kit.calendar import Scope
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.wilson import wilson
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.predictions.closing_value import CLOSING, LATE, UNKNOWN
from nba_assets.predictions.populations import MEANING, POPULATIONS, in_populations
from nba_assets.predictions.prediction_accuracy import MOST_VALUE, OUTCOMES
from nba_assets.predictions.prediction_columns import PREDICTION_GRAIN, PREDICTION_KEYS, RECOMMENDATIONS
from nba_resources.warehouse.contract import day, integer, number, text

CERTAIN = 1e-6  # a chance of exactly 0 or 1 would make the log loss infinite
KEYS = ["game_date", *ForecastKey._fields, "population"]
_ROW_NAMES = {"PENDING": "n_pending_rows", "UNGRADEABLE": "n_ungradeable_rows"}
_GRADE_NAMES = {"WIN": "wins", "LOSS": "losses", "PUSH": "pushes", "VOID": "voids"}
OUTCOME_COUNTS = {state: _ROW_NAMES.get(state, f"n_{state.lower()}") for state in OUTCOMES}
RECOMMENDATION_COUNTS = {name: f"n_{name.lower()}" for name in RECOMMENDATIONS}
CLOSE_COUNTS = {CLOSING: "n_closing", LATE: "n_late_close", UNKNOWN: "n_unknown_close"}
GRADE_COUNTS = {grade: _GRADE_NAMES.get(grade, grade.lower()) for grade in GRADES}


def _share(meaning: str) -> Any:
    return number(meaning, 0, 1, null=True)


@table(
    dataset="nba_predictions",
    grain=KEYS,
    expected_rows=ExpectedRows.PERFORMANCE,
    scope=Scope.AFTER_BOOTSTRAP,
    post=True,
    columns={
        "game_date": day("US Eastern date"),
        **{name: PREDICTION_KEYS[name] for name in ForecastKey._fields},
        "population": text(MEANING, *POPULATIONS),
        "n_rows": integer("Forecasts, abstentions included", 0),
        "n_predicted": integer("Forecasts with a number", 0),
        "n_abstained": integer("Forecasts without a number", 0),
        **{name: integer(f"Rows with the outcome {state}", 0) for state, name in OUTCOME_COUNTS.items()},
        "n_picks": integer("Picks: OVER or UNDER", 0),
        **{name: integer(f"Rows that recommend {it}", 0) for it, name in RECOMMENDATION_COUNTS.items()},
        **{name: integer(f"Picks graded {grade}", 0) for grade, name in GRADE_COUNTS.items()},
        "mae": number("Mean absolute error, for players who played", 0, MOST_VALUE, null=True),
        "bias": number("Mean of predicted - actual on the same rows", -MOST_VALUE, MOST_VALUE, null=True),
        "within_3_rate": _share("Share of the same rows"),
        "within_5_rate": _share("Share of the same rows"),
        "n_shared_with_line": integer("Number of the same rows with a line", 0, null=True),
        "mae_shared": number("Mean absolute error on rows with a line", 0, MOST_VALUE, null=True),
        "line_mae_shared": number("Mean absolute error of the line on the same rows", 0, MOST_VALUE, null=True),
        "hit_rate": _share("WIN / (WIN + LOSS)"),
        "hit_rate_low": _share("Wilson 95 %"),
        "hit_rate_high": _share("Wilson 95 %"),
        "mean_break_even": _share("Mean break-even of picks won or lost: the hit rate needed for profit"),
        "profit_units": number("Profit of all picks with a price", unit="units", null=True),
        "staked_units": number("Picks won, lost or pushed at a price; void picks are not staked", 0, null=True),
        "roi": number("profit / staked", -1, 20, null=True),
        "over_hit_rate": _share("Hit rate of OVER picks"),
        "under_hit_rate": _share("Hit rate of UNDER picks"),
        **{name: integer(f"Picks with the close {state}", 0) for state, name in CLOSE_COUNTS.items()},
        "n_closing_value": integer(
            "Of n_closing, picks with a value: a book closed at their line, and they have a price", 0
        ),
        "closing_value_mean": number("Mean closing value of these", -1, 20, null=True, unit="per unit staked"),
        "beat_close_rate": _share("Share of these with a value above zero"),
        "n_carried_value": integer("Of n_closing, picks whose line moved away, valued by carrying the close", 0),
        "carried_value_mean": number("Mean value of these", -1, 20, null=True, unit="per unit staked"),
        "brier": _share("Brier score of P(over) given no push, for players who played and have a line"),
        "log_loss": number("Log loss of the same chances on the same rows", 0, null=True),
    },
)
def system_daily_performance(
    prediction_accuracy: ir.Table, player_prop_predictions: ir.Table, ml_feature_store_v2: ir.Table
) -> ir.Table:
    """One row per date, market, system, edition and population: counts, errors, hit rates and returns.

    A system or population without forecasts on a date with forecasts has a row of zeros. `all` holds players with ten
    games or more, as bench players of the first weeks would distort the error; `with_line` holds players with a line,
    who can be bet on.
    """
    rows = graded_rows(prediction_accuracy, player_prop_predictions, ml_feature_store_v2)
    days = prediction_accuracy.select("game_date").distinct()
    keys = days.mutate(key=ibis.array([" ".join(key) for key in FORECAST_KEYS]).unnest())
    parts: Any = keys.key.split(" ")
    forecasts = keys.select("game_date", **{name: parts[place] for place, name in enumerate(ForecastKey._fields)})
    groups = forecasts.mutate(population=ibis.array(list(POPULATIONS)).unnest())
    rows = with_columns_of(groups, rows, KEYS)
    return measures(rows, KEYS).select(*system_daily_performance.computed_columns)


def graded_rows(
    prediction_accuracy: ir.Table, player_prop_predictions: ir.Table, ml_feature_store_v2: ir.Table
) -> ir.Table:
    """Return every grade once per population, with its forecast chance of going over the line."""
    chances = player_prop_predictions.select(*PREDICTION_GRAIN, "over_probability", "push_probability")
    known = ml_feature_store_v2.select("game_date", "player_lookup", "points_avg_season", "early_season")
    rows = with_columns_of(prediction_accuracy, chances, PREDICTION_GRAIN)
    rows = in_populations(with_columns_of(rows, known, ["game_date", "player_lookup"]))
    # P(over) given no push, and whether it went over: NULL for a push, without a line or without points
    decided = rows.actual_value != rows.line
    chance = rows.over_probability / (1 - rows.push_probability).nullif(0)
    went = (rows.actual_value > rows.line).ifelse(1.0, 0.0)
    judged = certain(decided & chance.notnull())
    return rows.mutate(said=judged.ifelse(chance.clip(upper=1.0), None), went_over=judged.ifelse(went, None))


def measures(rows: ir.Table, keys: Sequence[str]) -> ir.Table:
    """Return counts and measures of graded rows by any keys."""
    sums = rows.group_by(list(keys)).aggregate(**_counts(rows), **_sums(rows))
    decided = sums.wins + sums.losses
    low, high = wilson(sums.wins, decided)
    return sums.mutate(
        hit_rate=sums.wins / decided.nullif(0),
        hit_rate_low=low,
        hit_rate_high=high,
        over_hit_rate=sums.over_wins / (sums.over_wins + sums.over_losses).nullif(0),
        under_hit_rate=sums.under_wins / (sums.under_wins + sums.under_losses).nullif(0),
        roi=sums.profit_units / sums.staked_units.nullif(0),
    )


def _counts(rows: ir.Table) -> dict[str, Any]:
    predicted = rows.predicted_value.notnull()
    return {
        "n_rows": rows.prediction_id.count(),
        "n_predicted": rows.predicted_value.count(),
        "n_abstained": rows.prediction_id.count(where=~predicted),
        "n_picks": rows.prediction_id.count(where=rows.is_pick),
        **{name: rows.outcome_state.count(where=rows.outcome_state == it) for it, name in OUTCOME_COUNTS.items()},
        **{
            name: rows.recommendation.count(where=rows.recommendation == it)
            for it, name in RECOMMENDATION_COUNTS.items()
        },
        **{name: rows.grade.count(where=rows.grade == it) for it, name in GRADE_COUNTS.items()},
        **{name: rows.close_state.count(where=rows.close_state == it) for it, name in CLOSE_COUNTS.items()},
        **{
            f"{side}_{name}": rows.grade.count(where=(rows.grade == it) & (rows.recommendation == side.upper()))
            for side in ("over", "under")
            for it, name in (("WIN", "wins"), ("LOSS", "losses"))
        },
    }


def _sums(rows: ir.Table) -> dict[str, Any]:
    shared = rows.absolute_error.notnull() & rows.line_absolute_error.notnull()
    staked = rows.grade.isin(("WIN", "LOSS", "PUSH"))
    sure = rows.said.clip(lower=CERTAIN, upper=1 - CERTAIN)
    went = rows.went_over
    timely = rows.close_state == CLOSING
    return {
        "mae": rows.absolute_error.mean(),
        "bias": rows.signed_error.mean(),
        "within_3_rate": rows.within_3.cast("int64").mean(),
        "within_5_rate": rows.within_5.cast("int64").mean(),
        "n_shared_with_line": rows.absolute_error.count(where=shared),
        "mae_shared": rows.absolute_error.mean(where=shared),
        "line_mae_shared": rows.line_absolute_error.mean(where=shared),
        "mean_break_even": rows.break_even.mean(where=rows.grade.isin(("WIN", "LOSS"))),
        "profit_units": rows.profit_units.sum(),
        "staked_units": rows.profit_units.count(where=staked).cast("float64"),
        "n_closing_value": rows.closing_value.count(where=timely),
        "closing_value_mean": rows.closing_value.mean(where=timely),
        "beat_close_rate": (rows.closing_value > 0).cast("int64").mean(where=timely),
        "n_carried_value": rows.carried_value.count(where=timely),
        "carried_value_mean": rows.carried_value.mean(where=timely),
        "brier": ((rows.said - went) * (rows.said - went)).mean(),
        "log_loss": (0 - went * sure.ln() - (1 - went) * (1 - sure).ln()).mean(),
    }

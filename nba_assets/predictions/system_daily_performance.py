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
from nba_assets.predictions.populations import CLASSES, MEANING, POPULATIONS, in_populations, with_classes
from nba_assets.predictions.prediction_accuracy import MOST_VALUE, OUTCOMES
from nba_assets.predictions.prediction_columns import PREDICTION_GRAIN, PREDICTION_KEYS, RECOMMENDATIONS
from nba_resources.warehouse.contract import day, integer, number, text

CERTAIN = 1e-6  # a chance of exactly 0 or 1 would make the log loss infinite
_SHARES = {  # of the sums below
    "mae": ("absolute_errors", "n_errors"),
    "bias": ("signed_errors", "n_errors"),
    "within_3_rate": ("within_3", "n_errors"),
    "within_5_rate": ("within_5", "n_errors"),
    "mae_shared": ("shared_errors", "n_shared_with_line"),
    "line_mae_shared": ("line_errors", "n_shared_with_line"),
    "mean_break_even": ("break_even", "n_break_even"),
    "roi": ("profit_units", "n_staked"),
    "closing_value_mean": ("closing_values", "n_closing_value"),
    "beat_close_rate": ("beaten_closes", "n_closing_value"),
    "carried_value_mean": ("carried_values", "n_carried_value"),
    "brier": ("squared_errors", "n_judged"),
    "log_loss": ("log_losses", "n_judged"),
}
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
    sums = in_populations(sums_of(rows, ["game_date", *ForecastKey._fields, *CLASSES]))
    days = prediction_accuracy.select("game_date").distinct()
    keys = days.mutate(key=ibis.array([" ".join(key) for key in FORECAST_KEYS]).unnest())
    parts: Any = keys.key.split(" ")
    forecasts = keys.select("game_date", **{name: parts[place] for place, name in enumerate(ForecastKey._fields)})
    groups = forecasts.mutate(population=ibis.array(list(POPULATIONS)).unnest())
    return measures(with_columns_of(groups, sums, KEYS), KEYS).select(*system_daily_performance.computed_columns)


def graded_rows(
    prediction_accuracy: ir.Table, player_prop_predictions: ir.Table, ml_feature_store_v2: ir.Table
) -> ir.Table:
    """Return every grade with the classes of its populations, and its forecast chance of going over the line."""
    told = player_prop_predictions.filter(player_prop_predictions.over_probability.notnull())
    chances = told.select(*PREDICTION_GRAIN, "over_probability", "push_probability")
    known = ml_feature_store_v2.select("game_date", "player_lookup", "points_avg_season", "early_season")
    rows = with_columns_of(prediction_accuracy, chances, PREDICTION_GRAIN)
    rows = with_classes(with_columns_of(rows, known, ["game_date", "player_lookup"]))
    # P(over) given no push, and whether it went over: NULL for a push, without a line or without points
    decided = rows.actual_value != rows.line
    chance = rows.over_probability / (1 - rows.push_probability).nullif(0)
    went = (rows.actual_value > rows.line).ifelse(1.0, 0.0)
    judged = certain(decided & chance.notnull())
    return rows.mutate(said=judged.ifelse(chance.clip(upper=1.0), None), went_over=judged.ifelse(went, None))


def sums_of(rows: ir.Table, keys: Sequence[str]) -> ir.Table:
    """Return counts and sums of graded rows by any keys, from which `measures` makes those of larger groups."""
    return rows.group_by(list(keys)).aggregate(**_counts(rows), **_sums(rows))


def measures(sums: ir.Table, keys: Sequence[str]) -> ir.Table:
    """Add sums up by any keys, with means, shares and returns; a group without rows has counts of zero."""
    added = [name for name, dtype in sums.schema().items() if dtype.is_integer() or dtype.is_floating()]
    groups = sums.group_by(list(keys)).aggregate(**{name: _total(sums[name]) for name in added})
    decided = groups.wins + groups.losses
    low, high = wilson(groups.wins, decided)
    return groups.mutate(
        **{name: groups[part] / groups[whole].nullif(0) for name, (part, whole) in _SHARES.items()},
        staked_units=groups.n_staked.cast("float64"),
        hit_rate=groups.wins / decided.nullif(0),
        hit_rate_low=low,
        hit_rate_high=high,
        over_hit_rate=groups.over_wins / (groups.over_wins + groups.over_losses).nullif(0),
        under_hit_rate=groups.under_wins / (groups.under_wins + groups.under_losses).nullif(0),
    )


def _total(column: Any) -> Any:
    """Add up: a count without rows is zero, a sum is unknown. DuckDB adds integers up to a wider type."""
    return column.sum().fill_null(0).cast("float64").cast("int64") if column.type().is_integer() else column.sum()


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
    decided = rows.grade.isin(("WIN", "LOSS"))
    sure = rows.said.clip(lower=CERTAIN, upper=1 - CERTAIN)
    went = rows.went_over
    timely = rows.close_state == CLOSING
    return {
        "n_errors": rows.absolute_error.count(),
        "absolute_errors": rows.absolute_error.sum(),
        "signed_errors": rows.signed_error.sum(),
        "within_3": rows.within_3.cast("int64").cast("float64").sum(),
        "within_5": rows.within_5.cast("int64").cast("float64").sum(),
        "n_shared_with_line": rows.absolute_error.count(where=shared),
        "shared_errors": rows.absolute_error.sum(where=shared),
        "line_errors": rows.line_absolute_error.sum(where=shared),
        "n_break_even": rows.break_even.count(where=decided),
        "break_even": rows.break_even.sum(where=decided),
        "profit_units": rows.profit_units.sum(),
        "n_staked": rows.profit_units.count(where=decided | (rows.grade == "PUSH")),
        "n_closing_value": rows.closing_value.count(where=timely),
        "closing_values": rows.closing_value.sum(where=timely),
        "beaten_closes": (rows.closing_value > 0).cast("int64").cast("float64").sum(where=timely),
        "n_carried_value": rows.carried_value.count(where=timely),
        "carried_values": rows.carried_value.sum(where=timely),
        "n_judged": rows.said.count(),
        "squared_errors": ((rows.said - went) * (rows.said - went)).sum(),
        "log_losses": (0 - went * sure.ln() - (1 - went) * (1 - sure).ln()).sum(),
    }

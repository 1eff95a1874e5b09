"""How each system did on each date, beside the line on the same rows, with every row accounted for."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from models.evaluation.graded_predictions import GRADES
from models.systems.base import SystemId
from nba_assets.analytics.slate import certain
from nba_assets.kit.calendar import Scope
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.wilson import wilson
from nba_assets.kit.table import Owed, table
from nba_assets.predictions.populations import MEANING, POPULATIONS, in_populations
from nba_assets.predictions.prediction_accuracy import OUTCOMES
from nba_assets.predictions.prediction_columns import PREDICTION_GRAIN, RECOMMENDATIONS
from nba_resources.warehouse.contract import day, integer, number, text

CERTAIN = 1e-6  # a chance of exactly 0 or 1 would make the log loss infinite
KEYS = ["game_date", "system_id", "population"]
_ROW_NAMES = {"PENDING": "n_pending_rows", "UNGRADEABLE": "n_ungradeable_rows"}
_GRADE_NAMES = {"WIN": "wins", "LOSS": "losses", "PUSH": "pushes", "VOID": "voids"}
OUTCOME_COUNTS = {state: _ROW_NAMES.get(state, f"n_{state.lower()}") for state in OUTCOMES}
RECOMMENDATION_COUNTS = {said: f"n_{said.lower()}" for said in RECOMMENDATIONS}
GRADE_COUNTS = {grade: _GRADE_NAMES.get(grade, grade.lower()) for grade in GRADES}


def _share(meaning: str) -> Any:
    return number(meaning, 0, 1, null=True)


@table(
    dataset="nba_predictions",
    grain=KEYS,
    owed=Owed.PERFORMANCE,
    scope=Scope.AFTER_BOOTSTRAP,
    post=True,
    columns={
        "game_date": day("US Eastern date"),
        "system_id": text("Who forecasts", *SystemId),
        "population": text(MEANING, *POPULATIONS),
        "n_rows": integer("Forecasts, abstentions included", 0),
        "n_predicted": integer("With a number", 0),
        "n_abstained": integer("Without", 0),
        **{name: integer(f"Rows of which the outcome is {state}", 0) for state, name in OUTCOME_COUNTS.items()},
        "n_picks": integer("OVER or UNDER", 0),
        **{name: integer(f"Rows that said {said}", 0) for said, name in RECOMMENDATION_COUNTS.items()},
        **{name: integer(f"Picks graded {grade}", 0) for grade, name in GRADE_COUNTS.items()},
        "mae": number("Mean absolute error of predictions of who played", 0, 100, unit="points", null=True),
        "bias": number("Mean of predicted - actual on the same rows", -100, 100, unit="points", null=True),
        "within_3_rate": _share("Of the same rows"),
        "within_5_rate": _share("Of the same rows"),
        "n_shared_with_line": integer("Of the same rows, those with a line", 0, null=True),
        "mae_shared": number("On the rows shared with the line", 0, 100, unit="points", null=True),
        "line_mae_shared": number("The line's error on the same rows", 0, 100, unit="points", null=True),
        "hit_rate": _share("WIN / (WIN + LOSS)"),
        "hit_rate_low": _share("Wilson 95 %"),
        "hit_rate_high": _share("Wilson 95 %"),
        "mean_break_even": _share("Of the prices of the picks won or lost: what their hit rate must beat"),
        "profit_units": number("Of all picks with a price", unit="units", null=True),
        "staked_units": number("Picks won, lost or pushed at a price: a void bet was never placed", 0, null=True),
        "roi": number("profit / staked", -1, 20, null=True),
        "over_hit_rate": _share("Of OVER picks"),
        "under_hit_rate": _share("Of UNDER picks"),
        "brier": _share("Of P(over), given no push, where he played and there is a line; pushes are left out"),
        "log_loss": number("Of the same chances on the same rows", 0, null=True),
    },
)
def system_daily_performance(
    prediction_accuracy: ir.Table, player_prop_predictions: ir.Table, ml_feature_store_v2: ir.Table
) -> ir.Table:
    """Zeros are true zeros: a system or population without a row on a date with forecasts still has its own.

    Everybody counted in `all` has ten games behind him: bench players of the first weeks move an error by more than
    any model does. `with_line` asks for a line only, because that is whom one can bet on.
    """
    rows = judged_rows(prediction_accuracy, player_prop_predictions, ml_feature_store_v2)
    days = prediction_accuracy.select("game_date").distinct()
    systems = days.mutate(system_id=ibis.array(list(SystemId)).unnest())
    owed = systems.mutate(population=ibis.array(list(POPULATIONS)).unnest())
    rows = with_columns_of(owed, rows, KEYS)
    return measured(rows, KEYS).select(*system_daily_performance.made)


def judged_rows(
    prediction_accuracy: ir.Table, player_prop_predictions: ir.Table, ml_feature_store_v2: ir.Table
) -> ir.Table:
    """Every grade once for each population it belongs to, with what was said of going over."""
    chances = player_prop_predictions.select(*PREDICTION_GRAIN, "over_probability", "push_probability")
    known = ml_feature_store_v2.select("game_date", "player_lookup", "points_avg_season", "early_season")
    rows = with_columns_of(prediction_accuracy, chances, PREDICTION_GRAIN)
    rows = with_columns_of(rows, known, ["game_date", "player_lookup"])
    return _with_chance(in_populations(rows))


def measured(rows: ir.Table, keys: Sequence[str]) -> ir.Table:
    """Counts and measures of judged rows: of a date here, of a week or a season where that is asked for."""
    found = rows.group_by(list(keys)).aggregate(**_counts(rows), **_sums(rows))
    return found.mutate(**_rates(found))


def _with_chance(rows: ir.Table) -> ir.Table:
    """What was said of going over, given that it is no push, and whether it did; NULL where it cannot be judged."""
    decided = rows.actual_points != rows.line
    said = rows.over_probability / (1 - rows.push_probability).nullif(0)
    went = (rows.actual_points > rows.line).ifelse(1.0, 0.0)
    judged = certain(decided & said.notnull())
    return rows.mutate(said=judged.ifelse(said.clip(upper=1.0), None), went_over=judged.ifelse(went, None))


def _counts(rows: ir.Table) -> dict[str, Any]:
    predicted = rows.predicted_points.notnull()
    return {
        "n_rows": rows.prediction_id.count(),
        "n_predicted": rows.predicted_points.count(),
        "n_abstained": rows.prediction_id.count(where=~predicted),
        "n_picks": rows.prediction_id.count(where=rows.is_pick),
        **{name: rows.outcome_state.count(where=rows.outcome_state == it) for it, name in OUTCOME_COUNTS.items()},
        **{
            name: rows.recommendation.count(where=rows.recommendation == it)
            for it, name in RECOMMENDATION_COUNTS.items()
        },
        **{name: rows.grade.count(where=rows.grade == it) for it, name in GRADE_COUNTS.items()},
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
        "brier": ((rows.said - went) * (rows.said - went)).mean(),
        "log_loss": (0 - went * sure.ln() - (1 - went) * (1 - sure).ln()).mean(),
    }


def _rates(found: ir.Table) -> dict[str, Any]:
    decided = found.wins + found.losses
    low, high = wilson(found.wins, decided)
    return {
        "hit_rate": found.wins / decided.nullif(0),
        "hit_rate_low": low,
        "hit_rate_high": high,
        "over_hit_rate": found.over_wins / (found.over_wins + found.over_losses).nullif(0),
        "under_hit_rate": found.under_wins / (found.under_wins + found.under_losses).nullif(0),
        "roi": found.profit_units / found.staked_units.nullif(0),
    }

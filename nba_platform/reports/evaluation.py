"""The evaluation of stored forecasts: read in one statement, compared on the same rows. Nothing here is stored."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from models.evaluation.betting_record import BettingRecord, betting_records
from models.evaluation.charts import charted_systems, draw_evaluation
from models.evaluation.compare import Comparison, compare
from models.evaluation.conclusions import write_conclusions
from models.evaluation.graded_predictions import GradedPredictions, GroupBy
from models.evaluation.subject import POINTS_AT_TIP, Subject
from models.forecast_keys import ForecastKey
from models.system_ids import REFERENCES
from nba_assets.kit.calendar import FIRST_DAY
from nba_assets.kit.expressions.joins import with_columns_of, without
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table
from nba_platform.errors import NothingToDo
from nba_platform.reports.report_assets import Report
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

NIGHT = ["game_date", "player_lookup"]
GRAIN = [*NIGHT, *ForecastKey._fields]
_GRADED = (
    *("outcome_state", "recommendation", "grade", "predicted_value", "line", "edge", "price_used", "break_even"),
    *("close_state", "close_age_minutes", "closing_value", "carried_value"),
)


@dataclass(frozen=True)
class Evaluation:
    """Graded forecasts over a range, comparisons, betting records by group and by edge, and conclusions."""

    dates: DateRange
    by: GroupBy
    graded: GradedPredictions
    comparisons: tuple[Comparison, ...]  # of the systems on the same rows, for each group of `by`
    records: tuple[BettingRecord, ...]
    by_edge: tuple[BettingRecord, ...]
    verdicts: tuple[str, ...]

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of an evaluation."""
        return {
            "start": self.dates.start,
            "end": self.dates.end,
            "by": self.by,
            "market": self.graded.subject.market,
            "edition": self.graded.subject.edition,
            "unit": self.graded.subject.unit,
            "nights": len(self.graded.player_games),
            "systems": self.graded.systems,
            "verdicts": self.verdicts,
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
            "records": [record.to_dict() for record in self.records],
            "by_edge": [record.to_dict() for record in self.by_edge],
        }

    def png(self) -> bytes:
        """Draw calibration, error by tier and error by month, 1600 by 900 pixels.

        Only the systems drawn are compared: a night on which another abstained stays in.
        """
        subject = self.graded.subject
        drawn = [name for name in charted_systems(subject) if name in self.graded.systems]
        whole, by_tier, by_month = (
            compare(self.graded, drawn, by) for by in (GroupBy.SYSTEM, GroupBy.TIER, GroupBy.MONTH)
        )
        return draw_evaluation(subject, str(self.dates), whole, by_tier, by_month)


def evaluate(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    dates: DateRange,
    by: GroupBy = GroupBy.SYSTEM,
    subject: Subject = POINTS_AT_TIP,
) -> Evaluation:
    """Evaluate the graded forecasts of a market and edition over the dates."""
    graded = read_graded(warehouse, tables, dates, subject)
    whole, by_edge = compare(graded), betting_records(graded, GroupBy.EDGE)
    comparisons = whole if by is GroupBy.SYSTEM else compare(graded, by=by)
    conclusions = write_conclusions(subject, whole, betting_records(graded), by_edge)
    return Evaluation(dates, by, graded, comparisons, betting_records(graded, by), by_edge, conclusions)


def read_graded(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, subject: Subject = POINTS_AT_TIP
) -> GradedPredictions:
    """Read the graded forecasts of a market and edition; raise `NothingToDo` if there are none."""
    graded = read_stored(warehouse, tables, dates, subject)
    if graded is None:
        raise NothingToDo(
            f"nothing is graded in {dates}: {tables['prediction_accuracy'].contract.key} has no row of {subject} on "
            f"these dates. Run `nba backfill {dates.start} {dates.end}` first; the first two weeks of a season are "
            "never predicted."
        )
    return graded


def read_stored(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, subject: Subject
) -> GradedPredictions | None:
    """Read the graded forecasts of a market and edition; None if there are none."""
    rows = warehouse.read(_graded_rows(tables, dates, subject.market, subject.edition.value))
    return None if rows.empty else GradedPredictions.from_rows(rows, subject)


def evaluation_report(warehouse: Warehouse, tables: Mapping[str, Table], today: dt.date) -> Report:
    """Errors of the stored forecasts beside those of the market and the season average, and their edge.

    Calibration, error by scoring tier and error by month; each system on the rows that all of them predicted.
    """
    try:
        evaluation = evaluate(warehouse, tables, DateRange(FIRST_DAY, max(today, FIRST_DAY)))
    except (NothingToDo, WarehouseUnavailable) as error:
        return Report(None, f"{error}\n")
    return Report(evaluation.png(), "\n".join(f"- {verdict}" for verdict in evaluation.verdicts) + "\n")


def graded_rows(tables: Mapping[str, Table], dates: DateRange, market: str, edition: str) -> ir.Table:
    """Join grades of a market and edition with their chances, and with what was known before the game.

    The references know no fact of the day: their rows are stored in one edition and stand beside both. A no-vig price
    belongs to a line: it is NULL where the stored line is not the line of the forecast.
    """
    names = ("prediction_accuracy", "player_prop_predictions", "ml_feature_store_v2", "player_prop_lines")
    grades, forecasts, features, lines = (_of(tables[name], dates) for name in names)
    of_edition = (grades.edition == edition) | grades.system_id.isin(REFERENCES)
    grades = grades.filter((grades.market == market) & of_edition)
    actual, profit = grades.actual_value.cast("float64"), grades.profit_units
    rows = grades.select(*GRAIN, "game_id", *_GRADED, actual_value=actual, profit_units=profit)
    forecasts = forecasts.filter(forecasts.market == market)
    chances = forecasts.select(*GRAIN, "over_probability", "push_probability")
    rows = with_columns_of(rows, chances, GRAIN)
    rows = with_columns_of(rows, features.select(*NIGHT, "points_avg_season", "early_season"), NIGHT)
    prices = lines.filter(lines.market == market).select(
        *NIGHT, "game_id", "line", market_over_probability="over_prob_novig"
    )
    return without(with_columns_of(rows, prices, [*NIGHT, "game_id", "line"]), "market", "edition")


_graded_rows = stored_query(graded_rows)


def _of(table: Table, dates: DateRange) -> ir.Table:
    stored = table.contract.table()
    return stored.filter(stored[table.contract.partition or ""].between(dates.start, dates.end))

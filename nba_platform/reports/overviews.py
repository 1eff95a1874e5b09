"""Overviews of graded forecasts: every market, both editions of one, or the close of its picks. Nothing is stored.

Markets and editions have rows and units of their own, so that nothing is summed or averaged over them. A market is
read at a time, because all of them over five seasons would not fit into memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.evaluation.betting_record import ALL
from models.evaluation.closing_record import TIMELY, ClosingRecord, closing_records
from models.evaluation.editions import EditionComparison, compare_editions
from models.evaluation.graded_predictions import GradedPredictions, Overview
from models.evaluation.market_figures import MarketFigures, market_figures
from models.evaluation.subject import Subject
from models.forecast_keys import Edition
from models.markets import MARKETS
from nba_assets.kit.table import Table
from nba_platform.errors import NothingToDo
from nba_platform.reports.evaluation import read_graded, read_stored
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

Row = MarketFigures | EditionComparison | ClosingRecord


@dataclass(frozen=True)
class EvaluationOverview:
    """The rows of one overview; `subject` says which market or edition all of them share."""

    dates: DateRange
    by: Overview
    subject: Subject
    rows: tuple[Row, ...]
    verdicts: tuple[str, ...]

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of an overview."""
        shared = {"market": self.subject.market, "edition": self.subject.edition}
        shared.pop(self.by, None)
        rows = [row.to_dict() for row in self.rows]
        span = {"start": self.dates.start, "end": self.dates.end}
        return {**span, "by": self.by, **shared, "verdicts": self.verdicts, "rows": rows}


def read_overview(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, subject: Subject, by: Overview
) -> EvaluationOverview:
    """Read the graded forecasts of the dates; raise `NothingToDo` if none are of the market or edition."""

    def read(market: str, edition: Edition) -> GradedPredictions | None:
        return read_stored(warehouse, tables, dates, Subject(market, edition))

    rows: tuple[Row, ...]
    if by is Overview.MARKET:
        graded = (read(market, subject.edition) for market in MARKETS)
        figures = [one for market in graded if market for one in market_figures(market)]
        missing = [
            market.label for key, market in MARKETS.items() if key not in {one.subject.market for one in figures}
        ]
        rows, verdicts = tuple(figures), [one.sentence for one in figures]
        verdicts += [f"No forecast of a main system is graded {subject.edition} in: {', '.join(missing)}."] * bool(
            missing
        )
    elif by is Overview.EDITION:
        at_line, at_tip = (read(subject.market, edition) for edition in (Edition.AT_LINE, Edition.AT_TIP))
        rows = compared = compare_editions(at_line, at_tip) if at_line and at_tip else ()
        verdicts = [one.sentence for one in compared]
    else:
        rows = closes = closing_records(read_graded(warehouse, tables, dates, subject))
        timely = [one for one in closes if (one.state, one.side) == (TIMELY, ALL)]
        verdicts = [f"{subject}, {one.sentence}" for one in timely]
        verdicts += [f"{subject}: no pick has a timely close, so none is known to have beaten it."] * (not timely)
    if not rows:
        raise NothingToDo(f"there is nothing to show by {by} in {dates}: nothing that it needs is graded.")
    return EvaluationOverview(dates, by, subject, rows, tuple(verdicts))

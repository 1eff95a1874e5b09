"""Evaluation report: how good all graded forecasts were."""

import datetime as dt
from collections.abc import Mapping

from models.evaluation.graded_predictions import GroupBy
from nba_assets.kit.calendar import FIRST_DAY
from nba_assets.kit.table import Table
from nba_platform.errors import NothingToDo
from nba_platform.reports.evaluation import evaluate
from nba_platform.reports.report_assets import Report
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable


def evaluation_report(warehouse: Warehouse, tables: Mapping[str, Table], today: dt.date) -> Report:
    """Errors of the stored forecasts beside those of the market and the season average, and their edge.

    Calibration, error by scoring tier and error by month; each system on the rows that all of them predicted.
    """
    try:
        evaluation = evaluate(warehouse, tables, DateRange(FIRST_DAY, max(today, FIRST_DAY)), GroupBy.SYSTEM)
    except (NothingToDo, WarehouseUnavailable) as error:
        return Report(None, f"{error}\n")
    return Report(evaluation.png(), "\n".join(f"- {verdict}" for verdict in evaluation.verdicts) + "\n")

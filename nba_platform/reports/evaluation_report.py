"""The evaluation of everything graded so far, as a report: the page on which one sees whether forecasts still hold."""

import datetime as dt
from collections.abc import Mapping

from models.evaluation.graded import By
from nba_assets.kit.calendar import FIRST_DAY
from nba_assets.kit.table import Table
from nba_platform.errors import NothingToDo
from nba_platform.reports.evaluation import evaluate
from nba_platform.reports.report_assets import Drawn
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable


def evaluation_report(warehouse: Warehouse, tables: Mapping[str, Table], today: dt.date) -> Drawn:
    """How the stored forecasts did beside the market and the season average, and what their edge is and is not.

    Calibration, error by scoring tier, error month by month; each system on the rows that all of them predicted.
    """
    try:
        evaluation = evaluate(warehouse, tables, DateRange(FIRST_DAY, max(today, FIRST_DAY)), By.SYSTEM)
    except (NothingToDo, WarehouseUnavailable) as nothing:
        return Drawn(None, f"{nothing}\n")
    return Drawn(evaluation.png(), "\n".join(f"- {verdict}" for verdict in evaluation.verdicts) + "\n")

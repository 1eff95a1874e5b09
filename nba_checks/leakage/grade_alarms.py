"""Alarms on results too good to be true: the second sign of a leak, and the last before somebody believes them.

Each alarm covers the season to date and every system except the references: the line may really be that good.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.systems import SYSTEMS
from models.systems.base import Family
from models.training.gates import ERROR_ROWS, HIT_RATE_ROWS, LINE_ROWS, MAX_GAIN_ON_LINE, MAX_HIT_RATE, MIN_ERROR
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Tables
from nba_checks.framework.by_date import DateResult, DateResults
from nba_checks.framework.season_to_date import season_rows, season_to_date
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

GRADES = "prediction_accuracy"
OURS = tuple(system.id for system in SYSTEMS if system.family is not Family.REFERENCE)
_SAME = 1e-9  # sums of many errors differ in the last bit


@dataclass(frozen=True)
class Alarm:
    """A mean over the season so far for each system, and the limits it can honestly reach.

    `sums` returns the number of cases and their total. From `enough` cases on, a mean beyond `look` gets a remark, and
    one beyond `limit` fails the check and stops publication.
    """

    name: str
    description: str
    sums: Callable[[Any], tuple[ir.IntegerScalar, ir.NumericScalar]]
    look: float
    limit: float
    enough: int
    template: str

    def check(self, warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date) -> DateResults:
        """Evaluate the alarm on the grades of the season up to each date."""
        no_grades = dict.fromkeys(dates, DateResult(True, "no grades of our systems are stored", {"rows": 0}))
        contract = tables[GRADES].contract
        if not warehouse.holds(contract):
            return no_grades
        sums = warehouse.read(_sums(tables, dates, self.name))
        if sums.empty:
            return no_grades
        so_far = season_to_date(sums, dates, per="system_id")
        return {date: self._result(date, so_far.xs(date, level="date")) for date in dates}

    def _result(self, date: dt.date, systems: pd.DataFrame) -> DateResult:
        """Return the result of one date from `n` and `total` of the season so far, by system."""
        enough = systems[systems["n"] >= self.enough]
        if enough.empty:
            most = int(systems["n"].max())
            return DateResult(True, f"{most:,} cases of the season are fewer than {self.enough:,}", {"rows": most})
        better = 1 if self.limit > self.look else -1  # -1 where less is better
        means = (enough["total"] / enough["n"]).sort_values(ascending=better < 0)
        best_first = [
            f"{system} {self.template.format(mean)} over {enough.loc[system, 'n']:,.0f} cases"
            for system, mean in means.items()
        ]
        numbers = {"rows": int(enough["n"].max()), **{str(system): float(mean) for system, mean in means.items()}}
        leaks, odd = (sum(better * (mean - limit) > _SAME for mean in means) for limit in (self.limit, self.look))
        of_season = f"of the season up to {date}, alarm beyond {self.template.format(self.limit)}"
        if leaks:
            message = f"LEAK: {'; '.join(best_first[:leaks])} {of_season}; publish nothing before the cause is known"
            return DateResult(False, message, numbers)
        if odd:
            return DateResult(True, f"LOOK: {'; '.join(best_first[:odd])} {of_season}", numbers)
        return DateResult(True, f"best: {best_first[0]} {of_season}", numbers)


def _of_column(column: Any) -> tuple[Any, Any]:
    return column.count(), column.sum()


def _hits(rows: Any) -> tuple[Any, Any]:
    won = rows.grade.count(where=rows.grade == "WIN")
    return won + rows.grade.count(where=rows.grade == "LOSS"), won


ALARMS = (
    Alarm(
        "errors_are_not_too_small",
        "No system has a mean error below 4.4 points, from 500 forecasts a season on; 4.8 to 5.3 is normal.",
        sums=lambda rows: _of_column(rows.absolute_error),
        look=4.5,
        limit=MIN_ERROR,
        enough=ERROR_ROWS,
        template="{:.2f} points off",
    ),
    Alarm(
        "picks_do_not_win_too_often",
        "No system wins more than 58 % of its picks, from 500 decided picks a season on; 53.4 % would earn a living.",
        sums=_hits,
        look=0.56,
        limit=MAX_HIT_RATE,
        enough=HIT_RATE_ROWS,
        template="{:.1%} won",
    ),
    Alarm(
        "the_line_is_not_beaten_by_much",
        "No system is more than 0.25 points better than the line, from 1,000 forecasts with a line a season on.",
        sums=lambda rows: _of_column(rows.line_absolute_error - rows.absolute_error),
        look=0.20,
        limit=MAX_GAIN_ON_LINE,
        enough=LINE_ROWS,
        template="{:.2f} points ahead of the line",
    ),
)


@stored_query
def _sums(tables: Tables, dates: DateRange, name: str) -> ir.Table:
    (alarm,) = (alarm for alarm in ALARMS if alarm.name == name)
    rows = season_rows(tables[GRADES].contract.table(), dates)
    rows = rows.filter(rows.system_id.isin(OURS))
    n, total = alarm.sums(rows)
    return rows.group_by("game_date", "system_id").aggregate(n=n, total=total)

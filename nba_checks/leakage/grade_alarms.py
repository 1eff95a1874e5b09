"""Results too good to be true: the second sign of a leak, and the last before someone believes them.

Each alarm is judged over the season to date and for each system but the references, which are no achievement of ours:
the line may well be that good.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.systems import SYSTEMS
from models.systems.base import Family
from models.training.gates import ERROR_ROWS, HITS_ROWS, LEAST_ERROR, LINE_ROWS, MOST_ABOVE_LINE, MOST_HITS
from nba_assets.kit.table import Table
from nba_checks.framework.by_date import DateCheck, DateResult
from nba_checks.framework.season_to_date import season_rows, season_to_date
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

GRADES = "prediction_accuracy"
OURS = tuple(system.id for system in SYSTEMS if system.family is not Family.REFERENCE)
_SAME = 1e-9  # sums of many errors differ in their last bit


@dataclass(frozen=True)
class Alarm:
    """A mean over the season so far, made of the `n` cases and their `total`, and how good it can honestly be.

    It is judged from `enough` cases. `better` is -1 where less is better. Beyond `look` it is remarked on, beyond
    `limit` it stops publication.
    """

    name: str
    question: str
    sums: Callable[[Any], tuple[ir.IntegerScalar, ir.NumericScalar]]
    better: int
    look: float
    limit: float
    enough: int
    said: str

    def beyond(self, value: float, limit: float) -> bool:
        """Whether a value is better than a limit; one that equals it is not."""
        return self.better * (value - limit) > _SAME

    def verdict(self, systems: pd.DataFrame) -> DateResult:
        """Of one date: `systems` holds `n` and `total` of the season so far, by system."""
        judged = systems[systems["n"] >= self.enough]
        if judged.empty:
            most = int(systems["n"].max())
            return DateResult(True, f"{most:,} cases of the season are too few to judge", {"rows": most})
        means = (judged["total"] / judged["n"]).sort_values(ascending=self.better < 0)
        told = [
            f"{system} {self.said.format(mean)} over {judged.loc[system, 'n']:,.0f}" for system, mean in means.items()
        ]
        numbers = {"rows": int(judged["n"].max()), **{str(system): float(mean) for system, mean in means.items()}}
        leaks, odd = (sum(self.beyond(mean, limit) for mean in means) for limit in (self.limit, self.look))
        alarm = f"alarm beyond {self.said.format(self.limit)}"
        if leaks:
            found = f"LEAK: {'; '.join(told[:leaks])} of the season, {alarm}"
            return DateResult(False, f"{found}. Publish nothing before this is explained.", numbers)
        if odd:
            return DateResult(True, f"LOOK: {'; '.join(told[:odd])} of the season, {alarm}", numbers)
        return DateResult(True, f"best: {told[0]} of the season, {alarm}", numbers)


def _errors(rows: Any) -> tuple[Any, Any]:
    return rows.absolute_error.count(), rows.absolute_error.sum()


def _hits(rows: Any) -> tuple[Any, Any]:
    won = rows.grade.count(where=rows.grade == "WIN")
    return won + rows.grade.count(where=rows.grade == "LOSS"), won


def _ahead_of_the_line(rows: Any) -> tuple[Any, Any]:
    ahead = rows.line_absolute_error - rows.absolute_error
    return ahead.count(), ahead.sum()


ALARMS = (
    Alarm(
        "errors_are_not_too_small",
        "No system misses by less than 4.4 points on average, from 500 forecasts a season on; clean is 4.8 to 5.3.",
        sums=_errors,
        better=-1,
        look=4.5,
        limit=LEAST_ERROR,
        enough=ERROR_ROWS,
        said="{:.2f} points off",
    ),
    Alarm(
        "picks_do_not_win_too_often",
        "No system wins more than 58 % of its picks, from 500 decided ones a season on; 53.4 % would be a living.",
        sums=_hits,
        better=1,
        look=0.56,
        limit=MOST_HITS,
        enough=HITS_ROWS,
        said="{:.1%} won",
    ),
    Alarm(
        "the_line_is_not_beaten_by_much",
        "No system is more than 0.25 points better than the line, from 1,000 forecasts beside one a season on.",
        sums=_ahead_of_the_line,
        better=1,
        look=0.20,
        limit=MOST_ABOVE_LINE,
        enough=LINE_ROWS,
        said="{:.2f} points ahead of the line",
    ),
)


def alarm_check(alarm: Alarm) -> DateCheck:
    """The check of one alarm over the grades of the season so far."""

    def judge(
        warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
    ) -> Mapping[dt.date, DateResult]:
        nothing = DateResult(True, "no grades of our systems are stored", {"rows": 0})
        contract = tables[GRADES].contract
        if not warehouse.holds(contract):
            return dict.fromkeys(dates, nothing)
        rows = season_rows(contract.table(), dates)
        rows = rows.filter(rows.system_id.isin(OURS))
        n, total = alarm.sums(rows)
        sums = warehouse.read(rows.group_by("game_date", "system_id").aggregate(n=n, total=total))
        if sums.empty:
            return dict.fromkeys(dates, nothing)
        so_far = season_to_date(sums, dates, per="system_id")
        return {date: alarm.verdict(so_far.xs(date, level="date")) for date in dates}

    return judge

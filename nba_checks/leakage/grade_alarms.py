"""Alarms on results too good to be true: the second sign of a leak, and the last before somebody believes them.

Each alarm covers the season to date and every forecast of a market, system and edition, except the references': the
line may really be that good.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from models.evaluation.subject import Subject
from models.forecast_keys import Edition, ForecastKey
from models.honest_limits import HonestLimits, limits_of
from models.system_ids import REFERENCES, SystemId
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Tables
from nba_checks.framework.by_date import DateResult, DateResults
from nba_checks.framework.season_to_date import season_rows, season_to_date
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

GRADES = "prediction_accuracy"
OURS = tuple(system for system in SystemId if system not in REFERENCES)
_SAME = 1e-9  # sums of many errors differ in the last bit


@dataclass(frozen=True)
class Alarm:
    """A mean over the season so far for each forecast, and what it can honestly reach in its market.

    `sums` returns the number of cases and their total. `bounds` returns when to look, the limit and the least number of
    cases: a mean beyond the first gets a remark, and one beyond the limit fails the check and stops publication.
    """

    name: str
    description: str
    sums: Callable[[Any], tuple[ir.IntegerScalar, ir.NumericScalar]]
    bounds: Callable[[HonestLimits], tuple[float, float, int]]
    template: str

    def check(self, warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date) -> DateResults:
        """Evaluate the alarm on the grades of the season up to each date."""
        no_grades = dict.fromkeys(dates, DateResult(True, "no grades of our systems are stored", {"rows": 0}))
        contract = tables[GRADES].contract
        if not warehouse.holds(contract):
            return no_grades
        sums = warehouse.read(_sums(tables, dates))
        if sums.empty:
            return no_grades
        keys = sums[[*ForecastKey._fields]].agg(" ".join, axis=1)
        sums = sums.assign(forecast=keys, n=sums[f"n_{self.name}"], total=sums[f"total_{self.name}"])
        so_far = season_to_date(sums[["game_date", "forecast", "n", "total"]], dates, per="forecast")
        return {date: self._result(date, so_far.xs(date, level="date")) for date in dates}

    def _result(self, date: dt.date, forecasts: pd.DataFrame) -> DateResult:
        """Return the result of one date from `n` and `total` of the season so far, by forecast."""
        bounds = [self.bounds(limits_of(str(key).split()[0])) for key in forecasts.index]
        rows = forecasts.assign(**dict(zip(("look", "limit", "enough"), zip(*bounds, strict=True), strict=True)))
        judged = rows[rows["n"] >= rows["enough"]]
        if judged.empty:
            key = (rows["n"] / rows["enough"]).idxmax()
            n, enough = (int(rows.loc[key, name]) for name in ("n", "enough"))
            message = f"{_named(key)}: {n:,} cases of the season are fewer than {enough:,}"
            return DateResult(True, message, {"rows": n})
        better = np.sign(judged["limit"] - judged["look"])  # -1 where less is better
        judged = judged.assign(mean=judged["total"] / judged["n"])
        judged = judged.assign(
            leaks=better * (judged["mean"] - judged["limit"]) > _SAME,
            odd=better * (judged["mean"] - judged["look"]) > _SAME,
            nearness=better * (judged["mean"] / judged["limit"] - 1),
        ).sort_values("nearness", ascending=False)
        leaks, odd = judged[judged["leaks"]], judged[judged["odd"]]
        shown = leaks if len(leaks) else odd if len(odd) else judged[:1]
        text = f"{'; '.join(map(self._described, shown.itertuples()))} of the season up to {date}"
        numbers = {"rows": int(judged["n"].max()), **{str(key): float(mean) for key, mean in shown["mean"].items()}}
        if len(leaks):
            return DateResult(False, f"LEAK: {text}; publish nothing before the cause is known", numbers)
        return DateResult(True, f"{'LOOK' if len(odd) else 'nearest to its alarm'}: {text}", numbers)

    def _described(self, row: Any) -> str:
        subject = Subject(row.Index.split()[0])
        mean, limit = (
            self.template.format(value, digits=subject.digits, unit=subject.unit) for value in (row.mean, row.limit)
        )
        return f"{_named(row.Index)}: {mean} over {row.n:,.0f} cases, alarm beyond {limit},"


def _named(key: str) -> str:
    market, system, edition = key.split()
    return f"{Subject(market, Edition(edition))}, {system}"


def _of_column(column: Any) -> tuple[Any, Any]:
    return column.count(), column.sum()


def _hits(rows: Any) -> tuple[Any, Any]:
    won = rows.grade.count(where=rows.grade == "WIN")
    return won + rows.grade.count(where=rows.grade == "LOSS"), won


ALARMS = (
    Alarm(
        "errors_are_not_too_small",
        "No mean error of a season is below its market's limit: 4.4 for points from 500 forecasts on, where 4.8 to 5.3 "
        "is normal.",
        sums=lambda rows: _of_column(rows.absolute_error),
        bounds=lambda limits: (limits.look_error, limits.least_error, limits.error_rows),
        template="{:.{digits}f} {unit} off",
    ),
    Alarm(
        "picks_do_not_win_too_often",
        "No system wins more than 58 % of its picks in a market, from 500 decided picks a season on; 53.4 % would earn "
        "a living.",
        sums=_hits,
        bounds=lambda limits: (limits.look_hits, limits.most_hits, limits.hit_rows),
        template="{:.1%} won",
    ),
    Alarm(
        "the_line_is_not_beaten_by_much",
        "No mean error of a season is further below the line's than its market's limit: 0.25 for points from 1,000 "
        "forecasts with a line on.",
        sums=lambda rows: _of_column(rows.line_absolute_error - rows.absolute_error),
        bounds=lambda limits: (limits.look_gain, limits.most_gain, limits.line_rows),
        template="{:.{digits}f} {unit} ahead of the line",
    ),
)


@stored_query
def _sums(tables: Tables, dates: DateRange) -> ir.Table:
    """Return the sums of all alarms, so that the grades are read once for the three."""
    rows = season_rows(tables[GRADES].contract.table(), dates)
    rows = rows.filter(rows.system_id.isin(OURS))
    sums = {
        f"{what}_{alarm.name}": value
        for alarm in ALARMS
        for what, value in zip(("n", "total"), alarm.sums(rows), strict=True)
    }
    return rows.group_by("game_date", *ForecastKey._fields).aggregate(**sums)

"""Whether the features still say something: known, varied, and as they were in other years.

A predecessor's usage was NULL on every row and its pace zero on 99 %, and nobody saw it for months, because every row
was there.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from models.features import BASE
from nba_assets.kit.calendar import counted, season_floor
from nba_assets.kit.table import Table
from nba_checks.framework.by_date import DateResult
from nba_checks.framework.expected_counts import rows_between
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

FEATURES = "ml_feature_store_v2"
REQUIRED_NULL, OPTIONAL_NULL = 0.15, 0.60
CONSTANT_DATES, BUSY_GAMES, WINDOW_DAYS = 14, 5, 60
DRIFT, DRIFT_ROWS, EARLIER_ROWS, EARLIER_SEASONS = 1.0, 500, 1000, 2
LINES = ("vegas_points_line", "vegas_opening_line", "vegas_line_move")
MAY_REST = frozenset(("home_away", "back_to_back", "playoff_game", "has_vegas_line", *LINES))  # may be alike for weeks
MAY_DRIFT = MAY_REST | {"games_vs_opponent"}  # grows with the archive until it holds three years
OF_FEW = frozenset(("avg_points_vs_opponent", *LINES))  # no line for most, and no past with every opponent
OF_SHOTS = frozenset(("shot_zone_mismatch_score", "pct_paint", "pct_mid_range", "pct_three"))  # not told of play-offs


def feature_health(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
) -> Mapping[dt.date, DateResult]:
    """Each date's features: NULL where they should be known, constant for weeks, or far from other years.

    NULLs are counted over players with ten games or more: the averages of others cannot be known yet. A required
    feature may be NULL on 15 % of these; an optional one on 60 %, on dates on which some row has it, and those from
    shots outside the play-offs only. Constant means one value over 14 dates with 5 games or more. Drift is judged on
    the month so far, from 500 rows on, against the same month of earlier seasons, at least two with 1,000 rows
    together: a mean further away than their standard deviation. A league changes by less; a unit or a join gone wrong
    does not.
    """
    stats = feature_stats(warehouse, tables, dates)
    if stats.empty:
        return dict.fromkeys(dates, _nothing())
    found: dict[dt.date, list[str]] = {}
    for alert in (_unknown(stats), _constant(stats), _drifted(stats, _earlier(warehouse, tables, dates))):
        for date, said in alert:
            found.setdefault(date, []).append(said)
    rows = stats.groupby("date")["rows"].first()
    return {date: _verdict(rows[date], found.get(date, [])) if date in rows.index else _nothing() for date in dates}


def feature_stats(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange) -> pd.DataFrame:
    """One row a date and feature, from two months before the range on: what is known, how varied, from where to where.

    Columns: `date`, `feature`, `rows`, `seasoned` (with ten games or more), `null_share` of the seasoned, `games`,
    `known`, and of these `distinct`, `commonest_share`, `low`, `high` and `total`.
    """
    contract = tables[FEATURES].contract
    if not warehouse.holds(contract):
        return pd.DataFrame()
    start = max(season_floor(dates.start), dates.start - dt.timedelta(days=WINDOW_DAYS))
    span = DateRange(start, dates.end)
    features = _long(rows_between(tables[FEATURES], span))
    seasoned = features.early_season.ifelse(0, 1)
    values = features.group_by("game_date", "feature", "value").aggregate(n=features.count(), seasoned=seasoned.sum())
    known: Any = values["value"].notnull()
    stats = values.group_by("game_date", "feature").aggregate(
        rows=values.n.sum(),
        seasoned=values.seasoned.sum(),
        unknown=values.seasoned.sum(where=~known).fill_null(0),
        known=values.n.sum(where=known).fill_null(0),
        distinct=values["value"].count(),
        commonest=values.n.max(where=known),
        low=values["value"].min(),
        high=values["value"].max(),
        total=(values["value"] * values.n).sum(),
    )
    games = counted(rows_between(tables["schedule"], span))
    per_date = games.group_by("game_date").aggregate(games=games.count())
    found = warehouse.read(stats.left_join(per_date, "game_date").select(*stats.columns, "games"))
    found["date"] = pd.to_datetime(found.pop("game_date")).dt.date
    found = found.astype({"rows": int, "seasoned": int, "known": int})
    found["null_share"] = found.pop("unknown") / found["seasoned"].where(found["seasoned"] > 0)
    found["commonest_share"] = found.pop("commonest") / found["known"].where(found["known"] > 0)
    return found.sort_values(["feature", "date"], ignore_index=True)


def _unknown(stats: pd.DataFrame) -> Iterator[tuple[dt.date, str]]:
    required = stats["feature"].isin(BASE.required)
    playoffs = stats["date"].isin(stats[(stats["feature"] == "playoff_game") & (stats["high"] > 0)]["date"])
    judged = ~required & ~stats["feature"].isin(OF_FEW) & (stats["known"] > 0)
    judged &= ~(playoffs & stats["feature"].isin(OF_SHOTS))
    limit = np.where(required, REQUIRED_NULL, np.where(judged, OPTIONAL_NULL, 1.0))
    for row in stats[stats["null_share"] > limit].itertuples():
        yield row.date, f"{row.feature} is NULL on {row.null_share:.0%} of {row.seasoned} players with ten games"


def _constant(stats: pd.DataFrame) -> Iterator[tuple[dt.date, str]]:
    busy = stats[(stats["games"] >= BUSY_GAMES) & ~stats["feature"].isin(MAY_REST)].copy()
    busy["season"] = busy["date"].map(season_floor)
    series = busy.groupby(["feature", "season"], sort=False)
    lowest = series["low"].rolling(CONSTANT_DATES, min_periods=1).min().droplevel([0, 1])
    highest = series["high"].rolling(CONSTANT_DATES, min_periods=1).max().droplevel([0, 1])
    whole = series.cumcount() >= CONSTANT_DATES - 1
    for row in busy[whole & (lowest == highest)].itertuples():
        yield row.date, f"{row.feature} has been {highest[row.Index]:g} for {CONSTANT_DATES} dates"


def _drifted(stats: pd.DataFrame, earlier: pd.DataFrame) -> Iterator[tuple[dt.date, str]]:
    told = stats[~stats["feature"].isin(MAY_DRIFT)].copy()
    days = pd.to_datetime(told["date"])
    told["season"], told["month"] = told["date"].map(season_floor), days.dt.month
    month = told.groupby(["feature", "season", "month"])
    told["so_far"], known = month["total"].cumsum() / month["known"].cumsum(), month["known"].cumsum()
    compared = told[known >= DRIFT_ROWS].merge(earlier, on=["feature", "season", "month"])
    away = (compared["so_far"] - compared["mean"]) / compared["deviation"].where(compared["deviation"] > 0)
    for place, row in zip(away[away.abs() > DRIFT], compared[away.abs() > DRIFT].itertuples(), strict=True):
        before = f"{row.mean:.3g} in the same month of {row.seasons} earlier seasons ({place:+.1f} deviations)"
        yield row.date, f"{row.feature} averages {row.so_far:.3g} this month, {before}"


def _earlier(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange) -> pd.DataFrame:
    """For each month of the range, mean and deviation of each feature in that month of all seasons before."""
    rows = tables[FEATURES].contract.table()
    months = sorted({day.month for day in dates})
    rows = rows.filter(rows.game_date < dates.end, rows.game_date.month().isin(months))
    rows = rows.mutate(year=rows.game_date.year(), month=rows.game_date.month())
    sums = {
        f"{what}:{name}": made
        for name in BASE.names
        for what, made in {
            "known": rows[name].count(),
            "total": rows[name].sum(),
            "squares": (rows[name] * rows[name]).sum(),
        }.items()
    }
    wide = warehouse.read(rows.group_by("year", "month").aggregate(**sums)).set_index(["year", "month"])
    wide.columns = pd.MultiIndex.from_tuples([tuple(name.split(":")) for name in wide.columns])
    tidy = wide.stack(future_stack=True).rename_axis(["year", "month", "feature"]).reset_index().sort_values("year")
    tidy["season"] = [season_floor(dt.date(y, m, 1)) for y, m in zip(tidy["year"], tidy["month"], strict=True)]
    tidy = tidy.fillna({"total": 0, "squares": 0})
    before = tidy.groupby(["feature", "month"])
    sums_before = before[["known", "total", "squares"]].cumsum() - tidy[["known", "total", "squares"]]
    tidy["seasons"] = (tidy["known"] > 0).groupby([tidy["feature"], tidy["month"]]).cumsum() - (tidy["known"] > 0)
    n = sums_before["known"].where(sums_before["known"] >= EARLIER_ROWS)
    tidy["mean"] = sums_before["total"] / n
    tidy["deviation"] = (sums_before["squares"] / n - tidy["mean"] ** 2).clip(lower=0) ** 0.5
    return tidy[n.notna() & (tidy["seasons"] >= EARLIER_SEASONS)][
        ["feature", "season", "month", "mean", "deviation", "seasons"]
    ]


def _long(rows: ir.Table) -> ir.Table:
    named = rows.select("game_date", "early_season", *BASE.names)
    return named.pivot_longer(list(BASE.names), names_to="feature", values_to="value")


def _nothing() -> DateResult:
    return DateResult(True, "no features are stored for the date", {"rows": 0})


def _verdict(rows: int, alerts: list[str]) -> DateResult:
    said = "; ".join(alerts) or f"{len(BASE)} features of {rows} rows are known, varied and as in other years"
    return DateResult(not alerts, said, {"rows": int(rows), "alerts": len(alerts)})

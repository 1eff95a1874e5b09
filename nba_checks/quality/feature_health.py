"""Check that features are known, vary, and have means like those of other years.

A predecessor's usage was NULL on every row and its pace zero on 99 %; nobody noticed for months, as no row was missing.
"""

import datetime as dt
from collections.abc import Iterator

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from models.features import BASE
from nba_assets.kit.calendar import counted, season_floor
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Tables
from nba_checks.framework.by_date import DateResult, DateResults
from nba_checks.framework.stored_rows import rows_between
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

FEATURES = "ml_feature_store_v2"
REQUIRED_NULL, OPTIONAL_NULL = 0.15, 0.60
CONSTANT_DATES, BUSY_GAMES, WINDOW_DAYS = 14, 5, 60
DRIFT, DRIFT_ROWS, EARLIER_ROWS, EARLIER_SEASONS = 1.0, 500, 1000, 2
LINES = ("vegas_points_line", "vegas_opening_line", "vegas_line_move")
MAY_REST = frozenset(("home_away", "back_to_back", "playoff_game", "has_vegas_line", *LINES))  # constant for weeks
MAY_DRIFT = MAY_REST | {"games_vs_opponent"}  # grows until three years are stored
OF_FEW = frozenset(("avg_points_vs_opponent", *LINES))  # most players have no line, or never met the opponent
OF_SHOTS = frozenset(("shot_zone_mismatch_score", "pct_paint", "pct_mid_range", "pct_three"))  # none of play-offs


def feature_health(warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date) -> DateResults:
    """The features of a date are known, not constant for weeks, and not far from earlier seasons.

    NULLs are counted over players with ten games or more; averages of others are not known yet. A required feature may
    be NULL on 15 % of these rows, an optional one on 60 %, on dates on which some row has it; features from shots are
    not counted in play-offs. Constant means one value over 14 dates with 5 games or more. Drift means that the mean of
    the month so far, from 500 rows on, is more than one standard deviation away from the same month of earlier seasons
    (at least two, with 1,000 rows together). A league changes by less than that; a wrong unit or join by more.
    """
    stats = _stats(warehouse, tables, dates)
    if stats.empty:
        return {date: _result(date, 0, []) for date in dates}
    problems: dict[dt.date, list[str]] = {}
    for date, problem in (*_unknown(stats), *_constant(stats), *_drifted(stats, _earlier(warehouse, tables, dates))):
        problems.setdefault(date, []).append(problem)
    rows = stats.groupby("date")["rows"].first()
    return {date: _result(date, rows.get(date, 0), problems.get(date, [])) for date in dates}


def _stats(warehouse: Warehouse, tables: Tables, dates: DateRange) -> pd.DataFrame:
    """Return one row per date and feature, from two months before the range on.

    Columns: `date`, `feature`, `rows`, `seasoned` (with ten games or more), `null_share` of the seasoned, `games`,
    `known`, and of these `low`, `high` and `total`.
    """
    if not warehouse.holds(tables[FEATURES].contract):
        return pd.DataFrame()
    start = max(season_floor(dates.start), dates.start - dt.timedelta(days=WINDOW_DAYS))
    frame = warehouse.read(_feature_stats(tables, DateRange(start, dates.end)))
    frame["date"] = pd.to_datetime(frame.pop("game_date")).dt.date
    frame = frame.astype({"rows": int, "seasoned": int, "known": int})
    frame["null_share"] = frame.pop("unknown") / frame["seasoned"].where(frame["seasoned"] > 0)
    return frame.sort_values(["feature", "date"], ignore_index=True)


@stored_query
def _feature_stats(tables: Tables, dates: DateRange) -> ir.Table:
    rows = rows_between(tables[FEATURES], dates).select("game_date", "early_season", *BASE.names)
    features = rows.pivot_longer(list(BASE.names), names_to="feature", values_to="value")
    value, seasoned = features["value"], ~features.early_season
    stats = features.group_by("game_date", "feature").aggregate(
        rows=features.count(),
        seasoned=seasoned.sum(),
        unknown=(seasoned & value.isnull()).sum(),
        known=value.count(),
        low=value.min(),
        high=value.max(),
        total=value.sum(),
    )
    games = counted(rows_between(tables["schedule"], dates))
    per_date = games.group_by("game_date").aggregate(games=games.count())
    return stats.left_join(per_date, "game_date").select(*stats.columns, "games")


def _unknown(stats: pd.DataFrame) -> Iterator[tuple[dt.date, str]]:
    required = stats["feature"].isin(BASE.required)
    playoffs = stats["date"].isin(stats[(stats["feature"] == "playoff_game") & (stats["high"] > 0)]["date"])
    optional = ~required & ~stats["feature"].isin(OF_FEW) & (stats["known"] > 0)
    optional &= ~(playoffs & stats["feature"].isin(OF_SHOTS))
    stats = stats.assign(limit=np.where(required, REQUIRED_NULL, np.where(optional, OPTIONAL_NULL, 1.0)))
    for row in stats[stats["null_share"] > stats["limit"]].itertuples():
        share = f"{row.null_share:.0%} of {row.seasoned} players with ten games"
        yield row.date, f"{row.feature} is NULL on {share}, at most {row.limit:.0%} expected"


def _constant(stats: pd.DataFrame) -> Iterator[tuple[dt.date, str]]:
    busy = stats[(stats["games"] >= BUSY_GAMES) & ~stats["feature"].isin(MAY_REST)].copy()
    busy["season"] = busy["date"].map(season_floor)
    series = busy.groupby(["feature", "season"], sort=False)
    lowest = series["low"].rolling(CONSTANT_DATES, min_periods=1).min().droplevel([0, 1])
    highest = series["high"].rolling(CONSTANT_DATES, min_periods=1).max().droplevel([0, 1])
    enough = series.cumcount() >= CONSTANT_DATES - 1
    for row in busy[enough & (lowest == highest)].itertuples():
        yield row.date, f"{row.feature} has been {highest[row.Index]:g} for {CONSTANT_DATES} dates"


def _drifted(stats: pd.DataFrame, earlier: pd.DataFrame) -> Iterator[tuple[dt.date, str]]:
    if stats.empty or earlier.empty:
        return  # empty columns have no type to be merged on
    stats = stats[~stats["feature"].isin(MAY_DRIFT)].copy()
    stats["season"], stats["month"] = stats["date"].map(season_floor), pd.to_datetime(stats["date"]).dt.month
    month = stats.groupby(["feature", "season", "month"])
    known = month["known"].cumsum()
    stats["so_far"] = month["total"].cumsum() / known
    compared = stats[known >= DRIFT_ROWS].merge(earlier, on=["feature", "season", "month"])
    deviations = compared["deviation"].where(compared["deviation"] > 0)
    compared["distance"] = (compared["so_far"] - compared["mean"]) / deviations
    for row in compared[compared["distance"].abs() > DRIFT].itertuples():
        before = f"{row.mean:.3g} in the same month of {row.seasons} earlier seasons ({row.distance:+.1f} deviations)"
        yield row.date, f"{row.feature} averages {row.so_far:.3g} this month, {before}"


def _earlier(warehouse: Warehouse, tables: Tables, dates: DateRange) -> pd.DataFrame:
    """Return mean and deviation of each feature in each month of the range, over that month of all earlier seasons."""
    months = sorted({day.month for day in dates})
    tidy = warehouse.read(_sums_by_month(tables, dates, *map(str, months))).sort_values("year", ignore_index=True)
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


@stored_query
def _sums_by_month(tables: Tables, dates: DateRange, *months: str) -> ir.Table:
    rows = tables[FEATURES].contract.table()
    rows = rows.filter(rows.game_date < dates.end, rows.game_date.month().isin([int(month) for month in months]))
    rows = rows.select(*BASE.names, year=rows.game_date.year(), month=rows.game_date.month())
    features = rows.pivot_longer(list(BASE.names), names_to="feature", values_to="value")
    value = features["value"]
    return features.group_by("year", "month", "feature").aggregate(
        known=value.count(), total=value.sum(), squares=(value * value).sum()
    )


def _result(date: dt.date, rows: int, problems: list[str]) -> DateResult:
    if not rows:
        return DateResult(True, "no features are stored for the date", {"rows": 0})
    numbers = {"rows": int(rows), "alerts": len(problems)}
    if not problems:
        return DateResult(True, f"{len(BASE)} features of {rows} rows are known, varied and as in other years", numbers)
    step = f"correct the table that a feature comes from, then run `nba backfill {date} --select +{FEATURES}`"
    return DateResult(False, f"{'; '.join(problems)}; {step}", numbers)

"""The oldest sign of a leak: a value from before the game correlates too well with the points scored in it."""

import datetime as dt

import ibis.expr.types as ir
import pandas as pd

from models.training.gates import FORM_ROWS, MAX_FORM_CORRELATION
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Tables
from nba_checks.framework.by_date import DateResult, DateResults
from nba_checks.framework.season_to_date import season_rows, season_to_date
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse


def recent_points_do_not_know_tonight(
    warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date
) -> DateResults:
    """A player's average of his last five games and his points that night correlate below 0.80 over the season to date.

    Evaluated from 1,000 rows of players who played; a higher correlation is not skill but a leak.
    """
    features, played = (tables[name].contract for name in ("ml_feature_store_v2", "player_game_summary"))
    if not (warehouse.holds(features) and warehouse.holds(played)):
        return dict.fromkeys(dates, DateResult(True, "no features or no games are stored", {"rows": 0}))
    so_far = season_to_date(warehouse.read(_form_and_points(tables, dates)), dates)
    correlations = correlation(so_far)
    return {date: _result(date, so_far.loc[date, "n"], correlations[date]) for date in dates}


@stored_query
def _form_and_points(tables: Tables, dates: DateRange) -> ir.Table:
    features, played = (tables[name].contract for name in ("ml_feature_store_v2", "player_game_summary"))
    averages, games = (season_rows(contract.table(), dates) for contract in (features, played))
    averages, games = averages.filter(averages.points_avg_last_5.notnull()), games.filter(games.played)
    both = averages.select("game_date", "game_id", "player_lookup", x="points_avg_last_5").join(
        games.select("game_id", "player_lookup", y=games.points.cast("float64")), ["game_id", "player_lookup"]
    )
    return both.group_by("game_date").aggregate(
        n=both.count(),
        x=both.x.sum(),
        y=both.y.sum(),
        xx=(both.x * both.x).sum(),
        yy=(both.y * both.y).sum(),
        xy=(both.x * both.y).sum(),
    )


def correlation(sums: pd.DataFrame) -> pd.Series:
    """Return the correlation of two columns from their sums, squares and products."""
    n, x, y = sums["n"].where(sums["n"] > 0), sums["x"], sums["y"]
    spread = (sums["xx"] - x * x / n) * (sums["yy"] - y * y / n)
    return (sums["xy"] - x * y / n) / spread.where(spread > 0) ** 0.5


def _result(date: dt.date, rows: float, correlation: float) -> DateResult:
    if rows < FORM_ROWS or pd.isna(correlation):
        message = f"{rows:,.0f} rows of the season are too few, expected {FORM_ROWS:,}"
        return DateResult(True, message, {"rows": int(rows)})
    numbers = {"rows": int(rows), "correlation": float(correlation)}
    message = f"correlation {correlation:.3f} over {rows:,.0f} rows of the season up to {date}"
    message += f", alarm at {MAX_FORM_CORRELATION:.2f}"
    if correlation < MAX_FORM_CORRELATION:
        return DateResult(True, message, numbers)
    cause = "some average contains the game it is used for; publish nothing before the cause is known"
    return DateResult(False, f"LEAK: {message}: {cause}", numbers)

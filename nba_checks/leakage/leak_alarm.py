"""The oldest sign of a leak: what was known before the game tells too well how many points he scored in it."""

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from models.training.gates import FORM_ROWS, MOST_FORM
from nba_assets.kit.table import Table
from nba_checks.framework.by_date import DateResult
from nba_checks.framework.season_to_date import season_rows, season_to_date
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse


def recent_points_do_not_know_tonight(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
) -> Mapping[dt.date, DateResult]:
    """The average of his last five games and his points that night, correlated over the season to date: below 0.80.

    Judged from 1,000 rows of players who played; a correlation above that is not skill but a leak.
    """
    features, played = (tables[name].contract for name in ("ml_feature_store_v2", "player_game_summary"))
    if not (warehouse.holds(features) and warehouse.holds(played)):
        return dict.fromkeys(dates, DateResult(True, "no features or no games are stored", {"rows": 0}))
    told, games = (season_rows(contract.table(), dates) for contract in (features, played))
    told, games = told.filter(told.points_avg_last_5.notnull()), games.filter(games.played)
    both = told.select("game_date", "game_id", "player_lookup", x="points_avg_last_5").join(
        games.select("game_id", "player_lookup", y=games.points.cast("float64")), ["game_id", "player_lookup"]
    )
    sums = both.group_by("game_date").aggregate(
        n=both.count(),
        x=both.x.sum(),
        y=both.y.sum(),
        xx=(both.x * both.x).sum(),
        yy=(both.y * both.y).sum(),
        xy=(both.x * both.y).sum(),
    )
    so_far = season_to_date(warehouse.read(sums), dates)
    found = correlation(so_far)
    return {date: _verdict(so_far.loc[date, "n"], found[date]) for date in dates}


def correlation(sums: pd.DataFrame) -> pd.Series:
    """Of two columns, from their sums, squares and products."""
    n, x, y = sums["n"].where(sums["n"] > 0), sums["x"], sums["y"]
    spread = (sums["xx"] - x * x / n) * (sums["yy"] - y * y / n)
    return (sums["xy"] - x * y / n) / spread.where(spread > 0) ** 0.5


def _verdict(rows: float, correlation: float) -> DateResult:
    told: dict[str, str | int | float | bool | None] = {"rows": int(rows)}
    if rows < FORM_ROWS or pd.isna(correlation):
        return DateResult(True, f"{rows:,.0f} rows of the season are too few to judge", told)
    said = f"correlation {correlation:.3f} over {rows:,.0f} rows of the season, alarm at {MOST_FORM:.2f}"
    if correlation < MOST_FORM:
        return DateResult(True, said, told | {"correlation": float(correlation)})
    leak = f"LEAK: {said}. Some average holds the game it is about: publish nothing before this is explained."
    return DateResult(False, leak, told | {"correlation": float(correlation)})

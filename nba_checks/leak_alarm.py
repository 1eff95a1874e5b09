"""The oldest sign of a leak: what was known before the game tells too well how many points he scored in it."""

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from nba_assets.kit.calendar import season_floor
from nba_assets.kit.table import Table
from nba_checks.by_date import Verdict
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

TOO_GOOD, ENOUGH = 0.80, 1000  # an average that holds the game itself; clean seasons lie at 0.64 to 0.73
_SUMS = ("n", "x", "y", "xx", "yy", "xy")


def recent_points_do_not_know_tonight(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
) -> Mapping[dt.date, Verdict]:
    """The average of his last five games and his points that night, correlated over the season to date: below 0.80.

    Judged from 1,000 rows of players who played; a correlation above that is not skill but a leak.
    """
    features, played = (tables[name].contract for name in ("ml_feature_store_v2", "player_game_summary"))
    if not (warehouse.holds(features) and warehouse.holds(played)):
        return dict.fromkeys(dates, Verdict(True, "no features or no games are stored", {"rows": 0}))
    season = DateRange(season_floor(dates.start), dates.end)
    told, games = features.table(), played.table()
    told = told.filter(told.game_date.between(season.start, season.end), told.points_avg_last_5.notnull())
    games = games.filter(games.game_date.between(season.start, season.end), games.played)
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
    so_far = season_to_date(warehouse.read(sums.order_by("game_date")), dates)
    return {date: _verdict(so_far.loc[date, "n"], so_far.loc[date, "correlation"]) for date in dates}


def season_to_date(sums: pd.DataFrame, dates: DateRange) -> pd.DataFrame:
    """Rows and correlation of the season up to each date of the range."""
    sums.index = pd.Index(pd.to_datetime(sums["game_date"]).dt.date)
    every_day = sorted({*sums.index, *dates})
    added = sums[list(_SUMS)].reindex(every_day, fill_value=0).astype("float64")
    so_far = added.groupby([season_floor(day) for day in every_day]).cumsum()
    n, x, y = so_far["n"].where(so_far["n"] > 0), so_far["x"], so_far["y"]
    spread = (so_far["xx"] - x * x / n) * (so_far["yy"] - y * y / n)
    so_far["correlation"] = (so_far["xy"] - x * y / n) / spread.where(spread > 0) ** 0.5
    return so_far


def _verdict(rows: float, correlation: float) -> Verdict:
    told: dict[str, str | int | float | bool | None] = {"rows": int(rows)}
    if rows < ENOUGH or pd.isna(correlation):
        return Verdict(True, f"{rows:,.0f} rows of the season are too few to judge", told)
    said = f"correlation {correlation:.3f} over {rows:,.0f} rows of the season, alarm at {TOO_GOOD:.2f}"
    if correlation < TOO_GOOD:
        return Verdict(True, said, told | {"correlation": float(correlation)})
    leak = f"LEAK: {said}. Some average holds the game it is about: publish nothing before this is explained."
    return Verdict(False, leak, told | {"correlation": float(correlation)})

"""Sums from the start of the season to each date: one date is noise, and last season would hide a leak of this one."""

import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.calendar import season_floor
from nba_resources.dates import DateRange


def season_rows(rows: ir.Table, dates: DateRange) -> ir.Table:
    """Return the rows of the range and of its first season before it."""
    return rows.filter(rows.game_date.between(season_floor(dates.start), dates.end))


def season_to_date(sums: pd.DataFrame, dates: DateRange, per: str | None = None) -> pd.DataFrame:
    """Add up sums by `game_date`, and a second key `per`, from the season's start to every date of the range."""
    days = pd.to_datetime(sums["game_date"]).dt.date.rename("date")
    by_day = sums[[name for name in sums.columns if name not in ("game_date", per)]].astype("float64")
    wide = by_day.groupby([days, *([sums[per]] if per else [])]).sum()
    wide = wide.unstack(fill_value=0.0) if per else wide
    every_day = sorted({*wide.index, *dates})
    so_far = wide.reindex(every_day, fill_value=0.0)
    so_far = so_far.groupby([season_floor(day) for day in every_day]).cumsum().loc[list(dates)]
    return so_far.stack(future_stack=True).rename_axis(["date", per]) if per else so_far

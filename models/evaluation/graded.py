"""Graded predictions, arranged so that systems can be compared on the same rows.

A graded frame has one row for each date, player and system. Here it becomes nights (one for each date and player) by
systems, so that "all of them predicted and he played" is one look along a row.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.errors import ModelError
from models.evaluation.scores import Flags, Numbers
from models.inference.recommendation import PICKS

KEYS = ["game_date", "player_lookup"]
OF_THE_NIGHT = ("actual_points", "line", "market_over_probability", "points_avg_season", "early_season")
COLUMNS = (
    *(*KEYS, "system_id", "predicted_points", "outcome_state", "recommendation", "grade", "edge", "price_used"),
    *("break_even", "profit_units", "over_probability", "push_probability", *OF_THE_NIGHT),
)
GRADES = ("WIN", "LOSS", "PUSH", "VOID", "PENDING", "UNGRADEABLE")
TIER_STARTS = (0.0, 8.0, 15.0, 22.0)  # points a game this season
TIER_NAMES = ("tier_0_8", "tier_8_15", "tier_15_22", "tier_22_up")  # as tables and cards write them
TIERS = dict(zip(("0-8", "8-15", "15-22", "22+"), TIER_STARTS, strict=True))
EDGES = {"0-2": 0.0, "2-4": 2.0, "4-6": 4.0, "6+": 6.0}  # points between forecast and line, either way, from
UNKNOWN = "unknown"


class BadGrades(ModelError, ValueError):
    """Graded rows that cannot be evaluated: says which column, key or grade."""


class By(StrEnum):
    """How an evaluation is cut up."""

    SYSTEM = "system"
    MONTH = "month"
    TIER = "tier"
    EDGE = "edge"


@dataclass(frozen=True)
class Graded:
    """Nights by systems. NaN where a system said nothing; `stored` tells silence from a row that does not exist."""

    nights: pd.DataFrame
    systems: tuple[str, ...]
    stored: Flags
    predicted: Numbers
    chances: Numbers
    picks: pd.DataFrame

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "Graded":
        """From a graded frame. What belongs to the night (points, line, season mean) is the same for every system."""
        if absent := [name for name in COLUMNS if name not in rows.columns]:
            raise BadGrades(f"the graded frame lacks the columns {absent}: evaluation needs {', '.join(COLUMNS)}")
        night = rows.groupby(KEYS, sort=False).ngroup().to_numpy()
        system, names = pd.factorize(rows["system_id"], sort=True)
        shape = (int(night.max()) + 1 if len(rows) else 0, len(names))
        seen = np.bincount(night * len(names) + system, minlength=shape[0] * shape[1])
        if (seen > 1).any():
            twice = rows.loc[rows.duplicated([*KEYS, "system_id"]), [*KEYS, "system_id"]].iloc[0]
            raise BadGrades(f"graded twice: {', '.join(str(value) for value in twice)}; a night has one row a system")

        def matrix(values: pd.Series) -> Numbers:
            wide = np.full(shape, np.nan)
            wide[night, system] = values.to_numpy(dtype="float64", na_value=np.nan)
            return wide

        return cls(
            nights=_nights(rows.iloc[np.unique(night, return_index=True)[1]]),
            systems=tuple(str(name) for name in names),
            stored=seen.reshape(shape) == 1,
            predicted=matrix(rows["predicted_points"]),
            chances=matrix(_without_pushes(rows)),
            picks=_picks(rows, night),
        )

    def column(self, system: str) -> int:
        """Where a system stands; asking for one that has no rows is a mistake worth naming."""
        if system not in self.systems:
            raise BadGrades(f"no graded rows of {system!r}: there are {', '.join(self.systems) or 'none'}")
        return self.systems.index(system)

    def only(self, nights: Flags) -> "Graded":
        """Some of the nights, for comparing systems on them; picks are no matter of nights, so they stay whole."""
        wide = {name: getattr(self, name)[nights] for name in ("stored", "predicted", "chances")}
        return replace(self, nights=self.nights[nights], **wide)

    def numbers(self, name: str) -> Numbers:
        """A column of the nights."""
        return self.nights[name].to_numpy(dtype="float64", na_value=np.nan)


def cut(values: Numbers, lows: dict[str, float]) -> NDArray[np.str_]:
    """The name of the band each value lies in, its lower bound included; what is not known is in none."""
    names = np.array([*lows, UNKNOWN])
    nth = np.searchsorted(list(lows.values()), values, side="right") - 1
    found: NDArray[np.str_] = names[np.where(np.isnan(values), len(lows), nth)]
    return found


def month(dates: pd.Series) -> NDArray[np.str_]:
    """As 2024-12."""
    found: NDArray[np.str_] = pd.to_datetime(dates).to_numpy().astype("datetime64[M]").astype(str)
    return found


def _nights(first: pd.DataFrame) -> pd.DataFrame:
    nights = first[[*KEYS, "outcome_state", *OF_THE_NIGHT]].reset_index(drop=True)
    season = nights["points_avg_season"].to_numpy(dtype="float64", na_value=np.nan)
    return nights.assign(month=month(nights["game_date"]), tier=cut(season, TIERS))


def _without_pushes(rows: pd.DataFrame) -> pd.Series:
    """The chance of over if it is not a push: what a no-vig price is the chance of, too."""
    over, push = rows["over_probability"].astype("float64"), rows["push_probability"].astype("float64")
    return (over / (1 - push).where(push < 1)).clip(upper=1)


def _picks(rows: pd.DataFrame, night: NDArray[np.int64]) -> pd.DataFrame:
    """Every OVER and UNDER with its grade. A pick without one of the six grades would vanish from the totals."""
    taken = rows["recommendation"].isin(PICKS).to_numpy()
    kept = ["system_id", "game_date", "recommendation", "grade", "price_used", "break_even", "profit_units"]
    picks = rows.loc[taken, [*kept, "points_avg_season", "edge"]].assign(night=night[taken])
    if len(lost := picks[~picks["grade"].isin(GRADES)]):
        raise BadGrades(
            f"{len(lost)} picks have no grade, the first of {lost['system_id'].iloc[0]} on {lost['game_date'].iloc[0]}"
            f" ({lost['grade'].iloc[0]}): every pick is one of {', '.join(GRADES)}"
        )
    season, edge = (picks[name].to_numpy(dtype="float64", na_value=np.nan) for name in ("points_avg_season", "edge"))
    return picks.assign(month=month(picks["game_date"]), tier=cut(season, TIERS), edge_band=cut(np.abs(edge), EDGES))

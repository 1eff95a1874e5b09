"""Graded predictions as matrices of player-games by systems, so that systems are compared on the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.errors import ModelError
from models.evaluation.scores import Flags, Numbers
from models.evaluation.subject import POINTS_AT_TIP, Subject
from models.markets import MARKETS
from models.picks import PICKS

KEY = ["game_date", "player_lookup"]
PLAYER_GAME_COLUMNS = (
    "game_id",
    "actual_value",
    "line",
    "market_over_probability",
    "points_avg_season",
    "early_season",
)
COLUMNS = (
    *(*KEY, "system_id", "predicted_value", "outcome_state", "recommendation", "grade", "edge", "price_used"),
    *("break_even", "profit_units", "close_state", "close_age_minutes", "closing_value", "carried_value"),
    *("over_probability", "push_probability", *PLAYER_GAME_COLUMNS),
)
GRADES = ("WIN", "LOSS", "PUSH", "VOID", "PENDING", "UNGRADEABLE")
TIER_STARTS = (0.0, 8.0, 15.0, 22.0)  # points a game this season
TIER_NAMES = ("tier_0_8", "tier_8_15", "tier_15_22", "tier_22_up")  # as stored in tables and cards
TIERS = dict(zip(("0-8", "8-15", "15-22", "22+"), TIER_STARTS, strict=True))
EDGE_WIDTHS = {"points": 2.0, "reb": 1.0, "ast": 1.0}  # of a band of edges in markets that sum one of these counts
OTHER_EDGE_WIDTH = 0.25  # threes, steals, blocks and turnovers: a player has one or two of them
UNKNOWN = "unknown"


class BadGrades(ModelError, ValueError):
    """Graded rows that cannot be evaluated; the message names the column, key or grade."""


class GroupBy(StrEnum):
    """Groupings of the forecasts of one market and edition."""

    SYSTEM = "system"
    MONTH = "month"
    TIER = "tier"
    EDGE = "edge"


class Overview(StrEnum):
    """Tables of whole markets or editions, or of picks by the age of their close, which `GroupBy` does not group."""

    MARKET = "market"
    EDITION = "edition"
    AGE = "age"


@dataclass(frozen=True)
class GradedPredictions:
    """Player-games by systems, of one market and edition.

    `predicted` is NaN for an abstention, and for a row not stored, which `stored` marks.
    """

    subject: Subject
    player_games: pd.DataFrame
    systems: tuple[str, ...]
    stored: Flags
    predicted: Numbers
    chances: Numbers
    picks: pd.DataFrame

    @classmethod
    def from_rows(cls, rows: pd.DataFrame, subject: Subject = POINTS_AT_TIP) -> "GradedPredictions":
        """Arrange the graded rows of a subject, in which `PLAYER_GAME_COLUMNS` are the same for every system."""
        if absent := [name for name in COLUMNS if name not in rows.columns]:
            raise BadGrades(f"the graded frame lacks the columns {absent}: evaluation needs {', '.join(COLUMNS)}")
        player_game = rows.groupby(KEY, sort=False).ngroup().to_numpy()
        system, names = pd.factorize(rows["system_id"], sort=True)
        shape = (int(player_game.max()) + 1 if len(rows) else 0, len(names))
        counts = np.bincount(player_game * len(names) + system, minlength=shape[0] * shape[1])
        if (counts > 1).any():
            twice = rows.loc[rows.duplicated([*KEY, "system_id"]), [*KEY, "system_id"]].iloc[0]
            key = ", ".join(str(value) for value in twice)
            raise BadGrades(f"graded twice: {key}; {subject} has one row for each date, player and system")

        def matrix(values: pd.Series) -> Numbers:
            wide = np.full(shape, np.nan)
            wide[player_game, system] = values.to_numpy(dtype="float64", na_value=np.nan)
            return wide

        first = rows.iloc[np.unique(player_game, return_index=True)[1]]
        games = first[[*KEY, "outcome_state", *PLAYER_GAME_COLUMNS]].reset_index(drop=True)
        return cls(
            subject=subject,
            player_games=_with_groups(games),
            systems=tuple(str(name) for name in names),
            stored=counts.reshape(shape) == 1,
            predicted=matrix(rows["predicted_value"]),
            chances=matrix(_chance_without_push(rows)),
            picks=_picks(rows, player_game, edge_bands(subject.market)),
        )

    def column_of(self, system: str) -> int:
        """Return a system's column in the matrices."""
        if system not in self.systems:
            raise BadGrades(f"no graded rows of {system!r}: there are {', '.join(self.systems) or 'none'}")
        return self.systems.index(system)

    @property
    def games(self) -> NDArray[Any]:
        """The game of each player-game, as a number."""
        return pd.factorize(self.player_games["game_id"])[0]

    def only(self, chosen: Flags) -> "GradedPredictions":
        """Return some of the player-games, to compare systems on them; the picks stay complete."""
        matrices = {name: getattr(self, name)[chosen] for name in ("stored", "predicted", "chances")}
        return replace(self, player_games=self.player_games[chosen], **matrices)

    def values(self, name: str) -> Numbers:
        """Return a column of the player-games as numbers."""
        return _numbers(self.player_games[name])


def edge_bands(market: str) -> dict[str, float]:
    """Return the lower ends of the bands of edges, in the market's unit between forecast and line."""
    width = max(EDGE_WIDTHS.get(count, OTHER_EDGE_WIDTH) for count in MARKETS[market].counts)
    bands = {f"{place * width:g}-{(place + 1) * width:g}": place * width for place in range(3)}
    return bands | {f"{3 * width:g}+": 3 * width}


def band_names(values: Numbers, lows: Mapping[str, float]) -> NDArray[np.str_]:
    """Return the name of each value's band, which includes its lower end; "unknown" for NaN."""
    names = np.array([*lows, UNKNOWN])
    nth = np.searchsorted(list(lows.values()), values, side="right") - 1
    bands: NDArray[np.str_] = names[np.where(np.isnan(values), len(lows), nth)]
    return bands


def _chance_without_push(rows: pd.DataFrame) -> pd.Series:
    """Return the probability of over if it is not a push, which is also what a no-vig price means."""
    over, push = rows["over_probability"].astype("float64"), rows["push_probability"].astype("float64")
    return (over / (1 - push).where(push < 1)).clip(upper=1)


def _picks(rows: pd.DataFrame, player_game: NDArray[np.int64], bands: Mapping[str, float]) -> pd.DataFrame:
    """Return every OVER and UNDER with its grade; a pick with another grade would be missing from the totals."""
    chosen = rows["recommendation"].isin(PICKS).to_numpy()
    columns = ["system_id", "game_date", "game_id", "recommendation", "grade", "price_used", "break_even"]
    columns += ["profit_units", "close_state", "close_age_minutes", "closing_value", "carried_value"]
    picks = rows.loc[chosen, [*columns, "points_avg_season", "edge"]].assign(player_game=player_game[chosen])
    if len(lost := picks[~picks["grade"].isin(GRADES)]):
        raise BadGrades(
            f"{len(lost)} picks have no grade, the first of {lost['system_id'].iloc[0]} on {lost['game_date'].iloc[0]}"
            f" ({lost['grade'].iloc[0]}): every pick is one of {', '.join(GRADES)}"
        )
    edge_band = band_names(np.abs(_numbers(picks["edge"])), bands)
    return _with_groups(picks).assign(edge_band=edge_band)


def _with_groups(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the month, such as 2024-12, and the tier."""
    months = pd.to_datetime(rows["game_date"]).to_numpy().astype("datetime64[M]").astype(str)
    return rows.assign(month=months, tier=band_names(_numbers(rows["points_avg_season"]), TIERS))


def _numbers(column: pd.Series) -> Numbers:
    return column.to_numpy(dtype="float64", na_value=np.nan)

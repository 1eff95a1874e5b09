"""Betting records: hits and returns of a system's picks at real prices, and whether they show a profit.

Each system picks its own rows, so records stand beside each other but are no comparison; `compare` makes comparisons.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from models.evaluation.graded_predictions import GRADES, UNKNOWN, GradedPredictions, GroupBy
from models.evaluation.scores import Rate
from models.picks import OVER

MIN_PICKS_TO_CLAIM = 500  # decided picks; with fewer an interval is 9 points wide and every season has lucky streaks
ALL = "all"
_GROUP_COLUMNS = {GroupBy.MONTH: "month", GroupBy.TIER: "tier", GroupBy.EDGE: "edge_band"}


class Claim(StrEnum):
    """Claims about profit."""

    SHOWN = "shown"
    NOT_SHOWN = "not shown"
    LOSING = "not shown: below break-even"
    TOO_FEW = f"not shown: fewer than {MIN_PICKS_TO_CLAIM} picks"
    NO_PRICES = "not shown: no prices"


@dataclass(frozen=True)
class BettingRecord:
    """Results of all picks of one system; leaving grades out of the denominator would flatter it.

    `hit` is WIN of WIN and LOSS. `priced` is the same over picks with a known price, and only it may be compared with
    `break_even`, the mean implied probability of those prices. A unit is staked on every WIN, LOSS and PUSH with a
    price; `unpriced` counts the picks of these grades without a price, which are not part of the return.
    """

    system: str
    group: str
    grades: Mapping[str, int]
    over: Rate
    under: Rate
    priced: Rate
    break_even: float | None
    staked: int
    unpriced: int
    profit: float | None

    def __post_init__(self) -> None:
        settled = sum(self.grades[name] for name in ("WIN", "LOSS", "PUSH"))
        if self.hit.n != self.over.n + self.under.n or settled != self.staked + self.unpriced:
            raise ValueError(f"{self.system}, {self.group}: sides, prices and grades do not add up in {self}")

    @property
    def picks(self) -> int:
        """Number of picks of all six grades."""
        return sum(self.grades.values())

    @property
    def hit(self) -> Rate:
        """Share of decided picks that won."""
        return Rate(self.grades["WIN"], self.grades["WIN"] + self.grades["LOSS"])

    @property
    def roi(self) -> float | None:
        """Units won or lost per unit staked."""
        return self.profit / self.staked if self.profit is not None and self.staked else None

    @property
    def claim(self) -> Claim:
        """A profit is shown if the lower end of the interval beats the prices over at least 500 decided picks."""
        interval = self.priced.interval
        if interval is None or self.break_even is None:
            return Claim.NO_PRICES if self.picks else Claim.TOO_FEW
        if self.priced.n < MIN_PICKS_TO_CLAIM:
            return Claim.TOO_FEW
        low, high = interval
        if low > self.break_even:
            return Claim.SHOWN
        return Claim.LOSING if high < self.break_even else Claim.NOT_SHOWN

    def to_dict(self) -> dict[str, Any]:
        """Return the record for JSON."""
        rates = {name: getattr(self, name).to_dict() for name in ("hit", "over", "under", "priced")}
        derived = {"picks": self.picks, "roi": self.roi, "claim": self.claim.value}
        return {**asdict(self), **rates, **derived, "grades": dict(self.grades)}


def betting_records(graded: GradedPredictions, by: GroupBy = GroupBy.SYSTEM) -> tuple[BettingRecord, ...]:
    """Return the record of every system that picked anything, in total or by month, tier or edge."""
    records = []
    for system in graded.systems:
        picks = graded.picks[graded.picks["system_id"] == system]
        groups = {ALL: picks} if by is GroupBy.SYSTEM else dict(list(picks.groupby(_GROUP_COLUMNS[by])))
        records += [_record(system, name, groups[name]) for name in sort_groups(groups, by) if len(groups[name])]
    return tuple(records)


def sort_groups(groups: Collection[str], by: GroupBy) -> list[str]:
    """Sort bands from low to high and months by date; an unknown band is last."""
    if by not in (GroupBy.TIER, GroupBy.EDGE):
        return sorted(groups)
    unknown = [group for group in groups if group == UNKNOWN]
    return sorted(set(groups) - {UNKNOWN}, key=lambda band: float(band.rstrip("+").split("-")[0])) + unknown


def _record(system: str, group: str, picks: pd.DataFrame) -> BettingRecord:
    grade = picks["grade"].to_numpy()
    won, decided = grade == "WIN", np.isin(grade, ["WIN", "LOSS"])
    settled = decided | (grade == "PUSH")
    priced = picks["price_used"].notna().to_numpy()
    over = (picks["recommendation"] == OVER).to_numpy()
    break_evens, profits = picks["break_even"][decided & priced], picks["profit_units"][settled & priced]
    return BettingRecord(
        system=system,
        group=group,
        grades={name: int((grade == name).sum()) for name in GRADES},
        over=_rate(won, decided & over),
        under=_rate(won, decided & ~over),
        priced=_rate(won, decided & priced),
        break_even=float(break_evens.mean()) if len(break_evens) else None,
        staked=int((settled & priced).sum()),
        unpriced=int((settled & ~priced).sum()),
        profit=float(profits.sum()) if len(profits) else None,
    )


def _rate(won: np.ndarray, among: np.ndarray) -> Rate:
    return Rate(int((won & among).sum()), int(among.sum()))

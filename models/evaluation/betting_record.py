"""What came of a system's picks: hits, money at real prices, and whether that shows an edge.

Each system picks its own rows, so records stand side by side but are no comparison: that is what `evaluation` is for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from models.evaluation.graded import EDGES, GRADES, TIERS, UNKNOWN, By, Graded
from models.evaluation.scores import Rate

ENOUGH_TO_CLAIM = 500  # decided picks: below it an interval is 9 points wide and every season has a lucky streak
ALL = "all"
_BANDS = {By.MONTH: "month", By.TIER: "tier", By.EDGE: "edge_band"}


class Claim(StrEnum):
    """What may be said about profit."""

    SHOWN = "shown"
    NOT_SHOWN = "not shown"
    LOSING = "not shown: below break-even"
    TOO_FEW = f"not shown: fewer than {ENOUGH_TO_CLAIM} picks"
    NO_PRICES = "not shown: no prices"


@dataclass(frozen=True)
class Record:
    """The picks of one system, all of them: a denominator that leaves grades out flatters.

    `hit` is WIN of WIN and LOSS. `priced` is the same over picks whose price is known, and only it can be held against
    `break_even`, the mean implied probability of those very prices. A unit is staked on every WIN, LOSS and PUSH with
    a price; `unpriced` picks of these grades are outside the return and counted.
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
        """All six grades together."""
        return sum(self.grades.values())

    @property
    def hit(self) -> Rate:
        """Won of decided."""
        return Rate(self.grades["WIN"], self.grades["WIN"] + self.grades["LOSS"])

    @property
    def roi(self) -> float | None:
        """Units won or lost per unit staked."""
        return self.profit / self.staked if self.profit is not None and self.staked else None

    @property
    def claim(self) -> Claim:
        """Profit is claimed only where the lower end of the interval beats the prices, from 500 decided picks on."""
        interval = self.priced.interval
        if interval is None or self.break_even is None:
            return Claim.NO_PRICES if self.picks else Claim.TOO_FEW
        if self.priced.n < ENOUGH_TO_CLAIM:
            return Claim.TOO_FEW
        low, high = interval
        if low > self.break_even:
            return Claim.SHOWN
        return Claim.LOSING if high < self.break_even else Claim.NOT_SHOWN

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        rates = {name: getattr(self, name).plain() for name in ("hit", "over", "under", "priced")}
        worked_out = {"picks": self.picks, "roi": self.roi, "claim": self.claim.value}
        return {**asdict(self), **rates, **worked_out, "grades": dict(self.grades)}


def records(graded: Graded, by: By = By.SYSTEM) -> tuple[Record, ...]:
    """Of every system that picked anything, whole or cut by month, tier or edge."""
    return tuple(_records(graded, by))


def _records(graded: Graded, by: By) -> Iterator[Record]:
    for system in graded.systems:
        picks = graded.picks[graded.picks["system_id"] == system]
        if by is By.SYSTEM:
            if len(picks):
                yield _record(system, ALL, picks)
            continue
        groups = dict(list(picks.groupby(_BANDS[by])))
        for group in in_order(groups, by):
            yield _record(system, group, groups[group])


def in_order(groups: Mapping[str, object] | set[str], by: By) -> list[str]:
    """Bands from low to high, months as they came, what is unknown last."""
    order = {By.TIER: [*TIERS, UNKNOWN], By.EDGE: [*EDGES, UNKNOWN]}.get(by, sorted(groups))
    return [group for group in order if group in groups]


def _record(system: str, group: str, picks: pd.DataFrame) -> Record:
    grade = picks["grade"].to_numpy()
    won, decided = grade == "WIN", np.isin(grade, ["WIN", "LOSS"])
    settled = decided | (grade == "PUSH")
    priced = picks["price_used"].notna().to_numpy()
    over = (picks["recommendation"] == "OVER").to_numpy()
    needed, profit = picks["break_even"][decided & priced], picks["profit_units"][settled & priced]
    return Record(
        system=system,
        group=group,
        grades={name: int((grade == name).sum()) for name in GRADES},
        over=_rate(won, decided & over),
        under=_rate(won, decided & ~over),
        priced=_rate(won, decided & priced),
        break_even=float(needed.mean()) if len(needed) else None,
        staked=int((settled & priced).sum()),
        unpriced=int((settled & ~priced).sum()),
        profit=float(profit.sum()) if len(profit) else None,
    )


def _rate(won: np.ndarray, among: np.ndarray) -> Rate:
    return Rate(int((won & among).sum()), int(among.sum()))

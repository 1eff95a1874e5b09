"""Systems against each other on identical rows, and challengers against their family's champion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rich.console import Console

from models.evaluation.compare import Comparison, compare
from models.evaluation.graded_predictions import GradedPredictions
from models.systems import SYSTEMS_BY_ID
from models.systems.base import SystemId
from models.training.promotion import CHAMPIONS, ChallengerComparison, compare_with_champion
from nba_assets.kit.table import Table
from nba_platform.cli.errors import NothingToDo
from nba_platform.cli.views.evaluation import evaluate
from nba_platform.cli.views.evaluation_tables import show_by_system
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse


@dataclass(frozen=True)
class Duels:
    """The named systems side by side, and a verdict on each challenger among them."""

    dates: DateRange
    systems: tuple[SystemId, ...]
    graded: GradedPredictions

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """On the nights all of them predicted, the references beside."""
        return compare(self.graded, self.systems)

    @cached_property
    def duels(self) -> tuple[ChallengerComparison, ...]:
        """Each challenger with the champion of its family."""
        challengers = (name for name in self.systems if name not in CHAMPIONS.values())
        return tuple(
            compare_with_champion(self.graded, name, CHAMPIONS[SYSTEMS_BY_ID[name].family])
            for name in challengers
            if SYSTEMS_BY_ID[name].family in CHAMPIONS
        )

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        return {
            "start": self.dates.start.isoformat(),
            "end": self.dates.end.isoformat(),
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
            "duels": [told.to_dict() for told in self.duels],
        }

    def show(self, console: Console) -> None:
        """The comparison, then the verdicts."""
        show_by_system(self.comparisons, (), console)
        console.print()
        for told in self.duels:
            console.print(told.sentence, highlight=False, markup=False, soft_wrap=True)
        if not self.duels:
            console.print("No challenger is among them, so there is no verdict.", highlight=False)


def duels(warehouse: Warehouse, tables: Mapping[str, Table], names: Sequence[SystemId], dates: DateRange) -> Duels:
    """Of two systems or more, over what is graded in the dates."""
    systems = tuple(dict.fromkeys(names))
    if len(systems) < 2:
        raise NothingToDo("a comparison needs two different systems: name another.")
    return Duels(dates, systems, evaluate(warehouse, tables, dates).graded)

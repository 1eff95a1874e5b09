"""Systems compared on identical rows, and challengers with the champion of their family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.evaluation.compare import Comparison, compare
from models.evaluation.subject import POINTS_AT_TIP, Subject
from models.systems.base import SystemId
from models.training.promotion import ChallengerComparison, champion_of, compare_with_champion
from nba_assets.kit.table import Table
from nba_platform.cli.command import Page
from nba_platform.cli.views.evaluation import systems_page
from nba_platform.errors import NothingToDo
from nba_platform.reports.evaluation import read_graded
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse


@dataclass(frozen=True)
class ModelComparison:
    """The named systems with the references, and each challenger among them with its champion."""

    dates: DateRange
    subject: Subject
    comparisons: tuple[Comparison, ...]
    duels: tuple[ChallengerComparison, ...]

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a comparison."""
        comparisons = [comparison.to_dict() for comparison in self.comparisons]
        duels = [duel.to_dict() for duel in self.duels]
        subject = {"market": self.subject.market, "edition": self.subject.edition}
        return {"start": self.dates.start, "end": self.dates.end, **subject, "comparisons": comparisons, "duels": duels}


def compare_models(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    names: Sequence[SystemId],
    dates: DateRange,
    subject: Subject = POINTS_AT_TIP,
) -> ModelComparison:
    """Compare two or more systems over the graded forecasts of a market and edition."""
    systems = tuple(dict.fromkeys(names))
    if len(systems) < 2:
        raise NothingToDo("a comparison needs two different systems: name another.")
    graded = read_graded(warehouse, tables, dates, subject)
    champions = {name: champion_of(subject, name) or name for name in systems}
    duels = (compare_with_champion(graded, *duel) for duel in champions.items() if duel[0] != duel[1])
    return ModelComparison(dates, subject, compare(graded, systems), tuple(duels))


def comparison_page(compared: ModelComparison) -> Page:
    """Show the comparison, then the decision on each challenger."""
    yield from systems_page(compared.subject, compared.comparisons)
    yield ""
    yield from (one.sentence for one in compared.duels)
    if not compared.duels:
        yield "No challenger is among them, so there is no verdict."

"""Months of training: which are meant, which can be spared, and what came of them."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.console import Console

from models.training.gates import Status
from models.training.registry import Card
from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import MONTHLY
from nba_assets.predictions.ml_model_registry import CONFIG
from nba_platform.cli.result import Outcome
from nba_platform.cli.views.model_list import REGISTRY, ModelBook, ModelList, learned, plain_card
from nba_platform.orchestration.backfill.runs import PartitionRun, stretches_of
from nba_resources.warehouse.contract import Contract


@dataclass(frozen=True)
class Trained:
    """The trained models of the months asked, without those retired, and the months that have none."""

    months: tuple[dt.date, ...]
    cards: tuple[Card, ...]
    ran: Outcome

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed on the way."""
        return self.ran.warnings

    @property
    def error(self) -> str | None:
        """What ended it, if anything."""
        return self.ran.error

    @property
    def notes(self) -> tuple[str, ...]:
        """The months without a learned model, which is no error."""
        known = {card.model_month for card in self.cards}
        return tuple(
            f"{month:%Y-%m} has no trained model: fewer than {CONFIG.least_rows:,} rows of history before it, so the "
            f"trained systems abstain."
            for month in self.months
            if month not in known
        )

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        runs = [asdict(run) for run in self.ran.runs]
        said = {"notes": list(self.notes), "warnings": list(self.warnings), "error": self.error}
        months = [f"{month:%Y-%m}" for month in self.months]
        models = [plain_card(card) for card in self.cards]
        return {"months": months, "models": models, "runs": runs, **said, "seconds": self.ran.seconds}

    def show(self, console: Console) -> None:
        """Each model in a line, then what failed, what is missing, and where the runs are recorded."""
        ModelList(self.cards).show(console)
        replace(self.ran, notes=self.notes).show(console)


def trained(months: tuple[dt.date, ...], book: ModelBook, ran: Outcome) -> Trained:
    """What is stored of the months after a run."""
    cards = (card for card in book.cards() if card.model_month in months and learned(card))
    return Trained(months, tuple(card for card in cards if card.status != Status.RETIRED), ran)


def training_runs(months: Sequence[dt.date], registry: Contract) -> list[PartitionRun]:
    """A run for the months that follow one another."""
    asked = [month.isoformat() for month in months]
    stretches = stretches_of(asked, MONTHLY.get_partition_keys())
    return [PartitionRun((asset_key(registry),), stretch) for stretch in stretches]


def spared(
    planned: Sequence[PartitionRun], in_production: Collection[str]
) -> tuple[list[PartitionRun], tuple[str, ...]]:
    """The legs without the months that have their models, and what is to be said about it."""
    kept: list[PartitionRun] = []
    there: list[str] = []
    for leg in planned:
        if not is_training(leg):
            kept.append(leg)
            continue
        there += [month for month in leg.partitions if month in in_production]
        without = [month for month in leg.partitions if month not in in_production]
        kept += [replace(leg, partitions=stretch) for stretch in stretches_of(without, leg.partitions)]
    if not there:
        return kept, ()
    first, last = (there[n][:7] for n in (0, -1))
    months = first if first == last else f"{first}..{last}"
    return kept, (f"Months that have their models kept them: `nba train {months}` trains again.",)


def is_training(leg: PartitionRun) -> bool:
    """Whether a leg trains models."""
    return any(key.path[-1] == REGISTRY for key in leg.keys)

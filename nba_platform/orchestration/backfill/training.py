"""Plan the training of models month by month, and report its result."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.console import Console

from models.training.gates import ModelStatus
from models.training.registry import ModelCard
from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import MONTHLY
from nba_assets.predictions.ml_model_registry import CONFIG
from nba_platform.cli.result import Outcome
from nba_platform.cli.views.model_list import REGISTRY, ModelBook, ModelList, learned, plain_card
from nba_platform.orchestration.backfill.runs import PartitionRun, stretches_of
from nba_resources.warehouse.contract import Contract


@dataclass(frozen=True)
class TrainResult:
    """The models of the requested months without retired ones, and the outcome of the runs."""

    months: tuple[dt.date, ...]
    cards: tuple[ModelCard, ...]
    ran: Outcome

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings of the runs."""
        return self.ran.warnings

    @property
    def error(self) -> str | None:
        """The error that stopped the runs, if any."""
        return self.ran.error

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each month without a trained model, which is no error."""
        trained_months = {card.model_month for card in self.cards}
        return tuple(
            f"{month:%Y-%m} has no trained model: fewer than {CONFIG.least_rows:,} rows of history before it, so the "
            f"trained systems abstain."
            for month in self.months
            if month not in trained_months
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


def train_result(months: tuple[dt.date, ...], book: ModelBook, ran: Outcome) -> TrainResult:
    """Read the stored models of the months after the runs."""
    cards = (card for card in book.cards() if card.model_month in months and learned(card))
    return TrainResult(months, tuple(card for card in cards if card.status != ModelStatus.RETIRED), ran)


def training_runs(months: Sequence[dt.date], registry: Contract) -> list[PartitionRun]:
    """Plan one run for each range of consecutive months."""
    ranges = stretches_of([month.isoformat() for month in months], MONTHLY.get_partition_keys())
    return [PartitionRun((asset_key(registry),), partitions) for partitions in ranges]


def skip_trained_months(
    planned: Sequence[PartitionRun], in_production: Collection[str]
) -> tuple[list[PartitionRun], tuple[str, ...]]:
    """Remove months that have models in production from the planned runs; return the runs and a note about it."""
    runs: list[PartitionRun] = []
    skipped: list[str] = []
    for run in planned:
        if not any(key.path[-1] == REGISTRY for key in run.keys):
            runs.append(run)
            continue
        skipped += [month for month in run.partitions if month in in_production]
        missing = [month for month in run.partitions if month not in in_production]
        runs += [replace(run, partitions=partitions) for partitions in stretches_of(missing, run.partitions)]
    if not skipped:
        return runs, ()
    months = "..".join(dict.fromkeys(month[:7] for month in (skipped[0], skipped[-1])))
    return runs, (f"Months that have their models kept them: `nba train {months}` trains again.",)

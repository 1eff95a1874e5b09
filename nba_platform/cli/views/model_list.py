"""The models that are stored: which there are, which are in use, and changing that by hand."""

import datetime as dt
import difflib
import getpass
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table as Grid

from models.systems.base import SystemId
from models.training.gates import ModelStatus
from models.training.registry import ModelCard, NoSuchModel, promote
from nba_assets.kit.json_values import plain
from nba_assets.kit.table import Table
from nba_assets.predictions.month_models import MonthModels, models_of
from nba_platform.cli.errors import NothingToDo
from nba_platform.cli.formatting import known
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.base import Warehouse

REGISTRY = "ml_model_registry"
ORDER = [system.value for system in SystemId]
JSON_TEXTS = ("gate_results", "hyper_parameters", "residual_sd", "metrics")
COLOURS = {ModelStatus.PRODUCTION: "green", ModelStatus.REJECTED: "red", ModelStatus.RETIRED: "dim"}


@dataclass(frozen=True)
class ModelList:
    """Some models, newest month first."""

    cards: tuple[ModelCard, ...]

    def plain(self) -> dict[str, Any]:
        """As values JSON knows: every card whole."""
        return {"models": [plain_card(card) for card in self.cards]}

    def show(self, console: Console) -> None:
        """A line for each, and what a rejected one failed."""
        console.print(grid_of(self.cards))
        for card in self.cards:
            if failed := failed_gates(card):
                told = f"{card.model_id} failed {', '.join(failed)}"
                console.print(told, highlight=False, markup=False, soft_wrap=True)


@dataclass(frozen=True)
class Change:
    """What a promotion did."""

    promoted: ModelCard
    retired: tuple[ModelCard, ...]

    @property
    def sentence(self) -> str:
        """In words, with what follows from it."""
        before = f" in place of {', '.join(card.model_id for card in self.retired)}" if self.retired else ""
        month = pd.Period(self.promoted.model_month, "M")
        redo = f"nba backfill {month.start_time.date()} {month.end_time.date()} --select player_prop_predictions+"
        return (
            f"{self.promoted.model_id} is in production for {month}{before}. Forecasts stored keep theirs until: {redo}"
        )

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        retired = [card.model_id for card in self.retired]
        return {"promoted": plain_card(self.promoted), "retired": retired, "said": self.sentence}

    def show(self, console: Console) -> None:
        """One sentence."""
        console.print(self.sentence, highlight=False, markup=False, soft_wrap=True)


@dataclass(frozen=True)
class ModelBook:
    """The register as it is stored, and the files beside it."""

    warehouse: Warehouse
    table: Table
    objects: ObjectStore

    def listed(self, month: dt.date | None = None, system: SystemId | None = None) -> ModelList:
        """The models of a month, of a system, or of both; of the newest month when nothing is named."""
        cards = self.cards()
        if not cards:
            raise NothingToDo("no model was trained yet: run `nba train MONTH`, for instance `nba train 2024-12`.")
        if month is None and system is None:
            month = max(card.model_month for card in cards)
        chosen = tuple(card for card in cards if month in (None, card.model_month) and system in (None, card.system_id))
        if not chosen:
            asked = "".join((f" of {system}" if system else "", f" for {month:%Y-%m}" if month else ""))
            there = ", ".join(sorted({f"{card.model_month:%Y-%m}" for card in cards}))
            raise NothingToDo(f"no model{asked} is stored: models exist for {there}.")
        return ModelList(chosen)

    def cards(self) -> list[ModelCard]:
        """All of them, the newest month first, systems in the order they speak."""
        cards = [ModelCard.from_row(row) for row in self._rows().to_dict("records")]
        return sorted(cards, key=lambda card: (-card.model_month.toordinal(), ORDER.index(card.system_id)))

    def of_month(self, month: dt.date) -> MonthModels:
        """What forecasts a month, each verified while it is loaded; nothing where nothing is in production."""
        return models_of(self._rows(), month, self.objects.read)

    def months_in_production(self) -> set[str]:
        """The months that have models in use, as partitions are named."""
        return {card.model_month.isoformat() for card in self.cards() if card.status == ModelStatus.PRODUCTION}

    def promote(self, model_id: str, notes: str | None, despite_gates: str | None, now: dt.datetime) -> Change:
        """By hand; a rejected model only with a reason, which is kept on its card."""
        cards = self.cards()
        _refuse_unknown(model_id, [card.model_id for card in cards])
        if despite_gates:
            notes = "; ".join(filter(None, (notes, f"despite its gates: {despite_gates}")))
            cards = [_pardoned(card) if card.model_id == model_id else card for card in cards]
        return self._change(cards, promote(cards, model_id, now, getpass.getuser()), model_id, notes)

    def rollback(self, system: SystemId, month: dt.date, notes: str | None, now: dt.datetime) -> Change:
        """To the one of the same month that was in production last before the present one."""
        cards = self.cards()
        retired = [
            card
            for card in cards
            if (card.system_id, card.model_month, card.status) == (system, month, ModelStatus.RETIRED)
            and card.promoted_at
        ]
        if not retired:
            raise NothingToDo(
                f"{system} has no earlier model of {month:%Y-%m} to go back to: nothing was changed. "
                f"`nba models list --month {month:%Y-%m}` shows what there is."
            )
        before = max(retired, key=lambda card: pd.Timestamp(card.promoted_at))
        return self._change(cards, promote(cards, before.model_id, now, getpass.getuser()), before.model_id, notes)

    def _change(self, before: list[ModelCard], after: list[ModelCard], model_id: str, notes: str | None) -> Change:
        """The retired first: if anything fails in between, a month without a model is better than one with two."""
        statuses = {card.model_id: card.status for card in before}
        retired = [card for card in after if card.status == ModelStatus.RETIRED != statuses[card.model_id]]
        chosen = next(card for card in after if card.model_id == model_id)
        chosen = replace(chosen, notes=notes or chosen.notes)
        for card in retired:
            self._update(card, {"status": card.status})
        told = ("status", "promoted_at", "promoted_by", "notes")
        self._update(chosen, {name: getattr(chosen, name) for name in told})
        return Change(chosen, tuple(retired))

    def _update(self, card: ModelCard, values: Mapping[str, object]) -> None:
        self.warehouse.update(self.table.contract, {"model_id": card.model_id}, values)

    def _rows(self) -> pd.DataFrame:
        contract = self.table.contract
        if not self.warehouse.holds(contract):
            return pd.DataFrame(columns=list(contract.columns))
        return self.warehouse.read(contract.table())


def grid_of(cards: tuple[ModelCard, ...]) -> Grid:
    """At most 120 columns wide."""
    grid = Grid(box=None, pad_edge=False)
    for name in ("month", "model", "status"):
        grid.add_column(name, no_wrap=True)
    for name in ("rows", "MAE", "season's", "lean", "gates"):
        grid.add_column(name, justify="right", no_wrap=True)
    for card in cards:
        numbers = (card.mae_validation, card.mae_season_average)
        grid.add_row(
            f"{card.model_month:%Y-%m}",
            card.model_id,
            card.status,
            f"{card.n_train:,}",
            *(f"{number:.3f}" if known(number) else "" for number in numbers),
            f"{card.bias_to_line:+.2f}" if known(card.bias_to_line) else "",
            _gates(card),
            style=COLOURS.get(ModelStatus(card.status)),
        )
    return grid


def learned(card: ModelCard) -> bool:
    """Whether it holds a trained model; of the other systems only the spread is fitted."""
    return card.mae_train is not None


def failed_gates(card: ModelCard) -> list[str]:
    """Each gate a model did not pass, with what was measured and what is allowed."""
    return [
        f"{gate['gate']} ({gate['says']}: {gate['value']} against {gate['limit']} on {gate['n']:,} rows)"
        for gate in json.loads(card.gate_results)
        if gate["passed"] is False
    ]


def plain_card(card: ModelCard) -> dict[str, Any]:
    """A card as values JSON knows."""
    parsed = {name: json.loads(getattr(card, name)) for name in JSON_TEXTS}
    return {name: plain(value) for name, value in asdict(card).items() if name not in parsed} | parsed


def _gates(card: ModelCard) -> str:
    """Passed of judged: what too few rows speak about is not judged."""
    passed = [gate["passed"] for gate in json.loads(card.gate_results) if gate["passed"] is not None]
    return f"{sum(passed)} of {len(passed)}"


def _refuse_unknown(model_id: str, known: list[str]) -> None:
    if model_id not in known:
        near = difflib.get_close_matches(model_id, known, n=3, cutoff=0.3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`nba models list` names them."
        raise NoSuchModel(f"there is no model {model_id!r}: {hint}")


def _pardoned(card: ModelCard) -> ModelCard:
    return replace(card, status=ModelStatus.CANDIDATE.value) if card.status == ModelStatus.REJECTED else card

"""The stored models: list them, load those of a month, promote one by hand."""

import datetime as dt
import difflib
import getpass
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from models.systems.base import SystemId
from models.training.gates import ModelStatus
from models.training.registry import ModelCard, NoSuchModel, promote
from nba_assets.kit.table import Table
from nba_assets.predictions.month_models import MonthModels, models_of
from nba_platform.cli.command import Page
from nba_platform.cli.render import number, numbers, table
from nba_platform.config.environments import objects, warehouse
from nba_platform.config.settings import Settings
from nba_platform.definitions import TABLES
from nba_platform.errors import NothingToDo
from nba_platform.orchestration.backfill.training import REGISTRY
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.base import Warehouse

ORDER = [system.value for system in SystemId]
JSON_TEXTS = ("gate_results", "hyper_parameters", "residual_sd", "metrics")
COLOURS = {ModelStatus.PRODUCTION: "green", ModelStatus.REJECTED: "red", ModelStatus.RETIRED: "dim"}


@dataclass(frozen=True)
class Change:
    """A promotion that was stored."""

    promoted: ModelCard
    retired: tuple[ModelCard, ...]

    @property
    def sentence(self) -> str:
        """The change in words, with the command that computes forecasts again."""
        before = f" in place of {', '.join(card.model_id for card in self.retired)}" if self.retired else ""
        month = pd.Period(self.promoted.model_month, "M")
        redo = f"nba backfill {month.start_time.date()} {month.end_time.date()} --select player_prop_predictions+"
        model = self.promoted.model_id
        return f"{model} is in production for {month}{before}. Forecasts stored keep theirs until: {redo}"

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a change."""
        retired = [card.model_id for card in self.retired]
        return {"promoted": card_document(self.promoted), "retired": retired, "said": self.sentence}


@dataclass(frozen=True)
class StoredModels:
    """The model registry as it is stored, and the files beside it."""

    warehouse: Warehouse
    table: Table
    objects: ObjectStore

    def listed(self, month: dt.date | None = None, system: SystemId | None = None) -> list[ModelCard]:
        """Return the models of a month, of a system, or of both; by default those of the newest month."""
        cards = self.cards()
        if not cards:
            raise NothingToDo("no model was trained yet: run `nba train MONTH`, for instance `nba train 2024-12`.")
        if month is None and system is None:
            month = max(card.model_month for card in cards)
        chosen = [card for card in cards if month in (None, card.model_month) and system in (None, card.system_id)]
        if not chosen:
            which = (f" of {system}" if system else "") + (f" for {month:%Y-%m}" if month else "")
            months = ", ".join(sorted({f"{card.model_month:%Y-%m}" for card in cards}))
            raise NothingToDo(f"no model{which} is stored: models exist for {months}.")
        return chosen

    def cards(self) -> list[ModelCard]:
        """Return all models, the newest month first, in the order of `SystemId`."""
        cards = [ModelCard.from_row(row) for row in self._rows().to_dict("records")]
        return sorted(cards, key=lambda card: (-card.model_month.toordinal(), ORDER.index(card.system_id)))

    def of_month(self, month: dt.date) -> MonthModels:
        """Load and verify the models in production for a month; there may be none."""
        return models_of(self._rows(), month, self.objects.read)

    def months_in_production(self) -> set[str]:
        """Return the partition keys of the months with models in production."""
        return {card.model_month.isoformat() for card in self.cards() if card.status == ModelStatus.PRODUCTION}

    def promote(self, model_id: str, notes: str | None, despite_gates: str | None, now: dt.datetime) -> Change:
        """Promote a model; a rejected one needs a reason, which is kept on its card."""
        cards = self.cards()
        names = [card.model_id for card in cards]
        if model_id not in names:
            near = difflib.get_close_matches(model_id, names, n=3, cutoff=0.3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`nba models list` names them."
            raise NoSuchModel(f"there is no model {model_id!r}: {hint}")
        if despite_gates:
            notes = "; ".join(filter(None, (notes, f"despite its gates: {despite_gates}")))
            rejected = (model_id, ModelStatus.REJECTED)
            candidate = ModelStatus.CANDIDATE.value
            cards = [replace(one, status=candidate) if (one.model_id, one.status) == rejected else one for one in cards]
        return self._change(cards, model_id, notes, now)

    def rollback(self, system: SystemId, month: dt.date, notes: str | None, now: dt.datetime) -> Change:
        """Promote the model of the same month that was in production last."""
        cards = self.cards()
        key = (system, month, ModelStatus.RETIRED)
        retired = [one for one in cards if (one.system_id, one.model_month, one.status) == key and one.promoted_at]
        if not retired:
            advice = f"`nba models list --month {month:%Y-%m}` shows what there is."
            missing = f"{system} has no earlier model of {month:%Y-%m} to go back to: nothing was changed."
            raise NothingToDo(f"{missing} {advice}")
        before = max(retired, key=lambda card: pd.Timestamp(card.promoted_at))
        return self._change(cards, before.model_id, notes, now)

    def _change(self, before: list[ModelCard], model_id: str, notes: str | None, now: dt.datetime) -> Change:
        """Store the retired first: if that fails halfway, a month without a model is better than one with two."""
        after = promote(before, model_id, now, getpass.getuser())
        statuses = {card.model_id: card.status for card in before}
        retired = [card for card in after if card.status == ModelStatus.RETIRED != statuses[card.model_id]]
        chosen = next(card for card in after if card.model_id == model_id)
        chosen = replace(chosen, notes=notes or chosen.notes)
        changed = ("status", "promoted_at", "promoted_by", "notes")
        for card, names in (*((card, changed[:1]) for card in retired), (chosen, changed)):
            values = {name: getattr(card, name) for name in names}
            self.warehouse.update(self.table.contract, {"model_id": card.model_id}, values)
        return Change(chosen, tuple(retired))

    def _rows(self) -> pd.DataFrame:
        contract = self.table.contract
        if not self.warehouse.holds(contract):
            return pd.DataFrame(columns=list(contract.columns))
        return self.warehouse.read(contract.table())


def stored_models(settings: Settings | None = None) -> StoredModels:
    """Return the models of the warehouse that the settings name."""
    return StoredModels(warehouse(settings=settings), TABLES[REGISTRY], objects(settings=settings))


def models_page(cards: Sequence[ModelCard]) -> Page:
    """Show a line for each model, at most 120 columns wide, then the gates it failed."""
    grid = table(["month", "model", "status", *numbers("rows", "MAE", "season's", "lean", "gates")])
    for card in cards:
        maes = (number(mae, ".3f") for mae in (card.mae_validation, card.mae_season_average))
        numbers_of_card = (f"{card.n_train:,}", *maes, number(card.bias_to_line, "+.2f"), _gates(card))
        first, style = (f"{card.model_month:%Y-%m}", card.model_id, card.status), COLOURS.get(ModelStatus(card.status))
        grid.add_row(*first, *numbers_of_card, style=style)
    yield grid
    for card in cards:
        if failed := failed_gates(card):
            yield f"{card.model_id} failed {', '.join(failed)}"


def failed_gates(card: ModelCard) -> list[str]:
    """Return each gate a model did not pass, with the measured and the allowed value."""
    failed = (gate for gate in json.loads(card.gate_results) if gate["passed"] is False)
    sentence = "{gate} ({says}: {value} against {limit} on {n:,} rows)"
    return [sentence.format(**gate) for gate in failed]


def card_document(card: ModelCard) -> dict[str, Any]:
    """Return the JSON of a model card."""
    parsed = {name: json.loads(getattr(card, name)) for name in JSON_TEXTS}
    return {name: value for name, value in asdict(card).items() if name not in parsed} | parsed


def _gates(card: ModelCard) -> str:
    """Return passed of judged gates; gates with too few rows are not judged."""
    passed = [gate["passed"] for gate in json.loads(card.gate_results) if gate["passed"] is not None]
    return f"{sum(passed)} of {len(passed)}"

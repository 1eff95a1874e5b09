"""The model registry: load the models of a month, promote one by hand or go back to the one before."""

import datetime as dt
import difflib
import getpass
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from models.system_ids import SystemId
from models.training.cards import ModelCard, ModelStatus, NoSuchModel, promote
from nba_assets.kit.table import Table
from nba_assets.predictions.ml_model_registry import ml_model_registry
from nba_assets.predictions.month_models import MonthModels, models_of
from nba_platform.cli.views.models import HOUSE, StoredModels, card_document
from nba_platform.config.environments import objects, warehouse
from nba_platform.errors import NothingToDo
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.base import Warehouse


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
class ModelRegistry(StoredModels):
    """The stored models, the files beside them, and which of them are in production."""

    warehouse: Warehouse
    table: Table
    objects: ObjectStore

    def of_month(self, month: dt.date) -> MonthModels:
        """Load and verify the models of points in production for a month; there may be none."""
        rows = self._rows()
        of_points = (rows["market"] == HOUSE.market) & (rows["variant"] == HOUSE.edition)
        return models_of(rows[of_points], month, self.objects.read)

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

    def rollback(
        self,
        system: SystemId,
        month: dt.date,
        notes: str | None,
        now: dt.datetime,
        market: str = HOUSE.market,
        variant: str = HOUSE.edition,
    ) -> Change:
        """Promote the model of the same month, market and variant that was in production last."""
        cards = self.cards()
        place = (system, market, variant, month)
        retired = [one for one in cards if one.place == place and one.status == ModelStatus.RETIRED and one.promoted_at]
        if not retired:
            advice = f"`nba models list --month {month:%Y-%m} --market {market}` shows what there is."
            missing = f"{system} has no earlier model of {market}, {variant}, {month:%Y-%m}: nothing was changed."
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


def model_registry() -> ModelRegistry:
    """Return the registry of the warehouse that the settings name."""
    return ModelRegistry(warehouse(), ml_model_registry, objects())

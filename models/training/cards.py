"""Model cards: the rows of the registry, their statuses, and promotion by hand.

This module imports no numpy and no pandas: `nba models list` uses it.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from models.errors import ModelError

DAYS = ("model_month", "train_start", "train_end", "validation_start", "validation_end")


class ModelStatus(StrEnum):
    """States of a model in the registry."""

    CANDIDATE = "candidate"
    PRODUCTION = "production"
    REJECTED = "rejected"
    RETIRED = "retired"


class NoSuchModel(ModelError, LookupError):
    """A model that is not in the registry, or may not be promoted."""


@dataclass(frozen=True)
class ModelCard:
    """One row of the registry: system, month, training data and results; columns that hold JSON are text."""

    model_id: str
    system_id: str
    market: str
    variant: str
    model_month: dt.date
    status: str
    artifact_path: str
    artifact_format: str
    artifact_sha256: str
    feature_contract: str
    library_version: str
    train_start: dt.date
    train_end: dt.date
    validation_start: dt.date
    validation_end: dt.date
    n_train: int
    n_validation: int
    mae_train: float | None
    mae_validation: float | None
    mae_season_average: float | None
    bias_to_line: float | None
    gate_results: str
    hyper_parameters: str
    residual_sd: str
    metrics: str
    data_fingerprint: str
    config_hash: str
    promoted_at: dt.datetime | None = None
    promoted_by: str | None = None
    notes: str | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """Place that at most one model in production takes: system, market, variant and month."""
        return self.system_id, self.market, self.variant, self.model_month

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "ModelCard":
        """Read a stored row and ignore other columns; dates may be timestamps."""
        known = {field.name: row[field.name] for field in fields(cls)}
        days = {name: value.date() for name, value in known.items() if name in DAYS and isinstance(value, dt.datetime)}
        unknown = {name: None for name, value in known.items() if value is None or value != value}
        return cls(**(known | days | unknown))

    def json(self) -> str:
        """Return the card as the JSON file stored beside its artefact."""
        texts = ("gate_results", "hyper_parameters", "residual_sd", "metrics")
        values = asdict(self) | {name: json.loads(getattr(self, name)) for name in texts}
        return json.dumps(values, indent=2, default=str)


def promote(cards: Iterable[ModelCard], model_id: str, at: dt.datetime, by: str) -> list[ModelCard]:
    """Return the cards after one of them is put in production by hand, such as for a rollback within its month."""
    registry = {card.model_id: card for card in cards}
    card = registry.get(model_id)
    if card is None:
        raise NoSuchModel(f"no model {model_id} in the register: expected one of {sorted(registry)}")
    if card.status == ModelStatus.REJECTED:
        failed = [gate["gate"] for gate in json.loads(card.gate_results) if gate["passed"] is False]
        raise NoSuchModel(f"{model_id} was rejected by {failed}: {advice(card.model_month)}, or promote another")
    return list(put_in_production(registry, card, at, by).values())


def put_in_production(
    registry: Mapping[str, ModelCard], card: ModelCard, at: dt.datetime, by: str
) -> dict[str, ModelCard]:
    """Return the registry after a promotion: the model of the same place before it is retired."""
    retired = {
        other.model_id: replace(other, status=ModelStatus.RETIRED.value)
        for other in registry.values()
        if other.status == ModelStatus.PRODUCTION and other.place == card.place
    }
    promoted = replace(card, status=ModelStatus.PRODUCTION.value, promoted_at=at, promoted_by=by)
    return {**registry, **retired, card.model_id: promoted}


def advice(month: dt.date) -> str:
    """Return what to do about an unusable model."""
    return f"train the month again: nba train {month:%Y-%m}"

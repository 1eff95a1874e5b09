"""The register of models: a card for each, what is promoted, and loading that refuses what it cannot vouch for.

A model answers for one month only and only as it was trained: bytes, features, library and month are compared at every
load, and there is no other model to fall back on.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from models.errors import ModelError
from models.features import BASE, EXTENDED, FeatureContract
from models.inference.distribution import Spread
from models.systems.base import Learner, SystemId
from models.training.gates import Status
from models.training.learners import (
    AnchoredLearner,
    ArtifactFormat,
    Start,
    UnusableModel,
    XGBoostLearner,
    from_line,
    from_line_or_averages,
    library_version,
)

CONTRACTS: Mapping[SystemId, FeatureContract] = {
    system: EXTENDED if system is SystemId.CATBOOST_EXTENDED else BASE for system in SystemId
}
STARTS: Mapping[SystemId, Start] = {
    SystemId.CATBOOST: from_line_or_averages,
    SystemId.CATBOOST_EXTENDED: from_line_or_averages,
    SystemId.MARKET_ANCHORED: from_line,
}
READERS: Mapping[SystemId, Callable[[bytes, FeatureContract], Learner]] = {
    SystemId.XGBOOST: XGBoostLearner.of_bytes,
    **{system: partial(AnchoredLearner.of_bytes, start=start) for system, start in STARTS.items()},
}
SUFFIX = {ArtifactFormat.XGBOOST: "xgb.json", ArtifactFormat.CATBOOST: "cbm", ArtifactFormat.PARAMETERS: "json"}


class NoSuchModel(ModelError, LookupError):
    """A model that is not in the register, or may not be promoted."""


@dataclass(frozen=True)
class Card:
    """One row of the register: what was trained, on what, and how it did. JSON columns are kept as text."""

    model_id: str
    system_id: str
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

    def row(self) -> dict[str, Any]:
        """As the table stores it."""
        return asdict(self)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Card":
        """From a stored row, other columns left aside; dates may come as timestamps."""
        known = {field.name: row[field.name] for field in fields(cls)}
        days = {name: pd.Timestamp(known[name]).date() for name in known if name.endswith(("_start", "_end", "_month"))}
        unknown = {name: None for name, value in known.items() if value is None or value is pd.NaT or value != value}
        return cls(**(known | days | unknown))

    @property
    def spread(self) -> Spread:
        """How far points fall from its predictions."""
        return Spread.of_plain(json.loads(self.residual_sd))

    def json(self) -> str:
        """The card as a file beside its artefact."""
        texts = ("gate_results", "hyper_parameters", "residual_sd", "metrics")
        told = self.row() | {name: json.loads(getattr(self, name)) for name in texts}
        return json.dumps(told, indent=2, default=str)


@dataclass(frozen=True)
class Candidate:
    """A card and the bytes it speaks of."""

    card: Card
    artifact: bytes


def artifact_path(system: SystemId, month: dt.date, model_id: str, kept_as: ArtifactFormat) -> str:
    """Where the bytes go, from the root of the models; named by content, so an older one is never overwritten."""
    return str(PurePosixPath(system, f"{month:%Y-%m}", f"{model_id}.{SUFFIX[kept_as]}"))


def load(row: Mapping[str, Any], month: dt.date, read_bytes: Callable[[str], bytes]) -> Learner | None:
    """The learner of a row, once everything said of it holds; None where only a spread was fitted."""
    card = Card.of_row(row)
    system = SystemId(card.system_id)
    _same(card, "month", f"{month:%Y-%m}", f"{card.model_month:%Y-%m}", month)
    if card.artifact_format not in [*ArtifactFormat]:
        _same(card, "format", " or ".join(ArtifactFormat), card.artifact_format, month)
    _same(card, "library", library_version(ArtifactFormat(card.artifact_format)), card.library_version, month)
    _same(card, "features", CONTRACTS[system].stamp, card.feature_contract, month)
    kept = read_bytes(card.artifact_path)
    _same(card, f"SHA-256 of {card.artifact_path}", card.artifact_sha256, hashlib.sha256(kept).hexdigest(), month)
    if system not in READERS:
        return None
    try:
        return READERS[system](kept, CONTRACTS[system])
    except ValueError as error:
        raise UnusableModel(f"{card.model_id}: {error}; {_mend(month)}") from error


def load_spread(row: Mapping[str, Any], month: dt.date) -> Spread:
    """The spread of a row, for its own month only."""
    card = Card.of_row(row)
    _same(card, "month", f"{month:%Y-%m}", f"{card.model_month:%Y-%m}", month)
    return card.spread


def production(rows: pd.DataFrame, month: dt.date) -> dict[SystemId, dict[str, Any]]:
    """The month's production row of each system that has one."""
    chosen = rows[(rows.status == Status.PRODUCTION) & (pd.to_datetime(rows.model_month) == pd.Timestamp(month))]
    if twice := sorted(chosen.system_id[chosen.system_id.duplicated()]):
        raise UnusableModel(
            f"{month:%Y-%m}: expected one production model a system, found two of {twice}; {_mend(month)}"
        )
    return {SystemId(row["system_id"]): row for row in chosen.to_dict("records")}


def promoted(cards: Iterable[Card], new: Sequence[Card], at: dt.datetime, by: str) -> list[Card]:
    """All cards of a month after a training: who passed the gates is in production, the older one retired.

    A model that was trained again to the same bytes replaces its own card. A rejected one changes nothing: the older
    stays in production.
    """
    news = {card.model_id: card for card in new}
    register = {card.model_id: card for card in cards} | news
    for card in news.values():
        if card.status == Status.CANDIDATE:
            register = _put_in_production(register, card, at, by)
    return list(register.values())


def promote(cards: Iterable[Card], model_id: str, at: dt.datetime, by: str) -> list[Card]:
    """Put one model of the register in production by hand: how one rolls back, within its own month."""
    register = {card.model_id: card for card in cards}
    card = register.get(model_id)
    if card is None:
        raise NoSuchModel(f"no model {model_id} in the register: expected one of {sorted(register)}")
    if card.status == Status.REJECTED:
        failed = [gate["gate"] for gate in json.loads(card.gate_results) if gate["passed"] is False]
        raise NoSuchModel(f"{model_id} was rejected by {failed}: {_mend(card.model_month)}, or promote another")
    return list(_put_in_production(register, card, at, by).values())


def already_trained(rows: pd.DataFrame, month: dt.date, fingerprint: str, config_hash: str, code_version: str) -> bool:
    """Whether the month was trained on the same data, numbers, features and libraries, by the same code."""
    of_month = rows[pd.to_datetime(rows.model_month) == pd.Timestamp(month)]
    same = (of_month.data_fingerprint == fingerprint) & (of_month.config_hash == config_hash)
    same &= of_month.code_version == code_version
    return any(_is_current(row) for row in of_month[same].to_dict("records"))


def _is_current(row: Mapping[str, Any]) -> bool:
    system, kept_as = SystemId(row["system_id"]), ArtifactFormat(row["artifact_format"])
    return (row["feature_contract"], row["library_version"]) == (CONTRACTS[system].stamp, library_version(kept_as))


def _put_in_production(register: Mapping[str, Card], card: Card, at: dt.datetime, by: str) -> dict[str, Card]:
    rivals = {
        other.model_id: replace(other, status=Status.RETIRED.value)
        for other in register.values()
        if other.status == Status.PRODUCTION
        and (other.system_id, other.model_month) == (card.system_id, card.model_month)
    }
    chosen = replace(card, status=Status.PRODUCTION.value, promoted_at=at, promoted_by=by)
    return {**register, **rivals, card.model_id: chosen}


def _same(card: Card, what: str, expected: str, found: str, month: dt.date) -> None:
    if expected != found:
        raise UnusableModel(f"{card.model_id}: {what}: expected {expected}, found {found}; {_mend(month)}")


def _mend(month: dt.date) -> str:
    return f"train the month again: nba train {month:%Y-%m}"

"""Model registry: cards, statuses, and loading that refuses a model that differs from its card or month."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from models.features import BASE, EXTENDED, FeatureContract
from models.inference.distribution import ResidualSpread
from models.rates.model import CONTRACT as RATES_CONTRACT
from models.system_ids import POINT_SYSTEMS
from models.systems.base import Learner, SystemId
from models.training.cards import ModelCard as ModelCard
from models.training.cards import ModelStatus, advice, put_in_production
from models.training.cards import NoSuchModel as NoSuchModel
from models.training.cards import promote as promote
from models.training.learners import (
    ArtifactFormat,
    Baseline,
    CatBoostLearner,
    UnusableModel,
    XGBoostLearner,
    library_version,
    line_baseline,
    line_or_averages_baseline,
)

CONTRACTS: Mapping[SystemId, FeatureContract] = {
    system: EXTENDED if system is SystemId.CATBOOST_EXTENDED else BASE for system in POINT_SYSTEMS
}
BASELINES: Mapping[SystemId, Baseline] = {
    SystemId.CATBOOST: line_or_averages_baseline,
    SystemId.CATBOOST_EXTENDED: line_or_averages_baseline,
    SystemId.MARKET_ANCHORED: line_baseline,
}
READERS: Mapping[SystemId, Callable[[bytes, FeatureContract], Learner]] = {
    SystemId.XGBOOST: XGBoostLearner.from_bytes,
    **{system: partial(CatBoostLearner.from_bytes, baseline=baseline) for system, baseline in BASELINES.items()},
}
SUFFIX = {
    ArtifactFormat.XGBOOST: "xgb.json",
    ArtifactFormat.CATBOOST: "cbm",
    ArtifactFormat.RATES: "rates.json",
    ArtifactFormat.PARAMETERS: "json",
}
BLEND_CONTRACT = "market_blend_v1: line and median, chances of price and model, a share of each distance"
STAMPS: Mapping[SystemId, str] = {
    **{system: contract.stamp for system, contract in CONTRACTS.items()},
    SystemId.RATES: RATES_CONTRACT,
    SystemId.MARKET_BLEND: BLEND_CONTRACT,
}


@dataclass(frozen=True)
class Candidate:
    """A card and its artefact."""

    card: ModelCard
    artifact: bytes


def artifact_path(system: SystemId, month: dt.date, model_id: str, artifact_format: ArtifactFormat) -> str:
    """Return the artefact's path under the models' root; ids contain a content hash, so no file is overwritten."""
    return f"{system}/{month:%Y-%m}/{model_id}.{SUFFIX[artifact_format]}"


def load_learner(row: Mapping[str, Any], month: dt.date, read_bytes: Callable[[str], bytes]) -> Learner | None:
    """Return the learner of a row if everything on its card matches; None if the system only has a spread."""
    card = ModelCard.from_row(row)
    system, artifact = SystemId(card.system_id), load_artifact(card, month, read_bytes)
    if system not in READERS:
        return None
    try:
        return READERS[system](artifact, CONTRACTS[system])
    except ValueError as error:
        raise UnusableModel(f"{card.model_id}: {error}; {advice(month)}") from error


def load_artifact(card: ModelCard, month: dt.date, read_bytes: Callable[[str], bytes]) -> bytes:
    """Return the bytes of a model if everything on its card matches."""
    _check(card, "month", f"{month:%Y-%m}", f"{card.model_month:%Y-%m}", month)
    if card.artifact_format not in [*ArtifactFormat]:
        _check(card, "format", " or ".join(ArtifactFormat), card.artifact_format, month)
    _check(card, "library", library_version(ArtifactFormat(card.artifact_format)), card.library_version, month)
    _check(card, "features", STAMPS[SystemId(card.system_id)], card.feature_contract, month)
    artifact = read_bytes(card.artifact_path)
    _check(card, f"SHA-256 of {card.artifact_path}", card.artifact_sha256, hashlib.sha256(artifact).hexdigest(), month)
    return artifact


def load_spread(row: Mapping[str, Any], month: dt.date) -> ResidualSpread:
    """Return the spread of a row, for its own month only."""
    card = ModelCard.from_row(row)
    _check(card, "month", f"{month:%Y-%m}", f"{card.model_month:%Y-%m}", month)
    return ResidualSpread.from_dict(json.loads(card.residual_sd))


def production_rows(rows: pd.DataFrame, month: dt.date) -> dict[SystemId, dict[str, Any]]:
    """Return the month's production row of each system on points that has one."""
    own = (row for place, row in production_places(rows, month).items() if place[0] in POINT_SYSTEMS)
    return {SystemId(row["system_id"]): row for row in own}


def production_places(rows: pd.DataFrame, month: dt.date) -> dict[tuple[SystemId, str, str], dict[str, Any]]:
    """Return the month's production rows by system, market and variant."""
    chosen = rows[(rows.status == ModelStatus.PRODUCTION) & (pd.to_datetime(rows.model_month) == pd.Timestamp(month))]
    place = ["system_id", "market", "variant"]
    if len(twice := chosen[chosen.duplicated(place)]):
        names = sorted({" ".join(row) for row in twice[place].itertuples(index=False)})
        raise UnusableModel(f"{month:%Y-%m}: expected one model in production, found two of {names}; {advice(month)}")
    return {(SystemId(row["system_id"]), row["market"], row["variant"]): row for row in chosen.to_dict("records")}


def register(cards: Iterable[ModelCard], new: Sequence[ModelCard], at: dt.datetime, by: str) -> list[ModelCard]:
    """Return a month's cards after a training: new cards that passed the gates are promoted, older ones retired.

    A model trained again to the same bytes replaces its own card. A rejected model changes nothing: the older one stays
    in production.
    """
    registry = {card.model_id: card for card in (*cards, *new)}
    for card in new:
        if card.status == ModelStatus.CANDIDATE:
            registry = put_in_production(registry, card, at, by)
    return list(registry.values())


def already_trained(rows: pd.DataFrame, month: dt.date, fingerprint: str, config_hash: str, code_version: str) -> bool:
    """Return True if the month was trained on the same data, settings, features and libraries by the same code."""
    of_month = rows[pd.to_datetime(rows.model_month) == pd.Timestamp(month)]
    same = (of_month.data_fingerprint == fingerprint) & (of_month.config_hash == config_hash)
    same &= of_month.code_version == code_version
    return any(
        row["feature_contract"] == STAMPS[SystemId(row["system_id"])]
        and row["library_version"] == library_version(ArtifactFormat(row["artifact_format"]))
        for row in of_month[same].to_dict("records")
    )


def _check(card: ModelCard, what: str, expected: str, found: str, month: dt.date) -> None:
    if expected != found:
        raise UnusableModel(f"{card.model_id}: {what}: expected {expected}, found {found}; {advice(month)}")

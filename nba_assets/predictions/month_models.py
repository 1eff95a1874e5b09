"""Loads the models that forecast the dates of one month."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from models.forecast_keys import Variant
from models.inference.distribution import ResidualSpread
from models.rates.blend import Blend
from models.rates.model import RatesModel
from models.rates.systems import MonthRates
from models.systems.base import Learner, SystemId
from models.training.cards import ModelCard
from models.training.registry import load_artifact, load_learner, load_spread, production_places, production_rows

FOLDER = "models"
ALL_MARKETS = (SystemId.RATES, SystemId.MARKET_BLEND)


@dataclass(frozen=True)
class MonthModels:
    """Learners of trained systems, spreads of all systems, and model ids."""

    learners: Mapping[SystemId, Learner]
    spreads: Mapping[SystemId, ResidualSpread]
    ids: Mapping[SystemId, str]


def models_of(register: pd.DataFrame, month: dt.date, read: Callable[[str], bytes]) -> MonthModels:
    """Load the models in production for the month; refuse a file, library or contract that differs."""
    rows = production_rows(register, month)
    loaded = {system: load_learner(row, month, lambda path: read(f"{FOLDER}/{path}")) for system, row in rows.items()}
    return MonthModels(
        learners={system: learner for system, learner in loaded.items() if learner is not None},
        spreads={system: load_spread(row, month) for system, row in rows.items()},
        ids={system: str(row["model_id"]) for system, row in rows.items()},
    )


def rates_of(register: pd.DataFrame, month: dt.date, read: Callable[[str], bytes]) -> MonthRates:
    """Load the models of all markets in production for the month: one artefact for each system and variant.

    The cards of an artefact are promoted one by one. A market whose card is of another artefact is left out: its
    numbers would not agree with the others.
    """
    places = {place: row for place, row in production_places(register, month).items() if place[0] in ALL_MARKETS}
    cards = {place: ModelCard.from_row(row) for place, row in places.items()}
    models: dict[Variant, RatesModel] = {}
    blend: Blend | None = None
    ids: dict[tuple[SystemId, str, Variant], str] = {}
    for system, variant in sorted({(system, variant) for system, _, variant in cards}):
        own = {market: card for (of, market, which), card in cards.items() if (of, which) == (system, variant)}
        (path, _), *_ = Counter(card.artifact_path for card in own.values()).most_common(1)
        served = {market: card for market, card in own.items() if card.artifact_path == path}
        artifact = load_artifact(next(iter(served.values())), month, lambda path: read(f"{FOLDER}/{path}"))
        if system is SystemId.RATES:
            models[Variant(variant)] = RatesModel.from_bytes(artifact)
        else:
            blend = Blend.from_bytes(artifact)
        ids |= {(system, market, Variant(variant)): card.model_id for market, card in served.items()}
    return MonthRates(models, blend, ids)

"""Loads the models that forecast the dates of one month."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from models.inference.distribution import ResidualSpread
from models.systems.base import Learner, SystemId
from models.training.registry import load_learner, load_spread, production_rows

FOLDER = "models"


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

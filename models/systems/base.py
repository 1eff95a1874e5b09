"""What a prediction system is: a pure function from evenings to forecasts, with the limits of its picks.

An evening is one player and the date he plays. A system never guesses: where something it needs is unknown it abstains
and says why; where something optional is unknown it leaves the term out and names it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pandas as pd

HIGHEST = 60.0  # no model of ours is believed beyond it
PLACES = 4  # of the numbers told in components

_to_json = json.JSONEncoder(allow_nan=False).encode  # one encoder: a million rows are written


class SystemId(StrEnum):
    """Every system there is; nothing else is ever stored as one."""

    MOVING_AVERAGE = "moving_average_baseline_v1"
    ZONE_MATCHUP = "zone_matchup_v1"
    SIMILARITY = "similarity_balanced_v1"
    XGBOOST = "xgboost_v1"
    CATBOOST = "catboost_v8"
    ENSEMBLE = "ensemble_v1"
    CATBOOST_EXTENDED = "catboost_v9"
    MARKET_ANCHORED = "market_anchored_v1"
    SEASON_AVERAGE = "season_average_v1"
    MARKET_LINE = "market_line"


NEED_A_LINE = (SystemId.MARKET_ANCHORED, SystemId.MARKET_LINE)  # others speak where there is none, too


class Family(StrEnum):
    """Systems that may replace each other, and the references everything is held against."""

    RULES = "rules"
    TREES = "trees"
    MARKET = "market"
    ENSEMBLE = "ensemble"
    REFERENCE = "reference"


class Abstained(StrEnum):
    """Why a system says nothing."""

    MISSING_INPUT = "MISSING_INPUT"
    NO_ZONE_DATA = "NO_ZONE_DATA"
    THIN_HISTORY = "THIN_HISTORY"
    NO_MODEL = "NO_MODEL"
    NO_LINE = "NO_LINE"
    TOO_FEW_SYSTEMS = "TOO_FEW_SYSTEMS"


class Learner(Protocol):
    """A trained model, already verified: what loading returns."""

    def predict(self, evenings: pd.DataFrame) -> np.ndarray:
        """Points for each row."""
        ...

    def contributions(self, evenings: pd.DataFrame) -> pd.DataFrame:
        """What each feature added to each prediction (SHAP), one column a feature; no column where none is asked."""
        ...


Forecasts = Mapping[SystemId, pd.DataFrame]


@dataclass(frozen=True)
class System:
    """One system: who it is, when it may pick, and how it forecasts.

    `forecast` receives the evenings, the month's trained model if the system has one, and the forecasts of the systems
    before it in `SYSTEMS`, which only the ensemble reads. `backed`, where a system has it, is a further condition of a
    pick: from the edges, the lines and the same forecasts, whether enough others stand on the edge's side.
    """

    id: SystemId
    family: Family
    least_confidence: float
    least_edge: float
    forecast: Callable[[pd.DataFrame, Learner | None, Forecasts], pd.DataFrame]
    trained: bool = False
    picks: bool = True
    backed: Callable[[pd.Series, pd.Series, Forecasts], pd.Series] | None = None


def forecast_frame(
    evenings: pd.DataFrame,
    points: Any,
    confidence: Any,
    abstained: pd.Series,
    missing: Sequence[list[str]],
    components: Sequence[list[dict[str, Any]]],
) -> pd.DataFrame:
    """The common shape; who abstains has neither a number, nor a confidence, nor parts.

    `abstained` is a reason or None for each row, `missing` the names of unknown inputs; `components` are small
    dictionaries, kept as JSON text.
    """
    silent = abstained.notna()
    told = ["[]" if quiet else _to_json(terms) for quiet, terms in zip(silent, components, strict=True)]
    return pd.DataFrame(
        {
            "predicted_points": pd.Series(points, evenings.index, dtype="float64").clip(0, HIGHEST).mask(silent),
            "confidence_score": pd.Series(confidence, evenings.index, dtype="float64").mask(silent),
            "abstain_reason": abstained,
            "missing_inputs": pd.Series(missing, evenings.index, dtype="object"),
            "components": pd.Series(told, evenings.index, dtype="object"),
        },
        index=evenings.index,
    )


def first_reason(index: pd.Index, reasons: Mapping[Any, Any]) -> pd.Series:
    """For each row the first reason that holds, or None."""
    told = np.full(len(index), None, dtype=object)
    for reason, holds in reversed(list(reasons.items())):
        told[np.asarray(holds, dtype=bool)] = str(reason)
    return pd.Series(told, index)


def names_where(holds: pd.DataFrame) -> list[list[str]]:
    """For each row the names of the columns that hold."""
    rows = holds.to_numpy()
    found = np.array(holds.columns, dtype=object)[np.nonzero(rows)[1]].tolist()
    ends = [0, *rows.sum(axis=1).cumsum().tolist()]
    return [found[start:end] for start, end in pairwise(ends)]


def is_missing(evenings: pd.DataFrame, inputs: Sequence[str]) -> pd.Series:
    """Rows that lack any of these."""
    return evenings[list(inputs)].isna().any(axis=1)

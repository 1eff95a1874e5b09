"""Prediction systems, and the frame of their forecasts.

A system is a pure function from forecast inputs (one row per player-game) to forecasts. It never guesses: if a required
input is unknown it abstains and gives the reason; if an optional input is unknown it omits the term and names it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pandas as pd

from models.picks import PICK_LIMITS, PickLimits
from models.system_ids import AbstainReason as AbstainReason
from models.system_ids import SystemId as SystemId

MAX_POINTS = 60.0  # higher predictions are cut to it
COMPONENT_DECIMALS = 4

to_json = json.JSONEncoder(allow_nan=False).encode  # one encoder: a million rows are written


# the other systems also predict without a line
REQUIRE_LINE = (SystemId.MARKET_ANCHORED, SystemId.MARKET_BLEND, SystemId.MARKET_LINE)


class Family(StrEnum):
    """Groups of systems that may replace each other, and the references all systems are compared with."""

    RULES = "rules"
    TREES = "trees"
    RATES = "rates"
    MARKET = "market"
    ENSEMBLE = "ensemble"
    REFERENCE = "reference"


class Learner(Protocol):
    """A trained and verified model."""

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the predicted points of each row."""

    def contributions(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature added to each prediction (SHAP), one column a feature; may have no columns."""


Forecasts = Mapping[SystemId, pd.DataFrame]


@dataclass(frozen=True)
class System:
    """One prediction system and its forecast function.

    `forecast` receives the forecast inputs, the month's learner if the system is trained, and the forecasts of the
    systems before it in `SYSTEMS`, which only the ensemble reads. `has_majority` is a further condition for a pick: it
    receives the edges, the lines and the same forecasts, and returns True where enough systems agree with the edge.
    """

    id: SystemId
    family: Family
    forecast: Callable[[pd.DataFrame, Learner | None, Forecasts], pd.DataFrame]
    trained: bool = False
    picks: bool = True
    has_majority: Callable[[pd.Series, pd.Series, Forecasts], pd.Series] | None = None

    @property
    def limits(self) -> PickLimits:
        """The least confidence and edge of its picks."""
        return PICK_LIMITS[self.id]


def forecast_frame(
    rows: pd.DataFrame,
    points: Any,
    confidence: Any,
    abstain_reason: pd.Series,
    missing: Sequence[list[str]],
    components: Sequence[list[dict[str, Any]]],
) -> pd.DataFrame:
    """Return forecasts with the common columns; abstaining rows have no points, confidence or components.

    `abstain_reason` is a reason or None for each row, `missing` the names of unknown inputs; `components` are small
    dictionaries, stored as JSON text.
    """
    abstains = abstain_reason.notna()
    texts = ["[]" if abstained else to_json(parts) for abstained, parts in zip(abstains, components, strict=True)]
    return pd.DataFrame(
        {
            "predicted_value": pd.Series(points, rows.index, dtype="float64").clip(0, MAX_POINTS).mask(abstains),
            "confidence_score": pd.Series(confidence, rows.index, dtype="float64").mask(abstains),
            "abstain_reason": abstain_reason,
            "missing_inputs": pd.Series(missing, rows.index, dtype="object"),
            "components": pd.Series(texts, rows.index, dtype="object"),
        },
        index=rows.index,
    )


def first_reason(index: pd.Index, reasons: Mapping[Any, Any]) -> pd.Series:
    """Return for each row the first reason that holds, or None."""
    chosen = np.full(len(index), None, dtype=object)
    for reason, holds in reversed(list(reasons.items())):
        chosen[np.asarray(holds, dtype=bool)] = str(reason)
    return pd.Series(chosen, index)


def names_where(flags: pd.DataFrame) -> list[list[str]]:
    """Return for each row the names of the columns that are True."""
    values = flags.to_numpy()
    names = np.array(flags.columns, dtype=object)[np.nonzero(values)[1]].tolist()
    ends = [0, *values.sum(axis=1).cumsum().tolist()]
    return [names[start:end] for start, end in pairwise(ends)]


def is_missing(rows: pd.DataFrame, inputs: Sequence[str]) -> pd.Series:
    """Return True for rows where any of the inputs is unknown."""
    return rows[list(inputs)].isna().any(axis=1)

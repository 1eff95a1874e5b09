"""Every system's word on every evening, and what it makes of the line."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.errors import ModelError
from models.features import BASE, EXTENDED
from models.inference.distribution import Spread, probabilities
from models.inference.odds import fair_price
from models.inference.recommendation import MARKET, recommend
from models.systems import SYSTEMS
from models.systems.base import Forecasts, Learner, System, SystemId
from models.systems.similarity_balanced import SIMILAR
from models.systems.zone_matchup import VS_LEAGUE

WHO = ("game_date", "player_lookup", "game_id", "player_id", "team_abbr", "opponent_team_abbr", "player_status")
NUMBERS = (
    *("feature_quality_score", *VS_LEAGUE, *SIMILAR),
    *(name for name, kind in MARKET.items() if kind == "number"),
)
TEXTS = tuple(name for name, kind in MARKET.items() if kind == "text")
LOWEST_LINE, HIGHEST_LINE = 0.5, 70.0
COLUMNS = (
    *WHO,
    *("system_id", "predicted_points", "abstain_reason", "predicted_sd", "confidence_score", "line", "edge"),
    *("over_probability", "push_probability", "over_price", "under_price", "price_book", "expected_value"),
    *("recommendation", "pass_reason", "components", "missing_inputs"),
)


class UnfitEvenings(ValueError):
    """The frame does not follow the feature contract, so no model may see it."""


class NoSuchLine(ModelError, ValueError):
    """Nobody offers such a line."""


def forecast(
    evenings: pd.DataFrame, learners: Mapping[SystemId, Learner], spreads: Mapping[SystemId, Spread]
) -> pd.DataFrame:
    """One row for each system and evening, in the order of `SYSTEMS`; `learners` and `spreads` are the month's.

    Without its learner a trained system abstains; without its spread a system has no chances.
    """
    sound = _sound(evenings)
    spoken = _spoken(sound, learners)
    told = [_told(system, sound, spoken, spreads.get(system.id, Spread())) for system in SYSTEMS]
    return pd.concat(told, ignore_index=True)


def quote(forecasts: pd.DataFrame, spreads: Mapping[SystemId, Spread], lines: Iterable[float]) -> pd.DataFrame:
    """Chances and fair prices of any lines, for rows of `forecast`: one row for each of them and line."""
    asked = pd.DataFrame({"line": [_offered(line) for line in lines]}, dtype="float64")
    told = forecasts[["game_date", "player_lookup", "system_id", "predicted_points"]]
    told = told.assign(market=forecasts.line).merge(asked, how="cross")
    chances = pd.DataFrame(index=told.index, columns=["over", "push", "under"], dtype="float64")
    for system, rows in told.groupby("system_id"):
        spread = spreads.get(SystemId(str(system)), Spread())
        chances.loc[rows.index] = _chances(spread, rows.predicted_points, rows.line, rows.market)
    return told.drop(columns="market").assign(
        over_probability=chances.over,
        push_probability=chances.push,
        under_probability=chances.under,
        fair_over_price=fair_price(chances.over, chances.under),
        fair_under_price=fair_price(chances.under, chances.over),
    )


def prediction_ids(forecasts: pd.DataFrame, model_ids: pd.Series) -> list[str]:
    """The same for the same player, date, system and model, whenever it is made."""
    dates = forecasts.game_date.dt.strftime("%Y-%m-%d")
    keys = zip(dates, forecasts.player_lookup, forecasts.system_id, model_ids, strict=True)
    return [
        hashlib.sha256("|".join((*key, model if isinstance(model, str) else "")).encode()).hexdigest()[:20]
        for *key, model in keys
    ]


def _spoken(evenings: pd.DataFrame, learners: Mapping[SystemId, Learner]) -> dict[SystemId, pd.DataFrame]:
    spoken: dict[SystemId, pd.DataFrame] = {}
    for system in SYSTEMS:
        spoken[system.id] = system.forecast(evenings, learners.get(system.id), spoken)
    return spoken


def _told(system: System, evenings: pd.DataFrame, spoken: Forecasts, spread: Spread) -> pd.DataFrame:
    said = spoken[system.id]
    chances = _chances(spread, said.predicted_points, evenings.line, evenings.line)
    rows = pd.concat([evenings[[*WHO, "line"]], said, recommend(system, evenings, said, chances, spoken)], axis=1)
    rows = rows.assign(
        system_id=system.id.value,
        predicted_sd=spread.sd(said.predicted_points),
        over_probability=chances.over,
        push_probability=chances.push,
    )
    return rows[list(COLUMNS)]


def _chances(spread: Spread, points: pd.Series, line: pd.Series, market: pd.Series) -> pd.DataFrame:
    over, push, under = probabilities(spread.centre(points, market), spread.sd(points), line)
    return pd.DataFrame({"over": over, "push": push, "under": under}, index=points.index)


def _sound(evenings: pd.DataFrame) -> pd.DataFrame:
    """The evenings with plain floats for numbers, once they are what the systems were made for."""
    _refuse_another_contract(list(evenings.columns))
    numbers = [*EXTENDED.names, *NUMBERS]
    sound = evenings.reset_index(drop=True).astype({name: "float64" for name in numbers})
    sound = sound.astype({name: "object" for name in TEXTS})
    _refuse_impossible_values(sound)
    return sound


def _refuse_another_contract(columns: list[Any]) -> None:
    lacking = [name for name in (*WHO, *EXTENDED.names, *NUMBERS, *TEXTS) if name not in columns]
    if lacking:
        raise UnfitEvenings(f"expected the columns of an evening, found no {', '.join(lacking)}; select them by name")
    found = [name for name in columns if name in set(BASE.names)]
    for expected, name in zip(BASE.names, found, strict=False):
        if expected != name:
            raise UnfitEvenings(
                f"expected the features in the order of {BASE.stamp}, found {name} where {expected} belongs; "
                "select [*models.features.BASE.names], nothing here is put in order silently"
            )
    if len(found) > len(BASE):
        raise UnfitEvenings(f"expected each feature once, found {found[-1]} again; select each column once")


def _refuse_impossible_values(evenings: pd.DataFrame) -> None:
    """Infinity is not unknown: clipped, it would pass for the highest forecast there is."""
    for feature in EXTENDED:
        values = evenings[feature.name]
        outside = values[(values < feature.low) | (values > feature.high)]
        if len(outside):
            raise UnfitEvenings(
                f"{feature.name}: expected {feature.low:g} to {feature.high:g}, found {outside.iloc[0]:g} "
                f"in {len(outside)} of {len(values)} rows; a value that is not known is NaN"
            )
    endless = [name for name in NUMBERS if np.isinf(evenings[name]).any()]
    if endless:
        raise UnfitEvenings(f"{', '.join(endless)}: found infinity; a value that is not known is NaN")


def _offered(line: float) -> float:
    if not (LOWEST_LINE <= line <= HIGHEST_LINE and 2 * line % 1 == 0):
        raise NoSuchLine(
            f"line {line:g}: expected a multiple of 0.5 from {LOWEST_LINE:g} to {HIGHEST_LINE:g}, such as 22.5"
        )
    return line

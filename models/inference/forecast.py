"""Run every system on every player-game and compare each forecast with the market's line."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.errors import ModelError
from models.features import BASE, EXTENDED, MAX_LINE, MIN_LINE, TYPE
from models.forecast_keys import Edition, ForecastKey
from models.inference.distribution import ResidualSpread, probabilities
from models.inference.odds import fair_price
from models.inference.recommendation import MARKET_COLUMNS, recommend
from models.markets import POINTS
from models.systems import SYSTEMS
from models.systems.base import Forecasts, Learner, System, SystemId
from models.systems.similarity_balanced import SIMILAR_GAME_COLUMNS
from models.systems.trees import with_explanations
from models.systems.zone_matchup import VS_LEAGUE

ID_COLUMNS = ("game_date", "player_lookup", "game_id", "player_id", "team_abbr", "opponent_team_abbr", "player_status")
NUMBER_COLUMNS = (
    *("feature_quality_score", *VS_LEAGUE, *SIMILAR_GAME_COLUMNS),
    *(name for name, kind in MARKET_COLUMNS.items() if kind == "number"),
)
TEXT_COLUMNS = tuple(name for name, kind in MARKET_COLUMNS.items() if kind == "text")
COLUMNS = (
    *ID_COLUMNS,
    *(*ForecastKey._fields, "predicted_value", "abstain_reason", "predicted_sd", "confidence_score", "line", "edge"),
    *("over_probability", "push_probability", "over_price", "under_price", "price_book", "expected_value"),
    *("recommendation", "pass_reason", "components", "missing_inputs"),
)


Explained = Callable[[pd.DataFrame], pd.Series]  # returns for each row whether its forecasts are explained


class InvalidForecastInput(ValueError):
    """Forecast inputs do not follow the feature contract."""


class NoSuchLine(ModelError, ValueError):
    """A line that no bookmaker offers."""


def has_line(rows: pd.DataFrame) -> pd.Series:
    """Choose the rows with a line: only these can become a bet, and be shown beside one."""
    return rows.line.notna()


def every_row(rows: pd.DataFrame) -> pd.Series:
    """Choose all rows."""
    return pd.Series(True, rows.index)


def no_row(rows: pd.DataFrame) -> pd.Series:
    """Choose none: nobody reads the explanations of validation rows."""
    return pd.Series(False, rows.index)


def forecast(
    rows: pd.DataFrame,
    learners: Mapping[SystemId, Learner],
    spreads: Mapping[SystemId, ResidualSpread],
    systems: Sequence[System] = SYSTEMS,
    explained: Explained = has_line,
) -> pd.DataFrame:
    """Return one row for each system and row of `rows`, in the order of the systems.

    `learners` and `spreads` belong to the month: a trained system without its learner abstains, and a system without
    its spread has no probabilities. `explained` chooses the rows of which the learners explain their forecasts.
    """
    rows = _validated(rows)
    forecasts: dict[SystemId, pd.DataFrame] = {}
    for system in systems:
        learner = learners.get(system.id)
        own = system.forecast(rows, learner, forecasts)
        forecasts[system.id] = with_explanations(own, rows, learner, explained(rows)) if learner else own
    complete = [_with_picks(system, rows, forecasts, spreads.get(system.id, ResidualSpread())) for system in systems]
    return pd.concat(complete, ignore_index=True)


def quote_lines(
    forecasts: pd.DataFrame, spreads: Mapping[SystemId, ResidualSpread], lines: Iterable[float]
) -> pd.DataFrame:
    """Return probabilities and fair prices for rows of `forecast`, one row for each of them and line."""
    quotes = forecasts[["game_date", "player_lookup", "system_id", "predicted_value"]].assign(market=forecasts.line)
    quotes = quotes.merge(pd.DataFrame({"line": [_checked(line) for line in lines]}, dtype="float64"), how="cross")
    chances = pd.DataFrame(index=quotes.index, columns=["over", "push", "under"], dtype="float64")
    for system, rows in quotes.groupby("system_id"):
        spread = spreads.get(SystemId(str(system)), ResidualSpread())
        chances.loc[rows.index] = _probabilities(spread, rows.predicted_value, rows.line, rows.market)
    return quotes.drop(columns="market").assign(
        over_probability=chances.over,
        push_probability=chances.push,
        under_probability=chances.under,
        fair_over_price=fair_price(chances.over, chances.under),
        fair_under_price=fair_price(chances.under, chances.over),
    )


def prediction_ids(forecasts: pd.DataFrame, model_ids: pd.Series) -> list[str]:
    """Return ids that are always equal for the same date, player, market, system, edition and model."""
    dates = forecasts.game_date.dt.strftime("%Y-%m-%d")
    columns = (forecasts[name] for name in ForecastKey._fields)
    keys = zip(dates, forecasts.player_lookup, *columns, model_ids, strict=True)
    return [
        hashlib.sha256("|".join((*key, model if isinstance(model, str) else "")).encode()).hexdigest()[:20]
        for *key, model in keys
    ]


def _with_picks(system: System, rows: pd.DataFrame, forecasts: Forecasts, spread: ResidualSpread) -> pd.DataFrame:
    own = forecasts[system.id]
    chances = _probabilities(spread, own.predicted_value, rows.line, rows.line)
    picks = recommend(system, rows, own, chances, forecasts)
    complete = pd.concat([rows[[*ID_COLUMNS, "line"]], own, picks], axis=1).assign(
        market=POINTS,
        system_id=system.id.value,
        edition=Edition.AT_TIP.value,
        predicted_sd=spread.sd(own.predicted_value),
        over_probability=chances.over,
        push_probability=chances.push,
    )
    return complete[list(COLUMNS)]


def _probabilities(spread: ResidualSpread, points: pd.Series, line: pd.Series, market: pd.Series) -> pd.DataFrame:
    over, push, under = probabilities(spread.centre(points, market), spread.sd(points), line)
    return pd.DataFrame({"over": over, "push": push, "under": under}, index=points.index)


def _validated(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with plain floats for numbers; refuse other columns, another order and impossible values."""
    _check_columns(list(rows.columns))
    numbers = dict.fromkeys((*EXTENDED.names, *NUMBER_COLUMNS), TYPE)
    rows = rows.reset_index(drop=True).astype(numbers).astype(dict.fromkeys(TEXT_COLUMNS, "object"))
    for feature in EXTENDED:
        values = rows[feature.name]
        outside = values[(values < feature.low) | (values > feature.high)]
        if len(outside):
            raise InvalidForecastInput(
                f"{feature.name}: expected {feature.low:g} to {feature.high:g}, found {outside.iloc[0]:g} "
                f"in {len(outside)} of {len(values)} rows; a value that is not known is NaN"
            )
    if infinite := [name for name in NUMBER_COLUMNS if np.isinf(rows[name]).any()]:  # it would be clipped and pass
        raise InvalidForecastInput(f"{', '.join(infinite)}: found infinity; a value that is not known is NaN")
    return rows


def _check_columns(columns: list[Any]) -> None:
    required = (*ID_COLUMNS, *EXTENDED.names, *NUMBER_COLUMNS, *TEXT_COLUMNS)
    if missing := [name for name in required if name not in columns]:
        raise InvalidForecastInput(
            f"expected the columns of a forecast input, found no {', '.join(missing)}; select them by name"
        )
    features = [name for name in columns if name in set(BASE.names)]
    for expected, name in zip(BASE.names, features, strict=False):
        if expected != name:
            raise InvalidForecastInput(
                f"expected the features in the order of {BASE.stamp}, found {name} where {expected} belongs; "
                "select [*models.features.BASE.names], columns are never reordered silently"
            )
    if len(features) > len(BASE):
        raise InvalidForecastInput(f"expected each feature once, found {features[-1]} again; select each column once")


def _checked(line: float) -> float:
    if not (MIN_LINE <= line <= MAX_LINE and 2 * line % 1 == 0):
        raise NoSuchLine(f"line {line:g}: expected a multiple of 0.5 from {MIN_LINE:g} to {MAX_LINE:g}, such as 22.5")
    return line

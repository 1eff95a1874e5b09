"""The systems that forecast every market, each a pure function of what it may see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.forecast_keys import MARKET_SYSTEMS, MarketSystem
from models.inference.forecast import COLUMNS, ID_COLUMNS
from models.inference.odds import expected_value
from models.markets import MARKETS, POINTS, Market
from models.picks import (
    FORECAST_ONLY,
    LATE_FACTS,
    MIN_VALUE,
    NO_LINE,
    OVER,
    PASS,
    REFERENCE,
    SMALL_VALUE,
    UNDER,
    UNTIMED_PRICE,
)
from models.rates.averages import average
from models.rates.blend import NOTHING_LEARNED, Blend
from models.rates.forecast import forecast_markets
from models.rates.inputs import checked
from models.rates.model import RatesModel
from models.rates.reasons import reasons
from models.rates.variants import Variant
from models.system_ids import POINT_SYSTEMS, REFERENCES, AbstainReason, SystemId
from models.systems.base import first_reason, to_json

LEAST_DEVIATION = 0.1
PRICES = ("over_prob_novig", "over_price", "over_counter_price", "under_price", "under_counter_price")
BOOKS = ("over_book", "under_book")
KEY = ["game_date", "player_lookup"]
TIMES = ("known_until", "price_known_at")
_NUMBERS = (
    *("predicted_value", "predicted_sd", "confidence_score", "line", "edge", "over_probability", "push_probability"),
    *("over_price", "under_price", "expected_value"),
)
_TEXTS = ("abstain_reason", "price_book", "pass_reason", "model_id")
NOTHING: list[str] = []


@dataclass(frozen=True)
class MonthRates:
    """The models in production in a month: one of each variant, the blend, and the id of each card."""

    models: Mapping[Variant, RatesModel] = field(default_factory=dict)
    blend: Blend | None = None
    ids: Mapping[tuple[SystemId, str, Variant], str] = field(default_factory=dict)


@dataclass(frozen=True)
class MarketView:
    """The inputs of a system in one market: players of its edition, the forecasts of the rates models, and the lines.

    All frames have the same index. `lines` has prices only for a system that reads them.
    """

    market: Market
    rows: pd.DataFrame
    rates: pd.DataFrame
    lines: pd.DataFrame
    month: MonthRates


def forecast_every_market(
    rows: pd.DataFrame, lines: pd.DataFrame, month: MonthRates, markets: Mapping[str, Market] = MARKETS
) -> pd.DataFrame:
    """Return one row for each row, market and system of its edition; systems that need a line only where there is one.

    `rows` have the inputs of the rates models; `lines` have a row for each player and market with a line, `is_timely`
    where its price was seen after the facts of `at_line`.
    """
    if rows.empty:
        return _stacked([])
    rows = checked(rows.reset_index(drop=True))
    offered = {key: _offered(rows, lines[lines.market == key]) for key in markets}
    wide = pd.DataFrame({key: own.line for key, own in offered.items()}, rows.index)
    rates = dict(tuple(forecast_markets(rows, month.models, wide, markets).groupby("market")))
    made = []
    for edition, of_edition in rows.groupby("edition"):
        for system in (system for system in MARKET_SYSTEMS if edition in system.editions):
            for key in (key for key in markets if key != POINTS or system.id not in POINT_SYSTEMS):
                own = of_edition
                if system.needs_line:
                    own = own[offered[key].line.loc[own.index].notna()]
                if len(own):
                    seen = offered[key].loc[own.index, [*(offered[key] if system.reads_prices else ["line"])]]
                    view = MarketView(markets[key], own, rates[key].loc[own.index], seen, month)
                    made.append(_complete(system, view, offered[key].loc[own.index]))
    return _stacked(made)


def rates_v1(view: MarketView) -> pd.DataFrame:
    """Forecast the median, or the mean while a market has no distribution; explained where there is a line."""
    rates, ids = view.rates, _ids(SystemId.RATES, view)
    value = rates["value"]
    reason = {AbstainReason.NO_MODEL: ids.isna(), AbstainReason.THIN_HISTORY: value.isna()}
    abstains = first_reason(view.rows.index, reason)
    told = pd.Series("[]", view.rows.index, dtype=object)
    for variant, own in rates[abstains.isna() & view.lines.line.notna()].groupby("variant"):
        told[own.index] = reasons(view.month.models[Variant(str(variant))], view.rows.loc[own.index], own, view.market)
    return pd.DataFrame(
        {
            "predicted_value": value.mask(abstains.notna()),
            "abstain_reason": abstains,
            "predicted_sd": rates.deviation.clip(lower=LEAST_DEVIATION).mask(abstains.notna()),
            "over_probability": rates.over.mask(abstains.notna()),
            "push_probability": rates.push.mask(abstains.notna()),
            "components": told,
            "model_id": ids,
            "pass_reason": abstains.where(abstains.notna(), FORECAST_ONLY),
            "known_until": view.rows.known_until,
        }
    )


def market_blend_v1(view: MarketView) -> pd.DataFrame:
    """Move the line toward the model's median and the price's chance toward the model's, and bet where it has value."""
    rates, lines, blend = view.rates, view.lines, view.month.blend or NOTHING_LEARNED  # without one there is no id
    ids = _ids(SystemId.MARKET_BLEND, view).mask(_ids(SystemId.RATES, view).isna())
    market = pd.Series(view.market.key, rates.index)
    point = pd.Series(blend.point(market, lines.line, rates["median"]), rates.index)
    abstains = first_reason(
        rates.index, {AbstainReason.NO_MODEL: ids.isna(), AbstainReason.THIN_HISTORY: rates["median"].isna()}
    )
    offered = lines[[*PRICES]].where(lines.is_timely & abstains.isna())
    over = pd.Series(blend.over(offered.over_prob_novig, rates.over / (1 - rates.push)), rates.index)
    over, under = over * (1 - rates.push), (1 - over) * (1 - rates.push)
    value_over = expected_value(over, under, offered.over_price)
    value_under = expected_value(under, over, offered.under_price)
    value = np.fmax(value_over, value_under)
    is_over, good = np.nan_to_num(value_over, nan=-1) >= np.nan_to_num(value_under, nan=-1), value >= MIN_VALUE
    sides = [good & is_over, good & ~is_over]
    untimed = np.where(lines.price_known_at.isna(), UNTIMED_PRICE, LATE_FACTS)
    reason = abstains.where(abstains.notna(), np.where(np.isnan(value), untimed, SMALL_VALUE))
    parts = zip(lines.line, (point - lines.line).round(4), abstains.notna(), strict=True)
    return pd.DataFrame(
        {
            "predicted_value": point.mask(abstains.notna()),
            "abstain_reason": abstains,
            "predicted_sd": rates.deviation.clip(lower=LEAST_DEVIATION).mask(abstains.notna()),
            "over_probability": over,
            "push_probability": rates.push.where(over.notna()),
            "recommendation": np.select(sides, [OVER, UNDER], PASS),
            "pass_reason": reason.mask(good),
            "over_price": np.select(sides, [offered.over_price, offered.under_counter_price], np.nan),
            "under_price": np.select(sides, [offered.over_counter_price, offered.under_price], np.nan),
            "price_book": np.select(sides, [lines.over_book, lines.under_book], np.array(None, dtype=object)),
            "expected_value": np.where(good, value, np.nan),
            "components": ["[]" if no else _anchored(line, moved) for line, moved, no in parts],
            "model_id": ids,
            "known_until": view.rows.known_until,
        },
        rates.index,
    )


def season_average_v1(view: MarketView) -> pd.DataFrame:
    """Forecast the season's average."""
    return _of_average(SystemId.SEASON_AVERAGE, view)


def plain_average_v1(view: MarketView) -> pd.DataFrame:
    """Forecast half the last five games, 0.3 the last ten and 0.2 the season."""
    return _of_average(SystemId.PLAIN_AVERAGE, view)


def market_line(view: MarketView) -> pd.DataFrame:
    """Forecast the line itself."""
    return pd.DataFrame({"predicted_value": view.lines.line})


FUNCTIONS: Mapping[SystemId, Callable[[MarketView], pd.DataFrame]] = {
    SystemId.RATES: rates_v1,
    SystemId.MARKET_BLEND: market_blend_v1,
    SystemId.SEASON_AVERAGE: season_average_v1,
    SystemId.PLAIN_AVERAGE: plain_average_v1,
    SystemId.MARKET_LINE: market_line,
}


def _of_average(system: SystemId, view: MarketView) -> pd.DataFrame:
    value = average(system, view.rows, view.market.counts)
    missing = {AbstainReason.MISSING_INPUT: np.isnan(value)}
    return pd.DataFrame({"predicted_value": value, "abstain_reason": first_reason(view.rows.index, missing)})


def _complete(system: MarketSystem, view: MarketView, offered: pd.DataFrame) -> dict[str, Any]:
    """Return all columns of a system's rows: what it computed, what is the same for all systems, and the rest empty.

    Columns are arrays: with frames, most of the time would go to bookkeeping.
    """
    own, n = FUNCTIONS[system.id](view), len(view.rows)
    columns: dict[str, Any] = {
        **dict.fromkeys(_NUMBERS, np.full(n, np.nan)),
        **dict.fromkeys(_TEXTS, np.full(n, None, dtype=object)),
        **dict.fromkeys(TIMES, np.full(n, "NaT", dtype="datetime64[us]")),
        "components": np.full(n, "[]", dtype=object),
        **{name: own[name].to_numpy() for name in own.columns.difference(TIMES)},
        **{name: view.rows[name].to_numpy() for name in (*ID_COLUMNS, "edition")},
        "market": np.full(n, view.market.key, dtype=object),
        "system_id": np.full(n, system.id.value, dtype=object),
        "line": offered.line.to_numpy(),
        "price_known_at": _utc(offered.price_known_at),
        "missing_inputs": np.frompyfunc(lambda _: NOTHING, 1, 1)(np.arange(n)),
    }
    if "known_until" in own:
        columns["known_until"] = _utc(own.known_until)
    no_line, abstains = np.isnan(columns["line"]), columns["abstain_reason"]
    reason = columns["pass_reason"]
    if system.id in REFERENCES:
        reason = np.where(pd.isna(abstains), REFERENCE, abstains)
    picked = columns.get("recommendation", np.full(n, PASS, dtype=object))
    return columns | {
        "edge": columns["predicted_value"] - columns["line"],
        "recommendation": np.where(no_line, NO_LINE, picked),
        "pass_reason": np.where(no_line, None, reason),
    }


def _stacked(parts: list[dict[str, Any]]) -> pd.DataFrame:
    names = dict.fromkeys((*COLUMNS, "model_id", *TIMES))
    if not parts:
        return pd.DataFrame(columns=[*names])
    rows = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in names}, copy=False)
    return rows.assign(**{name: rows[name].dt.tz_localize("UTC") for name in TIMES})


def _utc(moments: pd.Series) -> Any:
    """Return moments as an array without a time zone, which numpy does not know."""
    return pd.to_datetime(moments, utc=True).dt.tz_localize(None).to_numpy("datetime64[us]")


def _offered(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the line of each row, unknown where none is offered."""
    names = ["line", *PRICES, *BOOKS, "price_known_at", "is_timely"]
    found = rows[KEY].merge(lines[[*KEY, *names]], on=KEY, how="left")[names].set_axis(rows.index)
    return found.assign(is_timely=found.is_timely.eq(True))


def _ids(system: SystemId, view: MarketView) -> pd.Series:
    """Return the id of the card that each row's forecast comes from; None without one in production."""
    variants = view.rates.variant if system is SystemId.RATES else pd.Series(Variant.AT_LINE.value, view.rates.index)
    ids = {variant.value: view.month.ids.get((system, view.market.key, variant)) for variant in Variant}
    return variants.map(ids).astype(object).where(lambda found: found.notna(), None)


def _anchored(line: float, moved: float) -> str:
    return to_json([{"reason": "line", "amount": line}, {"reason": "model", "amount": moved}])

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.forecast_keys import FORECAST_KEYS, Edition, LaterThanPrice, MarketSystem, Variant
from models.markets import MARKETS, POINTS
from models.rates.averages import WEIGHTS
from models.rates.blend import Blend
from models.rates.counts import KNOTS, CountDistribution
from models.rates.forecast import forecast_markets
from models.rates.model import RatesModel
from models.rates.systems import MonthRates, forecast_every_market
from models.rates.training import train_months
from models.system_ids import POINT_SYSTEMS, SystemId

from .frames import SMALL, rates_rows

REBOUNDS, DOUBLES = "player_rebounds", "player_points_rebounds"
FEW = {key: MARKETS[key] for key in (POINTS, REBOUNDS, DOUBLES)}
STEADY = CountDistribution((1.5, 0.3, 0.0, 0.0), (0.0,), (tuple(KNOTS),), 5_000)
HALF = Blend({POINTS: 0.5}, 0.25, chance_share=0.0, rows=2_000)  # the chance is the price's
NOON = pd.Timestamp("2024-12-05 12:00", tz="UTC")
WHO: dict[str, Any] = {"game_id": "1", "player_id": 1, "team_abbr": "MIA", "opponent_team_abbr": "BOS"}
PRICED: dict[str, Any] = {
    **{"over_price": -110.0, "over_counter_price": -110.0, "over_book": "able"},
    **{"under_price": -105.0, "under_counter_price": -115.0, "under_book": "baker"},
    **{"over_prob_novig": 0.5, "price_known_at": NOON, "is_timely": True},
}


@pytest.fixture(scope="module")
def model() -> RatesModel:
    """Every second game of a player his team-mates score 20 points less, and he scores 4 more."""
    rows = rates_rows(days=75)
    alone = rows.game_date.dt.day % 2 == 0
    rows = rows.assign(mates_points=alone * -20.0, actual_points=rows.actual_points + alone * 4)
    [(_, trained)] = train_months(rows, [dt.date(2024, 12, 1)], SMALL, markets=FEW)
    return RatesModel(trained.minutes, trained.ridges, dict.fromkeys(FEW, STEADY))


@pytest.fixture(scope="module")
def month(model: RatesModel) -> MonthRates:
    variants = (Variant.AT_LINE, Variant.AT_TIP)
    ids = {(SystemId.RATES, key, variant): f"{key} {variant}" for key in FEW for variant in variants}
    ids |= {(SystemId.MARKET_BLEND, key, Variant.AT_LINE): f"blend {key}" for key in FEW}
    return MonthRates(dict.fromkeys(variants, model), HALF, ids)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """One player in both editions, whose averages are 10, 20 and 30 of everything."""
    row = rates_rows(days=1).head(1).assign(**WHO, player_status=None, known_until=NOON, absences="[]")
    for count in ("points", "reb", "ast"):
        averages = dict(zip(WEIGHTS[SystemId.PLAIN_AVERAGE], (10.0, 20.0, 30.0), strict=True))
        row = row.assign(**{f"{count}_{name}": value for name, value in averages.items()})
    return pd.concat([row.assign(edition=edition.value) for edition in Edition], ignore_index=True)


def lines(rows: pd.DataFrame, line: float = 20.5, market: str = POINTS, **changed: Any) -> pd.DataFrame:
    known = rows.head(1)[["game_date", "player_lookup"]]
    return known.assign(market=market, line=line, **{**PRICED, **changed})


def made(rows: pd.DataFrame, offered: pd.DataFrame, month: MonthRates) -> pd.DataFrame:
    forecasts = forecast_every_market(rows, offered, month, FEW)
    return forecasts.set_index(["system_id", "market", "edition"]).sort_index()


def test_every_declared_forecast_is_made_and_no_other(rows: pd.DataFrame, month: MonthRates):
    """With a line in every market; points have their own season average and line at tip-off."""
    offered = pd.concat([lines(rows, market=key) for key in FEW])
    expected = {(str(key.system_id), key.market, str(key.edition)) for key in FORECAST_KEYS if key.market in FEW}
    of_points = {(str(system), POINTS, "at_tip") for system in POINT_SYSTEMS}
    assert {*made(rows, offered, month).index} == expected - of_points


def test_a_system_that_reads_prices_may_not_read_later_facts():
    with pytest.raises(LaterThanPrice, match="rates_v1 reads prices and facts of at_tip"):
        MarketSystem(SystemId.RATES, (Edition.AT_LINE, Edition.AT_TIP), reads_prices=True)


def test_without_a_line_there_is_no_forecast_of_the_line(rows: pd.DataFrame, month: MonthRates):
    forecasts = made(rows, lines(rows).iloc[:0], month)
    assert {*forecasts.index.get_level_values("system_id")} == {"rates_v1", "plain_average_v1", "season_average_v1"}
    assert set(forecasts.recommendation) == {"NO_LINE"}
    assert forecasts.pass_reason.isna().all()


def test_nobody_to_forecast_gives_no_row(rows: pd.DataFrame, month: MonthRates):
    assert forecast_every_market(rows.iloc[:0], lines(rows), month, FEW).empty


def test_averages_are_weighted_and_summed(rows: pd.DataFrame, month: MonthRates):
    """0.5 x 10 + 0.3 x 20 + 0.2 x 30 = 17; points + rebounds are twice that."""
    forecasts = made(rows, lines(rows), month)
    assert forecasts.predicted_value["plain_average_v1", POINTS, "at_line"] == pytest.approx(17)
    assert forecasts.predicted_value["plain_average_v1", DOUBLES, "at_line"] == pytest.approx(34)
    assert forecasts.predicted_value["season_average_v1", REBOUNDS, "at_line"] == pytest.approx(30)
    unknown = made(rows.assign(reb_last_5_average=np.nan), lines(rows), month)
    assert unknown.abstain_reason["plain_average_v1", DOUBLES, "at_line"] == "MISSING_INPUT"
    assert np.isnan(unknown.predicted_value["plain_average_v1", DOUBLES, "at_line"])


def test_the_rates_forecast_the_median_and_say_its_parts(rows: pd.DataFrame, month: MonthRates, model: RatesModel):
    forecasts = made(rows, lines(rows), month)
    told = forecast_markets(rows, {Variant.AT_TIP: model}, markets=FEW)
    median = told[(told.market == POINTS) & (told.edition == "at_tip")]["median"].iat[0]
    own = forecasts.loc[("rates_v1", POINTS, "at_tip")]
    assert own.predicted_value == median
    assert own.recommendation == "PASS"
    assert own.pass_reason == "FORECAST_ONLY"
    parts = json.loads(own.components)
    assert parts[0]["reason"] == "usual"
    assert sum(part["amount"] for part in parts) == pytest.approx(median, abs=0.05)  # the smallest are left out
    assert json.loads(forecasts.loc[("rates_v1", REBOUNDS, "at_tip")].components) == []  # no line


def test_a_team_mate_who_is_out_is_a_reason_by_name(rows: pd.DataFrame, month: MonthRates):
    """His absence takes 20 points off the team; who plays as usual is no reason."""
    mates = [
        {"player": "bamadebayo", "chance": 0.0, "share": 1.0, "points": 20.0, "minutes": 34.0},
        {"player": "tylerherro", "chance": 1.0, "share": 1.0, "points": 21.0, "minutes": 33.0},
    ]
    changed = rows.assign(absences=json.dumps(mates), mates_points=-20.0, mates_minutes=-34.0, mates_fga=-15.0)
    parts = json.loads(made(changed, lines(rows), month).components["rates_v1", POINTS, "at_tip"])
    named = [part for part in parts if part["reason"] == "team-mates tonight"]
    assert [(part.get("player"), part.get("is_out")) for part in named] == [("bamadebayo", True)]
    assert named[0]["amount"] > 1


def test_a_team_mate_who_is_back_is_not_told_to_be_out(rows: pd.DataFrame, month: MonthRates):
    mates = [{"player": "bamadebayo", "chance": 1.0, "share": 0.0, "points": 20.0, "minutes": 34.0}]
    changed = rows.assign(absences=json.dumps(mates), mates_points=20.0, mates_minutes=34.0, mates_fga=15.0)
    parts = json.loads(made(changed, lines(rows), month).components["rates_v1", POINTS, "at_tip"])
    named = [part for part in parts if part.get("player")]
    assert [part["is_out"] for part in named] == [False]
    assert named[0]["amount"] < -1


def test_a_blend_moves_the_line_and_bets_where_the_price_has_value(rows: pd.DataFrame, month: MonthRates):
    """At an even chance +110 is worth 0.5 x 1.10 - 0.5 = 5 %, -105 is not; the share of points is one half."""
    forecasts = made(rows, lines(rows, over_price=110.0), month)
    own = forecasts.loc[("market_blend_v1", POINTS, "at_line")]
    median = forecasts.predicted_value["rates_v1", POINTS, "at_line"]
    assert own.predicted_value == pytest.approx(20.5 + 0.5 * (median - 20.5))
    assert own.over_probability == pytest.approx(0.5)
    assert (own.recommendation, own.price_book, own.over_price, own.under_price) == ("OVER", "able", 110.0, -110.0)
    assert own.expected_value == pytest.approx(0.05)
    assert json.loads(own.components)[0] == {"reason": "line", "amount": 20.5}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, "SMALL_VALUE"),
        ({"is_timely": False, "over_price": 200.0}, "LATE_FACTS"),
        ({"is_timely": False, "price_known_at": None, "over_price": 200.0}, "UNTIMED_PRICE"),
    ],
)
def test_a_blend_passes_without_value_and_without_a_timely_price(
    rows: pd.DataFrame, month: MonthRates, changed: dict[str, Any], reason: str
):
    own = made(rows, lines(rows, **changed), month).loc[("market_blend_v1", POINTS, "at_line")]
    assert (own.recommendation, own.pass_reason) == ("PASS", reason)
    assert np.isnan(own.expected_value)
    assert not np.isnan(own.predicted_value)


def test_one_side_only_is_bet_without_a_price_on_the_other(rows: pd.DataFrame, month: MonthRates):
    """Threes at 0.5 and -700 to go over: nobody offers the under."""
    nothing = {"under_price": np.nan, "under_book": None, "under_counter_price": np.nan, "over_counter_price": np.nan}
    offered = lines(rows, over_price=-700.0, over_prob_novig=0.98, **nothing)
    own = made(rows, offered, month).loc[("market_blend_v1", POINTS, "at_line")]
    assert own.recommendation == "OVER"
    assert own.expected_value == pytest.approx(0.98 / 7 - 0.02)


def test_a_market_without_a_card_in_production_has_no_forecast(rows: pd.DataFrame, month: MonthRates):
    without = {key: name for key, name in month.ids.items() if key[1] != POINTS}
    forecasts = made(rows, lines(rows), replace(month, ids=without))
    assert forecasts.abstain_reason["rates_v1", POINTS, "at_tip"] == "NO_MODEL"
    assert forecasts.abstain_reason["market_blend_v1", POINTS, "at_line"] == "NO_MODEL"
    assert forecasts.abstain_reason["rates_v1", REBOUNDS, "at_tip"] is None


def test_a_month_without_models_says_so_in_every_row(rows: pd.DataFrame):
    forecasts = made(rows, lines(rows), MonthRates()).reset_index()
    trained = forecasts.system_id.isin(["rates_v1", "market_blend_v1"])
    assert set(forecasts[trained].abstain_reason) == {"NO_MODEL"}
    assert forecasts[trained][["predicted_value", "over_probability", "expected_value"]].isna().all(axis=None)

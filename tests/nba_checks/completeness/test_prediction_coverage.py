"""How many of those who may be bet on have a forecast: 95 % is enough, below 85 % nothing is published."""

import datetime as dt
from pathlib import Path

import pytest

from nba_checks.completeness.prediction_coverage import prediction_coverage
from nba_checks.framework.by_date import DateResult
from nba_resources.dates import DateRange

from ...nba_platform.rows import TABLES, store
from ...shared import warehouse_at

NIGHT = dt.date(2024, 12, 1)
RULES, MARKET = "moving_average_baseline_v1", "market_line"


def judged(
    tmp_path: Path, said: dict[str, list[float | None]], eligible: int = 20, market: str = "player_points"
) -> DateResult:
    """Twenty players of whom `eligible` may be bet on; by system, what it says of the first of them."""
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    who = [{"game_date": NIGHT, "player_lookup": f"p{n:02d}"} for n in range(20)]
    features = [w | {"is_prop_eligible": n < eligible} for n, w in enumerate(who)]
    rows = [
        w | {"market": market, "system_id": system, "predicted_value": points}
        for system, spoken in said.items()
        for w, points in zip(who, spoken, strict=False)
    ]
    store(warehouse, ml_feature_store_v2=features, player_prop_predictions=rows)
    return prediction_coverage(warehouse, TABLES, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]


@pytest.mark.parametrize(
    ("predicted", "passed", "told"),
    [
        (19, True, "19 of 20 players who may be bet on have a forecast"),
        (18, False, "18 of 20 players"),
        (17, False, "17 of 20 players"),
        (16, False, "CRITICAL, not to be published: 16 of 20 players"),
    ],
)
def test_limits_are_95_and_85_percent(tmp_path: Path, predicted: int, passed: bool, told: str):
    result = judged(tmp_path, {RULES: [20.0] * predicted})
    assert result.passed is passed
    assert result.message.startswith(told)


def test_one_system_that_speaks_is_enough_and_an_abstention_is_no_forecast(tmp_path: Path):
    result = judged(tmp_path, {RULES: [None] * 10 + [20.0] * 10, "zone_matchup_v1": [20.0] * 10 + [None] * 10})
    assert result.metadata == {"eligible": 20, "predicted": 20}


def test_the_line_alone_is_no_forecast_of_ours(tmp_path: Path):
    assert judged(tmp_path, {MARKET: [20.0] * 20}).metadata == {"eligible": 20, "predicted": 0}


@pytest.mark.parametrize(("market", "predicted"), [("player_points", 20), ("player_rebounds", 0)])
def test_forecasts_of_other_markets_are_none_of_points(tmp_path: Path, market: str, predicted: int):
    found = judged(tmp_path, {"rates_v1": [8.0] * 20}, market=market)

    assert found.metadata == {"eligible": 20, "predicted": predicted}


def test_forecasts_of_players_nobody_may_bet_on_do_not_make_up_for_others(tmp_path: Path):
    assert judged(tmp_path, {RULES: [None] * 5 + [20.0] * 15}, eligible=10).metadata == {"eligible": 10, "predicted": 5}


def test_without_predictions_coverage_is_critical(tmp_path: Path):
    result = judged(tmp_path, {})
    assert not result.passed
    assert result.message.startswith("CRITICAL")


def test_an_evening_without_anyone_to_bet_on_owes_nothing(tmp_path: Path):
    assert judged(tmp_path, {}, eligible=0).passed

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from nba_assets.kit.calendar import Scope
from nba_assets.kit.table import ExpectedRows, Table
from nba_checks.framework.by_date import DateResult
from nba_platform.alerts import tables as module
from nba_platform.alerts.alert import Severity
from nba_platform.alerts.tables import coverage_of_seven_days, error_drift, predictions_before_tip, stale_data
from nba_platform.alerts.watch import AlertContext, CannotEvaluate
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Column, day, flag, integer, moment, number, text
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...nba_checks.declared import declared
from ..rows import filled

TODAY = dt.date(2024, 12, 4)
TIP = dt.datetime(2024, 12, 5, 0, 30, tzinfo=dt.UTC)
ALWAYS = DateRange(dt.date(2024, 1, 1), dt.date(2025, 12, 31))


GAME = {"game_date": day(), "game_id": text()}
ELIGIBLE = {"game_date": day(), "player_lookup": text(), "is_prop_eligible": flag()}
FORECAST = {"player_lookup": text(), "system_id": text(), "predicted_value": number(null=True)}
PERFORMANCE = {"system_id": text(), "population": text(), "n_shared_with_line": integer()}
ERRORS = {"mae_shared": number(null=True), "line_mae_shared": number(null=True)}
KEY = {"market": text("", "player_points", "player_rebounds"), "edition": text("", "at_tip", "at_line")}
FIXTURE = GAME | {"season_type": text(), "status": text(), "start_time_utc": moment(null=True)}


def stored(name: str, columns: Mapping[str, Column], **options: Any) -> Table:
    return declared(name, "nba_test", list(columns), columns, expected_rows=ExpectedRows.GAMES, **options)


TABLES = {
    one.contract.name: one
    for one in (
        stored("seasons", {"start_date": day()}, partition=None),
        stored("schedule", FIXTURE),
        stored("player_boxscores", GAME),
        stored("ml_feature_store_v2", ELIGIBLE, scope=Scope.AFTER_BOOTSTRAP),
        stored("player_prop_predictions", {"game_date": day()} | FORECAST | KEY),
        stored("system_daily_performance", {"game_date": day()} | PERFORMANCE | ERRORS | KEY),
    )
}


@dataclass
class World:
    facts: AlertContext

    def store(self, name: str, *rows: tuple) -> None:
        contract = TABLES[name].contract
        named = filled(contract, [dict(zip(contract.columns, row, strict=False)) for row in rows])
        self.facts.warehouse.replace(contract, ALWAYS if contract.partition else None, named)

    def games(self, *dates: dt.date, tip: dt.datetime | None = TIP) -> None:
        self.store("schedule", *((date, f"g{date}", "regular", "scheduled", tip) for date in dates))

    def slate(self, eligible: int, predicted: int, system: str = "xgboost_v1") -> None:
        players = [f"p{n}" for n in range(eligible)]
        self.store("ml_feature_store_v2", *((TODAY, player, True) for player in players), (TODAY, "bench", False))
        said = [(TODAY, player, system, 20.0 if n < predicted else None) for n, player in enumerate(players)]
        self.store("player_prop_predictions", *said, (TODAY, "bench", system, 2.0))


@pytest.fixture
def world(tmp_path: Path) -> World:
    warehouse = DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
    made = World(AlertContext(warehouse, TABLES, dg.DagsterInstance.ephemeral(), TODAY, TIP - dt.timedelta(minutes=60)))
    made.store("seasons", (dt.date(2023, 10, 24),), (dt.date(2024, 10, 22),))
    made.games(TODAY)
    return made


def test_a_slate_of_which_all_but_one_in_twenty_is_predicted_is_well(world):
    world.slate(eligible=20, predicted=19)
    assert predictions_before_tip(world.facts) == []


@pytest.mark.parametrize(("predicted", "severity"), [(18, Severity.WARNING), (16, Severity.CRITICAL)])
def test_a_slate_with_gaps_is_told_an_hour_before_tip_and_over_when_mended(world, predicted, severity):
    world.slate(eligible=20, predicted=predicted)
    (alert,) = predictions_before_tip(world.facts)
    assert (alert.key, alert.severity) == ("predictions_before_tip/2024-12-04", severity)
    assert alert.happened == f"on 2024-12-04 {predicted} of 20 players who may be bet on have a forecast, expected 95%"
    assert "nba backfill 2024-12-04 --select +player_prop_predictions" in alert.to_do
    world.slate(eligible=20, predicted=20)
    assert predictions_before_tip(world.facts) == []


def test_the_alert_of_an_evening_names_it_as_the_one_before_ends_at_the_same_look(world):
    """The one message said that they were lacking, the other that they no longer were."""
    world.slate(eligible=20, predicted=16)
    (alert,) = predictions_before_tip(world.facts)
    assert alert.title == "Predictions of 2024-12-04 are lacking"


def test_a_line_is_no_forecast_of_ours(world):
    world.slate(eligible=20, predicted=20, system="market_line")
    (alert,) = predictions_before_tip(world.facts)
    assert "0 of 20 players" in alert.happened


def test_a_slate_without_any_features_is_no_slate_predicted(world):
    """0 of 0 is not 100 %."""
    (alert,) = predictions_before_tip(world.facts)
    assert alert.severity is Severity.CRITICAL
    assert "0 of 0 players" in alert.happened


def test_earlier_than_an_hour_before_tip_nothing_is_late(world):
    with pytest.raises(CannotEvaluate, match="more than an hour away"):
        predictions_before_tip(replace(world.facts, now=TIP - dt.timedelta(minutes=61)))


def test_without_a_tip_off_time_nothing_can_be_late(world):
    world.games(TODAY, tip=None)
    with pytest.raises(CannotEvaluate, match="no tip-off"):
        predictions_before_tip(world.facts)


def test_the_first_days_of_a_season_owe_no_predictions_and_neither_does_a_free_day(world):
    opening = dt.date(2024, 10, 22)
    world.games(opening)
    assert predictions_before_tip(replace(world.facts, today=opening)) == []
    assert predictions_before_tip(replace(world.facts, today=TODAY)) == []


def fresh(world: World, boxes: dt.date, features: dt.date) -> None:
    world.store("player_boxscores", (boxes, "a"))
    world.store("ml_feature_store_v2", (features, "p", True))


def test_on_a_game_day_a_table_two_game_days_behind_is_stale(world):
    world.games(dt.date(2024, 12, 1), dt.date(2024, 12, 3), TODAY)
    fresh(world, boxes=dt.date(2024, 12, 3), features=dt.date(2024, 12, 3))
    assert stale_data(world.facts) == []
    fresh(world, boxes=dt.date(2024, 12, 1), features=dt.date(2024, 12, 3))
    (alert,) = stale_data(world.facts)
    assert alert.key == "stale_data/player_boxscores"
    assert alert.to_do == "run `nba backfill 2024-12-03 2024-12-04 --select +player_boxscores`"


def test_a_table_never_written_is_stale(world):
    world.store("player_boxscores", (TODAY, "a"))
    (alert,) = stale_data(world.facts)
    assert (alert.key, alert.title) == ("stale_data/ml_feature_store_v2", "ml_feature_store_v2 is empty")


def test_days_off_are_no_days_behind_and_are_not_judged(world):
    fresh(world, boxes=TODAY, features=TODAY)
    with pytest.raises(CannotEvaluate, match="has no games"):
        stale_data(replace(world.facts, today=dt.date(2024, 12, 6)))
    world.games(TODAY, dt.date(2024, 12, 20))
    assert stale_data(replace(world.facts, today=dt.date(2024, 12, 20))) == []


def test_a_table_of_history_is_not_stale_while_it_is_empty_by_design(world):
    """A new season: its features begin after two weeks, its box scores at once."""
    world.games(dt.date(2024, 4, 14), *(dt.date(2024, 10, n) for n in (22, 23, 24)))
    fresh(world, boxes=dt.date(2024, 4, 14), features=dt.date(2024, 4, 14))
    (alert,) = stale_data(replace(world.facts, today=dt.date(2024, 10, 24)))
    assert alert.key == "stale_data/player_boxscores"


def graded(world: World, recent: float, before: float, system: str = "xgboost_v1", rows: int = 500) -> None:
    """Two evenings in the last four weeks and two before them, `rows` each: errors against a line off by 5."""
    evenings = [(dt.date(2024, 12, 1), recent), (dt.date(2024, 12, 2), recent)]
    evenings += [(dt.date(2024, 10, 30), before), (dt.date(2024, 10, 31), before)]
    empty = (dt.date(2024, 12, 3), system, "with_line", 0, None, None)
    said = [(date, system, "with_line", rows, 5.0 + gap, 5.0) for date, gap in evenings]
    world.store("system_daily_performance", *said, *((d, s, "all", *_) for d, s, _p, *_ in said), empty)


def test_an_error_that_drifts_from_the_lines_is_told_and_over_when_it_returns(world):
    graded(world, recent=0.45, before=0.10)
    (alert,) = error_drift(world.facts)
    assert alert.key == "error_drift/xgboost_v1"
    assert "+0.45 points against the line's, +0.10 in the 90 days before" in alert.happened
    graded(world, recent=0.35, before=0.10)
    assert error_drift(world.facts) == []


def test_a_rising_error_that_the_line_shares_is_no_drift(world):
    world.store(
        "system_daily_performance",
        (dt.date(2024, 12, 1), "xgboost_v1", "with_line", 1000, 6.1, 6.0),
        (dt.date(2024, 10, 30), "xgboost_v1", "with_line", 1000, 5.0, 5.0),
    )
    assert error_drift(world.facts) == []


@pytest.mark.parametrize("place", [("player_rebounds", "at_tip"), ("player_points", "at_line")])
def test_errors_of_another_market_or_edition_are_not_told_as_a_drift_in_points(world, place):
    evenings = [(dt.date(2024, 12, 1), 7.0), (dt.date(2024, 10, 30), 5.0)]
    others = [(date, "xgboost_v1", "with_line", 1000, error, 5.0, *place) for date, error in evenings]
    points = [(date, "xgboost_v1", "with_line", 1000, 5.1, 5.0) for date, _ in evenings]
    world.store("system_daily_performance", *points, *others)
    assert error_drift(world.facts) == []


def test_a_few_rows_are_no_drift(world):
    graded(world, recent=3.0, before=0.0, rows=499)
    with pytest.raises(CannotEvaluate, match="no system has 1,000 graded rows"):
        error_drift(world.facts)


def test_without_grades_drift_is_not_judged(world):
    with pytest.raises(CannotEvaluate, match="no forecast was graded yet"):
        error_drift(world.facts)


def windows(monkeypatch: pytest.MonkeyPatch, served: dict[dt.date, int]) -> list[DateRange]:
    """Replace the check of seven days: the games with everything, of ten each."""
    asked: list[DateRange] = []

    def judge(warehouse: object, tables: object, dates: DateRange, today: dt.date) -> dict[dt.date, DateResult]:
        asked.append(dates)
        command = "run `nba backfill A B --select upcoming_player_game_context+`"
        return {
            date: DateResult(
                n >= 8, f"{n} of 10 games; {command}" if n < 8 else "ok", {"games": 10, "layer_4_games": n}
            )
            for date, n in served.items()
        }

    monkeypatch.setattr(module, "layers_of_the_last_seven_days", judge)
    return asked


def test_any_seven_days_of_the_season_under_four_fifths_are_told_with_the_worst_first(world, monkeypatch):
    world.games(dt.date(2024, 4, 14), dt.date(2024, 10, 22), TODAY)
    asked = windows(monkeypatch, {dt.date(2024, 11, 20): 7, dt.date(2024, 11, 21): 5, TODAY: 10})
    (alert,) = coverage_of_seven_days(world.facts)
    assert asked == [DateRange(dt.date(2024, 7, 1), TODAY)]
    assert alert.happened == "up to 2024-11-21 only 5 of 10 games; 2 windows of 7 days are below 80 %"
    assert alert.to_do == "`nba backfill A B --select upcoming_player_game_context+`; then `nba coverage`"


def test_coverage_is_over_when_every_window_is_mended(world, monkeypatch):
    windows(monkeypatch, {dt.date(2024, 11, 20): 8, TODAY: 10})
    assert coverage_of_seven_days(world.facts) == []

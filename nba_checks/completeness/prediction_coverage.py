"""Count how many players who may be bet on have a forecast of one of our systems."""

import datetime as dt
from dataclasses import dataclass

from nba_assets.kit.table import Tables
from nba_checks.framework.by_date import DateResult, DateResults
from nba_checks.framework.expected_counts import counts_by_date, rows_between
from nba_checks.leakage.grade_alarms import OURS
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

ENOUGH, CRITICAL = 0.95, 0.85


@dataclass(frozen=True)
class Forecast:
    """Players of one date who may be bet on, and those with a forecast of a system that is not a reference."""

    eligible: int = 0
    predicted: int = 0

    @property
    def share(self) -> float:
        """The share of players with a forecast; 0 without any player."""
        return self.predicted / self.eligible if self.eligible else 0.0

    @property
    def found(self) -> str:
        """The counts as a phrase."""
        return f"{self.predicted} of {self.eligible} players who may be bet on have a forecast"


def prediction_coverage(warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date) -> DateResults:
    """95 % of the players who may be bet on have a forecast of at least one of our systems; below 85 % is critical."""
    forecasts = forecasts_by_date(warehouse, tables, dates)
    return {date: _result(date, forecasts.get(date, Forecast())) for date in dates}


def forecasts_by_date(warehouse: Warehouse, tables: Tables, dates: DateRange) -> dict[dt.date, Forecast]:
    """Count the players of each date with anybody who may be bet on."""
    features, predictions = (tables[name] for name in ("ml_feature_store_v2", "player_prop_predictions"))
    if not warehouse.holds(features.contract):
        return {}
    key = ["game_date", "player_lookup"]
    eligible = rows_between(features, dates).filter("is_prop_eligible").select(key)
    counts = counts_by_date(warehouse.read(eligible.group_by("game_date").aggregate(eligible=eligible.count())))
    predicted: dict[dt.date, dict[str, int]] = {}
    if warehouse.holds(predictions.contract):
        rows = rows_between(predictions, dates)
        players = rows.filter(rows.system_id.isin(OURS), rows.predicted_points.notnull()).select(key).distinct()
        players = players.semi_join(eligible, key)
        predicted = counts_by_date(warehouse.read(players.group_by("game_date").aggregate(predicted=players.count())))
    return {day: Forecast(**count, **predicted.get(day, {})) for day, count in counts.items()}


def _result(date: dt.date, forecast: Forecast) -> DateResult:
    numbers = {"eligible": forecast.eligible, "predicted": forecast.predicted}
    if not forecast.eligible:
        return DateResult(True, "no stored player of the date may be bet on", numbers)
    if forecast.share >= ENOUGH:
        return DateResult(True, forecast.found, numbers)
    critical = "CRITICAL, not to be published: " if forecast.share < CRITICAL else ""
    step = f"run `nba backfill {date} --select player_prop_predictions`"
    return DateResult(False, f"{critical}{forecast.found}, expected {ENOUGH:.0%}; {step}", numbers)

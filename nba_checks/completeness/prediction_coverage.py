"""Count how many players who may be bet on have a forecast of points by one of our systems."""

import datetime as dt
from dataclasses import dataclass

import ibis.expr.types as ir

from models.markets import POINTS
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Tables
from nba_checks.framework.by_date import DateResult, DateResults
from nba_checks.framework.stored_rows import counts_by_date, rows_between
from nba_checks.leakage.grade_alarms import OURS
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

ENOUGH, CRITICAL = 0.95, 0.85
_PLAYER = ["game_date", "player_lookup"]


@dataclass(frozen=True)
class Forecast:
    """Players of one date who may be bet on, and those with a forecast of points that is not a reference's."""

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
    """95 % of the players who may be bet on have a forecast of points by one of our systems; below 85 % is critical."""
    forecasts = forecasts_by_date(warehouse, tables, dates)
    return {date: _result(date, forecasts.get(date, Forecast())) for date in dates}


def forecasts_by_date(warehouse: Warehouse, tables: Tables, dates: DateRange) -> dict[dt.date, Forecast]:
    """Count the players of each date with anybody who may be bet on."""
    features, predictions = (tables[name] for name in ("ml_feature_store_v2", "player_prop_predictions"))
    if not warehouse.holds(features.contract):
        return {}
    counts = counts_by_date(warehouse.read(_eligible(tables, dates)))
    predicted: dict[dt.date, dict[str, int]] = {}
    if warehouse.holds(predictions.contract):
        predicted = counts_by_date(warehouse.read(_predicted(tables, dates)))
    return {day: Forecast(**count, **predicted.get(day, {})) for day, count in counts.items()}


def _eligible_players(tables: Tables, dates: DateRange) -> ir.Table:
    return rows_between(tables["ml_feature_store_v2"], dates).filter("is_prop_eligible").select(_PLAYER)


@stored_query
def _eligible(tables: Tables, dates: DateRange) -> ir.Table:
    players = _eligible_players(tables, dates)
    return players.group_by("game_date").aggregate(eligible=players.count())


@stored_query
def _predicted(tables: Tables, dates: DateRange) -> ir.Table:
    rows = rows_between(tables["player_prop_predictions"], dates)
    ours = rows.filter(rows.market == POINTS, rows.system_id.isin(OURS), rows.predicted_value.notnull())
    players = ours.select(_PLAYER).distinct()
    players = players.semi_join(_eligible_players(tables, dates), _PLAYER)
    return players.group_by("game_date").aggregate(predicted=players.count())


def _result(date: dt.date, forecast: Forecast) -> DateResult:
    numbers = {"eligible": forecast.eligible, "predicted": forecast.predicted}
    if not forecast.eligible:
        return DateResult(True, "no stored player of the date may be bet on", numbers)
    if forecast.share >= ENOUGH:
        return DateResult(True, forecast.found, numbers)
    critical = "CRITICAL, not to be published: " if forecast.share < CRITICAL else ""
    step = f"run `nba backfill {date} --select player_prop_predictions`"
    return DateResult(False, f"{critical}{forecast.found}, expected {ENOUGH:.0%}; {step}", numbers)

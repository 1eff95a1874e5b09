"""Conditions read off the tables: coverage, tonight's predictions, stale data, errors that drift from the line's."""

import datetime as dt
from typing import Any

import pandas as pd

from models.systems.base import SystemId
from nba_assets.kit.calendar import BOOTSTRAP_DAYS, Scope, counted, season_floor
from nba_assets.kit.table import Table
from nba_checks.completeness.freshness import BEHIND_AT_MOST, freshness
from nba_checks.completeness.layers import DAYS, layers_of_the_last_seven_days
from nba_checks.completeness.prediction_coverage import CRITICAL, ENOUGH, Forecast, forecasts_by_date
from nba_platform.alerts.alert import Alert, Severity
from nba_platform.alerts.watch import AlertContext, CannotEvaluate
from nba_resources.dates import DateRange

BEFORE_TIP = dt.timedelta(hours=1)
KEPT_FRESH = ("player_boxscores", "ml_feature_store_v2")  # where facts come in, and where they are ready for a model
RECENT, BEFORE = dt.timedelta(days=28), dt.timedelta(days=90)
DRIFT, ENOUGH_ROWS = 0.3, 1_000  # points; the mean of 1,000 differences of errors is good to about 0.1


def coverage_of_seven_days(facts: AlertContext) -> list[Alert]:
    """In every seven days of the season so far, 80 % of the finished games need everything a forecast needs."""
    season = DateRange(max(season_floor(facts.today), _first_game(facts)), facts.today)
    verdicts = layers_of_the_last_seven_days(facts.warehouse, facts.tables, season, facts.today)
    failed = {date: verdict for date, verdict in verdicts.items() if not verdict.passed}
    if not failed:
        return []
    worst = min(failed, key=lambda date: (_served(failed[date].metadata), -date.toordinal()))
    said, _, command = failed[worst].message.partition("; run ")
    happened = f"up to {worst} only {said}; {len(failed)} windows of {DAYS} days are below 80 %"
    title = f"Coverage under 80 % in {DAYS} days"
    return [Alert("coverage_of_seven_days", Severity.CRITICAL, title, happened, f"{command}; then `nba coverage`")]


def predictions_before_tip(facts: AlertContext) -> list[Alert]:
    """An hour before the first tip-off 95 % of the players who may be bet on need a forecast of ours."""
    games = facts.tables["schedule"].contract.table()
    tonight = facts.warehouse.read(counted(games.filter(games.game_date == facts.today)))
    if tonight.empty or _is_early(facts, facts.today):
        return []
    tip = tonight["start_time_utc"].min()
    if pd.isna(tip):
        raise CannotEvaluate(f"no tip-off of {facts.today} is known")
    if facts.now < tip - BEFORE_TIP:
        raise CannotEvaluate(f"the first tip-off of {facts.today} is more than an hour away")
    whole = forecasts_by_date(facts.warehouse, facts.tables, DateRange(facts.today, facts.today))
    forecast = whole.get(facts.today, Forecast())
    if forecast.share >= ENOUGH:
        return []
    happened = f"on {facts.today} {forecast.found}"
    severity = Severity.CRITICAL if forecast.share < CRITICAL else Severity.WARNING
    to_do = f"run `nba backfill {facts.today} --select +player_prop_predictions` and publish nothing before"
    return [Alert(f"predictions_before_tip/{facts.today}", severity, "Predictions are lacking", happened, to_do)]


def stale_data(facts: AlertContext) -> list[Alert]:
    """On a game day no table may be more than a game day behind; in July nothing is stale."""
    games = facts.tables["schedule"].contract.table()
    if facts.warehouse.read(counted(games.filter(games.game_date == facts.today)).limit(1)).empty:
        raise CannotEvaluate(f"{facts.today} has no games")
    return [alert for name in KEPT_FRESH for alert in _stale(facts, facts.tables[name])]


def error_drift(facts: AlertContext) -> list[Alert]:
    """A system's error less the line's, on the same rows: four weeks against the three months before them.

    Its own error rises and falls with the season; against the line it should not. The line knows of every change that
    we have missed.
    """
    alerts = []
    for system, recent, before in _gaps_to_the_line(facts).itertuples(name=None):
        if recent - before > DRIFT:
            happened = f"in the {RECENT.days} days up to {facts.today} its error was {recent:+.2f} points against the "
            happened += f"line's, {before:+.2f} in the {BEFORE.days} days before"
            to_do = f"see `nba evaluate`, and the feature checks of the same weeks; stop publishing {system} meanwhile"
            alerts.append(Alert(f"error_drift/{system}", Severity.WARNING, f"{system} drifts", happened, to_do))
    return alerts


def _served(numbers: Any) -> float:
    return numbers["layer_4_games"] / max(1, numbers["games"])


def _first_game(facts: AlertContext) -> dt.date:
    games = counted(facts.tables["schedule"].contract.table())
    first = facts.warehouse.read(games.filter(games.game_date <= facts.today).game_date.min().name("day").as_table())
    if pd.isna(first["day"].iat[0]):
        raise CannotEvaluate("no game is on the stored schedule")
    return pd.Timestamp(first["day"].iat[0]).date()


def _is_early(facts: AlertContext, date: dt.date) -> bool:
    """Within the first days of a season, on which tables of history are empty by design."""
    starts = facts.warehouse.read(facts.tables["seasons"].contract.table().select("start_date"))["start_date"]
    return any(0 <= (date - start.date()).days < BOOTSTRAP_DAYS for start in starts)


def _stale(facts: AlertContext, table: Table) -> list[Alert]:
    name = table.contract.name
    to_do = f"see the last runs; then `nba backfill START END --select +{name}` for the dates that lack"
    if not facts.warehouse.holds(table.contract):
        return [Alert(f"stale_data/{name}", Severity.CRITICAL, f"{name} is empty", "it was never written", to_do)]
    found = freshness(facts.warehouse, table, facts.tables, facts.today)
    early = table.scope is Scope.AFTER_BOOTSTRAP
    behind = [day for day in found.behind if not (early and _is_early(facts, day))]
    if len(behind) <= BEHIND_AT_MOST:
        return []
    happened = f"its newest row is of {found.newest or 'no date'}, {len(behind)} game days before {facts.today}"
    to_do = f"run `nba backfill {behind[0]} {behind[-1]} --select +{name}`"
    return [Alert(f"stale_data/{name}", Severity.CRITICAL, f"{name} is stale", happened, to_do)]


def _gaps_to_the_line(facts: AlertContext) -> pd.DataFrame:
    """Mean error less the line's by system, recent weeks and those before, where both have enough rows."""
    table = facts.tables.get("system_daily_performance")
    if table is None or not facts.warehouse.holds(table.contract):
        raise CannotEvaluate("no forecast was graded yet")
    rows = table.contract.table()
    span = rows.game_date.between(facts.today - RECENT - BEFORE, facts.today)
    rows = rows.filter(span, rows.population == "with_line", rows.system_id != SystemId.MARKET_LINE)
    days = facts.warehouse.read(rows.filter(rows.n_shared_with_line > 0))
    days["recent"] = days["game_date"] > pd.Timestamp(facts.today - RECENT)
    days["gap"] = (days["mae_shared"] - days["line_mae_shared"]) * days["n_shared_with_line"]
    sums = days.groupby(["system_id", "recent"])[["gap", "n_shared_with_line"]].sum()
    means = (sums["gap"] / sums["n_shared_with_line"])[sums["n_shared_with_line"] >= ENOUGH_ROWS]
    both = means.unstack("recent").reindex(columns=[True, False]).dropna()
    if both.empty:
        raise CannotEvaluate(f"no system has {ENOUGH_ROWS:,} graded rows with a line both recently and before")
    return both

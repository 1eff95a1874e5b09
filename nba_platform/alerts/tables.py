"""Alert conditions on the tables: coverage, tonight's predictions, stale data, drifting errors."""

import datetime as dt
from typing import Any

import pandas as pd

from models.forecast_keys import house_key
from models.markets import POINTS
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
FRESH_TABLES = ("player_boxscores", "ml_feature_store_v2")  # the first table of a game, and the last before a model
RECENT, BEFORE = dt.timedelta(days=28), dt.timedelta(days=90)
DRIFT, ENOUGH_ROWS = 0.3, 1_000  # points; the mean of 1,000 differences of errors is good to about 0.1


def coverage_of_seven_days(context: AlertContext) -> list[Alert]:
    """In any seven days of the season so far, less than 80 % of the finished games have all that forecasts need."""
    season = DateRange(max(season_floor(context.today), _first_game(context)), context.today)
    results = layers_of_the_last_seven_days(context.warehouse, context.tables, season, context.today)
    failed = {date: result for date, result in results.items() if not result.passed}
    if not failed:
        return []

    def served_share(date: dt.date) -> float:
        numbers: Any = failed[date].metadata
        return numbers["layer_4_games"] / max(1, numbers["games"])

    worst = min(failed, key=lambda date: (served_share(date), -date.toordinal()))
    share, _, command = failed[worst].message.partition("; run ")
    happened = f"up to {worst} only {share}; {len(failed)} windows of {DAYS} days are below 80 %"
    title = f"Coverage under 80 % in {DAYS} days"
    return [Alert("coverage_of_seven_days", Severity.CRITICAL, title, happened, f"{command}; then `nba coverage`")]


def predictions_before_tip(context: AlertContext) -> list[Alert]:
    """An hour before the first tip-off, less than 95 % of the players who may be bet on have a forecast."""
    date = context.today
    games = context.tables["schedule"].contract.table()
    tonight = context.warehouse.read(counted(games.filter(games.game_date == date)))
    if tonight.empty or _is_bootstrap(context, date):
        return []
    tip = tonight["start_time_utc"].min()
    if pd.isna(tip):
        raise CannotEvaluate(f"no tip-off of {date} is known")
    if context.now < tip - BEFORE_TIP:
        raise CannotEvaluate(f"the first tip-off of {date} is more than an hour away")
    forecast = forecasts_by_date(context.warehouse, context.tables, DateRange(date, date)).get(date, Forecast())
    if forecast.share >= ENOUGH:
        return []
    happened = f"on {date} {forecast.found}, expected {ENOUGH:.0%}"
    severity = Severity.CRITICAL if forecast.share < CRITICAL else Severity.WARNING
    to_do = f"run `nba backfill {date} --select +player_prop_predictions` and publish nothing before"
    return [Alert(f"predictions_before_tip/{date}", severity, f"Predictions of {date} are lacking", happened, to_do)]


def stale_data(context: AlertContext) -> list[Alert]:
    """On a game day, a table is more than one game day behind."""
    games = context.tables["schedule"].contract.table()
    if context.warehouse.read(counted(games.filter(games.game_date == context.today)).limit(1)).empty:
        raise CannotEvaluate(f"{context.today} has no games")
    return [alert for name in FRESH_TABLES if (alert := _stale(context, context.tables[name]))]


def error_drift(context: AlertContext) -> list[Alert]:
    """A system's error on points minus the line's, on the same rows, rose from three months to the last four weeks.

    The error itself rises and falls with the season; the difference should not, as the line adapts to every change.
    """
    alerts = []
    for system, recent, before in _gaps_to_the_line(context).itertuples(name=None):
        if recent - before > DRIFT:
            happened = (
                f"in the {RECENT.days} days up to {context.today} its error was {recent:+.2f} points against the "
                f"line's, {before:+.2f} in the {BEFORE.days} days before; a rise of at most {DRIFT} is expected"
            )
            to_do = f"see `nba evaluate`, and the feature checks of the same weeks; stop publishing {system} meanwhile"
            alerts.append(Alert(f"error_drift/{system}", Severity.WARNING, f"{system} drifts", happened, to_do))
    return alerts


def _first_game(context: AlertContext) -> dt.date:
    games = counted(context.tables["schedule"].contract.table())
    games = games.filter(games.game_date <= context.today)
    first = context.warehouse.read(games.game_date.min().name("day").as_table())["day"].iat[0]
    if pd.isna(first):
        raise CannotEvaluate("no game is on the stored schedule")
    return pd.Timestamp(first).date()


def _is_bootstrap(context: AlertContext, date: dt.date) -> bool:
    """Return whether the date is in the first days of a season, when tables of history are empty by design."""
    starts = context.warehouse.read(context.tables["seasons"].contract.table().select("start_date"))["start_date"]
    return any(0 <= (date - start.date()).days < BOOTSTRAP_DAYS for start in starts)


def _stale(context: AlertContext, table: Table) -> Alert | None:
    name = table.contract.name
    if not context.warehouse.holds(table.contract):
        to_do = f"see the last runs; then `nba backfill START END --select +{name}` for the missing dates"
        return Alert(f"stale_data/{name}", Severity.CRITICAL, f"{name} is empty", "it was never written", to_do)
    state = freshness(context.warehouse, table, context.tables, context.today)
    early = table.scope is Scope.AFTER_BOOTSTRAP
    behind = [day for day in state.behind if not (early and _is_bootstrap(context, day))]
    if len(behind) <= BEHIND_AT_MOST:
        return None
    happened = (
        f"its newest row is of {state.newest or 'no date'}, {len(behind)} game days before {context.today}; "
        f"at most {BEHIND_AT_MOST} is expected"
    )
    to_do = f"run `nba backfill {behind[0]} {behind[-1]} --select +{name}`"
    return Alert(f"stale_data/{name}", Severity.CRITICAL, f"{name} is stale", happened, to_do)


def _gaps_to_the_line(context: AlertContext) -> pd.DataFrame:
    """Return mean error minus the line's by system, recent and before, where both have enough rows."""
    table = context.tables.get("system_daily_performance")
    if table is None or not context.warehouse.holds(table.contract):
        raise CannotEvaluate("no forecast was graded yet")
    rows = table.contract.table()
    span = rows.game_date.between(context.today - RECENT - BEFORE, context.today)
    key = house_key(POINTS)
    rows = rows.filter(span, rows.market == key.market, rows.edition == key.edition.value)
    rows = rows.filter(rows.population == "with_line", rows.system_id != SystemId.MARKET_LINE.value)
    days = context.warehouse.read(rows.filter(rows.n_shared_with_line > 0))
    days["recent"] = days["game_date"] > pd.Timestamp(context.today - RECENT)
    days["gap"] = (days["mae_shared"] - days["line_mae_shared"]) * days["n_shared_with_line"]
    sums = days.groupby(["system_id", "recent"])[["gap", "n_shared_with_line"]].sum()
    means = (sums["gap"] / sums["n_shared_with_line"])[sums["n_shared_with_line"] >= ENOUGH_ROWS]
    both = means.unstack("recent").reindex(columns=[True, False]).dropna()
    if both.empty:
        raise CannotEvaluate(f"no system has {ENOUGH_ROWS:,} graded rows with a line both recently and before")
    return both

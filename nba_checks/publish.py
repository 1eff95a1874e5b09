"""Decide whether the forecasts of a date may be published. A guard that cannot be evaluated refuses.

Every guard of a predecessor failed open: an error in one of them published everything. Each reason names the command
that removes it, or says that none does.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import dagster as dg
import ibis.expr.types as ir

from models.forecast_keys import house_key
from models.markets import POINTS
from models.systems import SYSTEMS
from models.training.gates import ModelStatus
from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import BOOTSTRAP_DAYS, month_of
from nba_assets.kit.stored_query import MakeQuery, stored_query
from nba_assets.kit.table import Tables
from nba_checks.all import all_checks
from nba_checks.completeness.freshness import freshness
from nba_checks.completeness.prediction_coverage import CRITICAL, Forecast, forecasts_by_date
from nba_checks.completeness.source_gaps import games_the_source_lacks, reason_of
from nba_checks.framework.check_results import CheckResult, check_results, latest_check_result
from nba_checks.framework.count_queries import WarehouseQueries, counted_tables
from nba_checks.framework.counts import count_expected
from nba_checks.leakage.grade_alarms import GRADES
from nba_checks.leakage.replay import upstream
from nba_checks.permission import UNDETERMINED, Evidence, Publish, as_text, place_of, still_valid
from nba_checks.quality.rejected_rows import rejections
from nba_platform.dagster_compat.instance_records import query_of, store_value, value
from nba_resources.dates import DateRange
from nba_resources.errors import UserError
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

PREDICTIONS, MODELS, GAMES = "player_prop_predictions", "ml_model_registry", "player_game_summary"
HOUSE = house_key(POINTS)
TRAINED = tuple(system.id for system in SYSTEMS if system.trained)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublishInputs:
    """The date to decide on, and what the guards read."""

    instance: dg.DagsterInstance
    warehouse: Warehouse
    tables: Tables
    date: dt.date
    today: dt.date

    @cached_property
    def checks(self) -> list[dg.AssetCheckSpec]:
        """All checks; to create them takes longer than most guards."""
        return [spec for check in all_checks(self.tables) for spec in check.check_specs]

    def count(self, query: MakeQuery) -> int:
        """Count rows of the date."""
        found = self.warehouse.read(query(self.tables, DateRange(self.date, self.date)))
        return int(found["rows"].iat[0])


def permission(
    instance: dg.DagsterInstance, warehouse: Warehouse, tables: Tables, date: dt.date, today: dt.date
) -> Publish:
    """Return the stored decision on a date, or decide and store it.

    What a decision rests on is read before the guards are evaluated: what changes meanwhile makes it invalid.
    """
    try:
        evidence = Evidence(query_of(instance), warehouse, today)
        if stored := still_valid(value(instance, place_of(date)), evidence, date):
            return stored
        inputs = PublishInputs(instance, warehouse, tables, date, today)
        checks = sorted({key.name for key in _blocking(inputs, (*upstream(tables, PREDICTIONS), GRADES))})
        digests = {refused: evidence.digest(date, checks, refused) for refused in (True, False)}
    except Exception as error:
        if not isinstance(error, UserError):  # each guard will name it
            logger.exception("what a decision to publish rests on cannot be read")
        return publishable(instance, warehouse, tables, date, today)
    decision = publishable(instance, warehouse, tables, date, today)
    if not decision.undetermined:
        store_value(instance, place_of(date), as_text(decision, checks, digests[not decision.allowed]))
    return decision


def publishable(
    instance: dg.DagsterInstance, warehouse: Warehouse, tables: Tables, date: dt.date, today: dt.date
) -> Publish:
    """Decide whether the forecasts of a date may be published as of today."""
    inputs = PublishInputs(instance, warehouse, tables, date, today)
    return Publish(tuple(reason for question, guard in GUARDS.items() for reason in _reasons(question, guard, inputs)))


def _reasons(question: str, guard: Callable[[PublishInputs], Iterable[str]], inputs: PublishInputs) -> list[str]:
    """Return the reasons of one guard; any error in it is a reason, too."""
    try:
        return list(guard(inputs))
    except Exception as error:
        if not isinstance(error, UserError):
            logger.exception("a guard before publishing failed")
        step = f"run `nba doctor`, and `nba backfill {inputs.date}` if a table is missing"
        return [f"{UNDETERMINED} {question}; {step}: {type(error).__name__}: {error}"]


def _not_due(inputs: PublishInputs) -> Iterator[str]:
    if inputs.date > inputs.today:
        yield f"{inputs.date} is after {inputs.today}; nothing can be done before {inputs.date}"


def _too_few_forecasts(inputs: PublishInputs) -> Iterator[str]:
    if not inputs.count(_house_forecasts):
        yield f"no forecast of {inputs.date} is stored; {_step_without_forecasts(inputs)}"
        return
    span = DateRange(inputs.date, inputs.date)
    forecast = forecasts_by_date(inputs.warehouse, inputs.tables, span).get(inputs.date, Forecast())
    if forecast.share < CRITICAL:
        step = f"run `nba backfill {inputs.date}`"
        yield f"only {forecast.found} on {inputs.date}, less than {CRITICAL:.0%}; {step}"


def _step_without_forecasts(inputs: PublishInputs) -> str:
    span = DateRange(inputs.date, inputs.date)
    try:
        queries = WarehouseQueries(inputs.warehouse, inputs.tables)
        counts = next(iter(count_expected(queries, counted_tables(inputs.tables), span, ())), None)
    except WarehouseUnavailable:  # no schedule: the command loads it
        return f"run `nba backfill {inputs.date}`"
    if counts is None or not counts.games:
        return "nothing can be done, because no game is scheduled on this date"
    if counts.is_bootstrap and counts.days_into_season is not None:
        first = inputs.date + dt.timedelta(days=BOOTSTRAP_DAYS - counts.days_into_season)
        return f"nothing can be done: forecasts of this season begin on {first}"
    return f"run `nba backfill {inputs.date}`"


def _failed_checks(inputs: PublishInputs) -> Iterator[str]:
    checks = _blocking(inputs, upstream(inputs.tables, PREDICTIONS))
    results = check_results(inputs.instance, checks, inputs.date)
    for check in checks:
        yield from _objections(check, results.get(check), "for", inputs.date)


def _leakage_alarms(inputs: PublishInputs) -> Iterator[str]:
    alarms = _blocking(inputs, [GRADES])
    if not alarms:
        yield f"{GRADES} has no leakage alarm; no command adds it, nba_checks/all.py must define one"
    for alarm in alarms:
        result = latest_check_result(inputs.instance, alarm, inputs.date)
        yield from _objections(alarm, result, "up to", inputs.date)


def _rejected_rows(inputs: PublishInputs) -> Iterator[str]:
    span = DateRange(inputs.date, inputs.date)
    feeds = [name for name, table in inputs.tables.items() if table.feed]
    for found in rejections(inputs.warehouse, inputs.tables, span, feeds).get(inputs.date, []):
        if found.too_many:
            yield f"{found}; mend them at the source, then run `nba backfill {inputs.date}`"


def _stale_games(inputs: PublishInputs) -> Iterator[str]:
    table = inputs.tables[GAMES]
    state = freshness(inputs.warehouse, table, inputs.tables, inputs.date)
    if state.fresh:
        return
    of_source = games_the_source_lacks(inputs.instance, inputs.warehouse, inputs.tables, {*state.behind})
    missing = of_source.get("player_boxscores", {})
    remedy, over = "", {day for day in state.behind if day < inputs.today}
    if over and missing.keys() >= over:
        games = frozenset().union(*missing.values())
        remedy = f"nothing can be done: {reason_of({'player_boxscores': games})}"
    yield f"the data are stale: {state.sentence(table, remedy)}"


def _no_model(inputs: PublishInputs) -> Iterator[str]:
    month = month_of(inputs.date)
    if not inputs.count(_house_models):
        steps = f"run `nba train {month:%Y-%m}`; `nba models list --month {month:%Y-%m}` shows why one was rejected"
        yield f"no model is in production for {month:%Y-%m}; {steps}"


@stored_query
def _house_forecasts(tables: Tables, dates: DateRange) -> ir.Table:
    """The number of forecasts of the dates in the market and edition of the house."""
    rows = tables[PREDICTIONS].contract.table()
    of_dates = rows.game_date.between(dates.start, dates.end)
    rows = rows.filter(of_dates, rows.market == HOUSE.market, rows.edition == HOUSE.edition.value)
    return rows.aggregate(rows=rows.count())


@stored_query
def _house_models(tables: Tables, dates: DateRange) -> ir.Table:
    """The number of models in production for the month in the market and edition of the house."""
    rows = tables[MODELS].contract.table()
    of_month = (rows.model_month == month_of(dates.start)) & (rows.status == ModelStatus.PRODUCTION.value)
    of_house = (rows.market == HOUSE.market) & (rows.variant == HOUSE.edition.value)
    rows = rows.filter(of_month, of_house, rows.system_id.isin(TRAINED))
    return rows.aggregate(rows=rows.count())


# Each guard with the question it answers, as published documents show it when the guard cannot be evaluated.
GUARDS: Mapping[str, Callable[[PublishInputs], Iterable[str]]] = {
    "the date has come": _not_due,
    "there are forecasts for nearly all players": _too_few_forecasts,
    "every blocking check of the forecasts and their inputs passed on the date": _failed_checks,
    "the grades so far are too good to be true": _leakage_alarms,
    "the facts of the date are sound": _rejected_rows,
    "the games of the days before are stored": _stale_games,
    "a model is in production for the month": _no_model,
}


def _blocking(inputs: PublishInputs, names: Iterable[str]) -> list[dg.AssetCheckKey]:
    """Return the blocking checks of some tables; a check without partitions has no result for a single date."""
    assets = {asset_key(inputs.tables[name].contract) for name in names}
    blocking = [spec for spec in inputs.checks if spec.blocking and spec.asset_key in assets]
    if whole := [spec.name for spec in blocking if spec.partitions_def is None]:
        raise ValueError(f"blocking checks must be partitioned by date, but {whole} are not")
    return [spec.key for spec in blocking]


def _objections(check: dg.AssetCheckKey, result: CheckResult | None, when: str, date: dt.date) -> Iterator[str]:
    """Yield the reason against publishing that a check result, or its absence, gives."""
    name = f"{check.name} of {check.asset_key.path[-1]}"
    again = f"run `nba backfill {result.date if result else date} --force`"
    if result is None:
        yield f"{name} has no result {when} {date}; {again}"
    elif result.passed is None:
        yield f"{name} was started for {result.date} and has no result; wait for its run (`nba history`) or {again}"
    elif not result.passed:
        step = "" if "`nba " in (result.message or "") else f"; correct the cause, then {again}"
        yield f"{name} failed on {result.date}: {result.message}{step}"
    elif not result.is_current:
        yield f"{name} passed on {result.date} before its rows were written again; {again}"

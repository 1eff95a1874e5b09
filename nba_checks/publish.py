"""Do we publish the inputs? The one place that answers, and whatever it cannot find out is a no.

Every guard of a predecessor failed open: an error in one of them published everything.
"""

import datetime as dt
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import dagster as dg

from models.systems import SYSTEMS
from models.training.gates import Status
from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import month_of
from nba_assets.kit.table import Table
from nba_checks.all import all_checks
from nba_checks.completeness.freshness import freshness
from nba_checks.completeness.prediction_coverage import CRITICAL, Forecast, forecasts_by_date
from nba_checks.framework.check_results import CheckResult, check_results, latest_check_result
from nba_checks.framework.expected_counts import rows_between
from nba_checks.leakage.grade_alarms import GRADES
from nba_checks.leakage.replay import upstream
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

PREDICTIONS, MODELS, GAMES = "player_prop_predictions", "ml_model_registry", "player_game_summary"
TRAINED = tuple(system.id for system in SYSTEMS if system.trained)
UNANSWERED = "it could not be found out whether"
_SPOT = re.compile(r"(?<![\w/])(?:[a-z][a-z0-9+]*:/)?/[^\s'\",;]+")  # a path or an address
logger = logging.getLogger(__name__)


class Undecided(ValueError):
    """A decision that contradicts its reasons."""


@dataclass(frozen=True)
class Publish:
    """Whether an inputs may be published and, if not, everything that speaks against it."""

    allowed: bool
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.allowed == bool(self.reasons):
            raise Undecided(f"an inputs is published without a reason against it, and only then: {self}")

    @property
    def public_reasons(self) -> tuple[str, ...]:
        """The reasons as strangers may read them: an error's own words may name files, hosts and statements."""
        return tuple(_SPOT.sub("(a place of ours)", _only_the_question(reason)) for reason in self.reasons)

    def __str__(self) -> str:
        return "yes" if self.allowed else f"no, because {'; '.join(self.reasons)}"


@dataclass(frozen=True)
class PublishInputs:
    """What is asked about, and what can be asked."""

    instance: dg.DagsterInstance
    warehouse: Warehouse
    tables: Mapping[str, Table]
    date: dt.date
    today: dt.date

    @property
    def only(self) -> DateRange:
        """The date as a range."""
        return DateRange(self.date, self.date)


def publishable(
    instance: dg.DagsterInstance, warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date, today: dt.date
) -> Publish:
    """Whether the forecasts of a date may be published, as of today: only if nothing speaks against it."""
    inputs = PublishInputs(instance, warehouse, tables, date, today)
    reasons = tuple(reason for question in QUESTIONS for reason in _answered(question, inputs))
    return Publish(not reasons, reasons)


def _answered(question: Callable[[PublishInputs], Iterable[str]], inputs: PublishInputs) -> list[str]:
    """The reasons one question finds; one that breaks is a reason, whatever broke."""
    try:
        return list(question(inputs))
    except Exception as error:
        logger.exception("a question before publishing could not be answered")
        return [f"{UNANSWERED} {question.__doc__}: {type(error).__name__}: {error}"]


def _is_due(inputs: PublishInputs) -> Iterator[str]:
    """the inputs has come"""
    if inputs.date > inputs.today:
        yield f"{inputs.date} is after {inputs.today}"


def _is_judged(inputs: PublishInputs) -> Iterator[str]:
    """every blocking check of what the forecasts are made of passes on the date"""
    checks = _blocking(inputs.tables, upstream(inputs.tables, PREDICTIONS))
    answers = check_results(inputs.instance, checks, inputs.date)
    for check in checks:
        yield from _against(check, answers.get(check), f"on {inputs.date}")


def _is_no_leak(inputs: PublishInputs) -> Iterator[str]:
    """the grades so far are too good to be true"""
    alarms = _blocking(inputs.tables, [GRADES])
    if not alarms:
        yield f"{GRADES} has no leakage alarm"
    for alarm in alarms:
        yield from _against(alarm, latest_check_result(inputs.instance, alarm, inputs.date), f"up to {inputs.date}")


def _is_fresh(inputs: PublishInputs) -> Iterator[str]:
    """the games of the days before are known"""
    games = inputs.tables[GAMES]
    found = freshness(inputs.warehouse, games, inputs.tables, inputs.date)
    if not found.fresh:
        yield f"the data are stale: {found.sentence(games)}"


def _is_covered(inputs: PublishInputs) -> Iterator[str]:
    """there are forecasts, for nearly all of the players"""
    rows = rows_between(inputs.tables[PREDICTIONS], inputs.only)
    if not inputs.warehouse.read(rows.count().name("rows").as_table())["rows"].iat[0]:
        yield f"no forecast of {inputs.date} is stored"
        return
    forecast = forecasts_by_date(inputs.warehouse, inputs.tables, inputs.only).get(inputs.date, Forecast())
    if forecast.share < CRITICAL:
        yield f"only {forecast.found}, less than {CRITICAL:.0%}"


def _has_models(inputs: PublishInputs) -> Iterator[str]:
    """there is a model of the month"""
    month, rows = month_of(inputs.date), inputs.tables[MODELS].contract.table()
    rows = rows.filter(rows.model_month == month, rows.status == Status.PRODUCTION.value, rows.system_id.isin(TRAINED))
    if not inputs.warehouse.read(rows.count().name("rows").as_table())["rows"].iat[0]:
        yield f"no model is in production for {month:%Y-%m}: train and promote one"


QUESTIONS = (_is_due, _is_covered, _is_judged, _is_no_leak, _is_fresh, _has_models)


def _only_the_question(reason: str) -> str:
    return reason.split(": ")[0] if reason.startswith(UNANSWERED) else reason


def _blocking(tables: Mapping[str, Table], names: Iterable[str]) -> list[dg.AssetCheckKey]:
    """The blocking checks of some tables. All are asked by date: of one that is not, no date's answer is known."""
    assets = {asset_key(tables[name].contract) for name in names}
    specs = [spec for check in all_checks(tables) for spec in check.check_specs]
    blocking = [spec for spec in specs if spec.blocking and spec.asset_key in assets]
    if whole := [spec.name for spec in blocking if spec.partitions_def is None]:
        raise ValueError(f"{whole} block, but answer for no single date")
    return [spec.key for spec in blocking]


def _against(check: dg.AssetCheckKey, answer: CheckResult | None, when: str) -> Iterator[str]:
    """What an answer, or the lack of one, says against publishing."""
    name = f"{check.name} of {check.asset_key.path[-1]}"
    if answer is None:
        yield f"{name} was never judged {when}"
    elif answer.passed is None:
        yield f"{name} was asked about {answer.date} and has not answered"
    elif not answer.passed:
        yield f"{name} failed on {answer.date}: {answer.said}"
    elif not answer.is_current:
        yield f"{name} passed on {answer.date} before its rows were written anew: judge them again"

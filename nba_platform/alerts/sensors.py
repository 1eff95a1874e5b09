"""When the orchestrator looks: every few minutes, and at once when a run fails. Off unless automation is on."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from nba_assets.kit.calendar import today
from nba_assets.kit.table import Table
from nba_platform.alerts.channels import channels
from nba_platform.alerts.outbox import Outbox
from nba_platform.alerts.runs import failed_checks, failed_runs
from nba_platform.alerts.tables import coverage_of_seven_days, error_drift, predictions_before_tip, stale_data
from nba_platform.alerts.watch import AlertContext, Condition, WatchResult, watch
from nba_platform.config.environments import automation_is_on, home, source, warehouse

CONDITIONS: tuple[Condition, ...] = (
    failed_runs,
    failed_checks,
    coverage_of_seven_days,
    predictions_before_tip,
    stale_data,
    error_drift,
)
EVERY_SECONDS = 300
PATIENCE_SECONDS = 5.0  # the daemon gives a look one minute; a locked warehouse is looked at again next time


def alert_sensors(tables: Mapping[str, Table], checks: Sequence[dg.AssetChecksDefinition]) -> list[dg.SensorDefinition]:
    """The two sensors, over all tables and checks."""
    status = dg.DefaultSensorStatus.RUNNING if automation_is_on() else dg.DefaultSensorStatus.STOPPED
    specs = tuple(spec for check in checks for spec in check.check_specs)

    def look(context: Any, conditions: Sequence[Condition]) -> WatchResult:
        facts = AlertContext(
            warehouse=warehouse(PATIENCE_SECONDS),
            tables=tables,
            instance=context.instance,
            today=today(source()),
            now=dt.datetime.now(dt.UTC),
            checks=specs,
        )
        return watch(facts, conditions, Outbox(home() / "alerts.db"), channels(context.log))

    @dg.run_failure_sensor(
        name="alert_on_failed_runs",
        default_status=status,
        minimum_interval_seconds=30,
        description="A failed run is told within half a minute.",
    )
    def on_failure(context: dg.RunFailureSensorContext) -> None:
        look(context, [failed_runs])

    return [on_failure, _periodic(look, status)]


def _periodic(look: Callable[[Any, Sequence[Condition]], WatchResult], status: dg.DefaultSensorStatus) -> Any:
    @dg.sensor(
        name="alerts",
        default_status=status,
        minimum_interval_seconds=EVERY_SECONDS,
        description="Judges every condition: what is new is told once, what is over is taken back, what waits is sent.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(look(context, CONDITIONS).sentence)

    return alerts

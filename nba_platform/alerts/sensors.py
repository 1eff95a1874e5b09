"""The alert sensors: every five minutes, and within half a minute of a failed run. Off unless automation is on."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from nba_assets.kit.calendar import today
from nba_assets.kit.table import Table
from nba_platform.alerts.channels import channels
from nba_platform.alerts.outbox import Outbox
from nba_platform.alerts.runs import failed_checks, failed_runs
from nba_platform.alerts.tables import coverage_of_seven_days, error_drift, predictions_before_tip, stale_data
from nba_platform.alerts.watch import AlertContext, Condition, watch
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
PATIENCE_SECONDS = 5.0  # a tick may take one minute; a locked warehouse is tried again at the next one


def alert_sensors(tables: Mapping[str, Table], checks: Sequence[dg.AssetChecksDefinition]) -> list[dg.SensorDefinition]:
    """Create the two sensors over all tables and checks."""
    status = dg.DefaultSensorStatus.RUNNING if automation_is_on() else dg.DefaultSensorStatus.STOPPED
    specs = tuple(spec for check in checks for spec in check.check_specs)

    def evaluate(context: Any, conditions: Sequence[Condition]) -> str:
        inputs = AlertContext(
            warehouse=warehouse(PATIENCE_SECONDS),
            tables=tables,
            instance=context.instance,
            today=today(source()),
            now=dt.datetime.now(dt.UTC),
            checks=specs,
        )
        return watch(inputs, conditions, Outbox(home() / "alerts.db"), channels(context.log))

    @dg.run_failure_sensor(
        name="alert_on_failed_runs",
        default_status=status,
        minimum_interval_seconds=30,
        description="Sends an alert for a failed run within half a minute.",
    )
    def on_failure(context: dg.RunFailureSensorContext) -> None:
        evaluate(context, [failed_runs])

    @dg.sensor(
        name="alerts",
        default_status=status,
        minimum_interval_seconds=EVERY_SECONDS,
        description="Evaluates every condition, sends one message when it begins to fail and one when it is over.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(evaluate(context, CONDITIONS))

    return [on_failure, alerts]

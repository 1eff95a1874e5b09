"""Evaluate all alert conditions once, queue messages for what began or ended, and deliver what is queued."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from nba_assets.kit.table import Table
from nba_platform.alerts.alert import Alert
from nba_platform.alerts.channels import Channel
from nba_platform.alerts.outbox import Outbox
from nba_resources.warehouse.base import Warehouse, WarehouseBusy, WarehouseUnavailable


class CannotEvaluate(RuntimeError):
    """A condition cannot be evaluated now. Its open alerts stay open."""


@dataclass(frozen=True)
class AlertContext:
    """The inputs of all conditions: the tables, Dagster's records and the clock."""

    warehouse: Warehouse
    tables: Mapping[str, Table]
    instance: dg.DagsterInstance
    today: dt.date
    now: dt.datetime
    checks: tuple[dg.AssetCheckSpec, ...] = ()


Condition = Callable[[AlertContext], Sequence[Alert]]


def watch(context: AlertContext, conditions: Sequence[Condition], outbox: Outbox, channels: Sequence[Channel]) -> str:
    """Evaluate, queue and deliver; return a summary for Dagster's list of sensor ticks.

    An error in one condition does not stop the messages of earlier ones.
    """
    messages: list[str] = []
    problems: list[str] = []
    try:
        for condition in conditions:
            try:
                alerts = condition(context)
            except (CannotEvaluate, WarehouseBusy, WarehouseUnavailable) as why:
                problems.append(f"{condition.__name__} not evaluated: {why}")
            else:
                messages += outbox.update(condition.__name__, alerts, channels)
    finally:
        errors = outbox.deliver(channels, context.now)
    problems += [f"{channel} waits: {error}" for channel, error in errors.items()]
    return "; ".join([f"{len(messages)} messages" if messages else "nothing new", *problems])

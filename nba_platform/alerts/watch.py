"""Evaluate all alert conditions once, queue messages for what began or ended, and deliver what is queued."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class WatchResult:
    """The queued messages, the conditions that could not be evaluated, and the channels that failed."""

    messages: tuple[str, ...] = ()
    not_evaluated: Mapping[str, str] = field(default_factory=dict)
    failed_channels: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The result for Dagster's list of sensor ticks."""
        parts = [f"{len(self.messages)} messages" if self.messages else "nothing new"]
        parts += [f"{condition} not evaluated: {why}" for condition, why in self.not_evaluated.items()]
        parts += [f"{channel} waits: {why}" for channel, why in self.failed_channels.items()]
        return "; ".join(parts)


def watch(
    context: AlertContext, conditions: Sequence[Condition], outbox: Outbox, channels: Sequence[Channel]
) -> WatchResult:
    """Evaluate, queue and deliver; an error in one condition does not stop the messages of earlier ones."""
    messages: list[str] = []
    not_evaluated: dict[str, str] = {}
    failed_channels: dict[str, str] = {}
    try:
        for condition in conditions:
            try:
                alerts = condition(context)
            except (CannotEvaluate, WarehouseBusy, WarehouseUnavailable) as why:
                not_evaluated[condition.__name__] = str(why)
            else:
                messages += outbox.update(condition.__name__, alerts, channels)
    finally:
        failed_channels = outbox.deliver(channels, context.now)
    return WatchResult(tuple(messages), not_evaluated, failed_channels)

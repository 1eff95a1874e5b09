"""One look at everything: judges each condition, writes down what is new or over, and sends what waits."""

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
    """A condition cannot be judged now: says why. What it found before stays open, because nobody knows better."""


@dataclass(frozen=True)
class AlertContext:
    """What conditions may look at: the tables, the orchestrator's records and the clock."""

    warehouse: Warehouse
    tables: Mapping[str, Table]
    instance: dg.DagsterInstance
    today: dt.date
    now: dt.datetime
    checks: tuple[dg.AssetCheckSpec, ...] = ()


Condition = Callable[[AlertContext], Sequence[Alert]]


@dataclass(frozen=True)
class WatchResult:
    """What one look came to: messages written, conditions that could not be judged, channels that failed."""

    told: tuple[str, ...] = ()
    not_judged: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """For the orchestrator's log of looks."""
        parts = [f"{len(self.told)} messages" if self.told else "nothing new"]
        parts += [f"{condition} not judged: {why}" for condition, why in self.not_judged.items()]
        parts += [f"{channel} waits: {why}" for channel, why in self.failed.items()]
        return "; ".join(parts)


def watch(
    facts: AlertContext, conditions: Sequence[Condition], outbox: Outbox, channels: Sequence[Channel]
) -> WatchResult:
    """Judge, note, send: a mistake in one condition still lets the messages of the others leave."""
    told: list[str] = []
    not_judged: dict[str, str] = {}
    failed: dict[str, str] = {}
    try:
        for condition in conditions:
            try:
                found = condition(facts)
            except (CannotEvaluate, WarehouseBusy, WarehouseUnavailable) as why:
                not_judged[condition.__name__] = str(why)
            else:
                told += outbox.note(condition.__name__, found, channels)
    finally:
        failed = outbox.deliver(channels, facts.now)
    return WatchResult(tuple(told), not_judged, failed)

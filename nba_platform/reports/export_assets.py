"""Export assets: write the website's JSON documents, with the time and the permission to publish passed in."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import dagster as dg

from nba_assets.kit.assets import asset_key, computed_dates
from nba_assets.kit.calendar import today
from nba_assets.kit.export import Edition, Export, Permit
from nba_assets.kit.export_writer import ROOT, WrittenDocument, publish
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.table import Table
from nba_assets.predictions.explained_forecasts import with_all_explanations
from nba_checks.publish import permission
from nba_platform.config.environments import source
from nba_platform.orchestration.automation.conditions import (
    changed_in_games_to_come,
    recent,
    simulated,
    whenever_newer,
)
from nba_platform.orchestration.backfill.runs import SIMULATED
from nba_platform.orchestration.tip_off_times import current_time
from nba_platform.reports.site_asset import KEY as SITE
from nba_platform.reports.site_asset import site_totals
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.base import Warehouse

GROUP = "exports"
LAST = {"dagster/priority": "-1"}  # of the steps of a run: a decision to publish holds until something else is stored


@dataclass(frozen=True)
class Publisher:
    """Write documents from the warehouse to the object store."""

    warehouse: Warehouse
    objects: ObjectStore
    tables: Mapping[str, Table]
    instance: dg.DagsterInstance
    today: dt.date

    def permits(self, dates: Iterable[dt.date]) -> dict[dt.date, Permit]:
        """Return for each date whether it may be published, with reasons that are fit for the public."""
        decide = partial(permission, self.instance, self.warehouse, self.tables, today=self.today)
        with self.warehouse.session():
            decisions = {date: decide(date) for date in dates}
        return {date: Permit(decision.allowed, decision.public_reasons) for date, decision in decisions.items()}

    def publish(self, export: Export, dates: DateRange, permits: Mapping[dt.date, Permit]) -> list[WrittenDocument]:
        """Write the documents of an export: those of the dates, or the current ones."""
        span = dates if export.dated else DateRange(self.today, self.today)
        explain = partial(with_all_explanations, warehouse=self.warehouse, tables=self.tables, objects=self.objects)
        edition = Edition(span, self.today, current_time().astimezone(dt.UTC), permits, explain=explain)
        return publish(export, self.tables, self.warehouse, self.objects, edition)


@dataclass(frozen=True)
class PublishResult:
    """Totals of the files written for a date, by kind, and whether the date may be published."""

    date: dt.date
    permit: Permit
    totals: Mapping[str, Mapping[str, int]]
    root: str

    @property
    def permission(self) -> str:
        """The permission as a sentence; a refusal is in capitals, as the command succeeds all the same."""
        if self.permit.allowed:
            return f"{self.date} may be published: yes."
        reasons = "; ".join(self.permit.reasons)
        return f"NOT PUBLISHED: the documents of {self.date} say why and hold no pick: {reasons}."

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a publication."""
        permit = {"allowed": self.permit.allowed, "reasons": self.permit.reasons}
        return {"game_date": self.date, **permit, "root": self.root, "kinds": self.totals}


def export_asset(export: Export, tables: Mapping[str, Table]) -> dg.AssetsDefinition:
    """Return the asset that writes an export, for each date or for the present.

    Automation publishes tonight and the last few dates only, and nothing of the simulated league; `nba publish` writes
    any date. New lines of tonight are no reason to write what tells of games that are over.
    """
    read = [tables[name].contract for name in export.reads]
    newer = whenever_newer(by_date=export.dated) & ~simulated(lambda: source().name == SIMULATED)
    if export.settled:
        settled = frozenset(asset_key(tables[name].contract) for name in export.settled)
        newer = newer & ~changed_in_games_to_come(settled, lambda: today(source()))

    @dg.asset(
        key=[GROUP, export.name],
        deps=[asset_key(contract) for contract in read],
        partitions_def=DAILY if export.dated else None,
        backfill_policy=dg.BackfillPolicy.single_run(),
        automation_condition=newer & recent(lambda: today(source())) if export.dated else newer,
        group_name=GROUP,
        kinds={"json"},
        description=export.description,
        code_version=export.code_version,
        op_tags=LAST,
        required_resource_keys={"warehouse", "objects", "source"},
    )
    def write(context: dg.AssetExecutionContext) -> None:
        resources = context.resources
        now = today(resources.source)
        publisher = Publisher(resources.warehouse, resources.objects, tables, context.instance, now)
        dates = computed_dates(context) if export.dated else DateRange(now, now)
        permits = publisher.permits(dates)
        files = publisher.publish(export, dates, permits)
        for date in dates:
            partition = date.isoformat() if export.dated else None
            context.add_asset_metadata(_metadata(files, date, permits[date]), partition_key=partition)

    return write


def publish_date(publisher: Publisher, exports: Mapping[str, Export], date: dt.date) -> PublishResult:
    """Write every document of a date and of the present, the most important first, then the page that shows them.

    Each is recorded in the event log.
    """
    permits = publisher.permits({date, publisher.today})
    totals: dict[str, Mapping[str, int]] = {}
    for name, export in exports.items():
        files = publisher.publish(export, DateRange(date, date), permits)
        totals[name] = _totals(files)
        document_date = date if export.dated else publisher.today
        publisher.instance.report_runless_asset_event(
            dg.AssetMaterialization(
                dg.AssetKey([GROUP, name]),
                partition=date.isoformat() if export.dated else None,
                metadata=_metadata(files, document_date, permits[document_date]),
            )
        )
    totals["site"] = site_totals(publisher.objects)
    publisher.instance.report_runless_asset_event(dg.AssetMaterialization(SITE, metadata=totals["site"]))
    return PublishResult(date, permits[date], totals, f"{publisher.objects.root}/{ROOT.rstrip('/')}")


def _metadata(files: Iterable[WrittenDocument], date: dt.date, permit: Permit) -> dict[str, Any]:
    """Return the metadata of a date: totals of its files and its permission."""
    totals = _totals([file for file in files if file.game_date == date.isoformat()])
    return {**totals, "allowed": permit.allowed, "reasons": list(permit.reasons)}


def _totals(files: Sequence[WrittenDocument]) -> dict[str, int]:
    changed, size = sum(file.changed for file in files), sum(file.size for file in files)
    return {"files": len(files), "changed": changed, "bytes": size}

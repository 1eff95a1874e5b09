"""Backfill and training as commands run them: find what is left, run it with progress, report what is stored."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import dagster as dg
from rich.console import Console

from models.training.gates import ModelStatus
from models.training.registry import ModelCard
from nba_assets.kit.calendar import today
from nba_assets.predictions.ml_model_registry import CONFIG
from nba_checks.completeness.coverage import coverage
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_checks.completeness.source_gaps import with_source_gaps
from nba_checks.framework.count_queries import WarehouseQueries, counted_tables
from nba_platform.cli.command import Page
from nba_platform.cli.progress import watching
from nba_platform.cli.views.models import StoredModels, card_document, models_page, stored_models
from nba_platform.cli.views.outcome import Outcome, outcome_page
from nba_platform.cli.views.summary import Summary, summarise
from nba_platform.config.environments import reader, source, warehouse
from nba_platform.config.settings import Settings
from nba_platform.definitions import REPORT_KEYS, TABLES, definitions_of
from nba_platform.orchestration.backfill.resume import count, coverage_runs, remaining
from nba_platform.orchestration.backfill.runs import (
    PartitionRun,
    Run,
    existing_dates,
    plan_runs,
    refuse_mixing,
    run,
)
from nba_platform.orchestration.backfill.selection import select
from nba_platform.orchestration.backfill.source_changes import PlanInputs
from nba_platform.orchestration.backfill.training import REGISTRY, skip_trained_months, training_runs
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.run_health import fail_dead_runs
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.reader import Reader


@dataclass(frozen=True)
class TrainResult:
    """The trained models of some months, without those retired, and the runs that trained them."""

    months: tuple[dt.date, ...]
    cards: tuple[ModelCard, ...]
    outcome: Outcome

    @property
    def notes(self) -> tuple[str, ...]:
        """The months without a trained model, which is no error."""
        reason = f"fewer than {CONFIG.least_rows:,} rows of history before it, so the trained systems abstain."
        without = sorted({*self.months} - {card.model_month for card in self.cards})
        return tuple(f"{month:%Y-%m} has no trained model: {reason}" for month in without)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a training."""
        head = {"months": [f"{month:%Y-%m}" for month in self.months], "models": [*map(card_document, self.cards)]}
        return {**head, **replace(self.outcome, notes=self.notes).document}


def backfill(
    settings: Settings,
    dates: DateRange,
    selection: str | None,
    console: Console,
    train_again: bool = False,
    force: bool = False,
    debug: bool = False,
    definitions: dg.Definitions | None = None,
) -> Outcome:
    """Compute missing or stale dates of the selected tables, or with `force` all dates, and summarise what is stored.

    Without a selection, months that have models are trained again only with `train_again`.
    """
    began = time.monotonic()
    requested, dates = dates, existing_dates(dates)
    store, facts = warehouse(settings=settings), source(settings)
    chosen = select(selection, TABLES, REPORT_KEYS)
    if selection is None and is_older(dates, reader(settings)):
        chosen = chosen - dg.AssetSelection.assets(*REPORT_KEYS)
    refuse_mixing(store, TABLES, facts)
    tonight = today(facts)
    notes = () if dates == requested else (f"{requested} was cut to {dates}: other dates have no partition.",)
    with console.status("compiling the tables"):
        definitions = definitions or definitions_of(settings)
        planned = plan_runs(definitions, chosen, dates)
    if selection is None and not train_again:
        planned, spared_months = skip_trained_months(planned, stored_models(settings).months_in_production())
        notes = (*notes, *spared_months)
    left: Sequence[PartitionRun] = planned
    if not force:
        with console.status("looking for what is done already"), open_instance() as instance:
            inputs = PlanInputs(store, TABLES, facts, tonight)
            left = remaining(definitions, chosen, dates, planned, instance, inputs)
    warnings: list[str] = []
    done = run_each(definitions, left, console, warnings, debug)
    failed = any(one.failure for _, one in done)
    if failed and len(store.stored_keys([TABLES[name].contract for name in ("schedule", "seasons")])) == 2:
        # coverage is computed after all tables, so a failure skips it where it matters most
        finished = [planned_run for planned_run, one in done if not one.failure]
        missed = coverage_runs(one for one in left if one not in finished)
        done += run_each(definitions, missed, console, warnings, debug)
    summary, states = None, []
    try:
        states = coverage(store, TABLES, dates, tonight)
        with open_instance() as instance:
            states = with_source_gaps(states, instance, store, TABLES)
    except WarehouseUnavailable as error:
        notes = (*notes, f"Computed, but dates cannot be judged yet: {error}")
    else:
        if not failed:
            tables = {".".join(key.path) for partition_run in planned for key in partition_run.keys}
            with console.status("counting what is stored"), store.session():
                queries = WarehouseQueries(store, TABLES)
                whole = summarise(queries, counted_tables(TABLES), dates, tonight, states)
            summary = Summary(dates, tuple(one for one in whole.tables if one.table in tables), whole.warnings)
    counts = count(definitions, planned, left, done, states)
    seconds = round(time.monotonic() - began, 1)
    return Outcome(summary, tuple(one for _, one in done), notes, tuple(warnings), seconds, counts=counts)


def is_older(dates: DateRange, store: Reader) -> bool:
    """Return whether a later date is stored; reports, which show all dates, are then not drawn unless asked for."""
    states = pipeline_coverage.contract.key
    if not store.stored([states]):
        return False
    (((newest,),),) = store.results([f"SELECT MAX(game_date) FROM {states}"])
    return newest is not None and dates.end < newest


def train(settings: Settings, months: tuple[dt.date, ...], console: Console, debug: bool = False) -> TrainResult:
    """Train the models of some months."""
    began = time.monotonic()
    refuse_mixing(warehouse(settings=settings), TABLES, source(settings))
    with console.status("compiling the tables"):
        definitions = definitions_of(settings)
        definitions.resolve_asset_graph()
    warnings: list[str] = []
    done = run_each(definitions, training_runs(months, TABLES[REGISTRY].contract), console, warnings, debug)
    runs, seconds = tuple(one for _, one in done), round(time.monotonic() - began, 1)
    outcome = Outcome(None, runs, warnings=tuple(warnings), seconds=seconds)
    return train_result(stored_models(settings), months, outcome)


def train_result(models: StoredModels, months: tuple[dt.date, ...], outcome: Outcome) -> TrainResult:
    """Return the trained models of the months as they are stored; others only have a fitted spread and no error."""
    cards = (card for card in models.cards() if card.model_month in months and card.mae_train is not None)
    return TrainResult(months, tuple(card for card in cards if card.status != ModelStatus.RETIRED), outcome)


def run_each(
    definitions: dg.Definitions, planned: Sequence[PartitionRun], console: Console, warnings: list[str], debug: bool
) -> list[tuple[PartitionRun, Run]]:
    """Run one after the other until one fails; append warnings on the way."""
    done: list[tuple[PartitionRun, Run]] = []
    with open_instance() as instance:
        if dead := fail_dead_runs(instance):
            warnings.append(f"runs whose process is gone were marked as failed: {', '.join(dead)}")
        for partition_run in planned:
            with watching(partition_run, console, warnings) as listen:
                done.append((partition_run, run(partition_run, definitions, instance, listen, debug)))
            if done[-1][1].failure:
                break
    return done


def trained_page(result: TrainResult) -> Page:
    """Show each model in a line, then the runs and the months without a model."""
    yield from models_page(result.cards)
    yield from outcome_page(replace(result.outcome, notes=result.notes))

"""What one command works with: the graph, its source and its warehouse, opened no sooner than they are needed."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import dagster as dg
from rich.console import Console

from models.evaluation.graded_predictions import GroupBy
from models.systems.base import SystemId
from models.training.promotion import DEFAULT_SYSTEM
from nba_assets.kit.calendar import today
from nba_checks.completeness.coverage import DateState, coverage
from nba_checks.publish import Publish, publishable
from nba_platform.cli.errors import NothingToDo
from nba_platform.cli.progress import Watched, watching
from nba_platform.cli.result import Outcome
from nba_platform.cli.views.calendar_view import ONE_SEASON
from nba_platform.cli.views.card import Card, card
from nba_platform.cli.views.evaluation import Evaluation, evaluate
from nba_platform.cli.views.model_comparison import Duels, duels
from nba_platform.cli.views.model_list import REGISTRY, ModelBook
from nba_platform.cli.views.player_quote import Quotes, predict
from nba_platform.cli.views.summary import Summary, summarise
from nba_platform.config.environments import objects, source, warehouse
from nba_platform.definitions import EXPORTS, TABLES, platform
from nba_platform.definitions import REPORTS as DRAWN
from nba_platform.diagnostics.history import RunHistory, run_history, table_history
from nba_platform.diagnostics.preflight import Preflight, preflight
from nba_platform.orchestration.backfill.resume import count, coverage_runs, remaining
from nba_platform.orchestration.backfill.runs import PartitionRun, Run, existing_dates, plan_runs, refuse_mixing, run
from nba_platform.orchestration.backfill.selection import select, table_named
from nba_platform.orchestration.backfill.source_changes import PlanInputs
from nba_platform.orchestration.backfill.training import TrainResult, skip_trained_months, train_result, training_runs
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.run_health import fail_dead_runs
from nba_platform.reports.export_assets import Publisher, PublishResult, publish_date
from nba_resources.dates import DateRange
from nba_resources.sources.base import Source
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable

REPORTS = tuple(drawn.key for drawn in DRAWN)


@dataclass(frozen=True)
class Session:
    """One command's view of the platform. Progress goes to the console, results are returned."""

    progress: Console
    debug: bool = False

    @cached_property
    def definitions(self) -> dg.Definitions:
        """The whole graph: its statements take seconds to compile, so what only reads tables goes without."""
        return platform()

    @cached_property
    def source(self) -> Source:
        """Where facts come from."""
        return source()

    @cached_property
    def warehouse(self) -> Warehouse:
        """Where the tables are kept."""
        return warehouse()

    @cached_property
    def today(self) -> dt.date:
        """Tonight, as the source knows it."""
        return today(self.source)

    @cached_property
    def models(self) -> ModelBook:
        """The models that are stored."""
        return ModelBook(self.warehouse, TABLES[REGISTRY], objects())

    def backfill(
        self, asked: DateRange, selection: str | None = None, train_again: bool = False, force: bool = False
    ) -> Outcome:
        """Compute what is not done of the selected tables for the dates that exist, and say what is stored then.

        Where nothing is selected, months that have models keep them: training is asked for by name.
        """
        began = time.monotonic()
        chosen = select(selection, TABLES, REPORTS)
        dates = existing_dates(asked)
        refuse_mixing(self.warehouse, TABLES, self.source)
        notes: tuple[str, ...] = (
            () if dates == asked else (f"{asked} was cut to {dates}: other dates have no partition.",)
        )
        watched = Watched()
        with self.progress.status("compiling the tables"):
            planned = plan_runs(self.definitions, chosen, dates)
        if selection is None and not train_again:
            planned, said = skip_trained_months(planned, self.models.months_in_production())
            notes = (*notes, *said)
        left = planned if force else self._remaining(chosen, dates, planned)
        done = self._run(left, watched)
        if any(run.failure for _, run in done):
            done += self._tell_of_the_hole(left, done, watched)
        runs = [run for _, run in done]
        summary, states = None, []
        try:
            states = coverage(self.warehouse, TABLES, dates, self.today)
        except WarehouseUnavailable as error:
            notes = (*notes, f"Computed, but dates cannot be judged yet: {error}")
        else:
            if not any(run.failure for run in runs):
                asked_for = {".".join(key.path) for leg in planned for key in leg.keys}
                summary = self.summary(dates, states).of(asked_for)
        counts = count(self.definitions, planned, left, done, states)
        seconds = round(time.monotonic() - began, 1)
        return Outcome(summary, tuple(runs), notes, tuple(watched.warnings), seconds, counts=counts)

    def train(self, months: tuple[dt.date, ...]) -> TrainResult:
        """Train the models of some months, and say how they did."""
        began = time.monotonic()
        refuse_mixing(self.warehouse, TABLES, self.source)
        watched = Watched()
        with self.progress.status("compiling the tables"):
            self.definitions.resolve_asset_graph()
        done = self._run(training_runs(months, TABLES[REGISTRY].contract), watched)
        ran = Outcome(
            None, tuple(run for _, run in done), (), tuple(watched.warnings), round(time.monotonic() - began, 1)
        )
        return train_result(months, self.models, ran)

    def card(self, date: dt.date, system: SystemId = DEFAULT_SYSTEM, all_systems: bool = False) -> Card:
        """The stored forecasts of a date."""
        with self.progress.status("reading the forecasts"):
            return card(self.warehouse, TABLES, date, self.today, self.permission, system, all_systems)

    def permission(self, date: dt.date) -> Publish:
        """Whether a date may be published."""
        with open_instance() as instance:
            return publishable(instance, self.warehouse, TABLES, date, self.today)

    def publish(self, asked: dt.date) -> PublishResult:
        """Write what the world may see of a date."""
        date = existing_dates(DateRange(asked, asked)).start
        with self.progress.status(f"publishing {date}"), open_instance() as instance:
            return publish_date(Publisher(self.warehouse, objects(), TABLES, instance, self.today), EXPORTS, date)

    def predict(self, player: str, date: dt.date, lines: Sequence[float]) -> Quotes:
        """Forecasts and fair odds of one player, computed now."""
        with self.progress.status(f"looking for {player}"):
            return predict(self.warehouse, TABLES, self.models.of_month, player, date, lines)

    def evaluate(self, dates: DateRange, by: GroupBy, picture: Path | None = None) -> Evaluation:
        """How good the stored forecasts were; drawn into a file, too, if one is named."""
        with self.progress.status("reading what is graded"):
            found = evaluate(self.warehouse, TABLES, dates, by)
        if picture:
            try:
                picture.write_bytes(found.png())
            except OSError as error:
                raise NothingToDo(f"{picture} cannot be written ({error.strerror}): name another file.") from None
        return found

    def compare(self, systems: Sequence[SystemId], dates: DateRange) -> Duels:
        """Systems on identical rows."""
        with self.progress.status("reading what is graded"):
            return duels(self.warehouse, TABLES, systems, dates)

    def coverage(self, dates: DateRange, with_calendar: bool | None = None) -> Outcome:
        """Say what is stored; up to a season as a calendar too, unless told otherwise."""
        began = time.monotonic()
        if with_calendar is None:
            with_calendar = (dates.end - dates.start).days < ONE_SEASON
        summary = self.summary(dates)
        return Outcome(summary, seconds=round(time.monotonic() - began, 1), with_calendar=with_calendar)

    def preflight(self, asked: DateRange, selection: str | None = None) -> Preflight:
        """Whether a backfill of the selected tables has what it needs."""
        chosen, dates = select(selection, TABLES, REPORTS), existing_dates(asked)
        with self.progress.status("looking at what is stored and what is running"):
            builds = {key.path[-1] for leg in plan_runs(self.definitions, chosen, dates) for key in leg.keys}
            return preflight(self.warehouse, TABLES, dates, self.today, builds)

    def history(self, table: str | None, date: dt.date | None, limit: int) -> RunHistory:
        """The latest runs, of all tables or one, of all dates or one."""
        with open_instance() as instance:
            fail_dead_runs(instance)
            if table is None:
                return run_history(instance, limit)
            return table_history(instance, table_named(table, TABLES), date, limit)

    def summary(self, dates: DateRange, judged: Sequence[DateState] | None = None) -> Summary:
        """Every table over the dates, judged as of today."""
        with self.progress.status("counting what is stored"):
            return summarise(self.warehouse, TABLES, dates, self.today, judged)

    def season(self) -> DateRange:
        """The season that today belongs to, so far, as stored."""
        seasons = TABLES["seasons"].contract
        if not self.warehouse.holds(seasons):
            raise WarehouseUnavailable(
                "nothing was loaded yet, so there is no season to speak of: run `nba backfill START END`."
            )
        starts = self.warehouse.read(seasons.table().select("start_date"))["start_date"].dt.date
        begun = [start for start in starts if start <= self.today]
        if not begun:
            raise WarehouseUnavailable(f"no stored season has begun by {self.today}: give START and END.")
        return DateRange(max(begun), self.today)

    def _remaining(
        self, chosen: dg.AssetSelection, dates: DateRange, planned: Sequence[PartitionRun]
    ) -> list[PartitionRun]:
        stock = PlanInputs(self.warehouse, TABLES, self.source, self.today)
        with self.progress.status("looking for what is done already"), open_instance() as instance:
            return remaining(self.definitions, chosen, dates, planned, instance, stock)

    def _run(self, planned: Sequence[PartitionRun], watched: Watched) -> list[tuple[PartitionRun, Run]]:
        done: list[tuple[PartitionRun, Run]] = []
        with open_instance() as instance:
            if dead := fail_dead_runs(instance):
                watched.warnings.append(f"runs whose process is gone were marked as failed: {', '.join(dead)}")
            for leg in planned:
                with watching(leg, self.progress, watched) as listen:
                    done.append((leg, run(leg, self.definitions, instance, listen, self.debug)))
                if done[-1][1].failure:
                    break
        return done

    def _tell_of_the_hole(
        self, left: Sequence[PartitionRun], done: Sequence[tuple[PartitionRun, Run]], watched: Watched
    ) -> list[tuple[PartitionRun, Run]]:
        """Coverage comes after all tables, so a failure keeps it from being computed where it matters most."""
        base = [TABLES[name].contract for name in ("schedule", "seasons")]
        if len(self.warehouse.stored_keys(base)) < len(base):
            return []
        reached = [leg for leg, run in done if not run.failure]
        return self._run(coverage_runs(leg for leg in left if leg not in reached), watched)

"""A chain of tables without rows: a test decides what is stored, what fails and which checks pass."""

import datetime as dt
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from types import SimpleNamespace

import dagster as dg
import ibis.expr.types as ir
import pytest

from nba_assets.kit.as_of import History
from nba_assets.kit.assets import asset_key, asset_of
from nba_assets.kit.calendar import Scope
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.table import ExpectedRows, Table, table
from nba_checks.framework.by_date import DateResult, by_date
from nba_platform.orchestration.automation import conditions
from nba_platform.orchestration.automation.conditions import automated, whenever_ready
from nba_platform.orchestration.automation.sensor import automation_sensor
from nba_platform.orchestration.automation.tick_state import ONE
from nba_platform.orchestration.backfill.runs import DATES, PartitionRun
from nba_platform.orchestration.backfill.stale_partitions import stale_partitions
from nba_platform.orchestration.event_log_reader import EventLogReader
from nba_resources.warehouse.contract import day, text
from nba_resources.warehouse.metadata import FINGERPRINT

GAME = {"game_id": text(), "game_date": day()}
DERIVED = {"registry", "summary", "form", "features", "forecasts"}
NOVEMBER = [f"2024-11-{date:02}" for date in range(1, 31)]


def a_table(**declared: object):
    return table(dataset="nba_test", **{"grain": ["game_id"], "columns": GAME, **declared})


@a_table(feed="team_boxscores")
def schedule(delivered: ir.Table) -> ir.Table:
    """The schedule."""
    return delivered


@a_table(feed="schedule", expected_rows=ExpectedRows.GAMES)
def calendar(delivered: ir.Table) -> ir.Table:
    """The games of the season."""
    return delivered


@a_table(feed="schedule", partition=None)
def seasons(delivered: ir.Table) -> ir.Table:
    """The seasons."""
    return delivered


@a_table(feed="player_boxscores", post=True)
def boxes(delivered: ir.Table) -> ir.Table:
    """Box scores of finished games."""
    return delivered


@a_table(feed="player_props")
def lines(delivered: ir.Table) -> ir.Table:
    """Lines of bookmakers."""
    return delivered


@a_table(partition=None)
def registry(boxes: ir.Table) -> ir.Table:
    """Players."""
    return boxes


@a_table(post=True)
def summary(boxes: ir.Table, schedule: ir.Table, registry: ir.Table) -> ir.Table:
    """A summary of each game, after it."""
    return boxes


@a_table(scope=Scope.AFTER_BOOTSTRAP)
def form(schedule: History, summary: History) -> ir.Table:
    """Form in the games before."""
    return schedule.on()


@a_table()
def features(form: ir.Table, lines: ir.Table) -> ir.Table:
    """Inputs of a model."""
    return form


@a_table(monthly=True, expected_rows=ExpectedRows.MODELS)
def models(features: History) -> ir.Table:
    """A model for each month."""
    return features.rows


@a_table(expected_rows=ExpectedRows.FORECASTS)
def forecasts(features: ir.Table, models: ir.Table) -> ir.Table:
    """Forecasts before the game."""
    return features


TABLES: Mapping[str, Table] = {
    one.contract.name: one
    for one in (calendar, schedule, seasons, boxes, lines, registry, summary, form, features, models, forecasts)
}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
RAW = ("schedule", "seasons", "boxes", "lines")


def let_morning_be(days: float, patch: pytest.MonkeyPatch) -> None:
    """Let the last morning at which failed dates are tried again be so many days after now."""
    morning = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    patch.setattr(conditions, "last_time", lambda of_day, now: morning)


class World:
    """The tables and their events."""

    def __init__(
        self, *left_out: str, instance: dg.DagsterInstance | None = None, checked: Collection[str] = ("boxes",)
    ) -> None:
        self.instance = instance or dg.DagsterInstance.ephemeral()
        self.checked = checked
        self.statement = "SELECT"  # the code of every table
        self.fails: set[tuple[str, str]] = set()
        self.contradicts: set[str] = set()
        self.contents: dict[tuple[str, str], str] = {}  # fingerprints by table and date
        self.last_tip_offs: dict[dt.date, dt.datetime] = {}
        self.definitions = self.defined(left_out)

    def defined(self, left_out: Collection[str] = ()) -> dg.Definitions:
        tables = {name: one for name, one in TABLES.items() if name not in left_out}
        return dg.Definitions(
            assets=[self._asset(one) for one in tables.values()],
            asset_checks=[
                by_date(self._judge, TABLES[name], TABLES, name="adds_up", blocking=True) for name in self.checked
            ],
            sensors=[automation_sensor("whenever_ready", target=dg.AssetSelection.all())],
            resources={"warehouse": SimpleNamespace(session=nullcontext), "source": SimpleNamespace()},
        )

    def store(self, names: str | Collection[str], *dates: str) -> None:
        """Run some tables over a date, or from one date to another."""
        keys = [asset_key(TABLES[name].contract) for name in ([names] if isinstance(names, str) else names)]
        self.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            asset_selection=keys,
            tags=PartitionRun((), dates).tags,
            raise_on_error=False,
            run_config=QUIET,
        )

    def fill(self, *dates: str) -> None:
        self.store((*RAW, *DERIVED), *dates)

    def tick(self, at: str | None = None) -> dict[str, list[str]]:
        """Return the requested partitions by table.

        Dagster caches which keys a partition set has without the time it asked at: a time in the past may not stay.
        """
        now = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC) if at else None
        result = dg.evaluate_automation_conditions(self.definitions, self.instance, evaluation_time=now)
        dg.TimeWindowPartitionsDefinition.time_windows_for_partition_keys.cache_clear()
        requested = {name: result.get_requested_partitions(asset_key(one.contract)) for name, one in TABLES.items()}
        return {name: sorted(dates, key=str) for name, dates in requested.items() if dates}

    def runs(self) -> list[tuple[str, set[str]]]:
        """Return the runs that the sensor of the daemon requests: their dates, and the tables that have dates."""
        sensor = self.definitions.resolve_sensor_def("whenever_ready")
        context = dg.build_sensor_context(self.instance, definitions=self.definitions)
        requests = sensor.evaluate_tick(context).run_requests or ()
        names = [{key.path[-1] for key in request.asset_selection or ()} - {"registry"} for request in requests]
        dates = [request.tags.get(DATES) or request.tags.get(ONE, "") for request in requests]
        return [*zip(dates, names, strict=True)]

    def left(self, start: str, end: str) -> dict[str, list[str]]:
        """Return what a backfill of the derived tables would compute."""
        graph = self.definitions.resolve_asset_graph()
        dates = [date for date in DAILY.get_partition_keys() if start <= date <= end]
        requested = {asset_key(TABLES[name].contract): dates for name in DERIVED - {"registry"}}
        stale = stale_partitions(graph, EventLogReader(self.instance, graph), requested, {})
        return {key.path[-1]: [*names] for key, names in stale.items()}

    def plan(self, name: str, date: str) -> dg.DagsterRun:
        """Create a run of a table or a report that has not ended."""
        key = asset_key(TABLES[name].contract) if name in TABLES else dg.AssetKey(name)
        return self.instance.create_run_for_job(
            self.definitions.resolve_implicit_global_asset_job_def(),
            asset_selection=frozenset([key]),
            tags=PartitionRun((), (date,)).tags,
            status=dg.DagsterRunStatus.STARTED,
        )

    def _asset(self, one: Table) -> dg.AssetsDefinition:
        condition = whenever_ready(one, TABLES, lambda: self.last_tip_offs)
        spec = automated(asset_of(one, TABLES, statement=self.statement), condition).get_asset_spec()
        name = one.contract.name

        @dg.multi_asset(
            name=spec.key.to_python_identifier(), specs=[spec], backfill_policy=dg.BackfillPolicy.single_run()
        )
        def stored(context: dg.AssetExecutionContext):
            for date in context.partition_keys if one.contract.partition else ():
                if (name, date) in self.fails:
                    raise ValueError(f"{name} fails on {date}")
                if content := self.contents.get((name, date)):
                    context.add_asset_metadata({FINGERPRINT: content}, asset_key=spec.key, partition_key=date)
            yield dg.MaterializeResult(asset_key=spec.key)

        return stored

    def _judge(self, warehouse, tables, dates, today) -> dict[dt.date, DateResult]:
        return {date: DateResult(str(date) not in self.contradicts, "judged") for date in dates}

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import ibis.expr.types as ir
import pytest

from nba_assets.kit.as_of import History
from nba_assets.kit.assets import SEASON_BACK, SEASON_BEFORE, asset_key, asset_of
from nba_assets.kit.automation import same_date_ancestors, whenever_newer
from nba_assets.kit.calendar import DAILY, Scope
from nba_assets.kit.record import Record
from nba_assets.kit.table import Owed, Table, table
from nba_checks.by_date import Verdict, by_date
from nba_platform.backfill import Leg
from nba_platform.event_log import KeptOpenEventLog
from nba_platform.outstanding import outstanding
from nba_resources.warehouse.contract import day, text

GAME = {"game_id": text(), "game_date": day()}
DERIVED = {"registry", "summary", "form", "features", "forecasts"}
NOVEMBER = [f"2024-11-{date:02}" for date in range(1, 31)]


def a_table(**declared: object):
    return table(dataset="nba_test", **{"grain": ["game_id"], "columns": GAME, **declared})


@a_table(feed="team_boxscores")
def schedule(published: ir.Table) -> ir.Table:
    """Which games exist."""
    return published


@a_table(feed="schedule", owed=Owed.GAMES)
def calendar(published: ir.Table) -> ir.Table:
    """What is played in the season."""
    return published


@a_table(feed="schedule", partition=None)
def seasons(published: ir.Table) -> ir.Table:
    """When they begin."""
    return published


@a_table(feed="player_boxscores", post=True)
def boxes(published: ir.Table) -> ir.Table:
    """How they ended."""
    return published


@a_table(feed="player_points_props")
def lines(published: ir.Table) -> ir.Table:
    """What is offered."""
    return published


@a_table(partition=None)
def registry(boxes: ir.Table) -> ir.Table:
    """Who plays."""
    return boxes


@a_table(post=True)
def summary(boxes: ir.Table, schedule: ir.Table, registry: ir.Table) -> ir.Table:
    """What each game says; made after it."""
    return boxes


@a_table(scope=Scope.AFTER_BOOTSTRAP)
def form(schedule: History, summary: History) -> ir.Table:
    """What the games before say of tonight."""
    return schedule.on()


@a_table()
def features(form: ir.Table, lines: ir.Table) -> ir.Table:
    """What a model is shown."""
    return form


@a_table(monthly=True, owed=Owed.MODELS)
def models(features: History) -> ir.Table:
    """One a month."""
    return features.rows


@a_table(owed=Owed.EVERY_FORECAST)
def forecasts(features: ir.Table, models: ir.Table) -> ir.Table:
    """What we say before the game."""
    return features


TABLES: Mapping[str, Table] = {
    one.contract.name: one
    for one in (calendar, schedule, seasons, boxes, lines, registry, summary, form, features, models, forecasts)
}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
RAW = ("schedule", "seasons", "boxes", "lines")


class World:
    """The tables without their rows: what is stored, what fails and which checks pass is decided by the test."""

    def __init__(self, *left_out: str, instance: dg.DagsterInstance | None = None) -> None:
        self.instance = instance or dg.DagsterInstance.ephemeral()
        self.fails: set[tuple[str, str]] = set()
        self.contradicts: set[str] = set()
        self.begun: dict[dt.date, dt.datetime] = {}
        self.definitions = self.defined(left_out)

    def defined(self, left_out: Collection[str] = ()) -> dg.Definitions:
        tables = {name: one for name, one in TABLES.items() if name not in left_out}
        return dg.Definitions(
            assets=[self._asset(one) for one in tables.values()],
            asset_checks=[by_date(self._judge, boxes, TABLES, name="adds_up", blocking=True)],
            resources={"warehouse": SimpleNamespace(), "source": SimpleNamespace()},
        )

    def store(self, names: str | Collection[str], *dates: str) -> None:
        """One run of some tables over a date, or from one date to another."""
        keys = [asset_key(TABLES[name].contract) for name in ([names] if isinstance(names, str) else names)]
        self.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            asset_selection=keys,
            tags=Leg((), dates).tags,
            raise_on_error=False,
            run_config=QUIET,
        )

    def fill(self, *dates: str) -> None:
        self.store(RAW, *dates)
        self.store(["registry", "summary", "form", "features", "forecasts"], *dates)

    def look(self, at: str | None = None) -> dict[str, list[str]]:
        """What is asked for, by table."""
        now = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC) if at else None
        found = dg.evaluate_automation_conditions(self.definitions, self.instance, evaluation_time=now)
        asked = {name: found.get_requested_partitions(asset_key(one.contract)) for name, one in TABLES.items()}
        return {name: sorted(dates, key=str) for name, dates in asked.items() if dates}

    def left(self, start: str, end: str) -> dict[str, list[str]]:
        """What a backfill of the derived tables by date would compute."""
        graph = self.definitions.resolve_asset_graph()
        dates = [date for date in DAILY.get_partition_keys() if start <= date <= end]
        asked = {asset_key(TABLES[name].contract): dates for name in DERIVED - {"registry"}}
        found = outstanding(graph, Record(self.instance, graph), asked, {})
        return {key.path[-1]: [*names] for key, names in found.items()}

    def plan(self, name: str, date: str) -> None:
        """A run that was asked for and has not ended."""
        self.instance.create_run_for_job(
            self.definitions.resolve_implicit_global_asset_job_def(),
            asset_selection=frozenset([asset_key(TABLES[name].contract)]),
            tags=Leg((), (date,)).tags,
            status=dg.DagsterRunStatus.STARTED,
        )

    def _asset(self, one: Table) -> dg.AssetsDefinition:
        spec = asset_of(one, TABLES, statement="SELECT", begun=lambda: self.begun).get_asset_spec()
        name = one.contract.name

        @dg.multi_asset(
            name=spec.key.to_python_identifier(), specs=[spec], backfill_policy=dg.BackfillPolicy.single_run()
        )
        def stored(context: dg.AssetExecutionContext):
            for date in context.partition_keys if one.contract.partition else ():
                if (name, date) in self.fails:
                    raise ValueError(f"{name} fails on {date}")
            yield dg.MaterializeResult(asset_key=spec.key)

        return stored

    def _judge(self, warehouse, tables, dates, today) -> dict[dt.date, Verdict]:
        return {date: Verdict(str(date) not in self.contradicts, "judged") for date in dates}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    return World()


def test_a_date_whose_raw_rows_are_there_is_computed_in_every_table_at_one_look(world: World):
    world.store(RAW, "2024-11-05")
    assert world.look() == {"registry": [None], **{name: ["2024-11-05"] for name in DERIVED - {"registry"}}}


def test_what_is_computed_asks_for_nothing_more(world: World):
    world.fill("2024-11-05", "2024-11-07")
    assert world.look() == {}


def test_nothing_is_computed_before_its_inputs_of_the_date_are_there(world: World):
    world.store(["schedule", "seasons", "boxes"], "2024-11-05")
    assert world.look() == {"registry": [None], "summary": ["2024-11-05"], "form": ["2024-11-05"]}


def test_a_table_made_before_the_games_does_not_wait_for_their_box_scores(world: World):
    world.fill("2024-11-01")
    world.store(["schedule", "lines"], "2024-11-05")
    assert set(world.look()) == {"form", "features", "forecasts"}


def test_a_gap_in_the_season_never_blocks_a_later_date(world: World):
    world.fill("2024-11-01", "2024-11-03")
    world.store(RAW, "2024-11-20", "2024-11-21")
    assert world.look()["features"] == ["2024-11-20", "2024-11-21"]


def test_filling_a_gap_refreshes_every_later_date_that_looks_back_on_it(world: World):
    world.fill("2024-11-10", "2024-11-12")
    world.store(RAW, "2024-11-05", "2024-11-06")
    asked = world.look()
    both = ["2024-11-05", "2024-11-06", "2024-11-10", "2024-11-11", "2024-11-12"]
    assert asked["summary"] == both[:2]
    assert asked["form"] == asked["features"] == both


def test_corrected_box_scores_refresh_what_looks_back_on_them_and_not_what_was_known_that_morning(world: World):
    world.fill("2024-11-10", "2024-11-13")
    world.store("boxes", "2024-11-11")
    asked = world.look()
    assert asked["summary"] == ["2024-11-11"]
    assert asked["form"] == ["2024-11-12", "2024-11-13"]
    world.store(["registry", "summary"], "2024-11-11")
    world.store(["form", "features", "forecasts"], "2024-11-12", "2024-11-13")
    assert world.look() == {}


def test_a_season_is_looked_back_on_and_no_further(world: World):
    """274 dates of a calendar without summers are about a year."""
    world.fill("2023-12-01", "2023-12-01")
    world.fill("2024-11-27", "2024-12-05")
    world.store("boxes", "2023-12-01")
    asked = world.look()["form"]
    assert asked[0] == "2024-11-27"
    assert asked[-1] < "2024-12-05"


def test_a_date_that_contradicts_itself_holds_its_own_descendants_and_nothing_else(world: World):
    world.contradicts = {"2024-11-06"}
    world.store(RAW, "2024-11-05", "2024-11-07")
    asked = world.look()
    assert asked["summary"] == ["2024-11-05", "2024-11-07"]
    assert asked["form"] == asked["features"] == ["2024-11-05", "2024-11-06", "2024-11-07"]


def test_what_was_held_flows_when_the_date_is_repaired(world: World):
    world.contradicts = {"2024-11-06"}
    world.store(RAW, "2024-11-05", "2024-11-07")
    world.store(["registry", "summary"], "2024-11-05", "2024-11-05")
    world.store("summary", "2024-11-07", "2024-11-07")
    world.store(["form", "features", "forecasts"], "2024-11-05", "2024-11-07")
    assert world.look() == {}
    world.contradicts = set()
    world.store("boxes", "2024-11-06")
    asked = world.look()
    assert asked["summary"] == ["2024-11-06"]
    assert asked["form"] == asked["features"] == ["2024-11-07"]


def test_rows_that_were_never_judged_are_not_sound(world: World):
    """A guard that fails open is none: box scores stored without their check hold what is made of them."""
    key = asset_key(boxes.contract)
    world.store(["schedule"], "2024-11-05")
    world.instance.report_runless_asset_event(dg.AssetMaterialization(key, partition="2024-11-05"))
    assert "summary" not in world.look()


def test_a_raw_date_that_could_not_be_loaded_holds_its_own_descendants(world: World):
    world.fill("2024-11-05", "2024-11-07")
    world.fails = {("boxes", "2024-11-06")}
    world.store("boxes", "2024-11-06")
    assert world.look() == {}
    world.store("schedule", "2024-11-05", "2024-11-07")
    assert world.look()["summary"] == ["2024-11-05", "2024-11-07"]
    world.fails = set()
    world.store("boxes", "2024-11-06")
    assert world.look()["summary"] == ["2024-11-05", "2024-11-06", "2024-11-07"]


def test_a_failed_date_waits_for_new_input(world: World):
    world.store(RAW, "2024-11-05", "2024-11-06")
    world.fails = {("summary", "2024-11-06")}
    world.store(["registry", "summary"], "2024-11-06", "2024-11-06")
    assert world.look()["summary"] == ["2024-11-05"]
    world.store("boxes", "2024-11-06")
    assert world.look()["summary"] == ["2024-11-05", "2024-11-06"]


def test_inputs_made_in_the_run_that_failed_are_not_new(world: World):
    """They are stored after the attempt was planned: an endless loop, if that were what is compared."""
    world.fails = {("summary", "2024-11-06")}
    world.store([*RAW, "registry", "summary"], "2024-11-06", "2024-11-06")
    assert "summary" not in world.look()


def test_what_is_being_made_is_not_asked_for_again(world: World):
    world.fill("2024-11-01")
    world.store(RAW, "2024-11-05", "2024-11-06")
    world.plan("summary", "2024-11-05")
    asked = world.look()
    assert asked["summary"] == ["2024-11-06"]
    assert asked["form"] == ["2024-11-05"], "the next date looks back on what is being made"


def test_a_date_of_the_first_two_weeks_is_made_once_like_any_other(world: World):
    world.fill("2024-10-22", "2024-10-24")
    assert world.look() == {}
    world.store("lines", "2024-10-23")
    assert world.look()["features"] == ["2024-10-23"]


def test_in_the_off_season_nothing_is_asked_for(world: World):
    world.fill("2024-06-29", "2024-06-30")
    assert world.look("2024-08-15T12:00:00") == {}
    world.store("boxes", "2024-06-30")
    asked = world.look("2024-08-15T12:00:00")
    assert asked == {"registry": [None], "summary": ["2024-06-30"]}, "the next date is in October and not there yet"


def test_a_table_added_later_is_filled_for_all_stored_dates(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    world = World("features", "models", "forecasts")
    world.store(RAW, "2024-11-03", "2024-11-09")
    world.store(["registry", "summary", "form"], "2024-11-03", "2024-11-09")
    assert world.look() == {}
    world.definitions = world.defined()
    assert world.look()["features"] == NOVEMBER[2:9]


def test_a_new_player_in_the_registry_is_no_reason_to_compute_dates_again(world: World):
    world.fill("2024-11-05", "2024-11-06")
    world.store("registry")
    assert world.look() == {}


def test_the_model_of_a_month_is_trained_when_the_month_before_is_complete(world: World):
    world.fill("2024-11-01", "2024-11-29")
    assert "models" not in world.look()
    world.fill("2024-11-30", "2024-11-30")
    assert world.look() == {"models": ["2024-12-01"]}
    world.store("models", "2024-12-01")
    world.store("boxes", "2024-11-15")
    assert "models" not in world.look(), "a month is trained once"


def test_forecasts_wait_for_the_model_of_their_month_if_one_is_to_come(world: World):
    world.store(RAW, "2024-11-01", "2024-12-02")
    asked = world.look()
    assert asked["features"][-1] == "2024-12-02"
    assert asked["forecasts"] == NOVEMBER, "October is not there, so November has no model to wait for"
    world.store(["registry", "summary", "form", "features"], "2024-11-01", "2024-12-02")
    world.store("forecasts", "2024-11-01", "2024-11-30")
    assert world.look() == {"models": ["2024-12-01"]}
    world.store("models", "2024-12-01")
    assert world.look() == {"forecasts": ["2024-12-01", "2024-12-02"]}


def test_forecasts_do_not_wait_for_a_model_that_could_not_be_trained(world: World):
    world.store(RAW, "2024-11-01", "2024-12-02")
    world.store(["registry", "summary", "form", "features"], "2024-11-01", "2024-12-02")
    world.fails = {("models", "2024-12-01")}
    world.store("models", "2024-12-01")
    assert world.look()["forecasts"][-1] == "2024-12-02"
    world.store("forecasts", "2024-11-01", "2024-12-02")
    assert world.look() == {}
    world.fails = set()
    world.store("models", "2024-12-01")
    assert world.look() == {"forecasts": ["2024-12-01", "2024-12-02"]}


def test_what_was_forecast_live_stays_said(world: World):
    """Lines move until the first game begins; then the forecast is a record, whatever is corrected later."""
    world.fill("2024-11-05", "2024-11-06")
    world.store("lines", "2024-11-05", "2024-11-06")
    world.begun = {dt.date(2024, 11, 5): dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)}
    assert world.look()["forecasts"] == ["2024-11-06"]


def test_what_a_backfill_forecast_is_made_again_with_what_it_is_made_of(world: World):
    """Or a season filled from its middle on would keep forecasts that a clean build does not give."""
    world.begun = {dt.date(2024, 11, date): dt.datetime(2024, 11, date, tzinfo=dt.UTC) for date in (5, 6)}
    world.store(RAW, "2024-11-05")
    assert world.look()["forecasts"] == ["2024-11-05"]
    world.fill("2024-11-05", "2024-11-06")
    world.store("lines", "2024-11-05", "2024-11-06")
    assert world.look()["forecasts"] == ["2024-11-05", "2024-11-06"]


def test_what_hangs_on_a_blocking_check_waits_for_its_verdict(world: World, monkeypatch: pytest.MonkeyPatch):
    """In a run over a range nothing stops at a failing check."""
    judged = by_date(world._judge, form, TABLES, name="judged", blocking=True)
    world.definitions = dg.Definitions.merge(world.definitions, dg.Definitions(asset_checks=[judged]))
    world.store(RAW, "2024-11-05", "2024-11-06")
    asked = world.look()
    assert "form" in asked
    assert "features" not in asked
    world.store(["registry", "summary", "form"], "2024-11-05", "2024-11-06")
    assert world.look()["features"] == ["2024-11-05", "2024-11-06"]


def test_a_tables_history_ends_the_day_before_where_the_day_itself_is_not_known_yet():
    spec = asset_of(form, TABLES, statement="SELECT").get_asset_spec()
    mappings = {dep.asset_key.path[-1]: dep.partition_mapping for dep in spec.deps}
    assert mappings["summary"] == SEASON_BEFORE
    assert mappings["schedule"] == SEASON_BACK


def test_only_what_a_date_is_made_of_on_that_date_can_hold_it():
    assert same_date_ancestors(features, TABLES) == ["form", "lines", "schedule"]
    assert same_date_ancestors(summary, TABLES) == ["boxes", "schedule"]


def test_nothing_is_made_of_a_run_that_has_not_ended(world: World):
    """A look in the middle of a load once computed the tables whose inputs came first, without those that came last."""
    world.store(["schedule", "seasons", "lines"], "2024-11-05")
    world.store(["boxes", "registry", "summary"], "2024-11-01")
    world.plan("schedule", "2024-11-05")
    assert "form" not in world.look()


def test_history_may_have_gaps_but_a_table_that_was_never_made_cannot_be_read(world: World):
    world.store(["schedule", "seasons", "lines"], "2024-11-05")
    assert world.look() == {}


def test_what_was_not_begun_because_another_table_failed_did_not_fail_itself(world: World):
    """The first date of a range once stayed empty for ever: nothing it reads could be newer than that failure."""
    world.fill("2024-11-01")
    world.store(RAW, "2024-11-05")
    world.fails = {("summary", "2024-11-05")}
    world.store(["registry", "summary", "form", "features", "forecasts"], "2024-11-05")
    assert set(world.look()) == {"form", "features", "forecasts"}, "their date does not rest on the summary of it"
    world.store(["form", "features", "forecasts"], "2024-11-05")
    assert world.look() == {}
    world.store("boxes", "2024-11-05")
    asked = world.look()
    assert asked["summary"] == ["2024-11-05"]
    assert "form" not in asked


def test_a_calendar_is_loaded_from_the_start_of_its_season(world: World):
    """Sixty dates from the middle of a season once called themselves complete: nobody knew what came before them."""
    world.store("calendar", "2024-10-20", "2024-10-21")
    world.store("calendar", "2024-11-02")
    before = [f"2024-10-{date:02}" for date in range(1, 20)]
    between = [f"2024-10-{date:02}" for date in range(22, 32)]
    assert world.look() == {"calendar": [*before, *between, "2024-11-01"]}
    world.store("calendar", "2024-10-01", "2024-11-01")
    assert world.look() == {}


def test_a_calendar_that_could_not_be_loaded_is_left_alone(world: World):
    world.store("calendar", "2024-10-02")
    world.fails = {("calendar", "2024-10-01")}
    world.store("calendar", "2024-10-01")
    assert world.look() == {}


class Telling(World):
    """The same, and two assets that tell of the tables: one by date, one as a whole."""

    def defined(self, left_out: Collection[str] = ()) -> dg.Definitions:
        told_of = tuple(asset_key(one.contract) for one in (boxes, summary))

        @dg.asset(partitions_def=DAILY, deps=told_of, automation_condition=whenever_newer(by_date=True))
        def coverage() -> None: ...

        @dg.asset(deps=[coverage], automation_condition=whenever_newer(by_date=False))
        def picture() -> None: ...

        return dg.Definitions.merge(super().defined(left_out), dg.Definitions(assets=[coverage, picture]))

    def tell(self, *dates: str) -> None:
        coverage = self.definitions.get_assets_def("coverage")
        for date in dates:
            dg.materialize([coverage], instance=self.instance, partition_key=date, run_config=QUIET)

    def told(self) -> tuple[set[str], bool]:
        found = dg.evaluate_automation_conditions(self.definitions, self.instance)
        of_dates = found.get_requested_partitions(dg.AssetKey("coverage"))
        return of_dates, bool(found.get_requested_partitions(dg.AssetKey("picture")))


def test_what_tells_of_other_tables_does_not_wait_until_they_are_sound():
    world = Telling()
    world.contradicts = {"2024-11-06"}
    world.store("boxes", "2024-11-05", "2024-11-06")
    assert world.told() == ({"2024-11-05", "2024-11-06"}, False), "a whole is drawn when its dates are at rest"
    world.tell("2024-11-05", "2024-11-06")
    assert world.told() == (set(), True)


def test_a_hole_that_a_failure_made_is_told_of_though_nothing_new_was_stored():
    """A failed run skipped the coverage of its dates, which went on to say that all was well."""
    world = Telling()
    world.store("boxes", "2024-11-05", "2024-11-06")
    world.tell("2024-11-05", "2024-11-06")
    world.fails = {("boxes", "2024-11-06")}
    world.store(["boxes", "summary"], "2024-11-06")
    assert world.told()[0] == {"2024-11-06"}
    world.tell("2024-11-06")
    assert world.told()[0] == set()


def test_the_daemon_asks_for_what_a_backfill_has_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What is stale was said in two places, which agreed only as long as nobody touched either."""
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    log = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__, "config": {}}
    with dg.instance_for_test(overrides={"event_log_storage": log}, temp_dir=str(tmp_path)) as instance:
        world = World(instance=instance)
        world.fill("2024-11-04", "2024-11-08")
        for corrected, date in (("boxes", "2024-11-06"), ("lines", "2024-11-05"), ("schedule", "2024-11-07")):
            world.store(corrected, date)
            asked = world.look()
            assert asked["features"]
            assert {name: asked[name] for name in asked if name != "registry"} == world.left("2024-11-04", "2024-11-08")

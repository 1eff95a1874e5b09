"""Conditions that hold a date back, and those that release it."""

import dagster as dg
import pytest

from nba_assets.kit.assets import asset_key
from nba_checks.framework.by_date import by_date
from nba_platform.orchestration.automation.conditions import same_date_ancestors

from .world import RAW, TABLES, World, boxes, features, form, let_morning_be, summary


def test_a_date_that_contradicts_itself_holds_its_own_descendants_and_nothing_else(world: World):
    world.contradicts = {"2024-11-06"}
    world.store(RAW, "2024-11-05", "2024-11-07")
    requested = world.tick()
    assert requested["summary"] == ["2024-11-05", "2024-11-07"]
    assert requested["form"] == requested["features"] == ["2024-11-05", "2024-11-06", "2024-11-07"]


def test_held_tables_are_computed_when_the_date_is_repaired(world: World):
    world.contradicts = {"2024-11-06"}
    world.store(RAW, "2024-11-05", "2024-11-07")
    world.store(["registry", "summary"], "2024-11-05", "2024-11-05")
    world.store("summary", "2024-11-07", "2024-11-07")
    world.store(["form", "features", "forecasts"], "2024-11-05", "2024-11-07")
    assert world.tick() == {}
    world.contradicts = set()
    world.store("boxes", "2024-11-06")
    requested = world.tick()
    assert requested["summary"] == ["2024-11-06"]
    assert requested["form"] == requested["features"] == ["2024-11-07"]


def test_rows_whose_check_did_not_run_are_not_sound(world: World):
    """A guard that fails open is none: box scores stored without their check hold what is made of them."""
    key = asset_key(boxes.contract)
    world.store(["schedule"], "2024-11-05")
    world.instance.report_runless_asset_event(dg.AssetMaterialization(key, partition="2024-11-05"))
    assert "summary" not in world.tick()


def test_a_raw_date_that_could_not_be_loaded_holds_its_own_descendants(world: World):
    world.fill("2024-11-05", "2024-11-07")
    world.fails = {("boxes", "2024-11-06")}
    world.store("boxes", "2024-11-06")
    assert world.tick() == {}
    world.store("schedule", "2024-11-05", "2024-11-07")
    assert world.tick()["summary"] == ["2024-11-05", "2024-11-07"]
    world.fails = set()
    world.store("boxes", "2024-11-06")
    assert world.tick()["summary"] == ["2024-11-05", "2024-11-06", "2024-11-07"]


def test_a_failed_date_waits_for_new_input(world: World):
    world.store(RAW, "2024-11-05", "2024-11-06")
    world.fails = {("summary", "2024-11-06")}
    world.store(["registry", "summary"], "2024-11-06", "2024-11-06")
    assert world.tick()["summary"] == ["2024-11-05"]
    world.store("boxes", "2024-11-06")
    assert world.tick()["summary"] == ["2024-11-05", "2024-11-06"]


def test_a_failed_date_is_tried_again_each_morning_for_two_weeks(world: World, monkeypatch: pytest.MonkeyPatch):
    """A full disk ended the documents of an evening, which were not made again before their inputs changed."""
    world.store(RAW, "2024-11-06")
    world.fails = {("summary", "2024-11-06")}
    world.store(["registry", "summary"], "2024-11-06")

    def tick_days_after(days: float) -> bool:
        let_morning_be(days, monkeypatch)
        return "summary" in world.tick()

    assert [tick_days_after(days) for days in (-0.01, 0.01, 13.9, 14.1)] == [False, True, True, False]


def test_a_date_whose_check_ended_without_a_result_is_tried_again_each_morning(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """A locked file ended the check of two dates: tables downstream waited for it, and its alert stayed open."""
    full: set[str] = set()

    def judge(*arguments: object) -> object:
        if full:
            raise OSError("no space left")
        return world._judge(*arguments)

    judged = by_date(judge, form, TABLES, name="judged", description="Form.", blocking=True)
    world.definitions = dg.Definitions.merge(world.definitions, dg.Definitions(asset_checks=[judged]))
    world.fill("2024-11-05", "2024-11-06")
    assert world.tick() == {}
    full.add("disk")
    world.store("form", "2024-11-05", "2024-11-06")

    def tick_days_after(days: float) -> object:
        let_morning_be(days, monkeypatch)
        return world.tick().get("form")

    assert [tick_days_after(days) for days in (-0.01, 0.01)] == [None, ["2024-11-05", "2024-11-06"]]
    full.clear()
    world.store("form", "2024-11-05", "2024-11-06")
    assert tick_days_after(0.01) is None


def test_a_date_that_a_killed_run_left_is_computed_again_though_nothing_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """It was stale when the run began and no longer when its inputs were stored again: its alert stayed open."""
    world.fill("2024-11-05")
    world.instance.report_run_failed(world.plan("summary", "2024-11-05"), "Process 7 is gone")

    def tick_days_after(days: float) -> object:
        let_morning_be(days, monkeypatch)
        return world.tick().get("summary")

    assert [tick_days_after(days) for days in (-0.01, 0.01, 14.1)] == [None, ["2024-11-05"], None]
    world.store("summary", "2024-11-05")
    assert tick_days_after(0.01) is None


def test_inputs_stored_in_the_run_that_failed_are_not_new(world: World):
    """They are stored after the attempt was planned: an endless loop, if that were what is compared."""
    world.fails = {("summary", "2024-11-06")}
    world.store([*RAW, "registry", "summary"], "2024-11-06", "2024-11-06")
    assert "summary" not in world.tick()


def test_a_date_of_a_run_in_progress_is_not_requested_again(world: World):
    world.fill("2024-11-01")
    world.store(RAW, "2024-11-05", "2024-11-06")
    world.plan("summary", "2024-11-05")
    requested = world.tick()
    assert requested["summary"] == ["2024-11-06"]
    assert requested["form"] == ["2024-11-05"], "the next date looks back on what is being made"


def test_tables_downstream_of_a_blocking_check_wait_for_its_result(world: World, monkeypatch: pytest.MonkeyPatch):
    """In a run over a range nothing stops at a failing check."""
    judged = by_date(world._judge, form, TABLES, name="judged", blocking=True)
    world.definitions = dg.Definitions.merge(world.definitions, dg.Definitions(asset_checks=[judged]))
    world.store(RAW, "2024-11-05", "2024-11-06")
    requested = world.tick()
    assert "form" in requested
    assert "features" not in requested
    world.store(["registry", "summary", "form"], "2024-11-05", "2024-11-06")
    assert world.tick()["features"] == ["2024-11-05", "2024-11-06"]


def test_a_single_date_is_computed_in_one_run_which_a_failing_check_stops(world: World):
    """New lines for tonight once took a run for each table with a blocking check."""
    judged = by_date(world._judge, form, TABLES, name="judged", blocking=True)
    world.definitions = dg.Definitions.merge(world.definitions, dg.Definitions(asset_checks=[judged]))
    world.fill("2024-11-01")
    world.contradicts = {"2024-11-05"}
    world.store([name for name in RAW if name != "boxes"], "2024-11-05")
    requested = world.tick()
    assert requested["form"] == requested["features"] == ["2024-11-05"]
    world.store(["form", "features"], "2024-11-05")
    assert "2024-11-05" in world.instance.get_materialized_partitions(asset_key(form.contract))
    assert "2024-11-05" not in world.instance.get_materialized_partitions(asset_key(features.contract))
    assert "features" not in world.tick()


def test_only_inputs_of_the_same_date_can_hold_a_date():
    assert same_date_ancestors(features, TABLES) == {"form", "lines", "schedule"}
    assert same_date_ancestors(summary, TABLES) == {"boxes", "schedule"}


def test_nothing_is_computed_from_a_run_that_has_not_ended(world: World):
    """A look in the middle of a load once computed the tables whose inputs came first, without those that came last."""
    world.store(["schedule", "seasons", "lines"], "2024-11-05")
    world.store(["boxes", "registry", "summary"], "2024-11-01")
    world.plan("schedule", "2024-11-05")
    assert "form" not in world.tick()


def test_a_table_that_was_not_reached_because_another_failed_is_requested_again(world: World):
    """The first date of a range once stayed empty for ever: nothing it reads could be newer than that failure."""
    world.fill("2024-11-01")
    world.store(RAW, "2024-11-05")
    world.fails = {("summary", "2024-11-05")}
    world.store(["registry", "summary", "form", "features", "forecasts"], "2024-11-05")
    assert set(world.tick()) == {"form", "features", "forecasts"}, "their date does not rest on the summary of it"
    world.store(["form", "features", "forecasts"], "2024-11-05")
    assert world.tick() == {}
    world.store("boxes", "2024-11-05")
    requested = world.tick()
    assert requested["summary"] == ["2024-11-05"]
    assert "form" not in requested


def test_a_calendar_that_could_not_be_loaded_is_left_alone(world: World):
    world.store("calendar", "2024-10-02")
    world.fails = {("calendar", "2024-10-01")}
    world.store("calendar", "2024-10-01")
    assert world.tick() == {}

import gc
from pathlib import Path

import dagster as dg
import pytest

from nba_assets.kit.assets import SEASON_BACK, SEASON_BEFORE, asset_of
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_platform.orchestration import event_log_reader
from nba_platform.orchestration.automation.tick_state import TickState

from .world import DERIVED, NOVEMBER, RAW, TABLES, World, form


def test_a_date_whose_raw_rows_are_there_is_computed_in_every_table_at_one_look(world: World):
    world.store(RAW, "2024-11-05")
    assert world.tick() == {"registry": [None], **{name: ["2024-11-05"] for name in DERIVED - {"registry"}}}


def test_a_computed_date_requests_nothing(world: World):
    world.fill("2024-11-05", "2024-11-07")
    assert world.tick() == {}


def test_nothing_is_computed_before_its_inputs_of_the_date_are_there(world: World):
    world.store(["schedule", "seasons", "boxes"], "2024-11-05")
    assert world.tick() == {"registry": [None], "summary": ["2024-11-05"], "form": ["2024-11-05"]}


def test_a_table_made_before_the_games_does_not_wait_for_their_box_scores(world: World):
    world.fill("2024-11-01")
    world.store(["schedule", "lines"], "2024-11-05")
    assert set(world.tick()) == {"form", "features", "forecasts"}


def test_a_gap_in_the_season_never_blocks_a_later_date(world: World):
    world.fill("2024-11-01", "2024-11-03")
    world.store(RAW, "2024-11-20", "2024-11-21")
    assert world.tick()["features"] == ["2024-11-20", "2024-11-21"]


def test_filling_a_gap_refreshes_every_later_date_that_looks_back_on_it(world: World):
    world.fill("2024-11-10", "2024-11-12")
    world.store(RAW, "2024-11-05", "2024-11-06")
    requested = world.tick()
    both = ["2024-11-05", "2024-11-06", "2024-11-10", "2024-11-11", "2024-11-12"]
    assert requested["summary"] == both[:2]
    assert requested["form"] == requested["features"] == both


def test_corrected_box_scores_refresh_later_dates_and_not_the_forecasts_of_their_own(world: World):
    world.fill("2024-11-10", "2024-11-13")
    world.store("boxes", "2024-11-11")
    requested = world.tick()
    assert requested["summary"] == ["2024-11-11"]
    assert requested["form"] == ["2024-11-12", "2024-11-13"]
    world.store(["registry", "summary"], "2024-11-11")
    world.store(["form", "features", "forecasts"], "2024-11-12", "2024-11-13")
    assert world.tick() == {}


def test_a_season_is_looked_back_on_and_no_further(world: World):
    """365 days, so that the last day of a season reaches its first."""
    world.fill("2023-12-01", "2023-12-01")
    world.fill("2024-11-27", "2024-12-05")
    world.store("boxes", "2023-12-01")
    requested = world.tick()["form"]
    assert requested[0] == "2024-11-27"
    assert requested[-1] < "2024-12-05"


def test_a_date_of_the_first_two_weeks_is_made_once_like_any_other(world: World):
    world.fill("2024-10-22", "2024-10-24")
    assert world.tick() == {}
    world.store("lines", "2024-10-23")
    assert world.tick()["features"] == ["2024-10-23"]


def test_in_the_off_season_nothing_is_requested(world: World):
    world.fill("2024-06-29", "2024-06-30")
    assert world.tick("2024-08-15T12:00:00") == {}
    world.store("boxes", "2024-06-30")
    requested = world.tick("2024-08-15T12:00:00")
    assert requested == {"registry": [None], "summary": ["2024-06-30"]}, "the schedule of the next dates is not stored"


def test_the_dates_of_another_moment_are_not_remembered(world: World):
    """A first tick in summer once hid every later season, and once emptied the requests of the next test."""
    event_log_reader._listed.cache_clear()
    world.store(RAW, "2024-11-05")
    world.tick("2024-08-15T12:00:00")
    requested = world.tick()
    assert requested["summary"] == requested["form"] == ["2024-11-05"]


def test_a_table_added_later_is_filled_for_all_stored_dates(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    world = World("features", "models", "forecasts")
    world.store(RAW, "2024-11-03", "2024-11-09")
    world.store(["registry", "summary", "form"], "2024-11-03", "2024-11-09")
    assert world.tick() == {}
    world.definitions = world.defined()
    assert world.tick()["features"] == NOVEMBER[2:9]


def test_a_new_player_in_the_registry_is_no_reason_to_compute_dates_again(world: World):
    world.fill("2024-11-05", "2024-11-06")
    world.store("registry")
    assert world.tick() == {}


def test_a_tables_history_ends_the_day_before_where_the_day_itself_is_not_known_yet():
    spec = asset_of(form, TABLES, statement="SELECT").get_asset_spec()
    mappings = {dep.asset_key.path[-1]: dep.partition_mapping for dep in spec.deps}
    assert mappings["summary"] == SEASON_BEFORE
    assert mappings["schedule"] == SEASON_BACK


def test_history_may_have_gaps_but_a_table_that_was_never_made_cannot_be_read(world: World):
    world.store(["schedule", "seasons", "lines"], "2024-11-05")
    assert world.tick() == {}


def test_a_calendar_is_loaded_from_the_start_of_its_season(world: World):
    """Sixty dates from the middle of a season once counted as complete: nothing showed what was missing before them."""
    world.store("calendar", "2024-10-20", "2024-10-21")
    world.store("calendar", "2024-11-02")
    before = [f"2024-10-{date:02}" for date in range(1, 20)]
    between = [f"2024-10-{date:02}" for date in range(22, 32)]
    assert world.tick() == {"calendar": [*before, *between, "2024-11-01"]}
    world.store("calendar", "2024-10-01", "2024-11-01")
    assert world.tick() == {}


def test_the_daemon_requests_what_a_backfill_would_compute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Stale was defined in two places, which agreed until one was changed."""
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    log = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__, "config": {}}
    with dg.instance_for_test(overrides={"event_log_storage": log}, temp_dir=str(tmp_path)) as instance:
        world = World(instance=instance)
        world.fill("2024-11-04", "2024-11-08")
        for corrected, date in (("boxes", "2024-11-06"), ("lines", "2024-11-05"), ("schedule", "2024-11-07")):
            world.store(corrected, date)
            requested = world.tick()
            assert requested["features"]
            assert {name: requested[name] for name in requested if name != "registry"} == world.left(
                "2024-11-04", "2024-11-08"
            )


def test_the_state_of_a_tick_is_released_at_the_next_one(world: World):
    """A code server runs for weeks and evaluates a tick every 30 s."""
    world.store(RAW, "2024-11-05")
    for _ in range(3):
        world.tick()
    gc.collect()
    assert sum(isinstance(one, TickState) for one in gc.get_objects()) == 1

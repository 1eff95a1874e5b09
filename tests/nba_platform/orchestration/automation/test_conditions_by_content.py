"""The daemon follows changed rows, not stored ones."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from nba_platform.dagster_compat.data_versions import Versions
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_resources.warehouse.changes import EMPTY
from nba_resources.warehouse.metadata import FINGERPRINT

from .world import DERIVED, RAW, TABLES, World

BEFORE, GAP, AFTER = ("2024-11-04", "2024-11-05"), "2024-11-06", ("2024-11-07", "2024-11-08")
DATED = DERIVED - {"registry"}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """All dates but one are stored, each with rows of its own."""
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    log = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__, "config": {}}
    with dg.instance_for_test(overrides={"event_log_storage": log}, temp_dir=str(tmp_path)) as instance:
        Versions(FINGERPRINT, EMPTY).use()
        world = World(instance=instance)
        for date in (*BEFORE, GAP, *AFTER):
            world.contents |= {(name, date): f"{name} {date}" for name in TABLES}
        world.fill(*BEFORE)
        world.fill(*AFTER)
        yield world


def test_raw_dates_loaded_again_with_the_same_rows_request_nothing(world: World):
    world.store(RAW, *BEFORE)
    assert world.tick() == {}


def test_a_changed_raw_date_requests_what_reads_it(world: World):
    world.contents["boxes", BEFORE[1]] = "one corrected rebound"
    world.store("boxes", *BEFORE)
    requested = world.tick()
    assert requested["summary"] == [BEFORE[1]]
    assert requested["form"] == [*AFTER]


def test_a_gap_without_games_requests_its_own_date_and_none_that_looks_back_on_it(world: World):
    """Seven days without a game once made 128 dates of 11 tables run again."""
    world.contents |= dict.fromkeys([(name, GAP) for name in TABLES], EMPTY)
    world.store(RAW, GAP)
    requested = world.tick()
    assert {name: dates for name, dates in requested.items() if name in DATED} == {name: [GAP] for name in DATED}
    world.store([*DATED], GAP)
    assert {name for name in world.tick() if name in DATED} == set()


def test_a_gap_with_games_requests_every_date_that_looks_back_on_it(world: World):
    world.store(RAW, GAP)
    requested = world.tick()
    assert requested["summary"] == [GAP]
    assert requested["form"] == [GAP, *AFTER]


def test_rows_that_nobody_expected_are_followed_at_the_next_tick(world: World):
    world.contents |= dict.fromkeys([(name, GAP) for name in RAW], EMPTY)
    world.store(RAW, GAP)
    world.store("summary", GAP)
    assert world.tick()["form"] == [GAP, *AFTER]

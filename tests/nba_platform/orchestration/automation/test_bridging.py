"""Short gaps between stale dates are computed with them, in one run."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import dagster as dg
import pytest

from nba_platform.dagster_compat.data_versions import Versions
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_resources.warehouse.changes import EMPTY
from nba_resources.warehouse.metadata import FINGERPRINT

from .world import NOVEMBER, TABLES, World

SETTLED = NOVEMBER[1:12]  # the 2nd to the 12th
CHAIN = ["registry", "summary", "form", "features"]
ALONE = ("models", "forecasts")  # left out where features are the last table
TODAY = "2024-11-20"
Filled = Callable[..., World]
Records = Callable[[tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, ...]], Path]


@contextmanager
def instance_in(folder: Path) -> Iterator[dg.DagsterInstance]:
    log = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__, "config": {}}
    with dg.instance_for_test(overrides={"event_log_storage": log}, temp_dir=str(folder)) as instance:
        Versions(FINGERPRINT, EMPTY).use()
        yield instance


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Return the records of dates that were stored, which tests copy."""

    @cache
    def records(left_out: tuple[str, ...], spans: tuple[tuple[str, str], ...], checked: tuple[str, ...]) -> Path:
        folder = tmp_path_factory.mktemp("records")
        with pytest.MonkeyPatch.context() as environment, instance_in(folder) as instance:
            environment.setenv("NBA_TODAY", TODAY)
            world = world_of(left_out, checked, instance)
            for span in spans:
                world.store(["schedule", "seasons", "boxes", "lines"], *span)
                world.store([name for name in (*CHAIN, "forecasts") if name not in left_out], *span)
            assert world.runs() == []
        return folder

    return records


@pytest.fixture
def filled(records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filled]:
    """Make a world in which each of some dates is stored, with rows of its own."""
    monkeypatch.setenv("NBA_TODAY", TODAY)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with ExitStack() as opened:

        def fill(*left_out: str, spans=((SETTLED[0], SETTLED[-1]),), checked=("boxes",)) -> World:
            shutil.copytree(records(left_out, spans, checked), tmp_path, dirs_exist_ok=True)
            return world_of(left_out, checked, opened.enter_context(instance_in(tmp_path)))

        yield fill


def world_of(left_out: tuple[str, ...], checked: tuple[str, ...], instance: dg.DagsterInstance) -> World:
    world = World(*left_out, instance=instance, checked=checked)
    world.contents = {(name, date): f"{name} {date}" for name in TABLES for date in SETTLED}
    return world


def correct(world: World, table: str, *dates: str) -> None:
    for date in dates:
        world.contents[(table, date)] = f"{table} {date}, corrected"
        world.store(table, date)


def test_two_stale_dates_with_a_week_between_them_are_one_run(filled: Filled):
    """One corrected box score took 33 runs, most of them of one date."""
    world = filled(*ALONE)
    correct(world, "lines", "2024-11-02", "2024-11-10")
    assert world.runs() == [("2024-11-02...2024-11-10", {"features"})]


def test_a_longer_gap_parts_two_runs(filled: Filled):
    world = filled(*ALONE)
    correct(world, "lines", "2024-11-02", "2024-11-11")
    assert world.runs() == [("2024-11-02", {"features"}), ("2024-11-11", {"features"})]


def test_a_gap_date_with_the_same_rows_makes_nothing_behind(filled: Filled):
    world = filled(*ALONE)
    correct(world, "lines", "2024-11-02", "2024-11-04")
    ((dates, tables),) = world.runs()
    world.store(tables, *dates.split("..."))
    assert world.runs() == []


def test_a_gap_of_one_table_joins_runs_of_others(filled: Filled):
    """Form is stale on each date after the 3rd; the summary is on the 3rd and the 6th, and has a gap between."""
    world = filled(*ALONE)
    correct(world, "boxes", "2024-11-03", "2024-11-06")
    assert world.runs() == [
        ("2024-11-03", {"summary"}),
        ("2024-11-04...2024-11-06", {"summary", "form", "features"}),
        ("2024-11-07...2024-11-12", {"form", "features"}),
    ]


def test_forecasts_with_a_gap_between_them_are_one_run(filled: Filled):
    """Each run forecasts twelve markets: thirteen of them took more than half of the time after a correction.

    The forecast in the gap stays as it is: `test_up_to_date.py`.
    """
    world = filled("models")
    correct(world, "lines", "2024-11-02", "2024-11-04")
    assert world.runs() == [("2024-11-02...2024-11-04", {"features", "forecasts"})]


def test_a_gap_with_a_live_forecast_parts_two_runs(filled: Filled):
    """It was stored before the last game of its date, which its last event has to show."""
    world = filled("models")
    correct(world, "lines", "2024-11-02", "2024-11-04")
    world.last_tip_offs = {dt.date(2024, 11, 3): dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)}
    both = {"features", "forecasts"}
    assert world.runs() == [("2024-11-02", both), ("2024-11-04", both)]


def test_a_gap_that_is_not_stored_parts_two_runs(filled: Filled):
    world = filled(*ALONE, spans=(("2024-11-02", "2024-11-03"), ("2024-11-05", "2024-11-06")))
    correct(world, "lines", "2024-11-02", "2024-11-06")
    assert world.runs() == [("2024-11-02", {"features"}), ("2024-11-06", {"features"})]


def test_a_gap_that_is_being_computed_parts_two_runs(filled: Filled):
    world = filled(*ALONE)
    correct(world, "lines", "2024-11-02", "2024-11-06")
    world.plan("features", "2024-11-04")
    assert world.runs() == [("2024-11-02", {"features"}), ("2024-11-06", {"features"})]


def test_a_gap_of_earlier_code_parts_two_runs(filled: Filled):
    """A change of code alone makes the daemon compute nothing."""
    world = filled(*ALONE)
    world.statement = "SELECT 1"
    world.definitions = world.defined(ALONE)
    correct(world, "lines", "2024-11-02", "2024-11-04")
    assert world.runs() == [("2024-11-02", {"features"}), ("2024-11-04", {"features"})]


def test_a_gap_below_a_failed_check_parts_two_runs(filled: Filled):
    """In a range run a check stops nothing: rows that passed before are the same, and of others nothing is made."""
    world = filled("models", checked=("features",))
    world.contradicts = {"2024-11-03"}
    correct(world, "lines", "2024-11-02", "2024-11-04")
    assert world.runs() == [("2024-11-02...2024-11-04", {"features"})]
    world.contents |= {("features", date): "corrected" for date in ("2024-11-02", "2024-11-04")}
    world.store("features", "2024-11-02", "2024-11-04")
    assert world.runs() == [("2024-11-02", {"forecasts"}), ("2024-11-04", {"forecasts"})]


def test_no_gap_is_computed_where_every_event_counts_as_a_change(world: World):
    """On the stock event log the tables below would follow the gap, and those below them."""
    world.fill("2024-11-02", "2024-11-04")
    world.store("lines", "2024-11-02")
    world.store("lines", "2024-11-04")
    assert [dates for dates, _ in world.runs()] == ["2024-11-02", "2024-11-04"]

"""Looks at lines and injury reports before tip-off request the tables for which something arrived."""

import datetime as dt
import shutil
from pathlib import Path

import dagster as dg
import ibis
import pytest

from nba_platform.definitions import TABLES
from nba_platform.orchestration.schedules import STATUSES_BEFORE_TIP, reason_to_wait
from nba_resources.dates import EASTERN, DateRange
from nba_resources.sources.base import BEFORE_TIP
from nba_resources.sources.provider_priority import LINE_PLANS as TIMES_OF_PLAN
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...shared import warehouse_at
from ..rows import filled
from .on_the_clock import JANUARY_15, MARKET, Live, asked, games, load, look, tick, unreachable

TIP = dt.datetime(2025, 1, 15, 19, 10, tzinfo=EASTERN)


def test_lines_are_refreshed_until_the_last_game_has_begun(warehouse: DuckDBWarehouse):
    games(warehouse, "2025-01-15", "19:00", "22:30")
    tables, dates = asked(tick("line_refresh", "2025-01-15T22:15", warehouse))
    assert tables == {"player_props", "game_odds", "injury_reports"}
    assert dates == {"2025-01-15"}
    skipped = tick("line_refresh", "2025-01-15T22:30", warehouse)
    assert isinstance(skipped, dg.SkipReason)
    assert "began at 22:30" in (skipped.skip_message or "")


def test_lines_are_refreshed_at_set_times_and_more_often_towards_tip_off():
    """8, 4, 2 and 1 hours, 30, 15 and 5 minutes before 19:10."""
    midnight, tip = (dt.datetime(2025, 1, 15, *time, tzinfo=EASTERN) for time in ((0,), (19, 10)))
    ticks = [midnight + dt.timedelta(minutes=minutes) for minutes in range(3 * 60, 24 * 60, 5)]
    found = [f"{at:%H:%M}" for at in ticks if reason_to_wait(at, [tip], BEFORE_TIP) is None]
    assert found == ["11:10", "15:10", "17:10", "18:10", "18:40", "18:55", "19:05"]
    assert "next requested at 18:55" in (reason_to_wait(tip - dt.timedelta(minutes=25), [tip], BEFORE_TIP) or "")


def test_injury_reports_are_looked_at_five_minutes_after_each_quarter_of_an_hour_before_tip_off():
    """Only reports of the last quarter of an hour are published and not yet read; the last look is at 18:55."""
    midnight, tip = (dt.datetime(2025, 1, 15, *time, tzinfo=EASTERN) for time in ((0,), (19, 0)))
    ticks = [midnight + dt.timedelta(minutes=minutes) for minutes in range(3 * 60, 24 * 60, 5)]
    found = [f"{at:%H:%M}" for at in ticks if reason_to_wait(at, [tip], STATUSES_BEFORE_TIP) is None]
    quarters = [f"{hour}:{minute:02}" for hour in range(15, 19) for minute in (5, 20, 35, 50)]
    assert found == sorted({*quarters, "11:00", "15:00", "17:00", "18:00", "18:30", "18:45", "18:55"})


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the lines and injury reports of a date whose games all have one tip-off."""
    warehouse, date = warehouse_at(tmp_path_factory.mktemp("stored") / "nba.duckdb"), DateRange(JANUARY_15, JANUARY_15)
    load(warehouse, Live(JANUARY_15), date, "schedule")
    contract = TABLES["schedule"].contract
    games = warehouse.read(contract.table()).assign(start_time_utc=TIP.astimezone(dt.UTC))
    warehouse.replace(contract, date, ibis.memtable(games, schema=contract.schema))
    load(warehouse, Live(JANUARY_15), date, *MARKET)
    return Path(warehouse.path)


@pytest.fixture
def tip(warehouse: DuckDBWarehouse, stored: Path) -> dt.datetime:
    """The tip-off of all games of that date, whose lines and injury reports the warehouse has."""
    shutil.copy(stored, warehouse.path)
    return TIP


def test_a_look_at_which_nothing_arrived_requests_no_table(warehouse: DuckDBWarehouse, tip: dt.datetime):
    """Every look once rewrote three tables, and the tables that read them were computed again."""
    skipped = look(warehouse, Live(JANUARY_15), tip - dt.timedelta(minutes=30))
    assert isinstance(skipped, dg.SkipReason)
    assert "has of 2025-01-15 is stored already" in (skipped.skip_message or "")


@pytest.mark.parametrize("feed", MARKET)
def test_a_look_requests_only_the_table_for_which_something_arrived(
    warehouse: DuckDBWarehouse, tip: dt.datetime, feed: str
):
    contract = TABLES[feed].contract
    warehouse.replace(contract, DateRange(JANUARY_15, JANUARY_15), filled(contract, []))
    assert asked(look(warehouse, Live(JANUARY_15), tip - dt.timedelta(minutes=30))) == ({feed}, {"2025-01-15"})


def test_a_source_that_does_not_answer_a_look_is_asked_by_a_run_which_says_so(
    warehouse: DuckDBWarehouse, tip: dt.datetime
):
    source = Live(JANUARY_15)
    source.fetch = unreachable
    assert asked(look(warehouse, source, tip - dt.timedelta(minutes=30)))[0] == {*MARKET}


@pytest.mark.parametrize("plan", TIMES_OF_PLAN)
def test_lines_are_looked_at_when_the_plan_of_nba_lines_says_and_injury_reports_at_every_look(
    warehouse: DuckDBWarehouse, tip: dt.datetime, plan: str
):
    """The free plan pays for one look half an hour before tip-off; injury reports cost nothing."""
    for before in TIMES_OF_PLAN["full"]:
        source = Live(JANUARY_15)
        source.before_tip = TIMES_OF_PLAN[plan]
        look(warehouse, source, tip - before)
        assert set(source.fetched) == ({*MARKET} if before in TIMES_OF_PLAN[plan] else {"injury_reports"}), before


@pytest.mark.parametrize(("minutes", "fetched"), [(10, {"injury_reports"}), (20, set()), (25, {"injury_reports"})])
def test_between_looks_at_lines_only_injury_reports_are_read(
    warehouse: DuckDBWarehouse, tip: dt.datetime, minutes: int, fetched: set[str]
):
    source = Live(JANUARY_15)
    look(warehouse, source, tip - dt.timedelta(minutes=minutes))
    assert set(source.fetched) == fetched


def test_a_tip_off_between_two_ticks_is_looked_after_by_the_next_one(warehouse: DuckDBWarehouse):
    games(warehouse, "2025-01-15", "19:12")
    assert isinstance(tick("line_refresh", "2025-01-15T18:40", warehouse), dg.SkipReason)
    assert isinstance(tick("line_refresh", "2025-01-15T18:45", warehouse), list)


def test_without_a_game_there_is_no_line_to_refresh(warehouse: DuckDBWarehouse):
    games(warehouse, "2025-01-15", "19:00")
    skipped = tick("line_refresh", "2025-01-16T12:00", warehouse)
    assert isinstance(skipped, dg.SkipReason)
    assert "no game on the stored schedule" in (skipped.skip_message or "")

"""Schedules load what is new by New York time, and leave what is stored already."""

import datetime as dt
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from nba_assets.kit.assets import asset_key
from nba_assets.kit.partitions import DAILY
from nba_platform.definitions import TABLES
from nba_platform.orchestration.event_log_reader import unstored
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.looks import Looks
from nba_platform.orchestration.schedules import REFRESHES, due
from nba_resources.dates import EASTERN, DateRange
from nba_resources.rejected import RejectedRow
from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.rejected_rows import store_rejected

from ..dagster_compat.private import schedule_execution_time_iterator
from .on_the_clock import AUTUMN, JANUARY_15, SPRING, Asked, Live, asked, games, load, refresh_named, tick, unreachable


@pytest.mark.parametrize("refresh", REFRESHES, ids=lambda refresh: refresh.name)
@pytest.mark.parametrize("changed", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_the_clocks_change_and_nothing_is_left_out_or_done_twice(refresh, changed: dt.date):
    """In spring 02:30 does not exist, in autumn 01:30 does twice: no schedule may lie between one and three."""
    start = dt.datetime.combine(changed - dt.timedelta(days=1), dt.time(), EASTERN).timestamp()
    ticks: dict[dt.date, list[str]] = {}
    for at in schedule_execution_time_iterator(start, refresh.cron, EASTERN.key, ascending=True):
        local = at.astimezone(EASTERN)
        if local.date() > changed + dt.timedelta(days=1):
            break
        ticks.setdefault(local.date(), []).append(f"{local:%H:%M}")
    before, on, after = ticks.values()
    assert before == on == after
    assert len(set(on)) == len(on)


def test_the_morning_loads_tonight(warehouse: DuckDBWarehouse):
    tables, dates = asked(tick("morning_refresh", "2025-01-15T09:00", warehouse))
    assert tables == {name for name, table in TABLES.items() if table.feed}
    assert dates == {"2025-01-15"}


def test_after_the_games_last_nights_results_are_loaded(warehouse: DuckDBWarehouse):
    tables, dates = asked(tick("post_game", "2025-01-15T03:30", warehouse))
    assert tables == {"schedule", "seasons", "player_boxscores", "team_boxscores", "shots"}
    assert dates == {"2025-01-14"}


def test_late_corrections_are_looked_for_on_the_three_days_before_and_one_more(warehouse: DuckDBWarehouse):
    """One morning the file was locked: what the league corrected on the third day was never seen."""
    tables, dates = asked(tick("late_corrections", "2025-01-15T06:00", warehouse))
    assert tables == {"schedule", "seasons", "player_boxscores", "team_boxscores", "shots"}
    assert dates == {"2025-01-11", "2025-01-14"}


def test_mornings_that_were_missed_are_made_up_for(warehouse: DuckDBWarehouse):
    """The file was locked on the third morning after a game and on the fourth: its correction was never seen."""
    sweep, now = refresh_named("late_corrections"), dt.datetime.combine(JANUARY_15, dt.time(6), EASTERN)
    begins = {"2025-01-14": "2025-01-11", "2025-01-13": "2025-01-10", "2025-01-10": "2025-01-07"}
    begins |= {"2025-01-02": "2024-12-31", "2024-11-30": "2024-12-31"}  # two weeks at most
    with dg.DagsterInstance.ephemeral() as instance:
        looks = Looks(instance)
        for morning, first in begins.items():
            looks.complete(sweep.name, dt.date.fromisoformat(morning) - dt.timedelta(days=1))
            requests = due(sweep, now, Live(JANUARY_15), warehouse, TABLES, looks=looks)
            assert asked(requests)[1] == {first, "2025-01-14"}, morning


def test_the_sweep_looks_again_until_everything_is_stored(warehouse: DuckDBWarehouse):
    """A run that was killed as it began had not touched its tables: nobody asked for them again before the next day."""
    source, sweep = Live(JANUARY_15), refresh_named("late_corrections")
    days = DateRange(dt.date(2025, 1, 11), dt.date(2025, 1, 14))
    load(warehouse, source, days, "schedule", "team_boxscores", "player_boxscores", "shots")
    source.steals = 1
    with dg.DagsterInstance.ephemeral() as instance:

        def at(hour: int) -> Asked:
            now = dt.datetime.combine(JANUARY_15, dt.time(hour), EASTERN)
            return due(sweep, now, source, warehouse, TABLES, looks=Looks(instance))

        assert asked(at(6)) == asked(at(9)) == ({"player_boxscores"}, {"2025-01-14"})
        source.steals = 0  # what is stored is what the source has
        assert "is stored already" in (at(9).skip_message or "")
        source.fetch = unreachable  # type: ignore[method-assign]
        assert "everything until 2025-01-14 was stored" in (at(9).skip_message or "")


def test_the_morning_sweep_requests_only_the_date_and_table_of_a_correction(
    warehouse: DuckDBWarehouse,
):
    """Three days of unchanged box scores, loaded each morning, made a season of dates stale."""
    source = Live(dt.date(2025, 1, 15))
    days = DateRange(dt.date(2025, 1, 11), dt.date(2025, 1, 14))
    load(warehouse, source, days, "schedule", "team_boxscores", "player_boxscores", "shots")
    sweep, now = refresh_named("late_corrections"), dt.datetime(2025, 1, 15, 6, tzinfo=EASTERN)

    nothing = due(sweep, now, source, warehouse, TABLES)
    source.steals = 1
    corrected = due(sweep, now, source, warehouse, TABLES)

    assert isinstance(nothing, dg.SkipReason)
    assert "has of 2025-01-11 to 2025-01-14 is stored already" in (nothing.skip_message or "")
    assert asked(corrected) == ({"player_boxscores"}, {"2025-01-14"})


def test_a_date_that_a_run_failed_to_load_is_loaded_again_though_nothing_changed(
    warehouse: DuckDBWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Half a document at half past three: the sweep found everything as stored, and the alert stayed open for weeks."""
    monkeypatch.setenv("NBA_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    source = Live(dt.date(2025, 1, 15))
    days = DateRange(dt.date(2025, 1, 11), dt.date(2025, 1, 14))
    load(warehouse, source, days, "schedule", "team_boxscores", "player_boxscores", "shots")
    key = asset_key(TABLES["schedule"].contract)
    sweep, now = refresh_named("late_corrections"), dt.datetime(2025, 1, 15, 6, tzinfo=EASTERN)

    @dg.asset(key=key, partitions_def=DAILY)
    def loaded(context: dg.AssetExecutionContext) -> None:
        if "fails" in context.run.tags:
            raise SourceUnavailable("half a document")

    def run(**tags: str) -> None:
        dg.materialize([loaded], instance=instance, partition_key="2025-01-14", tags=tags, raise_on_error=False)

    with open_instance() as instance:
        unstored_then = partial(unstored, instance, ())
        for day in ("2025-01-11", "2025-01-12", "2025-01-13"):
            instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=day))
        for name in ("team_boxscores", "player_boxscores", "shots"):
            for day in map(str, days):
                stored = asset_key(TABLES[name].contract)
                instance.report_runless_asset_event(dg.AssetMaterialization(stored, partition=day))
        run(fails="yes")
        again = due(sweep, now, source, warehouse, TABLES, unstored_then)
        run()
        nothing = due(sweep, now, source, warehouse, TABLES, unstored_then)

    assert asked(again) == ({"schedule", "seasons"}, {"2025-01-14"})  # of one feed
    assert isinstance(nothing, dg.SkipReason)


def test_lines_that_the_last_look_of_an_evening_did_not_store_are_loaded_in_the_morning(warehouse: DuckDBWarehouse):
    """The alert of an evening that was over stayed, and the lines that had been received were not stored."""
    source, sweep = Live(JANUARY_15), refresh_named("late_corrections")
    now = dt.datetime.combine(JANUARY_15, dt.time(6), EASTERN)
    days = DateRange(dt.date(2025, 1, 11), dt.date(2025, 1, 14))
    load(warehouse, source, days, "schedule", "team_boxscores", "player_boxscores", "shots")

    def lost(table: dg.AssetKey, partitions: object) -> set[str]:
        lines = table == asset_key(TABLES["player_props"].contract)
        return {"2024-12-20", "2025-01-14", "2025-01-15"} if lines else set()

    assert asked(due(sweep, now, source, warehouse, TABLES, lost)) == ({"player_props"}, {"2025-01-14"})
    assert isinstance(due(sweep, now, source, warehouse, TABLES), dg.SkipReason)


def test_a_date_with_rows_that_are_set_aside_is_loaded_again_though_the_stored_rows_are_as_delivered(
    warehouse: DuckDBWarehouse,
):
    """The last look at a file had one wrong number: its game stayed as it was stored, and the alert open for a week."""
    source, sweep = Live(JANUARY_15), refresh_named("late_corrections")
    now = dt.datetime.combine(JANUARY_15, dt.time(6), EASTERN)
    days = DateRange(dt.date(2025, 1, 11), dt.date(2025, 1, 14))
    load(warehouse, source, days, "schedule", "team_boxscores", "player_boxscores", "shots")
    wrong, before = dt.date(2025, 1, 8), dt.date(2024, 12, 20)
    for day in (wrong, before):
        broken = [RejectedRow(day, "nba_com", "{}", "player_id is outside 1 to 99999999")]
        store_rejected(warehouse, "shots", DateRange(day, day), broken)
    assert asked(due(sweep, now, source, warehouse, TABLES)) == ({"shots"}, {str(wrong)})
    store_rejected(warehouse, "shots", DateRange(wrong, wrong), [])
    assert isinstance(due(sweep, now, source, warehouse, TABLES), dg.SkipReason)


def test_a_date_that_is_loaded_again_has_its_files_requested_again(warehouse: DuckDBWarehouse):
    """The last file that was requested of a game had no players, and each later load read it again and failed."""
    morning = dt.datetime.combine(JANUARY_15, dt.time(6), EASTERN)
    days = {JANUARY_15 - dt.timedelta(days=days) for days in range(1, 40)}
    requests = due(
        refresh_named("late_corrections"), morning, Live(JANUARY_15), warehouse, TABLES, lambda *_: {*map(str, days)}
    )
    told = [text for request in requests for name, text in request.tags.items() if "partition" in name]
    earliest = dt.date.fromisoformat(min(told))
    assert earliest == JANUARY_15 - dt.timedelta(days=15)
    provider = NbaCom(clock=lambda: morning)
    assert {day for day in days if provider.is_settled(day)} == {day for day in days if (JANUARY_15 - day).days > 16}


def test_a_date_of_which_a_check_ended_without_a_result_counts_as_not_stored():
    """A full disk ended the check of rows set aside: nothing evaluated it again, as its table was stored."""
    full: set[str] = set()

    @dg.asset(partitions_def=DAILY)
    def loaded() -> None: ...

    @dg.asset_check(asset=loaded, partitions_def=DAILY)
    def counted() -> dg.AssetCheckResult:
        if full:
            raise OSError("no space left")
        return dg.AssetCheckResult(passed=False)

    def left(instance: dg.DagsterInstance) -> set[str]:
        assets = [loaded, counted]
        dg.materialize(assets, instance=instance, partition_key="2025-01-14", raise_on_error=False)
        found = [unstored(instance, [*counted.check_keys], loaded.key, asked) for asked in (["2025-01-14"], [])]
        assert found[0] == found[1]
        return found[0]

    with open_instance() as instance:
        full.add("disk")
        assert left(instance) == {"2025-01-14"}
        full.clear()
        assert left(instance) == set()  # a result, if a bad one


def test_what_the_morning_did_not_load_is_tried_again_twice_an_hour(warehouse: DuckDBWarehouse):
    """A full disk at nine: without the schedule of the day no line was looked at until the next morning."""
    source, key = Live(JANUARY_15), asset_key(TABLES["schedule"].contract)

    def at(clock: str) -> Asked:
        now = dt.datetime.combine(JANUARY_15, dt.time.fromisoformat(clock), EASTERN)
        refresh = refresh_named("line_refresh")
        return due(refresh, now, source, warehouse, TABLES, lambda table, dates: dates if table == key else ())

    assert asked(at("09:30")) == asked(at("18:00")) == ({"schedule"}, {"2025-01-15"})
    assert all(isinstance(at(clock), dg.SkipReason) for clock in ("08:30", "09:00", "09:25", "18:05"))


def test_a_source_that_does_not_answer_the_sweep_is_asked_by_a_run_which_says_so(warehouse: DuckDBWarehouse):
    games(warehouse, "2025-01-14", "19:00")
    source = Live(dt.date(2025, 1, 15))
    source.fetch = unreachable
    sweep, now = refresh_named("late_corrections"), dt.datetime(2025, 1, 15, 6, tzinfo=EASTERN)

    requests = due(sweep, now, source, warehouse, TABLES)

    assert asked(requests)[1] == {"2025-01-11", "2025-01-14"}


@pytest.mark.parametrize(
    ("name", "at"),
    [("morning_refresh", "2025-07-01T09:00"), ("line_refresh", "2025-08-15T12:00"), ("post_game", "2025-07-02T03:30")],
)
def test_in_summer_a_schedule_says_why_it_does_nothing(warehouse: DuckDBWarehouse, name: str, at: str):
    skipped = tick(name, at, warehouse)
    assert isinstance(skipped, dg.SkipReason)
    assert "off-season" in (skipped.skip_message or "")


def test_on_the_first_of_july_the_last_games_of_june_are_still_looked_after(warehouse: DuckDBWarehouse):
    assert asked(tick("post_game", "2025-07-01T03:30", warehouse))[1] == {"2025-06-30"}
    assert asked(tick("late_corrections", "2025-07-02T06:00", warehouse))[1] == {"2025-06-28", "2025-06-30"}


def test_a_source_that_replays_the_past_has_nothing_new_by_the_clock(warehouse: DuckDBWarehouse):
    skipped = tick("morning_refresh", "2025-01-15T09:00", warehouse, tonight="2024-04-11")
    assert isinstance(skipped, dg.SkipReason)
    assert "its tonight is 2024-04-11" in (skipped.skip_message or "")

import datetime as dt
from functools import partial
from pathlib import Path

import dagster as dg
import ibis
import pyarrow.compute as pc
import pytest

from nba_assets.kit.assets import asset_key, fetch_rows
from nba_assets.kit.partitions import DAILY
from nba_platform.definitions import TABLES
from nba_platform.orchestration.event_log_reader import unstored
from nba_platform.orchestration.instance import open_instance
from nba_platform.orchestration.schedules import (
    INJURIES,
    LINES,
    REFRESHES,
    STATUSES_BEFORE_TIP,
    Refresh,
    due,
    reason_to_wait,
)
from nba_platform.orchestration.tip_off_times import begun_games, last_tip_offs
from nba_resources.dates import EASTERN, DateRange
from nba_resources.sources.base import BEFORE_TIP, Delivery, Source, SourceUnavailable
from nba_resources.sources.provider_priority import LINE_PLANS as TIMES_OF_PLAN
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..dagster_compat.private import schedule_execution_time_iterator
from ..rows import filled

MARKET = (*LINES, *INJURIES)
Asked = list[dg.RunRequest] | dg.SkipReason
JANUARY_15 = dt.date(2025, 1, 15)
SPRING, AUTUMN = dt.date(2025, 3, 9), dt.date(2025, 11, 2)


class Live(Source):
    """A source on the real clock that delivers the facts of the simulated league."""

    name = "live"

    def __init__(self, tonight: dt.date) -> None:
        self.tonight = tonight
        self.league = SimulatedSource()
        self.steals = 0
        self.fetched: list[str] = []

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """Return the facts of the league; `steals` are added to box scores of the 14th of January."""
        self.fetched.append(feed)
        delivery = self.league.fetch(feed, dates)
        if feed != "player_boxscores":
            return delivery
        late = pc.equal(delivery.rows["game_date"], dt.date(2025, 1, 14))
        steals = pc.add(delivery.rows["stl"], pc.multiply(late.cast("int64"), self.steals))
        column = delivery.rows.schema.get_field_index("stl")
        return Delivery(delivery.rows.set_column(column, "stl", steals.cast("int64")), delivery.notes)

    def today(self) -> dt.date:
        return self.tonight


@pytest.fixture
def warehouse(tmp_path, monkeypatch: pytest.MonkeyPatch) -> DuckDBWarehouse:
    monkeypatch.delenv("NBA_TODAY", raising=False)
    return DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))


def refresh_named(name: str) -> Refresh:
    return next(refresh for refresh in REFRESHES if refresh.name == name)


def tick(name: str, at: str, warehouse: DuckDBWarehouse, tonight: str | None = None) -> Asked:
    now = dt.datetime.fromisoformat(at).replace(tzinfo=EASTERN)
    source = Live(dt.date.fromisoformat(tonight) if tonight else now.date())
    return due(refresh_named(name), now, source, warehouse, TABLES)


def look(warehouse: DuckDBWarehouse, source: Source, at: dt.datetime) -> Asked:
    return due(refresh_named("line_refresh"), at, source, warehouse, TABLES)


def asked(requests: Asked) -> tuple[set[str], set[str]]:
    assert isinstance(requests, list), requests
    (request,) = requests
    dates = {told for name, told in request.tags.items() if "partition" in name}
    return {key.path[-1] for key in request.asset_selection or ()}, dates


def unreachable(feed: str, dates: DateRange) -> Delivery:
    raise SourceUnavailable("no route to the league")


def games(warehouse: DuckDBWarehouse, date: str, *tips: str) -> None:
    contract = TABLES["schedule"].contract
    day = dt.date.fromisoformat(date)
    season = {"season": "2024-25", "season_year": 2024, "season_type": "regular", "status": "scheduled"}
    rows = [
        {"game_id": f"00224{day.day:03}{place:02}", "game_date": day, "home_team": "BOS", "away_team": "NYK"}
        | {"start_time_utc": dt.datetime.fromisoformat(f"{date}T{tip}").replace(tzinfo=EASTERN)}
        | season
        for place, tip in enumerate(tips)
    ]
    warehouse.replace(contract, DateRange(day, day), filled(contract, rows))


def load(warehouse: DuckDBWarehouse, source: Source, dates: DateRange, *names: str) -> None:
    for name in names:
        table = TABLES[name]
        rows = table.build(TABLES, dates, ibis.memtable(fetch_rows(table, source, dates).rows))
        rows = rows if "source" in rows.columns else rows.mutate(source=ibis.literal("live"))
        stamp = ibis.literal(dt.datetime(2025, 1, 15, tzinfo=dt.UTC), type="timestamp('UTC')")
        store = warehouse.append if table.appends else warehouse.replace
        store(table.contract, dates, rows.mutate(ingested_at=stamp))


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


def test_late_corrections_are_looked_for_on_the_three_days_before(warehouse: DuckDBWarehouse):
    tables, dates = asked(tick("late_corrections", "2025-01-15T06:00", warehouse))
    assert tables == {"schedule", "seasons", "player_boxscores", "team_boxscores", "shots"}
    assert dates == {"2025-01-12", "2025-01-14"}


def test_the_morning_sweep_requests_only_the_date_and_table_of_a_correction(
    warehouse: DuckDBWarehouse,
):
    """Three days of unchanged box scores, loaded each morning, made a season of dates stale."""
    source = Live(dt.date(2025, 1, 15))
    days = DateRange(dt.date(2025, 1, 12), dt.date(2025, 1, 14))
    load(warehouse, source, days, "schedule", "team_boxscores", "player_boxscores", "shots")
    sweep, now = refresh_named("late_corrections"), dt.datetime(2025, 1, 15, 6, tzinfo=EASTERN)

    nothing = due(sweep, now, source, warehouse, TABLES)
    source.steals = 1
    corrected = due(sweep, now, source, warehouse, TABLES)

    assert isinstance(nothing, dg.SkipReason)
    assert "has of 2025-01-12 to 2025-01-14 is stored already" in (nothing.skip_message or "")
    assert asked(corrected) == ({"player_boxscores"}, {"2025-01-14"})


def test_a_date_that_a_run_failed_to_load_is_loaded_again_though_nothing_changed(
    warehouse: DuckDBWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Half a document at half past three: the sweep found everything as stored, and the alert stayed open for weeks."""
    monkeypatch.setenv("NBA_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    source = Live(dt.date(2025, 1, 15))
    days = DateRange(dt.date(2025, 1, 12), dt.date(2025, 1, 14))
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
        unstored_then = partial(unstored, instance)
        for day in ("2025-01-12", "2025-01-13"):
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

    assert asked(requests)[1] == {"2025-01-12", "2025-01-14"}


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
    assert asked(tick("late_corrections", "2025-07-02T06:00", warehouse))[1] == {"2025-06-29", "2025-06-30"}


def test_a_source_that_replays_the_past_has_nothing_new_by_the_clock(warehouse: DuckDBWarehouse):
    skipped = tick("morning_refresh", "2025-01-15T09:00", warehouse, tonight="2024-04-11")
    assert isinstance(skipped, dg.SkipReason)
    assert "its tonight is 2024-04-11" in (skipped.skip_message or "")


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


@pytest.fixture
def tip(warehouse: DuckDBWarehouse) -> dt.datetime:
    """The tip-off of all games of a date whose lines and injury reports are stored."""
    date, tip = DateRange(JANUARY_15, JANUARY_15), dt.datetime(2025, 1, 15, 19, 10, tzinfo=EASTERN)
    load(warehouse, Live(JANUARY_15), date, "schedule")
    contract = TABLES["schedule"].contract
    games = warehouse.read(contract.table()).assign(start_time_utc=tip.astimezone(dt.UTC))
    warehouse.replace(contract, date, ibis.memtable(games, schema=contract.schema))
    load(warehouse, Live(JANUARY_15), date, *MARKET)
    return tip


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


def test_a_date_is_over_with_its_last_tip_off(warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBA_TODAY", "2025-01-15")  # its morning, at nine
    games(warehouse, "2025-01-14", "19:00", "22:30")
    games(warehouse, "2025-01-15", "08:30", "12:30")
    assert last_tip_offs(warehouse, TABLES) == {dt.date(2025, 1, 14): dt.datetime(2025, 1, 14, 22, 30, tzinfo=EASTERN)}
    games(warehouse, "2025-01-15", "08:00", "08:30")
    assert set(last_tip_offs(warehouse, TABLES)) == {dt.date(2025, 1, 14), dt.date(2025, 1, 15)}


def test_a_game_has_begun_while_another_of_its_date_has_not(
    warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NBA_TODAY", "2025-01-15")  # its morning, at nine
    games(warehouse, "2025-01-14", "19:00", "22:30")
    games(warehouse, "2025-01-15", "08:30", "12:30")
    both = DateRange(dt.date(2025, 1, 14), dt.date(2025, 1, 15))
    assert [*begun_games(warehouse, TABLES, both).values()] == [dt.datetime(2025, 1, 15, 8, 30, tzinfo=EASTERN)]


def test_nothing_has_begun_before_a_schedule_is_stored(warehouse: DuckDBWarehouse):
    assert last_tip_offs(warehouse, TABLES) == {}

"""Models are trained once, live forecasts are kept, and reports on tables follow them."""

import datetime as dt
from collections.abc import Collection

import dagster as dg
import pytest

from nba_assets.kit.assets import asset_key
from nba_assets.kit.partitions import DAILY
from nba_platform.orchestration.automation.conditions import DRAWN_AT, drawn_today, last_time, whenever_newer

from .world import NOVEMBER, QUIET, RAW, World, boxes, forecasts, let_morning_be, lines, registry, summary


def test_the_model_of_a_month_is_trained_when_the_month_before_is_complete(world: World):
    world.fill("2024-11-01", "2024-11-29")
    assert "models" not in world.tick()
    world.fill("2024-11-30", "2024-11-30")
    assert world.tick() == {"models": ["2024-12-01"]}
    world.store("models", "2024-12-01")
    world.store("boxes", "2024-11-15")
    assert "models" not in world.tick(), "a month is trained once"


def test_the_model_of_october_waits_for_june_and_the_summer_has_none(world: World):
    world.fill("2024-06-01", "2024-06-29")
    assert "models" not in world.tick()
    world.fill("2024-06-30", "2024-06-30")
    assert world.tick() == {"models": ["2024-10-01"]}


def test_forecasts_wait_for_the_model_of_their_month_if_one_is_to_come(world: World):
    world.store(RAW, "2024-11-01", "2024-12-02")
    requested = world.tick()
    assert requested["features"][-1] == "2024-12-02"
    assert requested["forecasts"] == NOVEMBER, "October is not there, so November has no model to wait for"
    world.store(["registry", "summary", "form", "features"], "2024-11-01", "2024-12-02")
    world.store("forecasts", "2024-11-01", "2024-11-30")
    assert world.tick() == {"models": ["2024-12-01"]}
    world.store("models", "2024-12-01")
    assert world.tick() == {"forecasts": ["2024-12-01", "2024-12-02"]}


def test_forecasts_do_not_wait_for_a_model_that_could_not_be_trained(world: World):
    world.store(RAW, "2024-11-01", "2024-12-02")
    world.store(["registry", "summary", "form", "features"], "2024-11-01", "2024-12-02")
    world.fails = {("models", "2024-12-01")}
    world.store("models", "2024-12-01")
    assert world.tick()["forecasts"][-1] == "2024-12-02"
    world.store("forecasts", "2024-11-01", "2024-12-02")
    assert world.tick() == {}
    world.fails = set()
    world.store("models", "2024-12-01")
    assert world.tick() == {"forecasts": ["2024-12-01", "2024-12-02"]}


def test_a_live_forecast_is_kept(world: World):
    """Lines move until the last game begins; then the forecast is a record, whatever is corrected later."""
    world.fill("2024-11-05", "2024-11-06")
    world.store("lines", "2024-11-05", "2024-11-06")
    world.last_tip_offs = {dt.date(2024, 11, 5): dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)}
    assert world.tick()["forecasts"] == ["2024-11-06"]


def test_a_forecast_of_a_backfill_is_computed_again_with_its_inputs(world: World):
    """Or a season filled from its middle on would keep forecasts that a clean build does not give."""
    world.last_tip_offs = {dt.date(2024, 11, date): dt.datetime(2024, 11, date, tzinfo=dt.UTC) for date in (5, 6)}
    world.store(RAW, "2024-11-05")
    assert world.tick()["forecasts"] == ["2024-11-05"]
    world.fill("2024-11-05", "2024-11-06")
    world.store("lines", "2024-11-05", "2024-11-06")
    assert world.tick()["forecasts"] == ["2024-11-05", "2024-11-06"]


class Reporting(World):
    """The same tables, and reports on them: one by date, one on these, a page and a card on lines and forecasts."""

    def defined(self, left_out: Collection[str] = ()) -> dg.Definitions:
        at_rest = whenever_newer(by_date=False)
        told_of = tuple(asset_key(one.contract) for one in (boxes, summary, registry))

        by_date = whenever_newer(by_date=True, at_once=True)

        @dg.asset(partitions_def=DAILY, deps=told_of, automation_condition=by_date)
        def coverage() -> None: ...

        @dg.asset(deps=[coverage], automation_condition=at_rest & ~drawn_today)
        def picture() -> None: ...

        shown = [asset_key(lines.contract), asset_key(forecasts.contract)]

        @dg.asset(deps=shown, automation_condition=at_rest)
        def page() -> None: ...

        @dg.asset(partitions_def=DAILY, deps=shown, automation_condition=whenever_newer(by_date=True))
        def card() -> None: ...

        return dg.Definitions.merge(super().defined(left_out), dg.Definitions(assets=[coverage, picture, page, card]))

    def report(self, *dates: str) -> None:
        """Store the report by date, and the registry before it, for which pictures wait."""
        self.store("registry")
        coverage = self.definitions.get_assets_def("coverage")
        for date in dates:
            dg.materialize([coverage], instance=self.instance, partition_key=date, run_config=QUIET)

    def is_drawn(self, page: str) -> bool:
        return bool(self.drawn(page))

    def drawn(self, page: str) -> set[str | None]:
        result = dg.evaluate_automation_conditions(self.definitions, self.instance)
        return result.get_requested_partitions(dg.AssetKey(page))

    def told(self) -> tuple[set[str], bool]:
        result = dg.evaluate_automation_conditions(self.definitions, self.instance)
        of_dates = result.get_requested_partitions(dg.AssetKey("coverage"))
        return of_dates, bool(result.get_requested_partitions(dg.AssetKey("picture")))


def test_a_report_on_tables_does_not_wait_until_they_are_sound():
    world = Reporting()
    world.contradicts = {"2024-11-06"}
    world.store("boxes", "2024-11-05", "2024-11-06")
    assert world.told() == ({"2024-11-05", "2024-11-06"}, False), "a whole is drawn when its dates are at rest"
    world.report("2024-11-05", "2024-11-06")
    assert world.told() == (set(), True)


def test_a_page_waits_for_what_waits_for_checks_upstream(monkeypatch: pytest.MonkeyPatch):
    """After one corrected box score pages of six seconds were written twice: before the new forecasts, and after."""
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    world = Reporting(checked=("features",))
    world.fill("2024-11-05", "2024-11-06")
    assert world.is_drawn("page")
    world.store("lines", "2024-11-05", "2024-11-06")
    requested = world.tick()
    assert set(requested) == {"features"}, "forecasts wait for the check of the features"
    assert not world.is_drawn("page")
    world.store("features", "2024-11-05", "2024-11-06")
    assert set(world.tick()) == {"forecasts"}
    assert not world.is_drawn("page")
    world.store("forecasts", "2024-11-05", "2024-11-06")
    assert world.is_drawn("page")


def test_a_card_of_a_date_waits_for_what_waits_for_checks_upstream(monkeypatch: pytest.MonkeyPatch):
    """The last few dates were computed in a run of their own, with cards of forecasts that were still to be made."""
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    world = Reporting(checked=("features",))
    world.fill("2024-11-05", "2024-11-06")
    world.store("lines", "2024-11-05", "2024-11-06")
    assert world.drawn("card") == set()
    world.store("features", "2024-11-05", "2024-11-06")
    assert world.drawn("card") == set()
    world.store("forecasts", "2024-11-05", "2024-11-06")
    assert world.drawn("card") == {"2024-11-05", "2024-11-06"}


def test_the_card_of_tonight_does_not_wait_for_a_run_over_earlier_dates(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    world = Reporting()
    world.fill("2024-11-05", "2024-11-06")
    world.plan("forecasts", "2024-11-05")
    assert world.drawn("card") == {"2024-11-06"}


def test_a_card_that_a_killed_run_left_is_made_again_though_nothing_changed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    world = Reporting()
    world.fill("2024-11-05")
    dg.materialize(
        [world.definitions.get_assets_def("card")],
        instance=world.instance,
        partition_key="2024-11-05",
        run_config=QUIET,
    )
    world.instance.report_run_failed(world.plan("card", "2024-11-05"), "Process 7 is gone")

    def drawn_after(days: float) -> set[str | None]:
        let_morning_be(days, monkeypatch)
        return world.drawn("card")

    assert [drawn_after(days) for days in (-0.01, 0.01, 14.1)] == [set(), {"2024-11-05"}, set()]


def test_a_page_ends_the_run_of_a_single_date(monkeypatch: pytest.MonkeyPatch):
    """New lines for tonight took a run for the forecasts, and a second one for the pages that show them."""
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    world = Reporting(checked=("features",))
    world.fill("2024-11-05", "2024-11-06")
    world.report("2024-11-05", "2024-11-06")
    for page in ("page", "picture"):
        dg.materialize([world.definitions.get_assets_def(page)], instance=world.instance, run_config=QUIET)
    for date in ("2024-11-05", "2024-11-06"):
        card = world.definitions.get_assets_def("card")
        dg.materialize([card], instance=world.instance, partition_key=date, run_config=QUIET)
    world.store("lines", "2024-11-06")
    assert world.runs() == [("2024-11-06", {"features", "forecasts", "page", "card"})]


def test_a_report_follows_a_failed_run_though_nothing_new_was_stored():
    """A failed run skipped the coverage of its dates, which went on to say that all was well."""
    world = Reporting()
    world.store("boxes", "2024-11-05", "2024-11-06")
    world.report("2024-11-05", "2024-11-06")
    world.fails = {("boxes", "2024-11-06")}
    world.store(["boxes", "summary"], "2024-11-06")
    assert world.told()[0] == {"2024-11-06"}
    world.report("2024-11-06")
    assert world.told()[0] == set()


def test_a_picture_that_was_drawn_today_waits_until_tomorrow(monkeypatch):
    """Of the time of a run for one date 8 % went into pictures that the next run drew again."""
    world = Reporting()
    world.store("boxes", "2024-11-05", "2024-11-06")
    world.report("2024-11-05", "2024-11-06")
    assert world.told()[1]
    dg.materialize([world.definitions.get_assets_def("picture")], instance=world.instance, run_config=QUIET)
    world.report("2024-11-06")
    assert not world.told()[1], "newer, but drawn today"

    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    monkeypatch.setattr("nba_platform.orchestration.automation.conditions.last_time", lambda of_day, now: tomorrow)
    assert world.told()[1]


@pytest.mark.parametrize(
    ("now", "drawn_at"),
    [
        ("2024-11-05T15:30+00:00", "2024-11-05T10:00-05:00"),  # half past ten in New York
        ("2024-11-05T14:59+00:00", "2024-11-04T10:00-05:00"),  # a minute to ten
        ("2024-11-03T14:59+00:00", "2024-11-02T10:00-04:00"),  # clocks went back in the night
        ("2024-11-06T03:00+00:00", "2024-11-05T10:00-05:00"),  # still the fifth in New York
    ],
)
def test_pictures_are_drawn_from_ten_in_the_morning_in_new_york(now: str, drawn_at: str):
    assert last_time(DRAWN_AT, dt.datetime.fromisoformat(now)) == dt.datetime.fromisoformat(drawn_at)

"""A demo a second time, after it, and pictures in a backfill."""

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from nba_platform.cli.demo import season_until
from nba_platform.definitions import REPORT_KEYS, platform
from nba_platform.errors import NothingToDo
from nba_platform.orchestration.instance import open_instance
from nba_resources.dates import DateRange


@pytest.fixture
def looked(monkeypatch) -> list[DateRange]:
    """The dates for which a demo looks at the source and the records for something to compute."""
    dates: list[DateRange] = []

    def backfill(settings, of: DateRange, *arguments, **options) -> None:
        dates.append(of)
        raise NothingToDo("nothing is computed in this test")

    monkeypatch.setattr("nba_platform.cli.runs.backfill", backfill)
    return dates


def test_a_demo_a_second_time_reads_what_is_stored_and_plans_nothing(filled, filled_home, nba, looked):
    first, second = filled.said.document(), nba("demo", "--json").document()

    assert looked == []
    assert second["notes"] == ["Everything is there already, computed by the code as it is now."]
    assert second["runs"] == []
    assert second["tables"] == first["tables"]
    assert (second["start"], second["end"]) == (first["start"], first["end"])


def lose_a_row(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(duckdb.connect(home / "nba.duckdb")) as con:
        con.execute("DELETE FROM nba_raw.shots WHERE game_date = DATE '2024-10-23'")


def record_an_event(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_instance() as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization(["nba_raw", "shots"], partition="2024-10-23"))


def change_the_code(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nba_platform.cli.demo.code_hash", lambda: "other code")


def a_day_later(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_TODAY", "2024-10-25")


@pytest.mark.parametrize("change", [lose_a_row, record_an_event, change_the_code, a_day_later])
def test_a_demo_looks_for_something_to_compute_after_any_change(
    filled_home, nba, looked, monkeypatch, change: Callable[[Path, pytest.MonkeyPatch], None]
):
    change(filled_home, monkeypatch)

    nba("demo")

    assert [dates.start for dates in looked] == [dt.date(2024, 10, 1)]


def test_after_a_demo_the_daemon_has_nothing_to_do(filled_home):
    """It loaded the dates before the first game, computed what reads them again, and wrote the website's documents."""
    with open_instance() as instance:
        result = dg.evaluate_automation_conditions(platform(), instance)

    assert result.total_requested == 0


@pytest.mark.parametrize(
    ("today", "first"),
    [("2025-02-12", "2024-10-01"), ("2024-10-01", "2024-10-01"), ("2024-08-05", "2024-08-05")],
)
def test_the_season_of_a_demo_begins_before_its_first_game(today: str, first: str):
    assert season_until(dt.date.fromisoformat(today)).start == dt.date.fromisoformat(first)


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        (["2024-10-23"], set()),
        (["2024-10-23", "2024-10-24"], {"coverage_calendar", "evaluation"}),
        (["2024-10-23", "--select", "reports/evaluation"], {"evaluation"}),
    ],
    ids=["an earlier date", "the newest date", "asked for"],
)
def test_a_backfill_draws_reports_of_the_newest_date_or_when_asked(
    filled_home, nba, monkeypatch, words: list[str], drawn: set[str]
):
    planned: list[set[dg.AssetKey]] = []

    def plan(definitions: dg.Definitions, chosen: dg.AssetSelection, dates: DateRange) -> list:
        planned.append(chosen.resolve(definitions.resolve_asset_graph()))
        return []

    monkeypatch.setattr("nba_platform.cli.runs.plan_runs", plan)

    nba("backfill", *words, "--force")

    assert {key.path[-1] for key in planned[0] & {*REPORT_KEYS}} == drawn

"""A stored decision is used only while nothing it rests on has changed."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from nba_assets.kit.assets import asset_key
from nba_checks import permission as stored_permission
from nba_checks import publish
from nba_checks.permission import Evidence, Publish, place_of, still_valid
from nba_platform.dagster_compat.instance_records import query_of, store_value, value
from nba_platform.dagster_compat.records import UNCHANGED_SINCE
from nba_platform.orchestration.instance import open_instance

from ..nba_platform.rows import TABLES
from ..shared import warehouse_at
from .evening import ALARMS, BEFORE, NIGHT, SOUND, YESTERDAY, Evening

TOMORROW = NIGHT + dt.timedelta(days=1)
GRADES = ALARMS[0].asset_key


@pytest.fixture
def evening(sound: Path, tmp_path: Path) -> Iterator[Evening]:
    """A sound evening that was judged, and whose decision is stored."""
    path = shutil.copy(sound, tmp_path / "nba.duckdb")
    with dg.DagsterInstance.ephemeral() as instance:
        evening = Evening(warehouse_at(path), instance)
        evening.judge()
        assert decide(evening) == Publish()
        yield evening


def decide(evening: Evening, today: dt.date = NIGHT) -> Publish:
    """Decide in one session, as a step of a run does."""
    with evening.warehouse.session():
        return publish.permission(evening.instance, evening.warehouse, TABLES, NIGHT, today)


def read(evening: Evening, today: dt.date = NIGHT) -> Publish | None:
    """Return the decision as a command reads it, without evaluating a guard."""
    evidence = Evidence(query_of(evening.instance), evening.warehouse, today)
    with evening.warehouse.session():
        return still_valid(value(evening.instance, place_of(NIGHT)), evidence, NIGHT)


def sql(evening: Evening, statement: str) -> None:
    with duckdb.connect(evening.warehouse.path) as engine:
        engine.execute(statement)


def test_a_decision_is_read_without_evaluating_a_guard(evening: Evening, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(publish, "publishable", None)
    assert read(evening) == Publish()
    assert decide(evening) == Publish()


def test_a_refusal_is_read_with_its_reasons(evening: Evening):
    evening.change("ml_model_registry")
    refused = decide(evening)
    assert refused.reasons[0].startswith("no model is in production for 2024-12")
    assert read(evening) == refused


def answer_again(evening: Evening, check: dg.AssetCheckKey, date: dt.date) -> None:
    """Let a check fail that has passed; without a run there is one result a date."""
    with evening.instance.event_log_storage.index_connection() as con:
        where = f"check_name = '{check.name}' AND partition = '{date}'"
        con.exec_driver_sql(f"DELETE FROM asset_check_executions WHERE {where}")
    evening.answer(check, date, passed=False, said="wrong")


CHANGES: dict[str, tuple[Callable[[Evening], None], bool]] = {  # and whether the date may still be published
    "forecasts are lost": (lambda e: sql(e, "DELETE FROM nba_predictions.player_prop_predictions"), False),
    "forecasts lose their points": (
        lambda e: sql(e, "UPDATE nba_predictions.player_prop_predictions SET predicted_value = NULL"),
        False,
    ),
    "players may no longer be bet on": (
        lambda e: sql(e, "UPDATE nba_predictions.ml_feature_store_v2 SET is_prop_eligible = false"),
        False,
    ),
    "the model is retired": (
        lambda e: sql(e, "UPDATE nba_predictions.ml_model_registry SET status = 'retired'"),
        False,
    ),
    "another model is in production": (
        lambda e: sql(e, "UPDATE nba_predictions.ml_model_registry SET model_id = 'newer'"),
        True,
    ),
    "games of the days before are lost": (lambda e: sql(e, "DELETE FROM nba_analytics.player_game_summary"), False),
    "a table is dropped": (lambda e: e.forget("player_game_summary"), False),
    "a blocking check fails": (lambda e: answer_again(e, BEFORE[0], NIGHT), False),
    "an alarm of the grades fails": (lambda e: answer_again(e, ALARMS[0], YESTERDAY), False),
    "an alarm of a later date is stored": (lambda e: e.answer(ALARMS[0], NIGHT), True),
    "rows are written again and not checked": (lambda e: e.write(BEFORE[0].asset_key, NIGHT), False),
    "grades are written again and not checked": (lambda e: e.write(GRADES, YESTERDAY), False),
}


@pytest.mark.parametrize(("change", "allowed"), CHANGES.values(), ids=CHANGES)
def test_a_decision_lapses_when_what_it_rests_on_changes(
    evening: Evening, change: Callable[[Evening], None], allowed: bool
):
    change(evening)
    assert read(evening) is None
    assert decide(evening).allowed is allowed


def test_games_that_are_stale_by_the_schedule_end_a_permission(evening: Evening):
    older = [{"game_date": YESTERDAY - dt.timedelta(days=n), "game_id": f"old{n}"} for n in range(1, 3)]
    games = [game | {"season_type": "regular", "status": "final"} for game in older]
    evening.change("player_game_summary", {"game_date": YESTERDAY - dt.timedelta(days=9), "game_id": "first"})
    evening.change("schedule", *games, *SOUND["schedule"])
    assert read(evening) is None
    assert any(reason.startswith("the data are stale") for reason in decide(evening).reasons)


def test_a_decision_is_of_its_day(evening: Evening):
    """A date that has not come may be decided on before; whether it has come is asked when it is read."""
    assert read(evening, today=TOMORROW) is None
    assert read(evening, today=YESTERDAY) is None
    assert not decide(evening, today=YESTERDAY).allowed


def test_other_code_decides_again(evening: Evening, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stored_permission, "code_hash", lambda: "other")
    assert read(evening) is None


def test_other_dates_and_checks_that_do_not_block_change_nothing(evening: Evening):
    features = asset_key(TABLES["ml_feature_store_v2"].contract)
    evening.write(features, TOMORROW)
    evening.answer(dg.AssetCheckKey(features, "coverage"), TOMORROW, passed=False)
    evening.instance.report_runless_asset_event(dg.AssetMaterialization(["exports", "tonight"], partition=str(NIGHT)))
    assert read(evening) == Publish()


@pytest.mark.parametrize("place", [{"market": "player_rebounds"}, {"edition": "at_line"}])
def test_forecasts_of_another_market_or_edition_change_no_decision(evening: Evening, place: dict):
    """No guard reads them, and the run that stores them has its own checks."""
    forecasts = SOUND["player_prop_predictions"]
    evening.change("player_prop_predictions", *forecasts, *(row | place for row in forecasts))
    assert read(evening) == Publish()


@pytest.mark.parametrize("place", [{"market": "player_rebounds"}, {"variant": "at_line"}])
def test_a_model_of_another_market_or_variant_changes_no_decision(evening: Evening, place: dict):
    (model,) = SOUND["ml_model_registry"]
    evening.change("ml_model_registry", model, model | {"model_id": "other"} | place)
    assert read(evening) == Publish()


def test_games_that_were_stored_again_and_are_the_same_keep_a_permission_but_no_refusal(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The schedule is loaded every morning. A refusal may name what the source does not have, known after a load."""
    monkeypatch.setenv("NBA_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    schedule = asset_key(TABLES["schedule"].contract)

    def stored(**tags: str) -> None:
        event = dg.AssetMaterialization(schedule, partition=str(YESTERDAY), tags={"dagster/data_version": "1", **tags})
        evening.instance.report_runless_asset_event(event)

    with open_instance() as instance:
        evening = Evening(warehouse_at(shutil.copy(sound, tmp_path / "nba.duckdb")), instance)
        evening.judge()
        assert decide(evening) == Publish()
        stored(**{UNCHANGED_SINCE: "1"})
        assert read(evening) == Publish()
        stored()
        assert read(evening) is None

        evening.change("ml_model_registry")
        assert read(evening) is None
        assert decide(evening) == read(evening) != Publish()
        stored(**{UNCHANGED_SINCE: "1"})
        assert read(evening) is None


def test_what_changes_while_the_guards_are_evaluated_makes_the_decision_invalid(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
):
    def changed_meanwhile(*asked: object) -> Publish:
        evening.write(BEFORE[0].asset_key, NIGHT)
        return Publish()

    evening.write(BEFORE[0].asset_key, NIGHT)
    monkeypatch.setattr(publish, "publishable", changed_meanwhile)
    decide(evening)
    assert read(evening) is None


def test_a_guard_that_could_not_be_evaluated_is_not_stored(evening: Evening, monkeypatch: pytest.MonkeyPatch):
    before = value(evening.instance, place_of(NIGHT))
    evening.write(BEFORE[0].asset_key, NIGHT)
    monkeypatch.setattr(publish, "publishable", lambda *_: Publish(("cannot determine whether it rains: x",)))
    assert decide(evening).undetermined
    assert value(evening.instance, place_of(NIGHT)) == before


def test_a_stored_text_that_cannot_be_read_is_no_permission(evening: Evening):
    evening.change("ml_model_registry")
    store_value(evening.instance, place_of(NIGHT), '{"reasons": []}')
    assert not decide(evening).allowed


def test_without_a_warehouse_nothing_is_permitted(evening: Evening, tmp_path: Path):
    nowhere = warehouse_at(tmp_path / "nowhere.duckdb")
    assert not publish.permission(evening.instance, nowhere, TABLES, NIGHT, NIGHT).allowed

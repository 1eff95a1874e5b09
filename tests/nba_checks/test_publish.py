"""A date is published if nothing is wrong; each reason against it names the command that removes it."""

import datetime as dt
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from nba_assets.kit.assets import asset_key
from nba_checks import publish
from nba_checks.publish import Publish, publishable
from nba_resources.dates import DateRange
from nba_resources.rejected import RejectedRow
from nba_resources.warehouse.rejected_rows import store_rejected

from ..nba_platform.rows import TABLES
from ..shared import warehouse_at
from .evening import ALARMS, BEFORE, MODEL, NIGHT, NO_MODEL, RULES, SOUND, YESTERDAY, Evening


def test_a_sound_evening_is_published(evening: Evening):
    evening.judge()
    assert evening.decision() == Publish()
    assert str(evening.decision()) == "yes"


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("player_prop_predictions", "no forecast of 2024-12-10 is stored; run `nba backfill 2024-12-10`"),
        (
            "player_game_summary",
            "the data are stale: player_game_summary holds no row; "
            "run `nba backfill 2024-12-09 2024-12-10 --select +player_game_summary`",
        ),
        ("ml_model_registry", NO_MODEL),
        (
            "ml_feature_store_v2",
            "only 0 of 0 players who may be bet on have a forecast on 2024-12-10, less than 85%; "
            "run `nba backfill 2024-12-10`",
        ),
    ],
)
def test_what_is_empty_stops_it(evening: Evening, name: str, because: str):
    evening.change(name)
    evening.judge()
    assert evening.decision().reasons == (because,)


@pytest.mark.parametrize("place", [{"market": "player_rebounds"}, {"edition": "at_line"}])
def test_forecasts_of_another_market_or_edition_are_none_of_points(evening: Evening, place: dict):
    evening.judge()
    evening.change("player_prop_predictions", *(row | place for row in SOUND["player_prop_predictions"]))
    assert any(reason.startswith(f"no forecast of {NIGHT} is stored") for reason in evening.decision().reasons)


@pytest.mark.parametrize("name", SOUND)
def test_a_table_that_was_never_written_stops_it(evening: Evening, name: str):
    evening.forget(name)
    evening.judge()
    assert not evening.decision().allowed


@pytest.mark.parametrize(("predicted", "allowed"), [(17, True), (16, False)])
def test_85_of_100_players_with_a_forecast_are_just_enough(evening: Evening, predicted: int, allowed: bool):
    rows = SOUND["player_prop_predictions"]
    silent = [row | {"predicted_value": None} for row in rows[predicted:]]
    evening.change("player_prop_predictions", *rows[:predicted], *silent)
    evening.judge()
    assert evening.decision().allowed is allowed


@pytest.mark.parametrize(
    "model",
    [
        {"status": "candidate"},
        {"model_month": dt.date(2024, 11, 1)},
        {"system_id": RULES},
        {"market": "player_rebounds"},
        {"variant": "at_line"},
    ],
    ids=["candidate", "last month", "no trained system", "another market", "another variant"],
)
def test_only_a_trained_model_of_points_in_production_for_the_month_counts(evening: Evening, model: dict):
    evening.change("ml_model_registry", MODEL | model)
    evening.judge()
    assert evening.decision().reasons == (NO_MODEL,)


def test_games_of_the_day_before_that_are_not_known_make_the_data_stale(evening: Evening):
    """Averages that lack the latest game look like averages."""
    earlier = YESTERDAY - dt.timedelta(days=1)
    evening.change("player_game_summary", {"game_date": earlier, "game_id": "1"})
    evening.judge()
    (reason,) = evening.decision().reasons
    assert reason == (
        "the data are stale: player_game_summary holds rows up to 2024-12-08, 2 game days behind; "
        "run `nba backfill 2024-12-09 2024-12-10 --select +player_game_summary`"
    )


@pytest.mark.parametrize(("rejected", "allowed"), [(19, True), (20, False)])
def test_a_date_of_whose_odds_many_are_set_aside_is_not_published(evening: Evening, rejected: int, allowed: bool):
    """No odds of the date are stored: 19 of 19 rows are still too few to tell, 20 of 20 are not."""
    rows = [RejectedRow(NIGHT, "archive", str(n), "total is outside 150 to 300") for n in range(rejected)]
    store_rejected(evening.warehouse, "game_odds", DateRange(NIGHT, NIGHT), rows)
    evening.judge()
    decision = evening.decision()
    assert decision.allowed is allowed
    assert allowed or decision.reasons == (
        "20 of 20 rows of game_odds are set aside: total is outside 150 to 300; mend them at the source, then run "
        f"`nba backfill {NIGHT}`",
    )


def test_stale_games_that_the_source_lacks_name_no_command(evening: Evening):
    """The command was named, run, and named again: the source has no box score of the game."""
    earlier = YESTERDAY - dt.timedelta(days=1)
    evening.change("schedule", SOUND["schedule"][0] | {"status": "final"}, SOUND["schedule"][1])
    evening.change("player_game_summary", {"game_date": earlier, "game_id": "1"})
    evening.change("player_boxscores")
    for name in ("schedule", "player_boxscores"):
        evening.write(asset_key(TABLES[name].contract), YESTERDAY)
    evening.judge()
    (reason,) = evening.decision().reasons
    assert reason == (
        "the data are stale: player_game_summary holds rows up to 2024-12-08, 2 game days behind; nothing can be done: "
        "the source has no player rows for game 2024-12-09"
    )


def test_a_date_still_to_come_is_not_published(evening: Evening):
    evening.judge()
    assert evening.decision(today=YESTERDAY).reasons == (
        f"{NIGHT} is after {YESTERDAY}; nothing can be done before {NIGHT}",
    )


def test_an_empty_warehouse_and_an_empty_log_give_every_reason_and_no_error(tmp_path: Path):
    with dg.DagsterInstance.ephemeral() as instance:
        decision = Evening(warehouse_at(tmp_path / "nba.duckdb"), instance).decision()
    assert not decision.allowed
    assert str(decision).startswith("no, because ")
    assert len(decision.reasons) == len(BEFORE) + len(ALARMS) + 3


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("check_results", AttributeError("moved in 1.14")),
        ("latest_check_result", RuntimeError("the log is locked")),
        ("freshness", KeyError("schedule")),
        ("forecasts_by_date", ValueError("a column is gone")),
        ("all_checks", ZeroDivisionError("division by zero")),
    ],
)
def test_whatever_breaks_while_asking_is_a_no(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
):
    """Guards of a predecessor failed open: one error, and everything was published."""

    def broken(*asked: object, **more: object) -> None:
        raise error

    evening.judge()
    monkeypatch.setattr(publish, name, broken)
    reasons = evening.decision().reasons
    assert reasons
    assert all(reason.startswith("cannot determine whether") and str(error) in reason for reason in reasons)
    assert all("; run `nba doctor`, and `nba backfill 2024-12-10` if a table is missing: " in text for text in reasons)


def test_a_decision_allows_a_date_if_and_only_if_there_is_no_reason_against_it():
    assert Publish().allowed
    assert not Publish(("a leak",)).allowed


SEASON = {"season": "2024-25", "season_year": 2024, "start_date": dt.date(2024, 11, 30)}


@pytest.mark.parametrize(
    ("games", "step"),
    [
        ([], "nothing can be done, because no game is scheduled on this date"),
        (SOUND["schedule"], "nothing can be done: forecasts of this season begin on 2024-12-14"),
    ],
    ids=["no game", "first two weeks of a season"],
)
def test_a_date_without_forecasts_by_design_names_no_command(evening: Evening, games: list[dict], step: str):
    evening.change("player_prop_predictions")
    evening.change("seasons", SEASON)
    evening.change("schedule", *games)
    evening.judge()
    assert f"no forecast of {NIGHT} is stored; {step}" in evening.decision().reasons


def test_what_cannot_be_judged_is_told_in_words_for_everybody():
    nobody: Any = None
    reasons = publishable(nobody, nobody, {}, NIGHT, NIGHT).public_reasons
    assert reasons[0] == (
        "cannot determine whether there are forecasts for nearly all players; "
        "run `nba doctor`, and `nba backfill 2024-12-10` if a table is missing"
    )
    assert len(reasons) == len(publish.GUARDS) - 1, "the date itself can be judged"

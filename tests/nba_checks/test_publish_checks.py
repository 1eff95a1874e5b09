"""A date is published only if every check before its forecasts, and every alarm on grades, has passed."""

import datetime as dt

import dagster as dg
import pytest

from nba_checks import publish
from nba_checks.framework.check_results import CheckResult
from nba_checks.publish import Publish

from .evening import AGAIN, ALARMS, BEFORE, NIGHT, YESTERDAY, Evening, named


def test_there_are_checks_and_alarms_to_be_asked():
    assert {key.name for key in BEFORE} >= {
        "team_rows_agree_with_the_schedule",
        "players_add_up_to_their_team",
        "rows_know_nothing_of_their_games",
        "recent_points_do_not_know_tonight",
    }
    assert len(ALARMS) == 3


@pytest.mark.parametrize("key", BEFORE, ids=named)
def test_a_blocking_check_that_failed_on_the_date_stops_it_with_what_it_said(evening: Evening, key: dg.AssetCheckKey):
    evening.judge(key)
    evening.answer(key, NIGHT, passed=False, said="3 of 4 games disagree")
    name = f"{key.name} of {key.asset_key.path[-1]}"
    step = f"correct the cause, then run `nba backfill {NIGHT} --force`"
    assert evening.decision() == Publish((f"{name} failed on {NIGHT}: 3 of 4 games disagree; {step}",))


def test_a_check_whose_message_names_a_command_gets_no_second_one(evening: Evening):
    evening.judge(BEFORE[0])
    evening.answer(BEFORE[0], NIGHT, passed=False, said="1 game; run `nba backfill 2024-12-10 --select a+`")
    (reason,) = evening.decision().reasons
    assert reason.endswith(f"failed on {NIGHT}: 1 game; run `nba backfill 2024-12-10 --select a+`")


@pytest.mark.parametrize("key", BEFORE, ids=named)
def test_a_blocking_check_that_was_never_asked_about_the_date_stops_it(evening: Evening, key: dg.AssetCheckKey):
    evening.judge(key)
    evening.answer(key, YESTERDAY)
    name = f"{key.name} of {key.asset_key.path[-1]}"
    assert evening.decision() == Publish((f"{name} has no result for {NIGHT}; {AGAIN}",))


def test_rows_written_after_their_check_must_be_judged_again(evening: Evening):
    evening.judge()
    evening.write(BEFORE[0].asset_key, NIGHT)
    (reason, *_) = evening.decision().reasons
    assert reason.endswith(f"passed on {NIGHT} before its rows were written again; {AGAIN}")


@pytest.mark.parametrize("key", ALARMS, ids=named)
def test_a_leakage_alarm_on_the_latest_graded_date_stops_it(evening: Evening, key: dg.AssetCheckKey):
    evening.judge(key)
    evening.answer(key, YESTERDAY - dt.timedelta(days=1))
    evening.answer(key, YESTERDAY, passed=False, said="LEAK: 3.40 points off")
    (reason,) = evening.decision().reasons
    step = f"correct the cause, then run `nba backfill {YESTERDAY} --force`"
    assert reason == f"{key.name} of prediction_accuracy failed on {YESTERDAY}: LEAK: 3.40 points off; {step}"


def test_grades_that_no_alarm_has_judged_stop_it(evening: Evening):
    evening.judge(*ALARMS)
    assert evening.decision().reasons == tuple(
        f"{key.name} of prediction_accuracy has no result up to {NIGHT}; {AGAIN}" for key in ALARMS
    )


def test_an_alarm_of_a_later_date_says_nothing_of_this_one(evening: Evening):
    evening.judge(ALARMS[0])
    evening.answer(ALARMS[0], NIGHT + dt.timedelta(days=1))
    assert evening.decision().reasons == (
        f"{ALARMS[0].name} of prediction_accuracy has no result up to {NIGHT}; {AGAIN}",
    )


def test_a_table_without_alarms_is_no_table_without_leaks(evening: Evening, monkeypatch: pytest.MonkeyPatch):
    evening.judge()
    monkeypatch.setattr(publish, "all_checks", lambda tables: [])
    assert evening.decision().reasons == (
        "prediction_accuracy has no leakage alarm; no command adds it, nba_checks/all.py must define one",
    )


def test_a_check_that_was_started_and_has_no_result_stops_it(evening: Evening, monkeypatch: pytest.MonkeyPatch):
    pending = CheckResult(BEFORE[0], NIGHT, passed=None, is_current=False)
    results = {key: CheckResult(key, NIGHT, passed=True, is_current=True) for key in BEFORE} | {BEFORE[0]: pending}
    evening.judge()
    monkeypatch.setattr(publish, "check_results", lambda *_: results)
    (reason,) = evening.decision().reasons
    assert reason.endswith(f"was started for {NIGHT} and has no result; wait for its run (`nba history`) or {AGAIN}")

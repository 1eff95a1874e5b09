"""The latest check results are read by date, and are current only for the rows they checked."""

import datetime as dt

import dagster as dg
import pytest

from nba_checks.framework.by_date import DateResult, by_date
from nba_checks.framework.check_results import check_results, latest_check_result

from ..december import BAD, DECEMBER, KEY, games, one_bad_date, run

CHECK = dg.AssetCheckKey(KEY, "one_bad_date")
GOOD, LATER = dt.date(2024, 12, 5), dt.date(2024, 12, 20)


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.mark.parametrize("partitions", [DECEMBER, DECEMBER[3:4]], ids=["range", "date"])
@pytest.mark.parametrize("blocking", [True, False])
def test_a_failed_date_is_read_with_what_was_said_of_it(instance, partitions: list[str], blocking: bool):
    run(by_date(one_bad_date, games, {}, blocking=blocking), instance, partitions, raise_on_error=False)
    answer = check_results(instance, [CHECK], BAD)[CHECK]
    assert (answer.passed, answer.is_current, answer.message) == (False, True, "4 games")


@pytest.mark.parametrize("partitions", [DECEMBER, DECEMBER[4:5]], ids=["range", "date"])
def test_a_passed_date_is_read_as_passed_and_one_never_asked_as_nothing(instance, partitions: list[str]):
    run(by_date(one_bad_date, games, {}), instance, partitions)
    answer = check_results(instance, [CHECK], GOOD)[CHECK]
    assert (answer.passed, answer.is_current) == (True, True)
    assert check_results(instance, [CHECK], LATER) == {}


def test_rows_written_after_the_answer_make_it_an_answer_about_other_rows(instance):
    run(by_date(one_bad_date, games, {}), instance, DECEMBER)
    instance.report_runless_asset_event(dg.AssetMaterialization(KEY, partition=str(GOOD)))
    answer = check_results(instance, [CHECK], GOOD)[CHECK]
    assert (answer.passed, answer.is_current) == (True, False)


def test_a_check_that_broke_has_not_answered(instance):
    def broken(*asked: object) -> dict[dt.date, DateResult]:
        raise ZeroDivisionError

    run(by_date(broken, games, {}, name="one_bad_date"), instance, [str(GOOD)], raise_on_error=False)
    assert check_results(instance, [CHECK], GOOD)[CHECK].passed is None


def test_the_latest_date_that_was_answered_counts_not_the_latest_answer(instance):
    """A backfill of November, run today, says nothing of December's leak."""
    run(by_date(one_bad_date, games, {}), instance, [str(BAD)])
    run(by_date(one_bad_date, games, {}), instance, ["2024-11-20"])
    run(by_date(one_bad_date, games, {}), instance, [str(LATER)])
    answer = latest_check_result(instance, CHECK, until=GOOD)
    assert answer is not None
    assert (answer.date, answer.passed) == (BAD, False)


def test_before_the_first_answer_there_is_none(instance):
    run(by_date(one_bad_date, games, {}), instance, DECEMBER)
    assert latest_check_result(instance, CHECK, until=dt.date(2024, 11, 30)) is None

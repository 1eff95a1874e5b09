import datetime as dt
from collections.abc import Iterator

import dagster as dg
import pytest

from nba_assets.kit.calendar import State
from nba_checks.completeness.coverage import DateState
from nba_checks.completeness.preflight import NEEDS, OtherRun, PreflightResult, check_needs, check_other_runs
from nba_platform.definitions import TABLES
from nba_platform.diagnostics.preflight import Preflight, all_upstream, other_runs
from nba_platform.orchestration.instance import open_instance
from nba_resources.dates import DateRange

GAMES, PLAYERS, TEAMS = (need.table for need in NEEDS)
EVERY_NEED = {GAMES, PLAYERS, TEAMS}
FIRST = dt.date(2024, 12, 1)
LETTERS = {
    "c": State.COMPLETE,
    "p": State.PARTIAL,
    "m": State.MISSING,
    "b": State.BOOTSTRAP,
    "n": State.NO_GAMES,
    "l": State.NOT_DUE,
}
DECEMBER = DateRange(FIRST, dt.date(2024, 12, 31))


def dates(table: str, states: str) -> Iterator[DateState]:
    """One date for each letter: complete, partial, missing, bootstrap, no game, later than today."""
    for n, letter in enumerate(states):
        yield DateState(table, FIRST + dt.timedelta(days=n), LETTERS[letter], 0, 0, 0)


def result_on(table: str, states: str, reads: set[str] = EVERY_NEED, builds: set[str] = frozenset()) -> PreflightResult:
    found = check_needs(list(dates(table, states)), DECEMBER, reads, builds)
    return next(result for result in found if result.criterion == table.split(".")[-1])


@pytest.mark.parametrize(
    ("table", "states", "go"),
    [(GAMES, "ccccm", True), (GAMES, "cccm", False), (PLAYERS, "cccm", True), (PLAYERS, "ccm", False)],
)
def test_games_need_four_dates_of_five_and_averages_three_of_four(table, states, go):
    assert result_on(table, states).go is go


def test_dates_without_games_or_later_than_today_or_in_the_first_weeks_are_no_base():
    result = result_on(TEAMS, "bbbnncccmll")

    assert result.go
    assert result.found == "3 of 4 game dates complete (75.0%)"


def test_the_first_weeks_are_left_out_for_games_too_though_games_are_played_in_them():
    states = [*dates(GAMES, "mmcc"), *dates(TEAMS, "bbcc")]

    games = check_needs(states, DECEMBER, EVERY_NEED, set())[0]

    assert (games.go, games.found) == (True, "2 of 2 game dates complete (100.0%)")


def test_a_failing_table_is_told_with_the_dates_and_the_command_that_mends_it():
    result = result_on(PLAYERS, "cmmpnc")

    assert result == PreflightResult(
        "player_shot_zone_analysis",
        "2 of 5 game dates complete (40.0%)",
        "at least 75%",
        False,
        "nba backfill 2024-12-02 2024-12-04 --select +player_shot_zone_analysis",
    )


def test_a_table_the_run_builds_itself_is_not_asked_for_but_games_always_are():
    every_table = dict(reads=EVERY_NEED, builds=EVERY_NEED)

    assert result_on(TEAMS, "mmmm", **every_table).go
    assert not result_on(GAMES, "mmmm", **every_table).go


def test_a_table_the_run_does_not_read_is_not_asked_for():
    assert result_on(TEAMS, "mmmm", reads={GAMES}).go


@pytest.mark.parametrize("states", ["", "nnn", "bbb", "lll"])
def test_no_answer_is_a_no(states):
    result = result_on(GAMES, states)

    assert not result.go
    assert result.found.startswith("not known: none of the 31 dates")


def test_no_verdict_at_all_is_a_no():
    assert not Preflight(DECEMBER, ()).go


def run(first: dt.date, last: dt.date) -> OtherRun:
    return OtherRun("0123456789", "STARTED", DateRange(first, last))


@pytest.mark.parametrize(
    ("other", "go"),
    [
        (run(FIRST - dt.timedelta(30), FIRST - dt.timedelta(1)), True),
        (run(FIRST - dt.timedelta(30), FIRST), False),
        (run(DECEMBER.end, DECEMBER.end), False),
        (run(DECEMBER.end + dt.timedelta(1), DECEMBER.end + dt.timedelta(1)), True),
        (OtherRun("0123456789", "QUEUED", None), False),
    ],
)
def test_one_shared_date_is_enough_to_wait_and_a_run_without_dates_may_share_any(other, go):
    assert check_other_runs([other], DECEMBER).go is go


def test_everything_a_table_all_upstream_is_found_through_other_tables():
    found = all_upstream({"ml_feature_store_v2"}, TABLES)

    assert {"team_defense_zone_analysis", "player_game_summary", "schedule"} <= found
    assert "ml_feature_store_v2" not in found


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"dagster/partition": "2024-12-03"}, DateRange(dt.date(2024, 12, 3), dt.date(2024, 12, 3))),
        (
            {
                "dagster/asset_partition_range_start": "2024-12-01",
                "dagster/asset_partition_range_end": "2024-12-31",
            },
            DECEMBER,
        ),
        ({}, None),
    ],
)
def test_runs_that_have_not_ended_are_found_with_their_dates(tags, found):
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dg.DagsterRun("job", run_id="going-on", status=dg.DagsterRunStatus.STARTED, tags=tags))
        instance.add_run(dg.DagsterRun("job", run_id="done", status=dg.DagsterRunStatus.SUCCESS, tags=tags))

        assert list(other_runs(instance)) == [OtherRun("going-on", "STARTED", found)]


def test_an_empty_home_is_a_no_with_the_reason_and_exit_code_one(home, nba):
    said = nba("preflight", "2024-10-22", "2024-10-24", "--json")
    told = said.document()

    assert (said.code, told["go"]) == (1, False)
    assert "was never loaded" in told["criteria"][0]["found"]
    assert told["criteria"][0]["command"] == "nba backfill 2024-10-22 2024-10-24"
    assert told["criteria"][-1] == {
        "criterion": "no other run on these dates",
        "found": "none",
        "needed": "none",
        "go": True,
        "command": None,
    }


def test_a_table_without_needs_may_be_computed_at_once(home, nba):
    said = nba("preflight", "2024-10-22", "--select", "schedule")

    assert said.code == 0
    assert said.out.splitlines()[-1] == "2024-10-22: GO"


def test_a_run_in_progress_on_one_of_the_dates_is_a_no(home, nba):
    with open_instance() as instance:
        tags = {"dagster/partition": "2024-10-22"}
        instance.add_run(dg.DagsterRun("job", run_id="busy-now", status=dg.DagsterRunStatus.STARTED, tags=tags))

    said = nba("preflight", "2024-10-22", "2024-10-24", "--select", "schedule")

    assert said.code == 1
    assert "busy-now (started, 2024-10-22)" in said.out
    assert "no other run on these dates; mend: nba ui" in said.out

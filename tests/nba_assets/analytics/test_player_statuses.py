"""The last status of a player before each cut of his game."""

import datetime as dt

import pytest

from .league import League, Row, moment

TONIGHT = "2024-12-10"
AT_LINE, AT_TIP = "at_line", "at_tip"


@pytest.fixture
def tonight(league: League) -> Row:
    """Players 1 of Boston and 3 of New York have played; the line is cut at 15:30 UTC, the tip-off is at 23:30."""
    past = league.game("2024-12-01", "BOS", "NYK")
    league.line(past, "BOS", 1)
    league.line(past, "NYK", 3)
    return league.game(TONIGHT, "BOS", "NYK", status="scheduled")


def statuses(league: League, player: int = 1, date: str = TONIGHT) -> dict[str, str]:
    league.compute("game_editions", date)
    rows = league.compute("player_statuses", date)
    return {row["edition"]: row["status"] for row in rows if row["player_id"] == player}


def test_each_edition_has_the_last_status_before_its_cut(league: League, tonight: Row) -> None:
    league.report("2024-12-09 21:30", 1, "questionable", game=TONIGHT)
    league.report("2024-12-10 15:30", 1, "doubtful", game=TONIGHT)
    league.report("2024-12-10 23:30", 1, "available", game=TONIGHT)
    assert statuses(league) == {AT_LINE: "questionable", AT_TIP: "doubtful"}
    (row,) = (row for row in league.facts["player_statuses"] if row["edition"] == AT_TIP)
    assert (row["game_id"], row["player_lookup"], row["team_abbr"]) == (tonight["game_id"], "player1", "BOS")
    assert (row["published_at"], row["listed_since"]) == (moment("2024-12-10 15:30"), moment("2024-12-09 21:30"))
    assert row["hours_before_tip"] == 0


def test_a_status_that_changes_five_times_in_an_hour_counts_as_it_was_at_the_end(league: League, tonight: Row) -> None:
    for minute, status in enumerate(("out", "questionable", "out", "doubtful", "probable")):
        league.report(f"2024-12-10 22:{10 * minute:02d}", 1, status, game=TONIGHT)
    assert statuses(league) == {AT_TIP: "probable"}


def test_an_out_that_is_taken_back_ten_minutes_before_tip_off_counts_at_tip_only(league: League, tonight: Row) -> None:
    league.report("2024-12-10 14:00", 1, "out", game=TONIGHT)
    league.report("2024-12-10 23:20", 1, "available", game=TONIGHT)
    assert statuses(league) == {AT_LINE: "out", AT_TIP: "available"}


def test_a_status_is_about_the_game_of_its_team_on_the_date_it_names(league: League, tonight: Row) -> None:
    league.report("2024-12-10 14:00", 1, "out", game="2024-12-11")
    league.report("2024-12-10 14:00", 1, "out")
    league.report("2024-12-10 14:00", 1, "out", team="UTA", game=TONIGHT)
    assert statuses(league) == {}


def test_a_status_for_a_game_that_moved_stays_with_the_old_date(league: League, tonight: Row) -> None:
    tonight["game_date"] = dt.date(2024, 12, 12)
    tonight["start_time_utc"] = moment("2024-12-12 23:30")
    league.report("2024-12-10 14:00", 1, "out", game=TONIGHT)
    assert statuses(league, date="2024-12-12") == {}
    league.report("2024-12-12 14:00", 1, "probable", game="2024-12-12")
    assert statuses(league, date="2024-12-12") == {AT_LINE: "probable", AT_TIP: "probable"}


def test_a_player_whose_two_teams_play_on_one_date_has_a_status_in_each_game(league: League, tonight: Row) -> None:
    later = league.game(TONIGHT, "UTA", "DEN", tip="02:00", status="scheduled")
    later["start_time_utc"] = moment("2024-12-11 02:00")
    league.report("2024-12-10 14:00", 1, "out", game=TONIGHT)
    league.report("2024-12-10 17:00", 1, "questionable", team="UTA", game=TONIGHT)
    league.compute("game_editions", TONIGHT)
    rows = league.compute("player_statuses", TONIGHT)
    assert {(row["game_id"], row["edition"]): (row["team_abbr"], row["status"]) for row in rows} == {
        (tonight["game_id"], AT_LINE): ("BOS", "out"),
        (tonight["game_id"], AT_TIP): ("BOS", "out"),
        (later["game_id"], AT_LINE): ("UTA", "questionable"),  # its line is cut at 18:00
        (later["game_id"], AT_TIP): ("UTA", "questionable"),
    }


def test_of_two_teams_that_meet_the_later_report_counts(league: League, tonight: Row) -> None:
    league.report("2024-12-10 14:00", 1, "out", game=TONIGHT)
    league.report("2024-12-10 14:30", 1, "available", team="NYK", game=TONIGHT)
    assert statuses(league) == {AT_LINE: "available", AT_TIP: "available"}
    assert {row["listed_since"] for row in league.facts["player_statuses"]} == {moment("2024-12-10 14:30")}


def test_a_name_that_is_nobodys_has_no_status(league: League, tonight: Row) -> None:
    league.report("2024-12-10 14:00", 99, "out", game=TONIGHT)
    league.compute("game_editions", TONIGHT)
    assert league.compute("player_statuses", TONIGHT) == []

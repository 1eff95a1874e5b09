"""Presence, computed by hand for a team of three."""

import datetime as dt
import json
from typing import Any

import pytest

from .. import upstream
from ..analytics.league import League, Row, day, moment

TONIGHT = upstream.TONIGHT  # 2024-12-10; tip-off at 23:30 UTC, the line is cut at 15:30
GAMES = ("2024-12-04", "2024-12-06", "2024-12-08")
AT_LINE, AT_TIP = "at_line", "at_tip"
DECAY = 0.5 ** (1 / 6)  # a game earlier
MISSED_LAST = (DECAY + DECAY**2) / (1 + DECAY + DECAY**2)
MINUTES = {1: 30.0, 2: 20.0, 3: 10.0}


@pytest.fixture
def tonight(league: League) -> Row:
    """Boston's 1, 2 and 3 have played three games; 2 missed the last one. New York's 7 has played all of his."""
    upstream.season(league)
    for date in GAMES:
        game = league.game(date, "BOS", "LAL")
        for player, minutes in MINUTES.items():
            if not (player == 2 and date == GAMES[-1]):
                counts = {"reb": player, "ast": 0, "fga": 10, "fg3a": 2, "blk": 1, "starter": player < 3}
                league.line(game, "BOS", player, minutes, points=int(minutes), **counts)
        league.line(league.game(date, "NYK", "UTA"), "NYK", 7, 40)
    game = league.game(TONIGHT, "BOS", "NYK", status="scheduled")
    return game


def presence(league: League, date: str = TONIGHT) -> dict[tuple[int, str], Row]:
    league.compute("game_editions", date)
    earlier = [row for row in league.facts["player_statuses"] if str(row["game_date"]) < date]
    league.facts["player_statuses"] = earlier + league.compute("player_statuses", date)
    return {(row["player_id"], row["edition"]): row for row in league.compute("player_presence", date)}


def chances(league: League, edition: str = AT_TIP) -> dict[int, float]:
    return {player: row["play_probability"] for (player, of), row in presence(league).items() if of == edition}


def status_before(league: League, game: Row, player: int, status: str, **facts: Any) -> None:
    """Add a stored status of an earlier game, at its tip-off."""
    known = {"game_id": game["game_id"], "game_date": game["game_date"], "player_id": player, "team_abbr": "BOS"}
    known |= {"player_lookup": f"player{player}", "edition": AT_TIP, "status": status, "hours_before_tip": 0.0}
    league.add("player_statuses", **known | facts)


def games_of(league: League, team: str) -> list[Row]:
    return [game for game in league.facts["schedule"] if game["home_team"] == team and game["status"] == "final"]


def test_without_a_report_whoever_played_the_last_game_plays(league: League, tonight: Row) -> None:
    rows = presence(league)
    for edition in (AT_LINE, AT_TIP):
        one, two, three = (rows[player, edition] for player in MINUTES)
        assert [row["play_probability"] for row in (one, two, three)] == [1.0, 0.0, 1.0]
        assert [row["expected_minutes"] for row in (one, two, three)] == pytest.approx([30, 0, 10])
        assert [row["mates_expected_minutes"] for row in (one, two, three)] == pytest.approx([10, 40, 30])
        assert [row["minutes_rank"] for row in (one, two, three)] == [1, 2, 2]
        assert {row["is_reported"] for row in (one, two, three)} == {False}
        assert {row["starters_out"] for row in (one, two, three)} == {None}
        # 2 is missing from two thirds of the games that 1 and 3 remember; he himself has always seen both
        assert one["mates_minutes"] == pytest.approx(-20 * MISSED_LAST)
        assert one["mates_points"] == pytest.approx(-20 * MISSED_LAST)
        assert one["mates_reb"] == pytest.approx(-2 * MISSED_LAST)
        assert three["mates_fga"] == pytest.approx(-10 * MISSED_LAST)
        assert two["mates_minutes"] == pytest.approx(0)
        assert rows[7, edition]["opponents_minutes"] == pytest.approx(-20 * MISSED_LAST)
        assert one["opponents_minutes"] == pytest.approx(0)


def test_absences_name_the_mates_with_chance_share_and_usual_numbers(league: League, tonight: Row) -> None:
    one = presence(league)[1, AT_TIP]
    assert json.loads(one["absences"]) == [
        {
            **{"player": "player2", "chance": 0.0, "share": pytest.approx(MISSED_LAST, abs=5e-5)},
            **{"minutes": 20.0, "points": 20.0, "reb": 2.0, "ast": 0.0, "fg3a": 2.0, "blk": 1.0, "fga": 10.0},
        }
    ]
    assert presence(league)[2, AT_TIP]["absences"] == "[]"


def test_in_a_reported_game_who_missed_the_last_one_without_a_reason_plays_as_often_as_lately(
    league: League, tonight: Row
) -> None:
    league.report("2024-12-10 12:00", 3, "out", game=TONIGHT)
    assert chances(league) == {1: 1.0, 2: pytest.approx(MISSED_LAST), 3: 0.0, 7: 1.0}


def test_who_was_below_probable_the_game_before_and_is_not_on_the_report_plays(league: League, tonight: Row) -> None:
    status_before(league, games_of(league, "BOS")[-1], 2, "out")
    league.report("2024-12-10 12:00", 3, "out", game=TONIGHT)
    assert chances(league)[2] == 1.0


def test_a_status_of_an_older_game_says_nothing(league: League, tonight: Row) -> None:
    status_before(league, games_of(league, "BOS")[-2], 2, "out")
    league.report("2024-12-10 12:00", 3, "out", game=TONIGHT)
    assert chances(league)[2] == pytest.approx(MISSED_LAST)


def test_an_absence_counts_only_as_far_as_his_own_games_have_not_seen_it(league: League, tonight: Row) -> None:
    league.report("2024-12-10 12:00", 1, "out", game=TONIGHT)
    league.report("2024-12-10 12:00", 2, "out", game=TONIGHT)
    rows = presence(league)
    assert rows[3, AT_TIP]["mates_minutes"] == pytest.approx(-30 - 20 * MISSED_LAST)
    assert (rows[3, AT_TIP]["starters_out"], rows[1, AT_TIP]["starters_out"]) == (1, 0)  # 2 did not start the last game
    assert (rows[1, AT_TIP]["status"], rows[3, AT_TIP]["status"]) == ("out", None)
    assert rows[7, AT_TIP]["opponents_minutes"] == pytest.approx(-30 - 20 * MISSED_LAST)


def test_a_team_that_has_not_reported_yet_is_judged_by_its_last_game(league: League, tonight: Row) -> None:
    """Teams that play two nights in a row report late: 13,000 absent players counted as certain to play at the line."""
    league.report("2024-12-10 12:00", 7, "probable", team="NYK", game=TONIGHT)
    assert {edition: chances(league, edition)[2] for edition in (AT_LINE, AT_TIP)} == {
        AT_LINE: 0.0,
        AT_TIP: pytest.approx(MISSED_LAST),
    }


def test_statuses_count_as_they_came_true_in_earlier_months_and_hardly_without_them(
    league: League, tonight: Row
) -> None:
    league.report("2024-12-10 12:00", 3, "questionable", game=TONIGHT)
    assert chances(league)[3] == 0.5
    november, december = league.game("2024-11-30", "LAL", "DEN"), league.game("2024-12-01", "LAL", "DEN")
    unplayed = league.game("2024-11-29", "LAL", "DEN", status="postponed")
    for player in range(100, 120):
        for game in (november, december, unplayed):
            status_before(league, game, player, "questionable")
        if player < 116:
            league.line(november, "LAL", player)
        league.line(december, "LAL", player)
    assert chances(league)[3] == pytest.approx((16 + 100 * 0.5) / (20 + 100))
    assert chances(league, AT_LINE)[3] == 0.5  # eight hours before tip-off, none of these counts


def test_a_mate_traded_at_noon_is_gone_when_his_new_team_reports_him(league: League, tonight: Row) -> None:
    league.game(TONIGHT, "UTA", "DEN", tip="22:00", status="scheduled")
    league.report("2024-12-10 12:00", 3, "probable", game=TONIGHT)
    league.report("2024-12-10 17:00", 1, "available", team="UTA", game=TONIGHT)
    rows = presence(league)
    assert (rows[1, AT_LINE]["play_probability"], rows[1, AT_TIP]["play_probability"]) == (1.0, 0.0)
    assert rows[2, AT_TIP]["mates_minutes"] == pytest.approx(-30 - 10 * 0.1)
    assert rows[2, AT_TIP]["starters_out"] == 1
    assert rows[2, AT_TIP]["known_until"] == moment("2024-12-10 17:00")
    assert rows[2, AT_LINE]["known_until"] == moment("2024-12-10 12:00")


def test_a_new_mate_counts_with_his_numbers_from_elsewhere(league: League, tonight: Row) -> None:
    league.line(league.game("2024-12-05", "DEN", "UTA"), "DEN", 9, 36)
    league.report("2024-12-10 17:00", 9, "available", game=TONIGHT)
    league.report("2024-12-10 17:00", 2, "out", game=TONIGHT)
    assert presence(league)[1, AT_TIP]["mates_minutes"] == pytest.approx(36 - 20 * MISSED_LAST)


def test_last_season_and_other_teams_have_no_part_in_games_together_but_in_his_numbers(
    league: League, tonight: Row
) -> None:
    league.line(league.game("2024-03-01", "BOS", "LAL"), "BOS", 2, 20, points=80)
    league.line(league.game("2024-11-01", "DEN", "UTA"), "DEN", 1, 30)
    rows, older = presence(league), 0.5 ** (2 / 15)
    his_points = (20 * (1 + 0.5 ** (1 / 15)) + 80 * older) / (1 + 0.5 ** (1 / 15) + older)
    assert rows[1, AT_TIP]["mates_minutes"] == pytest.approx(-20 * MISSED_LAST)
    assert rows[1, AT_TIP]["mates_points"] == pytest.approx(-his_points * MISSED_LAST)


def test_a_player_in_two_games_of_one_date_has_played_both(league: League, tonight: Row) -> None:
    """The end of a suspended game was once played before the next one. The weights of both of a date are in order."""
    again = league.game(GAMES[-1], "BOS", "DEN")
    for player in (1, 2):
        league.line(again, "BOS", player, MINUTES[player])
    rows = presence(league)
    weights = [1, DECAY, DECAY**2, DECAY**3]  # of 1's games; 2 was in all but the second newest
    assert rows[1, AT_TIP]["mates_minutes"] == pytest.approx(
        20 * (1 - (sum(weights) - DECAY) / sum(weights)) + 10 * (1 - (sum(weights) - 1) / sum(weights))
    )


def test_games_of_the_date_or_later_change_nothing(league: League, tonight: Row) -> None:
    league.report("2024-12-10 12:00", 2, "out", game=TONIGHT)
    before = presence(league)
    tonight["status"] = "final"
    for player in MINUTES:
        league.line(tonight, "BOS", player, 48, points=60)
        league.line(league.game("2024-12-11", "BOS", "DEN"), "BOS", player, 48, points=60)
    status_before(league, tonight, 3, "out")
    assert presence(league) == before


def test_the_first_fortnight_of_a_season_is_left_out(league: League, tonight: Row) -> None:
    league.facts["seasons"][0]["start_date"] = day(TONIGHT) - dt.timedelta(days=13)
    assert presence(league) == {}


def test_a_status_after_the_line_makes_nobody_a_mate_at_the_line(league: League, tonight: Row) -> None:
    """9 was out of the game before and has not played for the team: at the line he was on no report."""
    league.line(league.game("2024-12-05", "DEN", "UTA"), "DEN", 9, 36)
    status_before(league, games_of(league, "BOS")[-1], 9, "out")
    league.report("2024-12-10 12:00", 3, "out", game=TONIGHT)
    before = presence(league)
    league.report("2024-12-10 17:00", 9, "questionable", game=TONIGHT)
    after = presence(league)
    assert after[1, AT_LINE] == before[1, AT_LINE]
    assert after[1, AT_TIP]["mates_minutes"] == pytest.approx(before[1, AT_TIP]["mates_minutes"] + 36 / 2)


def test_of_two_games_of_a_team_on_one_date_the_first_is_expected(league: League, tonight: Row) -> None:
    again = league.game(TONIGHT, "BOS", "DEN", tip="21:00", status="scheduled")
    rows = presence(league)
    assert {row["game_id"] for (player, _), row in rows.items() if player in MINUTES} == {again["game_id"]}

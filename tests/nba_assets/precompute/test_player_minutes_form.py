from typing import Any

import pytest

from ..analytics.league import League, Row
from ..upstream import TONIGHT, days_before, season

TABLE = "player_minutes_form"
TWO_AGO, YESTERDAY = days_before(TONIGHT, 2, 1)


@pytest.fixture
def tonight(league: League) -> Row:
    season(league)
    return league.game(TONIGHT, "BOS", "NYK", status="scheduled")


def plays(league: League, date: str, team: str = "BOS", other: str = "LAL", **facts: Any) -> Row:
    game = league.game(date, team, other)
    league.line(game, team, 1, **facts)
    return game


def his(league: League, player: int = 1) -> Row:
    return league.one(TABLE, TONIGHT, player_id=player)


def test_the_share_of_starts_halves_every_four_games(league: League, tonight: Row) -> None:
    """A start four games before the last one has half the weight; a game whose source marks nobody has none."""
    for back, starter in zip((10, 8, 6, 4, 2), (True, None, False, False, False), strict=True):
        plays(league, days_before(TONIGHT, back)[0], starter=starter)
    row = his(league)
    weights = [0.5 ** (back / 4) for back in (4, 2, 1, 0)]
    assert row["start_share"] == pytest.approx(weights[0] / sum(weights))
    assert row["last_start"] is False


def test_nobody_marked_is_unknown_and_no_bench_role(league: League, tonight: Row) -> None:
    plays(league, YESTERDAY, starter=None)
    row = his(league)
    assert row["start_share"] is row["last_start"] is None


def test_load_is_counted_in_games_and_days(league: League, tonight: Row) -> None:
    """A career of five games: one of last season, one eight days ago, and three in the week."""
    for date in ("2024-04-10", *days_before(TONIGHT, 8, 7, 2, 1)):
        plays(league, date, minutes=12 if date == YESTERDAY else 30)
    row = his(league)
    assert (row["career_games"], row["season_games"], row["games_last_7_days"]) == (5, 4, 3)
    assert (row["days_since_last_game"], row["last_minutes"]) == (1, 12)


def test_games_without_minutes_are_no_games(league: League, tonight: Row) -> None:
    """A rebound in zero minutes makes him a player of the roster, but says nothing of his minutes."""
    plays(league, YESTERDAY, minutes=0, points=0, played=True)
    row = his(league)
    assert (row["career_games"], row["season_games"], row["games_last_7_days"]) == (0, 0, 0)
    assert row["days_since_last_game"] is row["last_minutes"] is row["same_team"] is None


@pytest.mark.parametrize(("before", "same"), [("BOS", True), ("UTA", False)])
def test_a_player_in_his_second_game_for_a_team_is_told_apart(
    league: League, tonight: Row, before: str, same: bool
) -> None:
    plays(league, TWO_AGO, before)
    plays(league, YESTERDAY)
    row = his(league)
    assert (row["team_abbr"], row["opponent_team_abbr"], row["same_team"]) == ("BOS", "NYK", same)


def test_both_teams_have_rest_and_style_of_their_own_games(league: League, tonight: Row) -> None:
    """The old game of Boston is 12 games back, as games whose box score is missing count as games."""
    paces = {12 + 1: 120.0, 1: 90.0}
    for back in range(13, 0, -1):
        game = plays(league, days_before(TONIGHT, back)[0])
        if back in paces:
            league.result(game, "BOS", pace=paces[back], points_scored=130, possessions=100.0)
    visit = league.game(days_before(TONIGHT, 4)[0], "NYK", "MIA")
    league.result(visit, "NYK", pace=104.0, points_scored=99, possessions=106.0)
    row = his(league)
    assert row["team_pace"] == pytest.approx((120 * 0.5 + 90) / 1.5)
    assert (row["team_points"], row["team_days_rest"]) == (pytest.approx(130), 0)
    assert (row["opponent_pace"], row["opponent_points"], row["opponent_possessions"]) == (104, 99, 106)
    assert (row["opponent_days_rest"], row["is_home"], row["is_playoff"]) == (3, True, False)


def test_a_season_starts_with_old_style_and_no_rest(league: League, tonight: Row) -> None:
    old = league.game("2024-04-10", "NYK", "MIA")
    league.result(old, "NYK", pace=104.0, possessions=103.0)
    plays(league, YESTERDAY)
    row = his(league)
    assert (row["opponent_pace"], row["opponent_days_rest"]) == (104, None)


def test_the_level_of_the_league_is_that_of_the_season_before(league: League, tonight: Row) -> None:
    plays(league, YESTERDAY)
    assert his(league)["league_possessions"] is None
    for date, possessions in (("2023-04-01", 70.0), ("2024-01-10", 96.0), ("2024-06-10", 100.0), (YESTERDAY, 130.0)):
        league.result(league.game(date, "DEN", "MIA"), "DEN", possessions=possessions)
    assert his(league)["league_possessions"] == 98


def test_a_playoff_game_is_marked(league: League) -> None:
    season(league, "2023-10-24")
    league.game("2024-05-10", "BOS", "NYK", status="scheduled", season_type="playoffs")
    plays(league, "2024-05-08")
    assert league.one(TABLE, "2024-05-10")["is_playoff"] is True


@pytest.mark.parametrize("facts", [{"minutes": 40, "starter": True}, {"minutes": 5, "starter": False}])
def test_tonight_and_later_change_nothing(league: League, tonight: Row, facts: Row) -> None:
    game = plays(league, YESTERDAY, starter=False)
    league.result(game, "BOS", pace=99.0, possessions=99.0)
    before = his(league)
    league.line(tonight, "BOS", 1, **facts)
    league.result(tonight, "BOS", pace=130.0, possessions=130.0)
    plays(league, "2024-12-11", "UTA", **facts)
    assert his(league) == before

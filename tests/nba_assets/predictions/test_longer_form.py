from statistics import stdev
from typing import Any

import pytest

from ..analytics.league import League, Row, day
from ..upstream import TONIGHT, context, days_before, season, team_context

TABLE = "prediction_evidence"
PAST = days_before(TONIGHT, *range(28, 0, -2))
LAST_SPRING = [f"2024-03-{number:02d}" for number in range(1, 31)]


@pytest.fixture
def tonight(league: League) -> Row:
    season(league)
    season(league, "2023-10-24")
    game = league.game(TONIGHT, "BOS", "NYK", status="scheduled")
    on_the_slate(league, game)
    return game


def on_the_slate(
    league: League,
    game: Row,
    player: int = 1,
    minutes: float | None = 30.0,
    points_avg_last_10: float | None = 20.0,
    **facts: Any,
) -> None:
    his = context(league, game, player=player, **facts)
    same = ("game_date", "player_lookup", "game_id", "player_id", "team_abbr", "opponent_team_abbr")
    known = {"points_avg_last_5": 20.0, "points_avg_season": 20.0, "home_away": 1.0, "minutes_avg_last_10": minutes}
    known |= {"points_avg_last_10": points_avg_last_10}
    league.add("ml_feature_store_v2", **{name: his[name] for name in same}, **known, quality_tier="gold")


def played(league: League, dates: list[str], minutes: list[float], **facts: Any) -> None:
    """His games on the last of the dates, the oldest first."""
    for date, his in zip(dates[-len(minutes) :], minutes, strict=True):
        league.line(league.game(date, "BOS", "MIA"), "BOS", 1, minutes=his, **facts)


def his(league: League, player: int = 1) -> Row:
    return league.one(TABLE, TONIGHT, player_id=player)


def test_minutes_of_his_latest_games(league: League, tonight: Row) -> None:
    minutes = [48.0, 1.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 30.0, 34.0, 29.0, 39.0]
    played(league, PAST, minutes)
    row = his(league)
    assert row["minutes_last_1"] == 39
    assert row["minutes_avg_last_3"] == pytest.approx(34)
    assert row["minutes_avg_last_5"] == pytest.approx(30.4)
    assert row["minutes_std_last_10"] == pytest.approx(stdev(minutes[-10:]))


def test_two_games_are_no_average_and_four_no_spread(league: League, tonight: Row) -> None:
    played(league, PAST, [20, 22])
    row = his(league)
    assert row["minutes_last_1"] == 22
    assert row["minutes_avg_last_3"] is row["minutes_avg_last_5"] is row["minutes_std_last_10"] is None
    played(league, PAST[:-2], [30, 28])
    row = his(league)
    assert (row["minutes_avg_last_3"], row["minutes_avg_last_5"]) == (pytest.approx(70 / 3), 25)
    assert row["minutes_std_last_10"] is None


def test_recent_minutes_are_of_this_season_and_sixty_games_of_any(league: League, tonight: Row) -> None:
    played(league, LAST_SPRING, [10.0] * 9, points=5)
    played(league, PAST, [40.0], points=25)
    row = his(league)
    assert (row["minutes_last_1"], row["minutes_avg_last_3"], row["minutes_std_last_10"]) == (40, None, None)
    assert (row["points_avg_last_60"], row["minutes_avg_last_60"]) == (7, 13)


def test_nine_games_make_no_long_average(league: League, tonight: Row) -> None:
    played(league, PAST, [20.0] * 9)
    row = his(league)
    assert row["points_avg_last_60"] is row["minutes_avg_last_60"] is None


def test_the_long_average_ends_with_the_sixtieth_game(league: League, tonight: Row) -> None:
    played(league, [f"2024-02-{number:02d}" for number in range(1, 29)], [48.0] * 28, points=60)
    played(league, LAST_SPRING, [20.0] * 30, points=10)
    played(league, PAST, [30.0] * 14, points=20)
    row = his(league)
    assert row["points_avg_last_60"] == pytest.approx((16 * 60 + 30 * 10 + 14 * 20) / 60)
    assert row["minutes_avg_last_60"] == pytest.approx((16 * 48 + 30 * 20 + 14 * 30) / 60)


def test_a_starter_is_counted_where_it_is_known_who_started(league: League, tonight: Row) -> None:
    """Most archived games do not say who started: a mean that takes silence for the bench halves every star."""
    starts = [True, True, None, True, False, None]  # the first is the sixth game back
    for date, starter in zip(PAST[-6:], starts, strict=True):
        league.line(league.game(date, "BOS", "MIA"), "BOS", 1, starter=starter)
    assert his(league)["starter_share_last_5"] == pytest.approx(2 / 3)


def test_nobody_knows_who_started(league: League, tonight: Row) -> None:
    played(league, PAST, [20.0] * 5)
    assert his(league)["starter_share_last_5"] is None


def test_attempts_need_three_known_games(league: League, tonight: Row) -> None:
    for date, fga, fta in zip(PAST[-4:], (10, 14, None, 18), (2, None, None, 4), strict=True):
        league.line(league.game(date, "BOS", "MIA"), "BOS", 1, fga=fga, fta=fta)
    row = his(league)
    assert (row["fga_avg_last_10"], row["fta_avg_last_10"]) == (14, None)


def test_a_game_he_did_not_play_is_none_of_his_games(league: League, tonight: Row) -> None:
    played(league, PAST[:-1], [20.0, 24.0, 28.0])
    league.line(league.game(PAST[-1], "BOS", "MIA"), "BOS", 1, minutes=0, points=0)
    row = his(league)
    assert (row["minutes_last_1"], row["minutes_avg_last_3"]) == (28, 24)


def test_minutes_of_absent_rotation_players_are_vacated(league: League, tonight: Row) -> None:
    played(league, PAST, [20.0])
    on_the_slate(league, tonight, 2, 34.5, player_status="out")
    on_the_slate(league, tonight, 3, 20.0, player_status="doubtful")
    on_the_slate(league, tonight, 4, 36.0, player_status="questionable")
    on_the_slate(league, tonight, 5, 30.0, player_status="out", games_played_season=4)
    on_the_slate(league, tonight, 6, 9.9, player_status="out")
    on_the_slate(league, tonight, 7, None, player_status="out")
    on_the_slate(league, tonight, 8, 30.0, player_status="out", team_abbr="NYK", opponent_team_abbr="BOS")
    rows = {row["player_id"]: row["vacated_minutes"] for row in league.compute(TABLE, TONIGHT)}
    assert rows[1] == rows[4] == rows[5] == pytest.approx(54.5)
    assert rows[2] == 20.0  # his own minutes are no help to him
    assert rows[8] == 0


def test_nobody_missing_is_a_true_zero_and_unknown_is_not(league: League, tonight: Row) -> None:
    other = league.game(TONIGHT, "LAL", "UTA", status="scheduled")
    on_the_slate(league, other, 2, team="LAL", injury_info_available=False, player_status=None)
    assert his(league)["vacated_minutes"] == 0
    assert his(league, 2)["vacated_minutes"] is None
    assert his(league, 2)["game_date"] == day(TONIGHT)


def test_who_has_rested_longer_than_the_team_missed_its_last_game(league: League, tonight: Row) -> None:
    """No injury source has spoken since 2023: that a star was not there last night is still known."""
    team_context(league, tonight, team_days_rest=1)
    on_the_slate(league, tonight, 2, 34.0, days_rest=6, points_avg_last_10=25.0)
    on_the_slate(league, tonight, 3, 20.0, days_rest=2, points_avg_last_10=8.0)
    on_the_slate(league, tonight, 4, None, None, days_rest=9)
    rows = {row["player_id"]: row for row in league.compute(TABLE, TONIGHT)}
    assert [rows[n]["missed_last_game"] for n in (1, 2, 3, 4)] == [0, 1, 1, 1]
    assert [rows[n]["missing_minutes"] for n in (1, 2, 3, 4)] == [54, 20, 34, 54]
    assert [rows[n]["missing_points"] for n in (1, 2)] == [33, 8]
    assert [rows[n]["present_minutes"] for n in (1, 2)] == [0, 30]


def test_nobody_knows_who_missed_a_game_that_was_not_played(league: League, tonight: Row) -> None:
    team_context(league, tonight, team_days_rest=None)
    assert his(league)["missed_last_game"] is None

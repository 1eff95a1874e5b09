from statistics import stdev
from typing import Any

import pytest

from ..analytics.league import League, Row
from ..upstream import EVEN, TONIGHT, UNREADY, context, days_before, season, zones

TABLE = "player_daily_cache"
PAST = days_before(TONIGHT, *range(24, 0, -2))  # twelve games
POINTS = (60, 60, 10, 10, 10, 10, 10, 19, 21, 20, 28, 30)
AVERAGES = ("points_avg_last_5", "points_avg_last_10", "minutes_avg_last_10", "ppm_avg_last_10")


@pytest.fixture
def tonight(league: League) -> Row:
    season(league)
    game = league.game(TONIGHT, "BOS", "NYK", status="scheduled")
    context(league, game)
    zones(league)
    return game


def plays(league: League, date: str, team: str = "BOS", **facts: Any) -> Row:
    game = league.game(date, team, "LAL")
    league.line(game, team, 1, **facts)
    return game


def his(league: League) -> Row:
    return league.one(TABLE, TONIGHT, player_lookup="player1")


def test_form_is_of_his_last_five_ten_and_all_games(league: League, tonight: Row) -> None:
    """Twelve games: 118 points in the last five, 168 in the last ten, 288 in all."""
    for date, points in zip(PAST, POINTS, strict=True):
        plays(league, date, points=points, minutes=24 if points == 60 else 36)
    row = his(league)
    assert (row["points_avg_last_5"], row["points_avg_last_10"], row["points_avg_season"]) == (23.6, 16.8, 24.0)
    assert row["points_std_last_10"] == pytest.approx(stdev(POINTS[2:]))
    assert (row["minutes_avg_last_10"], row["minutes_avg_season"]) == (36, 34)
    assert (row["games_played_season"], row["games_used_last_5"], row["games_used_last_10"]) == (12, 5, 10)


@pytest.mark.parametrize(
    ("games", "averages", "spread"),
    [(1, False, False), (2, False, False), (3, True, False), (4, True, False), (5, True, True)],
)
def test_three_games_make_an_average_and_five_a_spread(
    league: League, tonight: Row, games: int, averages: bool, spread: bool
) -> None:
    for place, date in enumerate(PAST[-games:]):
        plays(league, date, points=10 + place, ftm=1)
    row = his(league)
    assert [row[name] is not None for name in AVERAGES] == [averages] * 4
    assert (row["points_std_last_10"] is not None) is spread
    assert (row["free_throw_points_share_last_10"] is not None) is spread
    assert row["points_avg_season"] == 10 + (games - 1) / 2
    assert (row["games_used_last_5"], row["games_used_last_10"]) == (games, games)


def test_points_a_minute_are_a_ratio_of_sums(league: League, tonight: Row) -> None:
    """20 points in 40 minutes, none in 5, 10 in 15: half a point a minute, not the mean of 0.5, 0 and 0.667."""
    for date, minutes, points in zip(PAST[-3:], (40, 5, 15), (20, 0, 10), strict=True):
        plays(league, date, minutes=minutes, points=points)
    assert his(league)["ppm_avg_last_10"] == 0.5


@pytest.mark.parametrize(
    ("ftm", "points", "share"),
    [
        ((2, 4, 0, 6, 0), (20, 20, 5, 10, 5), 0.2),
        ((2, None, 0, 6, 0), (20, 20, 5, 10, 5), None),
        ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), None),
    ],
)
def test_the_share_of_free_throws_is_a_ratio_of_sums(
    league: League, tonight: Row, ftm: tuple[int | None, ...], points: tuple[int, ...], share: float | None
) -> None:
    for date, made, scored in zip(PAST[-5:], ftm, points, strict=True):
        plays(league, date, ftm=made, points=scored)
    assert his(league)["free_throw_points_share_last_10"] == share


def test_usage_and_true_shooting_are_means_of_the_games_that_have_them(league: League, tonight: Row) -> None:
    for date, usage, shooting in zip(
        PAST[-11:], (0.5, *([0.2] * 8), None, 0.29), (1.0, *([0.5] * 8), 0.77, None), strict=True
    ):
        plays(league, date, usage_rate=usage, ts_pct=shooting)
    row = his(league)
    assert row["usage_rate_last_10"] == pytest.approx((8 * 0.2 + 0.29) / 9)
    assert row["usage_rate_season"] == pytest.approx((0.5 + 8 * 0.2 + 0.29) / 10)
    assert row["ts_pct_last_10"] == pytest.approx((8 * 0.5 + 0.77) / 9)


def test_games_he_sat_out_count_for_nothing(league: League, tonight: Row) -> None:
    for date in PAST[:5]:
        plays(league, date, points=20)
    for date in PAST[5:]:
        plays(league, date, minutes=0, points=0)
    row = his(league)
    assert (row["games_played_season"], row["points_avg_last_5"], row["minutes_avg_last_10"]) == (5, 20, 30)


def test_a_player_without_a_game_this_season_has_no_row(league: League, tonight: Row) -> None:
    """Last season's games, tonight's own and one he watched are none."""
    plays(league, "2024-04-10", points=40)
    plays(league, PAST[-1], minutes=0, points=0)
    league.line(tonight, "BOS", 1, points=50)
    assert league.compute(TABLE, TONIGHT) == []


def test_last_season_and_tonight_change_nothing(league: League, tonight: Row) -> None:
    plays(league, "2024-04-10", points=40)
    league.line(tonight, "BOS", 1, points=50)
    for date in PAST[-3:]:
        plays(league, date, points=12)
    row = his(league)
    assert (row["points_avg_last_5"], row["points_avg_season"], row["games_played_season"]) == (12, 12, 3)


def test_the_playoffs_go_on_where_the_season_ended(league: League, tonight: Row) -> None:
    for date in PAST[-4:]:
        plays(league, date, points=10)
    playoff = league.game(PAST[-5], "BOS", "MIA", season_type="playoffs")
    league.line(playoff, "BOS", 1, points=35)
    row = his(league)
    assert (row["games_played_season"], row["points_avg_last_5"], row["points_avg_season"]) == (5, 15, 15)


def test_a_traded_player_keeps_his_games_and_gets_his_new_teams_pace(league: League, tonight: Row) -> None:
    for place, date in enumerate(PAST):
        team = "BOS" if place >= 7 else "UTA"
        game = plays(league, date, team, points=10 if team == "BOS" else 20)
        league.result(game, team, pace=95.0 if team == "BOS" else 105.0, offensive_rating=100.0)
    row = his(league)
    assert (row["team_abbr"], row["points_avg_last_5"], row["points_avg_last_10"]) == ("BOS", 10, 15)
    assert row["team_pace_last_10"] == 95


def test_the_teams_form_is_of_its_last_ten_games(league: League, tonight: Row) -> None:
    """The two oldest games were very fast; one of the ten has no pace, because its overtime is unknown."""
    plays(league, PAST[0])
    for place, date in enumerate(PAST):
        pace = 130.0 if place < 2 else None if place == 5 else 98.0 if place % 2 else 100.0
        game = league.game(date, "BOS", "MIA")
        league.result(game, "BOS", pace=pace, offensive_rating=130.0 if place < 2 else 110.0 + place)
    row = his(league)
    assert row["team_pace_last_10"] == pytest.approx((5 * 100 + 4 * 98) / 9)
    assert row["team_off_rating_last_10"] == 116.5


def test_one_bad_night_is_no_form_of_a_team(league: League, tonight: Row) -> None:
    """A season loaded from its middle on: one game at 75 points per 100 broke the contract of a whole range."""
    for date in PAST[-4:]:
        game = plays(league, date)
        league.result(game, "BOS", pace=100.0, offensive_rating=75.0)
    row = his(league)
    assert row["team_pace_last_10"] is row["team_off_rating_last_10"] is None


def test_what_others_worked_out_is_copied(league: League, tonight: Row) -> None:
    plays(league, PAST[-1])
    row = his(league)
    assert {name: row[name] for name in ("paint_rate", "three_rate", "primary_zone")} == {
        name: EVEN[name] for name in ("paint_rate", "three_rate", "primary_zone")
    }
    assert row["shot_zone_data_available"] is True
    assert (row["games_last_7_days"], row["games_last_14_days"], row["back_to_backs_last_14_days"]) == (2, 5, 0)
    assert (row["minutes_last_7_days"], row["minutes_last_14_days"]) == (60, 150)


@pytest.mark.parametrize(("games", "early"), [(9, True), (10, False)])
def test_a_season_is_early_until_the_tenth_game(league: League, tonight: Row, games: int, early: bool) -> None:
    for date in PAST[-games:]:
        plays(league, date)
    assert his(league)["early_season"] is early


def test_a_player_of_four_games_is_not_ready_for_want_of_zones(league: League, tonight: Row) -> None:
    league.facts["player_shot_zone_analysis"].clear()
    for date in PAST[-4:]:
        plays(league, date)
    row = his(league)
    assert (row["paint_rate"], row["primary_zone"], row["shot_zone_data_available"]) == (None, None, None)
    assert (row["is_production_ready"], row["readiness_reasons"]) == (False, ["upstream:PSZA missing"])


def test_a_row_is_as_ready_as_his_context(league: League, tonight: Row) -> None:
    plays(league, PAST[-1])
    assert his(league)["is_production_ready"]
    league.facts["upcoming_player_game_context"][0].update(UNREADY)
    row = his(league)
    assert (row["expected_count"], row["actual_count"], row["completeness"]) == (10, 6, 0.6)
    assert row["readiness_reasons"] == ["own:0.60", "upstream:UPGC"]


@pytest.mark.parametrize(("date", "rows"), [("2024-11-04", 0), ("2024-11-05", 1)])
def test_the_first_fortnight_has_no_rows(league: League, date: str, rows: int) -> None:
    season(league)
    context(league, league.game(date, "BOS", "NYK", status="scheduled"))
    plays(league, "2024-10-30")
    assert len(league.compute(TABLE, date)) == rows

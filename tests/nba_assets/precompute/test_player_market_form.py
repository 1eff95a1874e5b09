from statistics import stdev
from typing import Any

import ibis
import pytest

from models.markets import BASES
from nba_assets.precompute import player_market_form as module
from nba_resources.dates import DateRange

from ..analytics.league import TABLES, League, Row, day, engine
from ..upstream import TONIGHT, days_before, season

TABLE = "player_market_form"
PAST = days_before(TONIGHT, *range(24, 0, -2))  # twelve games


@pytest.fixture
def tonight(league: League) -> Row:
    season(league)
    return league.game(TONIGHT, "BOS", "NYK", status="scheduled")


def plays(league: League, date: str, team: str = "BOS", other: str = "LAL", player: int = 1, **facts: Any) -> Row:
    game = league.game(date, team, other)
    league.line(game, team, player, **facts)
    return game


def his(league: League, base: str, player: int = 1) -> Row:
    league.compute("player_minutes_form", TONIGHT)
    return league.one(TABLE, TONIGHT, player_id=player, base=base)


def test_every_player_has_a_row_for_every_statistic(league: League, tonight: Row) -> None:
    plays(league, PAST[-1])
    plays(league, PAST[-1], "NYK", player=2)
    league.compute("player_minutes_form", TONIGHT)
    found = {(row["player_id"], row["base"]) for row in league.compute(TABLE, TONIGHT)}
    assert found == {(player, base) for player in (1, 2) for base in module.FORMS}
    assert {"minutes", "fga", "fg3a", "pf", "plus_minus", *BASES} == set(module.FORMS)


def test_a_half_life_halves_the_weight_and_runs_over_seasons(league: League, tonight: Row) -> None:
    """Rebounds 8, 4, unknown, 6: a game in which they are unknown ages the others."""
    for date, reb in zip(("2024-04-10", *PAST[-3:]), (8, 4, None, 6), strict=True):
        plays(league, date, reb=reb)
    row = his(league, "reb")
    for games in (4, 15, 50):
        weights = [0.5 ** (back / games) for back in (3, 2, 0)]
        expected = (8 * weights[0] + 4 * weights[1] + 6 * weights[2]) / sum(weights)
        assert row[f"half_life_{games}"] == pytest.approx(expected)
    assert row["season_games"] == 2


def test_the_others_are_of_the_season(league: League, tonight: Row) -> None:
    points = (60, 60, 10, 10, 10, 10, 10, 19, 21, 20, 28, 30)
    plays(league, "2024-04-10", points=99)
    for date, scored in zip(PAST, points, strict=True):
        plays(league, date, points=scored)
    row = his(league, "points")
    assert (row["season_average"], row["last_5_average"], row["last_10_average"]) == (24, 23.6, 16.8)
    assert row["last_10_deviation"] == pytest.approx(stdev(points[2:]))
    assert row["season_games"] == 12


def test_one_game_has_no_deviation(league: League, tonight: Row) -> None:
    plays(league, PAST[-1], points=20)
    assert his(league, "points")["last_10_deviation"] is None


def test_a_rate_is_a_ratio_of_sums(league: League, tonight: Row) -> None:
    """6 assists in 40 minutes, unknown in 30, 1 in 5: minutes without a count are left out, and count themselves."""
    for date, minutes, ast in zip(PAST[-3:], (40, 30, 5), (6, None, 1), strict=True):
        plays(league, date, minutes=minutes, ast=ast)
    row, old = his(league, "ast"), 0.5 ** (2 / 15)
    assert row["rate_15"] == pytest.approx((6 * old + 1) / (40 * old + 5))
    assert his(league, "minutes")["rate_50"] == 1


def test_games_without_minutes_are_left_out(league: League, tonight: Row) -> None:
    plays(league, PAST[-2], reb=8)
    plays(league, PAST[-1], minutes=0, points=0, reb=1, played=True)
    row = his(league, "reb")
    assert (row["half_life_4"], row["last_5_average"], row["season_games"]) == (8, 8, 1)


def test_a_roster_player_without_minutes_has_rows_of_nulls(league: League, tonight: Row) -> None:
    plays(league, PAST[-1], minutes=0, points=0, reb=1, played=True)
    row = his(league, "reb")
    assert row["half_life_50"] is row["season_average"] is row["rate_15"] is None
    assert row["season_games"] == 0


def test_a_team_allows_what_its_opponents_players_add_up_to(league: League, tonight: Row) -> None:
    """New York gave up 50 and, twelve games later, 44 rebounds; a game with an unknown count has no sum."""
    plays(league, PAST[-1])
    old = league.game("2024-04-01", "MIA", "NYK")
    for player, reb in ((21, 20), (22, 30)):
        league.line(old, "MIA", player, reb=reb)
    league.line(old, "NYK", 23, reb=99)
    for back in range(13, 2, -1):
        plays(league, days_before(TONIGHT, back)[0], "DEN", "NYK", player=24, reb=None)
    last = league.game(days_before(TONIGHT, 2)[0], "NYK", "MIA")
    for player, reb in ((21, 40), (22, 4)):
        league.line(last, "MIA", player, reb=reb)
    assert his(league, "reb")["allowed"] == pytest.approx((50 * 0.5 + 44) / 1.5)


def test_the_level_of_the_league_is_frozen_over_a_season(league: League, tonight: Row) -> None:
    """A team's players stole 6 and 10 balls last season; what happened before and since does not count."""
    plays(league, PAST[-1], stl=9)
    assert his(league, "stl")["league_level"] is None
    for date, stl in (("2023-04-01", 1), ("2024-01-10", 6), ("2024-06-10", 10)):
        plays(league, date, "DEN", "MIA", player=30, stl=stl)
    assert his(league, "stl")["league_level"] == 8


def test_last_year_in_another_team_counts_for_his_form(league: League, tonight: Row) -> None:
    plays(league, "2024-04-10", "UTA", blk=3)
    plays(league, PAST[-1], blk=1)
    assert his(league, "blk")["half_life_50"] == pytest.approx((3 * 0.5 ** (1 / 50) + 1) / (1 + 0.5 ** (1 / 50)))


def test_tonight_and_later_change_nothing(league: League, tonight: Row) -> None:
    plays(league, PAST[-2], points=12)
    plays(league, PAST[-1], "MIA", "NYK", player=5, points=30)
    league.compute("player_minutes_form", TONIGHT)
    before = league.compute(TABLE, TONIGHT)
    league.line(tonight, "BOS", 1, points=77)
    league.line(tonight, "NYK", 9, points=77)
    plays(league, "2024-12-11", points=88)
    league.compute("player_minutes_form", TONIGHT)
    assert league.compute(TABLE, TONIGHT) == before


def test_a_market_of_a_new_count_needs_no_code(league: League, tonight: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offensive rebounds: a column of the summary that no market sums yet."""
    plays(league, PAST[-2], oreb=4)
    plays(league, PAST[-1], oreb=2)
    league.compute("player_minutes_form", TONIGHT)
    known = len(league.compute(TABLE, TONIGHT))
    monkeypatch.setattr(module, "FORMS", (*module.FORMS, "oreb"))
    sql = ibis.to_sql(TABLES[TABLE].build(TABLES, DateRange(day(TONIGHT), day(TONIGHT))), dialect="duckdb")
    rows = engine().execute(f"SELECT base, season_average FROM ({sql})").fetchall()
    assert (len(rows), dict(rows)["oreb"]) == (known + 1, 3)

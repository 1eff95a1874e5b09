"""Grades of forecasts: every case of the grading table, by hand."""

from typing import Any

import pytest

from models.markets import MARKETS

from ..analytics.league import League, Row
from ..upstream import TONIGHT
from .forecasts import evening, forecast

PROFIT_AT_115 = 100 / 115


def graded(league: League, date: str = TONIGHT, end: str | None = None) -> Row:
    (row,) = league.compute("prediction_accuracy", date, end)
    return row


def played(league: League, scored: int, line: float | None = 22.5, **facts: Any) -> Row:
    game = evening(league)
    league.line(game, "BOS", 1, points=scored)
    forecast(league, game, line=line, **facts)
    return graded(league)


def test_the_example_of_the_book(league: League):
    """Predicted 24.6, OVER 22.5 at -115, scored 25."""
    row = played(league, 25)

    assert (row["outcome_state"], row["actual_value"], row["actual_minutes"]) == ("PLAYED", 25, 30.0)
    assert (row["grade"], row["grade_reason"], row["price_used"]) == ("WIN", None, -115)
    assert row["profit_units"] == pytest.approx(0.8696, abs=5e-5)
    assert row["break_even"] == pytest.approx(0.5349, abs=5e-5)
    assert (row["absolute_error"], row["signed_error"]) == (pytest.approx(0.4), pytest.approx(-0.4))
    assert (row["within_3"], row["within_5"], row["line_absolute_error"]) == (True, True, 2.5)


@pytest.mark.parametrize(
    ("points", "scored", "line", "grade", "profit"),
    [
        (24.6, 22, 22.5, "LOSS", -1.0),
        (20.0, 25, 22.5, "LOSS", -1.0),
        (20.0, 22, 22.5, "WIN", PROFIT_AT_115),
        (24.6, 24, 24.0, "PUSH", 0.0),
        (20.0, 24, 24.0, "PUSH", 0.0),
        (24.6, 0, 0.5, "LOSS", -1.0),
    ],
)
def test_over_and_under_win_lose_and_push(
    league: League, points: float, scored: int, line: float, grade: str, profit: float
):
    row = played(league, scored, line, points=points)
    assert (row["grade"], row["profit_units"]) == (grade, pytest.approx(profit))


def test_each_side_is_paid_at_its_own_price(league: League):
    row = played(league, 20, points=20.0, over_price=-140, under_price=120)
    assert (row["price_used"], row["profit_units"]) == (120, pytest.approx(1.2))
    assert row["break_even"] == pytest.approx(100 / 220)


def test_a_pick_without_a_price_is_graded_but_earns_nothing_known(league: League):
    row = played(league, 25, over_price=None)
    assert (row["grade"], row["profit_units"], row["break_even"]) == ("WIN", None, None)


def test_each_market_is_graded_on_its_own_counts(league: League):
    """Nineteen points, seven rebounds, five assists, two steals and a block."""
    game = evening(league)
    league.line(game, "BOS", 1, points=19, reb=7, ast=5, fg3m=3, stl=2, blk=1, tov=4)
    values = {
        **{"player_points": 19, "player_rebounds": 7, "player_assists": 5, "player_threes": 3, "player_steals": 2},
        **{"player_blocks": 1, "player_turnovers": 4, "player_blocks_steals": 3, "player_rebounds_assists": 12},
        **{"player_points_rebounds": 26, "player_points_assists": 24, "player_points_rebounds_assists": 31},
    }
    assert values.keys() == MARKETS.keys()
    for market in values:
        forecast(league, game, 20.0, market=market, line=19.5)
    rows = league.compute("prediction_accuracy", TONIGHT)
    assert {row["market"]: row["actual_value"] for row in rows} == values
    assert {row["market"]: row["grade"] for row in rows} == {
        market: "WIN" if value > 19.5 else "LOSS" for market, value in values.items()
    }


def test_a_sum_with_an_unknown_count_is_no_zero(league: League):
    """Some old box scores lack rebounds."""
    game = evening(league)
    league.line(game, "BOS", 1, points=19, reb=None)
    for market in ("player_points_rebounds", "player_points"):
        forecast(league, game, 20.0, market=market, line=19.5)
    rows = {row["market"]: row for row in league.compute("prediction_accuracy", TONIGHT)}
    assert (rows["player_points_rebounds"]["grade"], rows["player_points_rebounds"]["actual_value"]) == (
        "UNGRADEABLE",
        None,
    )
    assert rows["player_points"]["grade"] == "LOSS"


def test_errors_of_exactly_three_and_five_are_within(league: League):
    game = evening(league)
    for player, scored in enumerate((25, 17, 28), start=1):
        league.line(game, "BOS", player, points=scored)
        forecast(league, game, 22.0, player)
    rows = league.compute("prediction_accuracy", TONIGHT)
    within = {row["player_id"]: (row["within_3"], row["within_5"]) for row in rows}
    assert within == {1: (True, True), 2: (False, True), 3: (False, False)}


def test_no_points_in_ten_minutes_are_a_real_zero(league: League):
    game = evening(league)
    league.line(game, "BOS", 1, minutes=10, points=0)
    forecast(league, game)
    row = graded(league)
    assert (row["outcome_state"], row["actual_value"], row["grade"]) == ("PLAYED", 0, "LOSS")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("out", "dnp_injury_confirmed"),
        ("doubtful", "dnp_injury_confirmed"),
        ("questionable", "dnp_late_scratch"),
        ("probable", "dnp_late_scratch"),
        ("available", "dnp_unknown"),
        (None, "dnp_unknown"),
    ],
)
@pytest.mark.parametrize("listed", [True, False])
def test_who_did_not_play_voids_the_pick_and_is_no_zero(league: League, status: str | None, reason: str, listed: bool):
    """Predecessors graded nights off as nought points: every UNDER won."""
    game = evening(league)
    league.line(game, "BOS", 2)
    if listed:
        league.line(game, "BOS", 1, minutes=0, points=0)
    forecast(league, game, player_status=status)
    row = graded(league)
    assert (row["outcome_state"], row["grade"], row["grade_reason"]) == ("DNP", "VOID", reason)
    assert (row["actual_value"], row["actual_minutes"], row["absolute_error"]) == (None, None, None)
    assert (row["line_absolute_error"], row["within_3"], row["profit_units"]) == (None, None, 0.0)


def test_before_the_final_whistle_all_is_pending(league: League):
    """Box scores of a game still on hold points that will grow."""
    game = evening(league, status="live")
    league.line(game, "BOS", 1, points=12)
    forecast(league, game)
    row = graded(league)
    assert (row["outcome_state"], row["grade"], row["grade_reason"]) == ("PENDING", "PENDING", None)
    assert (row["actual_value"], row["profit_units"]) == (None, None)


@pytest.mark.parametrize("status", ["cancelled", "postponed"])
def test_a_game_that_will_not_be_played_voids_its_picks(league: League, status: str):
    game = evening(league, status=status)
    forecast(league, game)
    row = graded(league)
    assert (row["outcome_state"], row["grade"], row["grade_reason"]) == ("DNP", "VOID", "game_moved")


@pytest.mark.parametrize("end", [None, "2024-12-12"])
def test_a_game_that_was_moved_voids_its_picks_also_in_a_range_that_holds_its_new_date(league: League, end: str | None):
    """A range that joined on the game alone would grade tonight's bet by a game two days later."""
    game = evening(league)
    forecast(league, game)
    game["game_date"] = game["game_date"].replace(day=12)
    league.line(game, "BOS", 1, points=25)
    row = graded(league, end=end)
    assert (row["outcome_state"], row["grade"], row["grade_reason"]) == ("DNP", "VOID", "game_moved")


def test_a_finished_game_without_rows_of_his_team_cannot_be_graded(league: League):
    game = evening(league)
    league.line(game, "NYK", 9)
    forecast(league, game)
    row = graded(league)
    assert (row["outcome_state"], row["grade"], row["grade_reason"]) == ("UNGRADEABLE", "UNGRADEABLE", "no_player_rows")
    assert row["profit_units"] is None


def test_a_pick_without_a_line_is_counted_as_ungradeable_and_not_as_lost(league: League):
    row = played(league, 25, line=None, recommendation="OVER")
    assert (row["outcome_state"], row["grade"], row["grade_reason"]) == ("PLAYED", "UNGRADEABLE", "no_line")


def test_what_is_no_pick_has_an_outcome_and_an_error_but_no_grade(league: League):
    row = played(league, 25, recommendation="PASS")
    assert (row["is_pick"], row["grade"], row["grade_reason"], row["price_used"]) == (False, None, None, None)
    assert (row["outcome_state"], row["absolute_error"], row["profit_units"]) == ("PLAYED", pytest.approx(0.4), None)


def test_who_abstains_keeps_his_row_and_the_line_its_error(league: League):
    row = played(league, 25, points=None)
    assert (row["outcome_state"], row["absolute_error"], row["line_absolute_error"]) == ("PLAYED", None, 2.5)


def test_no_forecast_is_dropped(league: League):
    """Played, scratched, moved, pending and unknown: as many rows come out as went in."""
    final, other = evening(league), league.game(TONIGHT, "LAL", "MIA", status="scheduled")
    league.line(final, "BOS", 1, points=20)
    forecast(league, final)
    forecast(league, final, player=2)
    forecast(league, final, player=3, team_abbr="NYK")
    forecast(league, other, player=4, team_abbr="LAL")
    forecast(league, {**other, "game_id": "0022499999"}, player=5, team_abbr="LAL")
    found = {row["player_id"]: row["outcome_state"] for row in league.compute("prediction_accuracy", TONIGHT)}
    assert found == {1: "PLAYED", 2: "DNP", 3: "UNGRADEABLE", 4: "PENDING", 5: "DNP"}

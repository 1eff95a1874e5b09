import pytest

from models.evaluation.editions import compare_editions
from models.evaluation.subject import Subject
from models.forecast_keys import Edition

from ..graded_rows import LINE, SEASON, graded, player_game

RATES = "rates_v1"
AT_LINE, AT_TIP = (Subject("player_rebounds", edition) for edition in Edition)


def promised(chance: float, rows: list[dict]) -> list[dict]:
    return [row | {"over_probability": chance, "push_probability": 0.0} for row in rows]


def test_both_editions_are_compared_on_the_rows_that_both_forecast():
    """At the line 3 and 1 off, at tip 1 and 2; the third has no forecast at tip, the fourth plays his first games."""
    nan = float("nan")
    at_line = graded(
        promised(0.8, player_game(1, 8, 7.5, **{RATES: 11.0, SEASON: 5.0})),
        player_game(2, 8, **{RATES: 9.0}),
        player_game(3, 8, **{RATES: 8.0}),
        player_game(4, 8, early_season=True, **{RATES: 8.0}),
        subject=AT_LINE,
    )
    at_tip = graded(
        player_game(9, 8, **{RATES: 8.0}),
        player_game(4, 8, early_season=True, **{RATES: 0.0}),
        player_game(3, 8, **{RATES: nan}),
        player_game(2, 8, **{RATES: 10.0}),
        promised(0.6, player_game(1, 8, 7.5, **{RATES: 7.0, SEASON: 5.0, LINE: 7.5})),
        subject=AT_TIP,
    )

    (found,) = compare_editions(at_line, at_tip)

    assert (found.market, found.system, found.errors.n) == ("player_rebounds", RATES, 2)
    assert (found.at_line_mae, found.at_tip_mae, found.errors.mean) == (2.0, 1.5, -0.5)
    assert (found.at_line_brier, found.at_tip_brier) == (pytest.approx(0.04), pytest.approx(0.16))
    assert (found.chances.n, found.chances.mean) == (1, pytest.approx(0.12))
    assert found.sentence == (
        "rebounds, rates_v1: errors at_tip against at_line are not shown to differ: -0.500 [-3.440, +2.440] rebounds "
        "on 2 identical rows."
    )


def test_a_system_of_one_edition_is_compared_with_nothing():
    at_line = graded(player_game(1, 8, 7.5, market_blend_v1=8.0), subject=AT_LINE)

    assert compare_editions(at_line, graded(player_game(1, 8, rates_v1=8.0), subject=AT_TIP)) == ()

import json

import pytest

from models.evaluation.market_figures import market_figures
from models.evaluation.subject import Subject
from models.forecast_keys import Edition

from ..graded_rows import LINE, OURS, SEASON, graded, pick, player_game

RATES, BLEND, PLAIN = "rates_v1", "market_blend_v1", "plain_average_v1"
REBOUNDS = Subject("player_rebounds", Edition.AT_LINE)


def evening(player: int, actual: float, ours: float, plain: float, line: float | None = None) -> list[dict]:
    """One row a system; with a line ours gives 0.7 to the over, the price 0.6."""
    lined = {BLEND: ours, LINE: line} if line else {}
    chances = {"over_probability": 0.7, "push_probability": 0.0}
    rows = player_game(
        player, actual, line, **{RATES: ours, PLAIN: plain, SEASON: 9.0}, **lined, market_over_probability=0.6
    )
    return [row | (chances if row["system_id"] in (RATES, BLEND) and line else {}) for row in rows]


def test_each_system_stands_beside_the_average_the_line_and_the_price_on_its_own_rows():
    """Rates are 1, 1 and 3 off where the plain average is 2, 2 and 2; with a line 1 and 1 off, the line 1.5 and 0.5."""
    nights = (evening(1, 9, 8.0, 7.0, 7.5), evening(2, 8, 9.0, 6.0, 7.5), evening(3, 4, 7.0, 6.0))

    rates, blend = market_figures(graded(*nights, subject=REBOUNDS))

    assert (rates.system, blend.system) == (RATES, BLEND)
    assert (rates.plain.ours, rates.plain.theirs, rates.plain.difference.n) == (pytest.approx(5 / 3), 2.0, 3)
    assert rates.ratio == pytest.approx(5 / 6)
    assert (rates.line.ours, rates.line.theirs, rates.line.difference.n) == (1.0, 1.0, 2)
    assert (rates.price.ours, rates.price.theirs) == (pytest.approx(0.09), pytest.approx(0.16))
    assert rates.calibration_error == pytest.approx(0.3)
    assert (blend.plain.ours, blend.plain.difference.n) == (1.0, 2)  # it needs a line
    assert rates.sentence == (
        "rebounds at_line, rates_v1: 16.7% closer than the plain average (1.667 against 2.000 rebounds, n = 3, which "
        "may be chance); as the line (+0.000 [-0.980, +0.980] rebounds, n = 2); chances better than the price's (Brier "
        "0.0900 against 0.1600, n = 2, calibration error 0.300)."
    )


def test_picks_and_their_timely_close_stand_beside_and_a_late_one_does_not():
    late = pick(1, "OVER", "WIN", system=BLEND, close_state="late", closing_value=0.5)
    timely = pick(2, "OVER", "LOSS", system=BLEND, close_state="closing", closing_value=0.02)

    (blend,) = market_figures(graded([late], [timely], subject=REBOUNDS))

    assert (blend.record.hit.hits, blend.record.hit.n) == (1, 2)
    assert (blend.closing.picks, blend.closing.value.mean) == (1, 0.02)
    json.dumps(blend.to_dict(), allow_nan=False)


def test_what_is_not_stored_is_not_compared():
    (ensemble,) = market_figures(graded(player_game(1, 20, **{OURS: 22.0})))

    assert (ensemble.plain, ensemble.line, ensemble.price, ensemble.ratio, ensemble.record) == (None,) * 5
    assert ensemble.sentence == "points at_tip, ensemble_v1: nothing to compare."

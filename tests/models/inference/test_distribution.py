import json
import math
from dataclasses import asdict
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.inference.distribution import MIN_BAND_ROWS, Band, ImplausibleSpread, ResidualSpread, probabilities

UNKNOWN = float("nan")


def around(centre: float, *offsets: float, times: int = MIN_BAND_ROWS) -> tuple[list[float], list[float]]:
    """Predictions of `centre`, and what was scored."""
    scored = [centre + offset for offset in offsets] * (times // len(offsets))
    return [centre] * len(scored), scored


def test_the_chance_of_the_example():
    """24.6 against 22.5 with a deviation of 6.5."""
    over, push, under = probabilities(24.6, 6.5, 22.5)
    assert over == pytest.approx(0.627, abs=5e-4)
    assert push == 0
    assert under == pytest.approx(1 - 0.6267, abs=5e-4)


def test_a_whole_line_is_pushed_within_half_a_point():
    points = NormalDist(24.6, 6.5)
    over, push, under = probabilities(24.6, 6.5, 22.0)
    assert over == pytest.approx(1 - points.cdf(22.5))
    assert push == pytest.approx(points.cdf(22.5) - points.cdf(21.5))
    assert under == pytest.approx(points.cdf(21.5))


@given(st.floats(0, 60), st.floats(0.5, 20), st.integers(1, 140).map(lambda half: half / 2))
def test_the_three_chances_make_one(points: float, sd: float, line: float):
    over, push, under = probabilities(points, sd, line)
    assert over + push + under == pytest.approx(1, abs=1e-12)
    assert min(over, push, under) >= 0
    assert (push == 0) == (line % 1 == 0.5) or abs(line - points) > 30 * sd


def test_a_push_far_from_the_prediction_is_unlikely_but_possible():
    """The difference of two chances near 1 is 0; that of two tails is not."""
    over, push, _ = probabilities(50.0, 5.0, 2.0)
    assert over == 1
    assert 0 < push < 1e-15


def test_a_higher_line_is_harder_to_beat():
    over, _, under = probabilities(20.0, 6.0, np.arange(1, 120) / 2)
    assert (np.diff(over) <= 0).all()
    assert (np.diff(under) >= 0).all()


@pytest.mark.parametrize("given", [(UNKNOWN, 6.0, 20.5), (20.0, UNKNOWN, 20.5), (20.0, 6.0, UNKNOWN)])
def test_no_chance_is_made_of_what_is_unknown(given: tuple[float, float, float]):
    assert all(math.isnan(chance) for chance in probabilities(*given))


def test_each_band_has_its_own_deviation():
    """Two points either way below four, six either way from twelve; sample deviations of 200 rows each."""
    low, high = around(2.0, -2.0, 2.0), around(14.0, -6.0, 6.0)
    spread = ResidualSpread.fit(low[0] + high[0], low[1] + high[1])
    assert [(band.low, band.rows) for band in spread.bands] == [(0.0, 200), (4.0, 200)]
    wider = math.sqrt(200 / 199)
    assert spread.sd([0.0, 3.9, 4.0, 50.0]) == pytest.approx([2 * wider, 2 * wider, 6 * wider, 6 * wider])


def test_a_band_with_too_few_rows_joins_the_next_and_the_last_joins_the_one_below():
    few, many, last = around(2.0, -3.0, 3.0, times=100), around(6.0, -3.0, 3.0), around(30.0, -3.0, 3.0, times=100)
    spread = ResidualSpread.fit(few[0] + many[0] + last[0], few[1] + many[1] + last[1])
    assert [(band.low, band.rows) for band in spread.bands] == [(0.0, 400)]


def test_too_few_rows_give_no_bands():
    spread = ResidualSpread.fit(*around(10.0, -5.0, 5.0, times=MIN_BAND_ROWS - 2))
    assert spread == ResidualSpread()
    assert np.isnan(spread.sd([10.0])).all()
    assert np.isnan(spread.centre([10.0])).all()


def test_rows_without_a_prediction_or_a_result_are_not_counted():
    predicted, scored = around(10.0, -5.0, 5.0)
    spread = ResidualSpread.fit([*predicted, UNKNOWN, 10.0], [*scored, 40.0, UNKNOWN])
    assert spread == ResidualSpread.fit(predicted, scored)


def test_an_unknown_prediction_has_an_unknown_deviation():
    spread = ResidualSpread.fit(*around(10.0, -5.0, 5.0))
    assert np.isnan(spread.sd([UNKNOWN, 10.0])).tolist() == [True, False]
    assert np.isnan(spread.centre([UNKNOWN, 10.0])).tolist() == [True, False]


def test_chances_are_taken_around_the_middle_where_points_are_skewed():
    """Residuals -3, -3, -3, 1, 8 have the mean 0 and the median -3; 600 rows are believed to three quarters."""
    skewed = around(10.0, -3.0, -3.0, -3.0, 1.0, 8.0, times=600)
    assert ResidualSpread.fit(*skewed).centre([10.0]) == pytest.approx([10.0 - 3.0 * 600 / 800])


def test_an_edge_keeps_the_share_that_was_confirmed():
    """Edges of 4 after which points lay 2 beside the line: half of them, of 500 rows half again."""
    line = [10.0] * 500
    spread = ResidualSpread.fit([14.0] * 500, [11.0, 13.0] * 250, line)
    centre = 14.0 - 2.0 * 500 / 700
    borne_out = 2.0 / (centre - 10.0)
    assert spread.trust == pytest.approx(borne_out * 500 / 1000)
    assert spread.centre([14.0], [10.0]) == pytest.approx([10.0 + spread.trust * (centre - 10.0)])
    assert spread.centre([14.0], [UNKNOWN]) == pytest.approx([centre])


@pytest.mark.parametrize("line", [[UNKNOWN] * 400, [14.0] * 400, [10.0] * 400], ids=["none", "above", "below"])
def test_an_edge_that_nothing_confirmed_has_no_trust(line: list[float]):
    """Predicted 12, scored 8 or 16: an edge over a line of 10 or under one of 14 is wrong as often as right."""
    scored = [8.0, 12.0] * 200 if line[0] == 10.0 else [16.0, 12.0] * 200
    assert ResidualSpread((Band(0.0, 6.0, 400),)).trust == 1.0
    assert ResidualSpread.fit([12.0] * 400, scored, line).trust == pytest.approx(0.0)


@pytest.mark.parametrize("trust", [-0.1, 1.1, UNKNOWN])
def test_a_trust_that_is_no_share_is_refused(trust: float):
    with pytest.raises(ImplausibleSpread, match="a share of 0 to 1"):
        ResidualSpread((Band(0.0, 6.0, 400),), trust)


def test_a_spread_survives_json():
    spread = ResidualSpread.fit(*around(10.0, -3.0, -3.0, -3.0, 1.0, 8.0), [9.5] * MIN_BAND_ROWS)
    assert ResidualSpread.from_dict(json.loads(json.dumps(asdict(spread)))) == spread


@pytest.mark.parametrize("sd", [0.0, 0.49, 20.1, UNKNOWN, float("inf")])
def test_residuals_no_forecast_could_have_are_refused(sd: float):
    with pytest.raises(
        ImplausibleSpread, match=r"predictions from 8 points: expected a residual deviation of 0.5 to 20"
    ):
        Band(8.0, sd, 500)


def test_a_forecast_that_equals_the_result_is_refused():
    with pytest.raises(ImplausibleSpread, match="look for the result among the features"):
        ResidualSpread.fit(*around(10.0, 0.0))


def test_bands_begin_ever_higher():
    with pytest.raises(ValueError, match="increasing lower ends"):
        ResidualSpread((Band(4.0, 5.0, 300), Band(0.0, 5.0, 300)))

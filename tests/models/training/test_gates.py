import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from models.training.gates import GateResult, ModelStatus, judge, status_after


def predictions(n: int = 2_000, **changes: object) -> pd.DataFrame:
    """Sound rows: predicted 15 beside a line of 15.5 and a season of 15, results 9 and 21 in turn."""
    rows = {
        "predicted": 15.0,
        "points": np.tile([9.0, 21.0], n // 2),
        "line": 15.5,
        "points_avg_season": 15.0,
        "points_avg_last_5": np.tile([14.0, 14.0, 16.0, 16.0], n // 4),
        "recommendation": "PASS",
        "is_prop_eligible": True,
    }
    return pd.DataFrame(rows | changes, index=range(n))


def gate(name: str, rows: pd.DataFrame, incumbent: pd.Series | None = None) -> GateResult:
    return next(gate for gate in judge(rows, in_order=True, learned=True, incumbent=incumbent) if gate.gate == name)


def test_a_sound_candidate_passes_every_gate_there_are_rows_for():
    gates = judge(predictions(), in_order=True, learned=True)
    assert {gate.gate: gate.passed for gate in gates} == {
        "order": True,
        "season_average": True,
        "bias_to_line": True,
        "production": None,
        "leak_error": True,
        "leak_hits": None,
        "leak_line": True,
        "leak_form": True,
    }
    assert status_after(gates) is ModelStatus.CANDIDATE


def test_a_candidate_out_of_order_is_rejected():
    assert status_after(judge(predictions(), in_order=False, learned=True)) is ModelStatus.REJECTED


def test_a_candidate_worse_than_the_season_average_is_rejected():
    """12 is 3 off 9 and 9 off 21: 6 on the mean, as 15 is. 8 lies below every result: 1 and 13 off, so 7."""
    even, worse = predictions(predicted=12.0), predictions(predicted=8.0)
    assert (gate("season_average", even).value, gate("season_average", even).passed) == (0.0, True)
    assert (gate("season_average", worse).value, gate("season_average", worse).passed) == (1.0, False)


@pytest.mark.parametrize(
    ("predicted", "value", "passed"), [(17.0, 1.5, True), (17.01, 1.51, False), (13.9, 1.6, False)]
)
def test_a_candidate_may_lean_a_point_and_a_half_from_the_line_either_way(predicted: float, value: float, passed: bool):
    result = gate("bias_to_line", predictions(predicted=predicted))
    assert (result.value, result.passed) == (pytest.approx(value), passed)


def test_199_rows_with_a_line_do_not_judge_the_bias():
    few = predictions(predicted=19.0)
    few.loc[199:, "line"] = np.nan
    result = gate("bias_to_line", few)
    assert (result.passed, result.n, result.value) == (None, 199, None)
    assert "199 of 200 rows" in result.says


@pytest.mark.parametrize(("better_by", "passed"), [(0.01, True), (0.03, False)])
def test_a_candidate_may_lose_two_hundredths_of_a_point_to_the_production_model(better_by: float, passed: bool):
    rows = predictions()
    incumbent = rows.predicted + np.where(rows.points > 15, better_by, -better_by)
    result = gate("production", rows, incumbent)
    assert (result.value, result.n, result.passed) == (pytest.approx(better_by), 2_000, passed)


def test_1999_shared_rows_do_not_decide_between_two_models():
    rows = predictions()
    incumbent = rows.points.where(rows.index < 1_999)
    assert gate("production", rows, incumbent).passed is None


@pytest.mark.parametrize(("error", "passed"), [(4.39, False), (4.4, True)])
def test_an_error_below_what_honest_models_reach_is_a_leak(error: float, passed: bool):
    rows = predictions()
    rows["predicted"] = rows.points + error
    assert gate("leak_error", rows).passed is passed


def test_bench_players_do_not_count_as_a_leak():
    """They score little, so anything is close to them."""
    rows = predictions(is_prop_eligible=False)
    rows["predicted"] = rows.points
    assert gate("leak_error", rows).passed is None


@pytest.mark.parametrize(("wins", "passed"), [(580, True), (581, False)])
def test_more_than_58_of_100_picks_won_is_a_leak(wins: int, passed: bool):
    rows = predictions(1_000, recommendation="OVER")
    rows["points"] = np.where(rows.index < wins, 21.0, 9.0)
    result = gate("leak_hits", rows)
    assert (result.value, result.n, result.passed) == (wins / 1_000, 1_000, passed)


def test_pushes_are_no_hits_and_no_misses():
    rows = predictions(1_000, recommendation="UNDER")
    rows.loc[:499, "points"] = 15.5
    assert gate("leak_hits", rows).n == 500
    rows.loc[:500, "points"] = 15.5
    assert gate("leak_hits", rows).passed is None


@pytest.mark.parametrize(("closer", "passed"), [(0.25, True), (0.26, False)])
def test_beating_the_line_by_a_quarter_of_a_point_is_a_leak(closer: float, passed: bool):
    rows = predictions(1_000, line=15.0)
    rows["predicted"] = rows.points + 6 - closer
    result = gate("leak_line", rows)
    assert (result.value, result.passed) == (pytest.approx(closer), passed)


def test_recent_form_that_includes_the_result_is_a_leak():
    """Corr of 9/21 with itself is 1; of half of the rows turned round it is far below the limit."""
    assert gate("leak_form", predictions()).passed
    rows = predictions()
    rows["points_avg_last_5"] = rows.points
    assert (gate("leak_form", rows).value, gate("leak_form", rows).passed) == (pytest.approx(1.0), False)


def test_a_system_without_a_learner_is_judged_by_order_and_leaks_only():
    gates = judge(predictions(predicted=30.0), in_order=True, learned=False)
    assert [gate.gate for gate in gates] == ["order", "leak_error", "leak_hits", "leak_line", "leak_form"]
    assert status_after(gates) is ModelStatus.CANDIDATE


def test_gate_results_can_be_written_as_json():
    """Numpy's own booleans are no JSON."""
    for result in judge(predictions(recommendation="OVER"), True, True, predictions().predicted):
        assert set(json.loads(json.dumps(asdict(result)))) == {"gate", "value", "limit", "n", "passed", "says"}

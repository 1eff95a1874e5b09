import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from models.systems.base import SystemId
from models.systems.ensemble import ENSEMBLE, MEMBERS, SUBSTITUTES, has_majority

from ..forecast_inputs import example_rows

EXAMPLE = ((22.18, 52), (22.40, 64), (22.10, 64), (21.05, 52), (25.66, 44))
ABSTAINED = (float("nan"), float("nan"))


def before(*forecasts: tuple[float, float]) -> Mapping[SystemId, pd.DataFrame]:
    """Return forecasts of one player-game by the members, then the substitutes; those not given abstained."""
    systems, columns = (*MEMBERS, *SUBSTITUTES), ["predicted_value", "confidence_score"]
    values = (*forecasts, *[ABSTAINED] * (len(systems) - len(forecasts)))
    return {system: pd.DataFrame([row], columns=columns) for system, row in zip(systems, values, strict=True)}


def ensemble_of(*forecasts: tuple[float, float]) -> pd.Series:
    return ENSEMBLE.forecast(example_rows(), None, before(*forecasts)).iloc[0]


def is_backed(edge: float, line: float, *points: float) -> bool:
    forecasts = before(*((point, 50.0) for point in points))
    return bool(has_majority(pd.Series([edge]), pd.Series([line]), forecasts)[0])


def test_the_ensemble_of_the_example():
    """4,001.36 / 180; mean confidence 60, a spread of 0.16 adds 10, all three add 5."""
    row = ensemble_of(*EXAMPLE)
    assert row.predicted_value == pytest.approx(22.2298, abs=5e-5)
    assert row.confidence_score == pytest.approx(75)
    assert row.missing_inputs == []


def test_each_member_is_a_component_with_its_weight():
    parts = json.loads(ensemble_of(*EXAMPLE).components)
    assert [part["system"] for part in parts] == [str(system) for system in MEMBERS]
    assert [part["weight"] for part in parts] == pytest.approx([52 / 180, 64 / 180, 64 / 180], abs=1e-4)
    assert sum(part["weight"] * part["prediction"] for part in parts) == pytest.approx(22.23, abs=0.01)


def test_an_abstaining_member_is_left_out_and_named():
    """(22.18 x 52 + 22.10 x 64) / 116; mean confidence 58, agreement 10, not all three."""
    row = ensemble_of(EXAMPLE[0], ABSTAINED, *EXAMPLE[2:])
    assert row.predicted_value == pytest.approx(2567.76 / 116)
    assert row.confidence_score == pytest.approx(68)
    assert row.missing_inputs == ["xgboost_v1"]
    assert [part["system"] for part in json.loads(row.components)] == ["moving_average_baseline_v1", "catboost_v8"]


def test_where_a_tree_predicts_the_substitutes_do_not_count():
    """20, 22 and 21 deviate by 1, which adds 10, and all three add 5, however far off the substitutes are."""
    three = ((20, 50), (22, 50), (21, 50))
    row = ensemble_of(*three, (40, 90), (2, 90))
    assert (row.predicted_value, row.confidence_score, row.missing_inputs) == (21, 65, [])
    pd.testing.assert_series_equal(row, ensemble_of(*three))


def test_where_no_tree_predicts_the_substitutes_stand_in_for_the_trees():
    """3,377.00 / 148; mean confidence 49.33, a spread of 2.40 adds 5, all three add 5; the row before has its trees."""
    rows = (before(*EXAMPLE), before(EXAMPLE[0], ABSTAINED, ABSTAINED, *EXAMPLE[3:]))
    together = {system: pd.concat([one[system] for one in rows], ignore_index=True) for system in rows[0]}
    beside, row = (row for _, row in ENSEMBLE.forecast(example_rows({}, {}), None, together).iterrows())
    assert beside.predicted_value == pytest.approx(22.2298, abs=5e-5)
    assert row.predicted_value == pytest.approx(22.8176, abs=5e-5)
    assert row.confidence_score == pytest.approx(178 / 3)
    assert {part["system"]: part["weight"] for part in json.loads(row.components)} == pytest.approx(
        {"moving_average_baseline_v1": 52 / 148, "zone_matchup_v1": 52 / 148, "similarity_balanced_v1": 44 / 148},
        abs=1e-4,
    )
    assert row.missing_inputs == ["xgboost_v1", "catboost_v8"]


def test_a_substitute_that_abstains_is_named_where_it_counts():
    """(22.18 x 52 + 25.66 x 44) / 96; mean confidence 48, a deviation of 2.46 adds 5, two are not all."""
    row = ensemble_of(EXAMPLE[0], ABSTAINED, ABSTAINED, ABSTAINED, EXAMPLE[4])
    assert row.predicted_value == pytest.approx(2282.40 / 96)
    assert row.confidence_score == pytest.approx(53)
    assert row.missing_inputs == ["xgboost_v1", "catboost_v8", "zone_matchup_v1"]


@pytest.mark.parametrize("members", [0, 1])
def test_one_member_is_no_ensemble(members: int):
    row = ensemble_of(*EXAMPLE[:members])
    assert row.abstain_reason == "TOO_FEW_SYSTEMS"
    assert np.isnan(row.predicted_value)
    others = ["xgboost_v1", "catboost_v8", "zone_matchup_v1", "similarity_balanced_v1"]
    assert row.missing_inputs == ["moving_average_baseline_v1", *others][members:]


def test_two_members_are_enough():
    """Sample deviation of 20 and 22: 1.414."""
    row = ensemble_of((20, 50), (22, 50))
    assert (row.predicted_value, row.confidence_score) == (21, 60)


@pytest.mark.parametrize(("apart", "expected"), [(2.8, 60), (2.9, 55), (4.2, 55), (4.3, 45), (8.4, 45), (8.5, 40)])
def test_agreement_is_the_sample_deviation(apart: float, expected: float):
    """Two members d apart deviate by d / sqrt(2): 2 at 2.83, 3 at 4.24, 6 at 8.49."""
    assert ensemble_of((20, 50), (20 + apart, 50)).confidence_score == expected


def test_confidence_stays_within_20_and_95():
    assert ensemble_of(*[(20.0, 90.0)] * 3).confidence_score == 95
    assert ensemble_of((10, 20), (30, 20)).confidence_score == 20


@pytest.mark.parametrize(
    ("edge", "points", "expected"),
    [
        (3.0, (22, 21, 25), True),
        (3.0, (22, 21, 18), True),
        (3.0, (40, 18, 17), False),
        (-3.0, (40, 18, 17), True),
        (3.0, (22, 18), False),
        (3.0, (22, 21), True),
        (3.0, (22,), True),
        (3.0, (22, 19.5), False),
        (3.0, (22, 21, 18, 17, 16), True),
        (3.0, (40, 18, 17, 23, 24), False),
        (3.0, (22, float("nan"), float("nan"), 21, 17), True),
        (3.0, (22, float("nan"), float("nan"), 18, 17), False),
    ],
)
def test_more_than_half_of_the_systems_that_count_and_predicted_must_agree_with_the_edge(
    edge: float, points: tuple[float, ...], expected: bool
):
    """High forecasts of the fewer systems once outvoted the others, which predicted the opposite."""
    assert is_backed(edge, 19.5, *points) == expected

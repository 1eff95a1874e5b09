import numpy as np
import pandas as pd
import pytest

from models.evaluation.graded_predictions import GradedPredictions
from models.evaluation.scores import Difference
from models.system_ids import DEFAULT_SYSTEM
from models.systems import SYSTEMS_BY_ID
from models.systems.base import Family, SystemId
from models.training.promotion import (
    CHAMPIONS,
    Calibration,
    ChallengerComparison,
    PromotionDecision,
    compare_with_champion,
)

from ..graded_rows import OTHER, OURS, graded, player_game

CALM = Calibration(0, None, None)


def judged(n: int = 2_000, mean: float | None = -0.01, calibration: Calibration = CALM) -> ChallengerComparison:
    return ChallengerComparison("catboost_v9", "catboost_v8", Difference(n, mean, None, None), calibration)


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [
        (-0.001, PromotionDecision.WINS),
        (0.0, PromotionDecision.MAY_REPLACE),
        (0.02, PromotionDecision.MAY_REPLACE),
        (0.021, PromotionDecision.STAYS),
    ],
)
def test_a_challenger_wins_by_being_better_and_may_replace_by_being_hardly_worse(mean, verdict):
    assert judged(mean=mean).decision is verdict


def test_fewer_than_two_thousand_shared_rows_promote_no_system():
    comparison = judged(n=1_999, mean=-1.0)

    assert comparison.decision is PromotionDecision.STAYS
    assert comparison.sentence == "catboost_v9 stays a challenger to catboost_v8: 1,999 shared rows, 2,000 are needed."


@pytest.mark.parametrize(
    ("challenger", "champion", "rows", "good"),
    [
        (0.03, 0.01, 500, True),
        (0.031, 0.01, 500, False),
        (0.05, 0.06, 500, True),  # no worse than what is there
        (0.2, 0.01, 499, True),  # too few rows to judge, which the sentence names
    ],
)
def test_chances_must_be_calibrated_or_no_worse_than_the_champions(challenger, champion, rows, good):
    comparison = judged(calibration=Calibration(rows, challenger, champion))

    assert (comparison.decision is PromotionDecision.WINS) == good
    assert ("not judged" in comparison.sentence) == (rows < 500)


def test_the_winning_sentence_says_by_how_much_and_on_how_many_rows():
    won = ChallengerComparison(
        "catboost_v9", "catboost_v8", Difference(18_000, -0.083, -0.1, -0.066), Calibration(5_900, 0.02, 0.025)
    )

    assert won.sentence == (
        "catboost_v9 wins against catboost_v8: -0.083 [-0.100, -0.066] points of absolute error on 18,000 shared rows; "
        "calibration error 0.020 beside 0.025 on 5,900 rows with a line."
    )


def test_a_win_inside_its_own_interval_is_reported_as_possible_chance():
    lucky = ChallengerComparison("catboost_v9", "catboost_v8", Difference(7_649, -0.003, -0.015, 0.008), CALM)

    assert lucky.decision is PromotionDecision.WINS
    assert "on 7,649 shared rows, which may be chance; " in lucky.sentence


def test_a_challenger_is_compared_on_the_rows_both_predicted():
    """Ours 2 and 5 off, the other 4 and 4: mean difference -0.5. One alone, a DNP and a first game are left out."""
    comparison = compare_with_champion(
        graded(
            player_game(1, actual=20, **{OURS: 22.0, OTHER: 24.0}),
            player_game(2, actual=20, **{OURS: 25.0, OTHER: 16.0}),
            player_game(3, actual=20, **{OURS: 20.0}),
            player_game(4, actual=None, **{OURS: 20.0, OTHER: 30.0}),
            player_game(5, actual=20, early_season=True, **{OURS: 20.0, OTHER: 30.0}),
        ),
        OURS,
        OTHER,
    )

    assert (comparison.errors.n, comparison.errors.mean) == (2, -0.5)
    assert comparison.calibration.n == 0


def test_calibration_is_compared_on_identical_rows_with_a_line():
    """Both say 0.62; of three rows that went over or under two went over, so both are off by 2/3 - 0.62."""
    rows = pd.DataFrame(
        [
            row | {"over_probability": 0.62, "push_probability": 0.0}
            for player, actual in enumerate((30, 30, 10, 20))
            for row in player_game(player, actual=actual, line=20.0, **{OURS: 21.0, OTHER: 21.0})
        ]
    )
    comparison = compare_with_champion(GradedPredictions.from_rows(rows), OURS, OTHER).calibration

    assert comparison.n == 3  # the fourth landed on the line
    assert comparison.challenger == comparison.champion == pytest.approx(2 / 3 - 0.62)


def test_a_chance_only_one_of_them_gave_is_no_shared_row():
    rows = pd.DataFrame(
        [
            row | {"over_probability": 0.5 if row["system_id"] == OURS else np.nan, "push_probability": 0.0}
            for row in player_game(1, actual=30, line=20.0, **{OURS: 21.0, OTHER: 21.0})
        ]
    )

    assert compare_with_champion(GradedPredictions.from_rows(rows), OURS, OTHER).calibration.n == 0


def test_every_family_but_the_references_has_a_champion_of_its_own():
    assert set(CHAMPIONS) == set(Family) - {Family.REFERENCE}
    assert all(SYSTEMS_BY_ID[champion].family is family for family, champion in CHAMPIONS.items())
    assert DEFAULT_SYSTEM in CHAMPIONS.values()
    assert CHAMPIONS[Family.TREES] is SystemId.CATBOOST

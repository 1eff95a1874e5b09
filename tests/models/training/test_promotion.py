import numpy as np
import pandas as pd
import pytest

from models.evaluation.graded_predictions import GradedPredictions
from models.evaluation.scores import Difference
from models.evaluation.subject import POINTS_AT_TIP, Subject
from models.forecast_keys import Edition
from models.system_ids import DEFAULT_SYSTEM
from models.systems.base import Family, SystemId
from models.training.promotion import (
    CHAMPIONS,
    CHAMPIONS_OF_POINTS_AT_TIP,
    FAMILIES,
    Calibration,
    ChallengerComparison,
    PromotionDecision,
    champion_of,
    compare_with_champion,
)

from ..graded_rows import OTHER, OURS, graded, player_game

CALM = Calibration(0, None, None)


def judged(n: int = 1_000, mean: float = -0.01, calibration: Calibration = CALM) -> ChallengerComparison:
    errors = Difference(n, mean, mean - 0.005, mean + 0.005)
    return ChallengerComparison(POINTS_AT_TIP, "catboost_v9", "catboost_v8", 5.0, errors, calibration)


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [
        (-0.006, PromotionDecision.WINS),
        (-0.004, PromotionDecision.MAY_REPLACE),  # its interval ends above zero
        (0.0, PromotionDecision.MAY_REPLACE),
        (0.02, PromotionDecision.MAY_REPLACE),
        (0.021, PromotionDecision.STAYS),
    ],
)
def test_a_challenger_wins_by_being_better_and_may_replace_by_being_hardly_worse(mean, verdict):
    assert judged(mean=mean).decision is verdict


def test_fewer_than_a_thousand_shared_rows_promote_no_system():
    comparison = judged(n=999, mean=-1.0)

    assert comparison.decision is PromotionDecision.STAYS
    assert comparison.sentence == (
        "points at_tip: catboost_v9 stays a challenger to catboost_v8: 999 shared rows, 1,000 are needed."
    )


@pytest.mark.parametrize(("loss", "decision"), [(0.004, "may replace"), (0.005, "stays a challenger")])
def test_what_is_hardly_worse_is_a_share_of_the_champions_error(loss, decision):
    """0.4 % of an error of one rebound; of five points it would be 0.02."""
    rebounds = Subject("player_rebounds", Edition.AT_LINE)
    close = ChallengerComparison(rebounds, "b", "a", 1.0, Difference(1_000, loss, -0.01, 0.02), CALM)

    assert close.decision == decision
    assert close.sentence.startswith(f"rebounds at_line: b {decision}")
    assert "rebounds" in close.sentence.partition(":")[2]


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
        POINTS_AT_TIP,
        "catboost_v9",
        "catboost_v8",
        5.0,
        Difference(18_000, -0.083, -0.1, -0.066),
        Calibration(5_900, 0.02, 0.025),
    )

    assert won.sentence == (
        "points at_tip: catboost_v9 wins against catboost_v8: -0.083 [-0.100, -0.066] points of absolute error on "
        "18,000 shared rows; calibration error 0.020 beside 0.025 on 5,900 rows with a line."
    )


def test_a_smaller_error_that_may_be_chance_wins_nothing_and_says_so():
    lucky = ChallengerComparison(
        POINTS_AT_TIP, "catboost_v9", "catboost_v8", 5.0, Difference(7_649, -0.003, -0.015, 0.008), CALM
    )

    assert lucky.decision is PromotionDecision.MAY_REPLACE
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

    assert (comparison.errors.n, comparison.errors.mean, comparison.champion_error) == (2, -0.5, 4.0)
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
    assert set(CHAMPIONS_OF_POINTS_AT_TIP) == set(Family) - {Family.REFERENCE}
    for champions in (CHAMPIONS_OF_POINTS_AT_TIP, CHAMPIONS):
        assert all(FAMILIES[champion] is family for family, champion in champions.items())
    assert DEFAULT_SYSTEM in CHAMPIONS_OF_POINTS_AT_TIP.values()
    assert set(FAMILIES) == set(SystemId)


def test_the_champion_depends_on_market_and_edition():
    """The anchored trees read points at tip only, so elsewhere the blend is what reads the market."""
    rebounds, at_line = Subject("player_rebounds"), Subject(edition=Edition.AT_LINE)

    assert champion_of(POINTS_AT_TIP, SystemId.CATBOOST_EXTENDED) is SystemId.CATBOOST
    assert champion_of(POINTS_AT_TIP, SystemId.MARKET_BLEND) is SystemId.MARKET_ANCHORED
    assert champion_of(at_line, SystemId.MARKET_BLEND) is champion_of(rebounds, SystemId.MARKET_BLEND)
    assert champion_of(rebounds, SystemId.MARKET_BLEND) is SystemId.MARKET_BLEND
    assert champion_of(rebounds, SystemId.PLAIN_AVERAGE) is None

import pandas as pd
import pytest

from models.evaluation.graded_predictions import BadGrades, GradedPredictions

from ..graded_rows import OURS, graded, pick, player_game


@pytest.mark.parametrize("grade", [None, "WON"])
def test_a_pick_with_another_grade_than_the_six_is_refused(grade):
    """Unknown bet types once vanished from a peer's totals."""
    with pytest.raises(BadGrades, match=f"1 picks have no grade, the first of {OURS}"):
        graded([pick(1, "OVER", grade)])


def test_a_player_game_graded_twice_is_refused():
    with pytest.raises(BadGrades, match="graded twice: 2024-12-01 00:00:00, player1, ensemble_v1"):
        graded(player_game(1, **{OURS: 20}), player_game(1, **{OURS: 21}))


def test_a_frame_without_a_column_is_refused_by_its_name():
    with pytest.raises(BadGrades, match=r"lacks the columns \['grade'\]"):
        GradedPredictions.from_rows(pd.DataFrame(player_game(1, **{OURS: 20})).drop(columns="grade"))

import pandas as pd
import pytest
from ensemble_members import without_each

from models.systems.ensemble import MEMBERS, SUBSTITUTES


def test_a_member_that_is_far_off_hurts_and_one_that_is_near_helps():
    """By hand, equal confidence, 20 scored: of 20, 20 and 26 the mean is 22; without the last it is 20.

    A tree is left without each, so that the substitutes never count.
    """
    points = {**dict(zip(MEMBERS, (20.0, 20.0, 26.0), strict=True)), **dict.fromkeys(SUBSTITUTES, 40.0)}
    rows = pd.DataFrame(
        {"season": "2024-25", "game_id": game, "player_lookup": "a", "system_id": str(member)}
        | {"predicted_value": value, "confidence_score": 60.0, "actual_value": 20}
        for game in ("g1", "g2")
        for member, value in points.items()
    )

    found = {member: (errors["with"].tolist(), difference.mean) for member, errors, difference in without_each(rows)}

    assert [errors for errors, _ in found.values()] == [[2.0, 2.0]] * 3
    assert found[MEMBERS[-1]][1] == pytest.approx(-2)
    assert found[MEMBERS[0]][1] == pytest.approx(1)  # 23 of two


def test_rows_that_too_few_members_forecast_without_one_are_left_out():
    rows = pd.DataFrame(
        {"season": "2024-25", "game_id": "g1", "player_lookup": "a", "system_id": str(member)}
        | {"predicted_value": value, "confidence_score": 60.0 if value == value else value, "actual_value": 20}
        for member, value in zip((*MEMBERS, *SUBSTITUTES), (18.0, 20.0, *[float("nan")] * 3), strict=True)
    )

    found = {member: difference.n for member, _, difference in without_each(rows)}

    assert found == dict(zip(MEMBERS, (0, 0, 1), strict=True))

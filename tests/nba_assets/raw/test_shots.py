from typing import Any

import pytest

from nba_assets.raw.shots import shots

from .delivered import MONDAY, a_game, delivered, rows_of, slate


def a_shot(**changes: Any) -> dict[str, Any]:
    where = {"game_id": "0022400561", "game_date": MONDAY, "player_id": 1628369, "team_abbr": "BOS", "x": 1.0, "y": 2.0}
    what = {"period": 1, "seconds_left": 600, "made": True, "shot_value": 2, "distance_ft": 5, "action_type": "Layup"}
    return where | what | changes


@pytest.mark.parametrize(
    ("value", "feet", "zone"),
    [
        (3, 22, "three"),
        (2, 23, "mid_range"),
        (2, 8, "paint"),
        (2, 9, "mid_range"),
        (2, 0, "paint"),
        (3, 80, "three"),
    ],
)
def test_the_value_of_a_shot_decides_its_zone_before_the_distance_does(value: int, feet: int, zone: str):
    (shot,) = rows_of(shots(delivered("shots", a_shot(shot_value=value, distance_ft=feet)), slate()))
    assert shot["zone"] == zone


def test_shots_are_numbered_in_the_order_of_the_game():
    taken = [
        a_shot(period=2, seconds_left=700, action_type="fifth"),
        a_shot(seconds_left=10, action_type="fourth"),
        a_shot(seconds_left=700, action_type="first"),
        a_shot(seconds_left=500, player_id=2, action_type="second"),
        a_shot(seconds_left=500, player_id=3, action_type="third"),
        a_shot(game_id="0022400562", action_type="another game"),
    ]
    for order in (taken, taken[::-1]):
        found = rows_of(shots(delivered("shots", *order), slate(a_game(), a_game("0022400562"))))
        numbers = {shot["action_type"]: shot["shot_number"] for shot in found}
        assert numbers == {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "another game": 1}


def test_equal_shots_are_all_kept():
    """Three missed tip-ins within one second are three shots."""
    tips = [a_shot(made=False, action_type="Tip")] * 3
    found = rows_of(shots(delivered("shots", *tips), slate()))
    assert sorted(shot["shot_number"] for shot in found) == [1, 2, 3]


def test_a_shot_without_coordinates_has_its_place_in_the_order():
    found = rows_of(shots(delivered("shots", a_shot(x=3.0), a_shot(x=None)), slate()))
    assert {shot["x"]: shot["shot_number"] for shot in found} == {None: 1, 3.0: 2}

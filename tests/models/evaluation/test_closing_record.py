import pytest

from models.evaluation.closing_record import closing_records
from models.evaluation.scores import Rate

from ..graded_rows import OTHER, OURS, graded, pick


def closed(player: int, side: str, grade: str, value: float, state: str = "closing", **facts: object) -> list[dict]:
    return [pick(player, side, grade, close_state=state, closing_value=value, **facts)]


def test_picks_are_valued_by_the_state_of_their_close_and_by_side_with_voids():
    """Timely: +4, -2 and +1 % a unit, the last void: mean 1 %, two of three above their price."""
    found = closing_records(
        graded(
            closed(1, "OVER", "WIN", 0.04, close_age_minutes=10.0),
            closed(2, "UNDER", "LOSS", -0.02, close_age_minutes=20.0),
            closed(3, "UNDER", "VOID", 0.01, close_age_minutes=30.0),
            closed(4, "OVER", "WIN", 0.5, state="late", close_age_minutes=300.0),
            closed(5, "OVER", "WIN", float("nan"), state="unknown"),
            closed(6, "OVER", "WIN", 0.3, system=OTHER),
        )
    )

    ours = {(one.state, one.side): one for one in found if one.system == OURS}
    assert [*ours] == [
        *(("closing", "all"), ("closing", "OVER"), ("closing", "UNDER")),
        *(("late", "all"), ("late", "OVER"), ("unknown", "all"), ("unknown", "OVER")),
    ]
    timely = ours["closing", "all"]
    assert (timely.picks, timely.voids, timely.age_minutes) == (3, 1, 20)
    assert timely.value.mean == pytest.approx(0.01)
    assert timely.beat == Rate(2, 3)
    assert ours["closing", "UNDER"].value.mean == pytest.approx(-0.005)
    assert ours["late", "all"].value.mean == 0.5
    assert (ours["unknown", "all"].value.n, ours["unknown", "all"].beat) == (0, Rate(0, 0))


def test_the_value_of_picks_of_one_game_counts_as_one_surprise():
    """+3 and +1 in one game, -1 and -3 in another: mean 0, the games sum to 4 and -4: 1.96 x sqrt(2 x 32) / 4."""
    values = {1: 3.0, 2: 1.0, 3: -1.0, 4: -3.0}
    picks = [closed(n, "OVER", "WIN", value, game_id="a" if n < 3 else "b") for n, value in values.items()]

    both, _ = closing_records(graded(*picks))

    assert (both.value.mean, both.value.high) == (0, pytest.approx(1.96 * 2))


def test_the_sentence_says_when_no_pick_has_a_value():
    (both, _) = closing_records(graded(closed(1, "OVER", "VOID", float("nan"))))

    assert (
        both.sentence == f"{OURS}: 1 picks whose close is closing, 1 of them void; no book closed at the line of any."
    )

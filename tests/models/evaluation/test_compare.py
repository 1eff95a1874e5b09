import json

import pandas as pd
import pytest

from models.evaluation.betting_record import records
from models.evaluation.compare import NO_VIG, Comparison, Population, compare
from models.evaluation.graded import BadGrades, By, Graded
from models.evaluation.scores import Rate

from ..graded_rows import LINE, OTHER, OURS, SEASON, graded, night, pick

NAN = float("nan")
ANCHORED = "market_anchored_v1"


def everyone(*nights: list, by: By = By.SYSTEM) -> Comparison:
    return next(c for c in compare(graded(*nights), by=by) if c.population is Population.EVERYONE)


def with_line(*nights: list) -> Comparison:
    return next(c for c in compare(graded(*nights)) if c.population is Population.WITH_LINE)


def test_systems_are_compared_on_the_rows_they_share_and_the_others_are_counted():
    """A predecessor held 1,583 picks against 45,000: here the hard night of one is left out for both."""
    found = everyone(
        night(1, 20, **{OURS: 22, OTHER: 25, SEASON: 18}),
        night(2, 10, **{OURS: 11, OTHER: 8, SEASON: 10}),
        night(3, 40, **{OURS: 20, OTHER: NAN, SEASON: 20}),
        night(4, None, **{OURS: 9, OTHER: 9, SEASON: 9}),
        night(5, 12, early_season=True, **{OURS: 0, OTHER: 0, SEASON: 0}),
    )

    assert (found.nights, found.shared) == (4, 2)
    assert found.left_out == {"did not play": 1, f"{OTHER} abstained": 1}
    assert {name: errors.mae for name, errors in found.errors.items()} == {OURS: 1.5, OTHER: 3.5, SEASON: 1.0}
    assert found.against[OURS][SEASON].mean == 0.5


def test_every_night_that_is_left_out_has_one_reason():
    states = {"PENDING": "not final", "UNGRADEABLE": "no result", "DNP": "did not play"}
    away = [night(n, None, outcome_state=state, **{OURS: 9, SEASON: 9}) for n, state in enumerate(states)]

    found = everyone(night(9, 20, **{OURS: 20, SEASON: 20}), *away)

    assert found.left_out == dict.fromkeys(states.values(), 1)
    assert found.nights == found.shared + 3


def test_whether_ten_games_are_behind_him_must_be_known():
    found = everyone(night(1, **{OURS: 20, SEASON: 20}), night(2, early_season=None, **{OURS: 1, SEASON: 1}))

    assert found.nights == 1


def test_a_player_with_few_games_counts_where_there_is_a_line():
    found = with_line(night(1, line=18.5, early_season=True, **{OURS: 20, LINE: 18.5}))

    assert found.shared == 1


def test_systems_that_need_a_line_are_compared_only_where_there_is_one():
    nights = [night(1, line=19.5, **{OURS: 20, SEASON: 20, LINE: 19.5}), night(2, **{OURS: 20, SEASON: 20, LINE: NAN})]

    assert everyone(*nights).systems == (OURS, SEASON)
    assert everyone(*nights).shared == 2
    assert with_line(*nights).systems == (OURS, LINE, SEASON)
    assert with_line(*nights).shared == 1


def test_the_references_stand_beside_whatever_is_asked_for():
    rows = graded(night(1, line=19.5, **{OURS: 20, OTHER: 21, SEASON: 20, LINE: 19.5}))

    assert [c.systems for c in compare(rows, [OTHER])] == [(OTHER, SEASON), (OTHER, LINE, SEASON)]


def test_a_system_that_rarely_speaks_does_not_decide_which_nights_count_and_is_compared_alone():
    loud = [night(n, 20, 20.5, **{OURS: 21, SEASON: 22, LINE: 20.5, ANCHORED: NAN}) for n in range(3)]
    spoken = night(9, 20, 20.5, **{OURS: 30, SEASON: 22, LINE: 20.5, ANCHORED: 20})

    _, together, alone = compare(graded(*loud, spoken))

    assert (together.shared, together.apart) == (4, (ANCHORED,))
    assert together.coverage[ANCHORED] == Rate(1, 4)
    assert (alone.group, alone.shared) == (f"{ANCHORED} alone", 1)
    assert (alone.errors[ANCHORED].mae, alone.errors[LINE].mae) == (0, 0.5)


def test_a_system_that_never_speaks_is_named_and_nothing_is_compared_with_it():
    found = everyone(night(1, **{OURS: NAN, SEASON: 20}))

    assert (found.systems, found.apart, found.coverage[OURS]) == ((SEASON,), (OURS,), Rate(0, 1))


def test_a_system_without_rows_is_refused_by_name():
    with pytest.raises(BadGrades, match="no graded rows of 'zone_matchup_v1'"):
        compare(graded(night(1, **{OURS: 20})), ["zone_matchup_v1"])


def test_coverage_counts_only_rows_that_are_stored():
    found = everyone(night(1, **{OURS: 20, OTHER: 20}), night(2, **{OURS: 20, OTHER: NAN}), night(3, **{OURS: 20}))

    assert (found.coverage[OURS], found.coverage[OTHER]) == (Rate(3, 3), Rate(1, 2))


@pytest.mark.parametrize(
    ("season", "tier"), [(0.0, "0-8"), (7.99, "0-8"), (8.0, "8-15"), (15.0, "15-22"), (22.0, "22+"), (None, "unknown")]
)
def test_a_tier_holds_its_lower_bound(season, tier):
    found = everyone(night(1, points_avg_season=season, **{OURS: 20, SEASON: 20}), by=By.TIER)

    assert found.group == tier


def test_by_month_each_month_has_its_own_shared_rows():
    rows = graded(
        night(1, 20, date="2024-12-31", **{OURS: 21, OTHER: NAN, SEASON: 20}),
        night(1, 20, date="2025-01-01", **{OURS: 23, OTHER: 24, SEASON: 20}),
    )

    december, january = compare(rows, by=By.MONTH)

    assert (december.group, december.systems, december.errors[OURS].mae) == ("2024-12", (OURS, SEASON), 1)
    assert (january.group, january.systems, january.errors[OURS].mae) == ("2025-01", (OTHER, OURS, SEASON), 3)


def test_by_edge_a_system_is_held_against_the_line_on_the_nights_of_its_own_edge():
    rows = graded(
        night(1, 20, 18.0, **{OURS: 19.99, SEASON: 15, LINE: 18}),
        night(2, 20, 18.0, **{OURS: 16, SEASON: 15, LINE: 18}),
        night(3, 20, 18.0, **{OURS: 24, SEASON: 15, LINE: 18}),
    )

    found = {c.group: (c.shared, c.errors[OURS].mae, c.errors[LINE].mae) for c in compare(rows, by=By.EDGE)}

    assert found == {
        f"{OURS}, edge 0-2": (1, pytest.approx(0.01), 2),
        f"{OURS}, edge 2-4": (1, 4, 2),
        f"{OURS}, edge 6+": (1, 4, 2),
    }


def chance(
    over: float, push: float = 0.0, market: float = 0.5, player: int = 1, actual: float = 25, line: float = 20.5
):
    facts = {"market_over_probability": market}
    rows = night(player, actual, line, **{OURS: 22, LINE: line}, **facts)
    return [row | {"over_probability": over, "push_probability": push} for row in rows if row["system_id"] == OURS] + [
        row for row in rows if row["system_id"] != OURS
    ]


def test_chances_stand_beside_the_markets_on_identical_rows():
    """No chance, no price, or points on the line: none of them is a row to compare."""
    found = with_line(
        chance(0.7, market=0.6, player=1, actual=25),
        chance(0.3, market=0.5, player=2, actual=25),
        chance(0.9, market=NAN, player=3),
        chance(NAN, market=0.9, player=4),
        chance(0.9, market=0.9, player=5, actual=20, line=20),
    )

    assert (found.shared, found.chance_rows) == (5, 2)
    assert found.chances[OURS].brier == pytest.approx((0.3**2 + 0.7**2) / 2)
    assert found.chances[NO_VIG].brier == pytest.approx((0.4**2 + 0.5**2) / 2)
    assert found.chances_against[OURS]["squared"].mean == pytest.approx((0.09 + 0.49 - 0.16 - 0.25) / 2)
    assert LINE not in found.chances


def test_a_chance_on_a_whole_line_is_that_of_over_once_the_push_is_out():
    """0.45 over, 0.10 push, 0.45 under: a coin, like the two-way price it is held against."""
    found = with_line(chance(0.45, push=0.10, actual=25, line=20))

    assert found.chances[OURS].brier == pytest.approx(0.25)


def test_nothing_graded_compares_nothing():
    empty = Graded.of(pd.DataFrame(night(1, **{OURS: 20})).iloc[:0])

    assert (compare(empty), records(empty)) == ((), ())


def test_everything_can_be_written_as_json():
    rows = graded(chance(0.6), [pick(2, "OVER", "WIN", system=OTHER)], night(3, **{OURS: 20}))

    for by in By:
        json.dumps([c.plain() for c in compare(rows, by=by)] + [r.plain() for r in records(rows, by)], allow_nan=False)

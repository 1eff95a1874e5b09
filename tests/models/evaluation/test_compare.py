import json

import pandas as pd
import pytest

from models.evaluation.betting_record import betting_records
from models.evaluation.compare import NO_VIG, Comparison, Population, compare
from models.evaluation.graded_predictions import BadGrades, GradedPredictions, GroupBy
from models.evaluation.scores import Rate

from ..graded_rows import LINE, OTHER, OURS, SEASON, graded, pick, player_game

NAN = float("nan")
ANCHORED = "market_anchored_v1"


def everyone(*games: list, by: GroupBy = GroupBy.SYSTEM) -> Comparison:
    return next(c for c in compare(graded(*games), by=by) if c.population is Population.EVERYONE)


def with_line(*games: list) -> Comparison:
    return next(c for c in compare(graded(*games)) if c.population is Population.WITH_LINE)


def test_systems_are_compared_on_the_rows_they_share_and_the_others_are_counted():
    """A predecessor held 1,583 picks against 45,000: here the hard game of one is left out for both."""
    comparison = everyone(
        player_game(1, 20, **{OURS: 22, OTHER: 25, SEASON: 18}),
        player_game(2, 10, **{OURS: 11, OTHER: 8, SEASON: 10}),
        player_game(3, 40, **{OURS: 20, OTHER: NAN, SEASON: 20}),
        player_game(4, None, **{OURS: 9, OTHER: 9, SEASON: 9}),
        player_game(5, 12, early_season=True, **{OURS: 0, OTHER: 0, SEASON: 0}),
    )

    assert (comparison.player_games, comparison.shared) == (4, 2)
    assert comparison.left_out == {"did not play": 1, f"{OTHER} abstained": 1}
    assert {name: errors.mae for name, errors in comparison.errors.items()} == {OURS: 1.5, OTHER: 3.5, SEASON: 1.0}
    assert comparison.against[OURS][SEASON].mean == 0.5


def test_every_player_game_that_is_left_out_has_one_reason():
    states = {"PENDING": "not final", "UNGRADEABLE": "no result", "DNP": "did not play"}
    away = [player_game(n, None, outcome_state=state, **{OURS: 9, SEASON: 9}) for n, state in enumerate(states)]

    comparison = everyone(player_game(9, 20, **{OURS: 20, SEASON: 20}), *away)

    assert comparison.left_out == dict.fromkeys(states.values(), 1)
    assert comparison.player_games == comparison.shared + 3


def test_a_player_game_with_an_unknown_number_of_earlier_games_is_left_out():
    comparison = everyone(
        player_game(1, **{OURS: 20, SEASON: 20}), player_game(2, early_season=None, **{OURS: 1, SEASON: 1})
    )

    assert comparison.player_games == 1


def test_a_player_with_few_games_counts_where_there_is_a_line():
    comparison = with_line(player_game(1, line=18.5, early_season=True, **{OURS: 20, LINE: 18.5}))

    assert comparison.shared == 1


def test_systems_that_need_a_line_are_compared_only_where_there_is_one():
    games = [
        player_game(1, line=19.5, **{OURS: 20, SEASON: 20, LINE: 19.5}),
        player_game(2, **{OURS: 20, SEASON: 20, LINE: NAN}),
    ]

    assert tuple(everyone(*games).errors) == (OURS, SEASON)
    assert everyone(*games).shared == 2
    assert tuple(with_line(*games).errors) == (OURS, LINE, SEASON)
    assert with_line(*games).shared == 1


def test_the_references_are_always_compared_too():
    rows = graded(player_game(1, line=19.5, **{OURS: 20, OTHER: 21, SEASON: 20, LINE: 19.5}))

    assert [tuple(c.errors) for c in compare(rows, [OTHER])] == [(OTHER, SEASON), (OTHER, LINE, SEASON)]


def test_a_system_that_rarely_predicts_does_not_decide_which_games_count_and_is_compared_alone():
    others = [player_game(n, 20, 20.5, **{OURS: 21, SEASON: 22, LINE: 20.5, ANCHORED: NAN}) for n in range(3)]
    predicted = player_game(9, 20, 20.5, **{OURS: 30, SEASON: 22, LINE: 20.5, ANCHORED: 20})

    _, together, alone = compare(graded(*others, predicted))

    assert (together.shared, together.apart) == (4, (ANCHORED,))
    assert together.coverage[ANCHORED] == Rate(1, 4)
    assert (alone.group, alone.shared) == (f"{ANCHORED} alone", 1)
    assert (alone.errors[ANCHORED].mae, alone.errors[LINE].mae) == (0, 0.5)


def test_a_system_that_never_predicts_is_named_and_nothing_is_compared_with_it():
    comparison = everyone(player_game(1, **{OURS: NAN, SEASON: 20}))

    assert (tuple(comparison.errors), comparison.apart, comparison.coverage[OURS]) == ((SEASON,), (OURS,), Rate(0, 1))


def test_a_system_without_rows_is_refused_by_name():
    with pytest.raises(BadGrades, match="no graded rows of 'zone_matchup_v1'"):
        compare(graded(player_game(1, **{OURS: 20})), ["zone_matchup_v1"])


def test_coverage_counts_only_rows_that_are_stored():
    comparison = everyone(
        player_game(1, **{OURS: 20, OTHER: 20}), player_game(2, **{OURS: 20, OTHER: NAN}), player_game(3, **{OURS: 20})
    )

    assert (comparison.coverage[OURS], comparison.coverage[OTHER]) == (Rate(3, 3), Rate(1, 2))


@pytest.mark.parametrize(
    ("season", "tier"), [(0.0, "0-8"), (7.99, "0-8"), (8.0, "8-15"), (15.0, "15-22"), (22.0, "22+"), (None, "unknown")]
)
def test_a_tier_holds_its_lower_bound(season, tier):
    comparison = everyone(player_game(1, points_avg_season=season, **{OURS: 20, SEASON: 20}), by=GroupBy.TIER)

    assert comparison.group == tier


def test_by_month_each_month_has_its_own_shared_rows():
    rows = graded(
        player_game(1, 20, date="2024-12-31", **{OURS: 21, OTHER: NAN, SEASON: 20}),
        player_game(1, 20, date="2025-01-01", **{OURS: 23, OTHER: 24, SEASON: 20}),
    )

    december, january = compare(rows, by=GroupBy.MONTH)

    assert (december.group, tuple(december.errors), december.errors[OURS].mae) == ("2024-12", (OURS, SEASON), 1)
    assert (january.group, tuple(january.errors), january.errors[OURS].mae) == ("2025-01", (OTHER, OURS, SEASON), 3)


def test_by_edge_a_system_is_compared_with_the_line_on_the_games_of_its_own_edge():
    rows = graded(
        player_game(1, 20, 18.0, **{OURS: 19.99, SEASON: 15, LINE: 18}),
        player_game(2, 20, 18.0, **{OURS: 16, SEASON: 15, LINE: 18}),
        player_game(3, 20, 18.0, **{OURS: 24, SEASON: 15, LINE: 18}),
    )

    by_band = {c.group: (c.shared, c.errors[OURS].mae, c.errors[LINE].mae) for c in compare(rows, by=GroupBy.EDGE)}

    assert by_band == {
        f"{OURS}, edge 0-2": (1, pytest.approx(0.01), 2),
        f"{OURS}, edge 2-4": (1, 4, 2),
        f"{OURS}, edge 6+": (1, 4, 2),
    }


def chance(
    over: float, push: float = 0.0, market: float = 0.5, player: int = 1, actual: float = 25, line: float = 20.5
):
    facts = {"market_over_probability": market}
    rows = player_game(player, actual, line, **{OURS: 22, LINE: line}, **facts)
    return [row | {"over_probability": over, "push_probability": push} for row in rows if row["system_id"] == OURS] + [
        row for row in rows if row["system_id"] != OURS
    ]


def test_chances_stand_beside_the_markets_on_identical_rows():
    """No chance, no price, or points on the line: none of them is a row to compare."""
    comparison = with_line(
        chance(0.7, market=0.6, player=1, actual=25),
        chance(0.3, market=0.5, player=2, actual=25),
        chance(0.9, market=NAN, player=3),
        chance(NAN, market=0.9, player=4),
        chance(0.9, market=0.9, player=5, actual=20, line=20),
    )

    assert (comparison.shared, comparison.chance_rows) == (5, 2)
    assert comparison.chances[OURS].brier == pytest.approx((0.3**2 + 0.7**2) / 2)
    assert comparison.chances[NO_VIG].brier == pytest.approx((0.4**2 + 0.5**2) / 2)
    assert comparison.chances_against[OURS]["squared"].mean == pytest.approx((0.09 + 0.49 - 0.16 - 0.25) / 2)
    assert LINE not in comparison.chances


def test_a_chance_on_a_whole_line_is_that_of_over_once_the_push_is_out():
    """0.45 over, 0.10 push, 0.45 under: a coin, like the two-way price it is held against."""
    comparison = with_line(chance(0.45, push=0.10, actual=25, line=20))

    assert comparison.chances[OURS].brier == pytest.approx(0.25)


def test_nothing_graded_compares_nothing():
    empty = GradedPredictions.from_rows(pd.DataFrame(player_game(1, **{OURS: 20})).iloc[:0])

    assert (compare(empty), betting_records(empty)) == ((), ())


def test_everything_can_be_written_as_json():
    rows = graded(chance(0.6), [pick(2, "OVER", "WIN", system=OTHER)], player_game(3, **{OURS: 20}))

    for by in GroupBy:
        json.dumps(
            [c.to_dict() for c in compare(rows, by=by)] + [r.to_dict() for r in betting_records(rows, by)],
            allow_nan=False,
        )

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from nba_assets.predictions.similar_games import described, similar_games

TONIGHT = dt.date(2024, 12, 10)
AVERAGE, ONE_DAY, HOME, NORMAL = 1, 1, 1.0, 0
EVENING = {"opponent_tier": AVERAGE, "rest_bucket": ONE_DAY, "venue": HOME, "form_tier": NORMAL}
PARTS = {"opponent_tier": "int64", "rest_bucket": "int64", "venue": "float64", "form_tier": "int64"}
KEYS = {"game_date": "date", "player_id": "int64"}
BY_SCORE = {  # one way to each score against the evening above
    100: {},
    85: {"rest_bucket": 2},  # tier same 40, rest adjacent 15, same venue 15, same form 15
    80: {"opponent_tier": 2},
    75: {"venue": 0.0, "form_tier": -1},
    70: {"rest_bucket": 0, "venue": 0.0},
    65: {"opponent_tier": 0, "rest_bucket": 2},
}

Game = tuple[int, int, dict[str, Any]]  # days ago, points, what differs from the evening


def found(*games: Game, **evening: Any) -> dict[str, Any] | None:
    told = {"game_date": TONIGHT, "player_id": 1} | EVENING | evening
    past = [
        {"event_date": TONIGHT - dt.timedelta(days=ago), "points": points, **told, **EVENING, **differs}
        for ago, points, differs in games
    ]
    rows = similar_games(table(past, event_date="date", points="int64"), table([told])).execute().to_dict("records")
    assert len(rows) <= 1
    return rows[0] if rows else None


def table(rows: list[dict[str, Any]], **more: str) -> ir.Table:
    return ibis.memtable(rows, schema=ibis.schema(KEYS | more | PARTS))


def score(differs: dict[str, Any], **evening: Any) -> float | None:
    row = found((5, 20, differs), **evening)
    return row["similar_score"] if row else None


def test_same_tier_adjacent_rest_same_venue_and_form_score_85() -> None:
    assert score({"rest_bucket": 2}) == 85


@pytest.mark.parametrize(("wanted", "differs"), BY_SCORE.items(), ids=str)
def test_each_part_adds_its_points_and_below_70_is_not_alike(wanted: int, differs: dict[str, Any]) -> None:
    assert score(differs) == (wanted if wanted >= 70 else None)


@pytest.mark.parametrize(
    ("differs", "evening", "wanted"),
    [
        ({"form_tier": 1}, {"form_tier": -1}, 90),  # hot against cold is as far apart as hot against normal
        ({"form_tier": 1}, {}, 90),
        ({"venue": 0.5}, {}, 85),  # a neutral floor is nobody's home
        ({"venue": 0.5}, {"venue": 0.5}, 100),
        ({"rest_bucket": 3}, {}, 70),
        ({"opponent_tier": 2, "form_tier": 1}, {"opponent_tier": 0}, None),
    ],
)
def test_parts_further_apart(differs: dict[str, Any], evening: dict[str, Any], wanted: float | None) -> None:
    assert score(differs, **evening) == wanted


@pytest.mark.parametrize(
    ("differs", "evening", "wanted"),
    [
        ({"form_tier": None}, {}, 100),
        ({"form_tier": None, "rest_bucket": 2}, {}, pytest.approx(100 * 70 / 85)),
        ({"opponent_tier": None}, {}, 100),  # 60 of the 100 points are possible, which is enough
        ({}, {"opponent_tier": None}, 100),
        ({"opponent_tier": None}, {"opponent_tier": None}, 100),
        ({"opponent_tier": None, "venue": 0.0}, {}, 75),
        ({"opponent_tier": None, "form_tier": None}, {}, None),
        ({"opponent_tier": None}, {"venue": None}, None),
        ({"rest_bucket": None, "form_tier": None, "venue": None}, {}, None),
    ],
)
def test_what_is_not_known_of_either_game_leaves_both_sums(
    differs: dict[str, Any], evening: dict[str, Any], wanted: float | None
) -> None:
    assert score(differs, **evening) == wanted


def test_points_are_weighed_by_score() -> None:
    """(100,28) (85,24) (85,19) (80,22) (70,26): 10,035 / 420 = 23.893."""
    told = ((100, 28), (85, 24), (85, 19), (80, 22), (70, 26), (65, 60))
    row = found(*((ago, points, BY_SCORE[score]) for ago, (score, points) in enumerate(told, start=1)))
    assert row is not None
    assert row["similar_games"] == 5
    assert row["similar_points"] == pytest.approx(10_035 / 420)
    assert row["similar_score"] == 84
    assert row["similar_points_std"] == pytest.approx((48.8 / 4) ** 0.5)  # mean 23.8: 17.64 .04 23.04 3.24 4.84


def test_the_best_twenty_count_and_of_equal_scores_the_newer() -> None:
    old_and_alike = [(200 + ago, 40, BY_SCORE[100]) for ago in range(3)]
    newer = [(10 + ago, 10, BY_SCORE[85]) for ago in range(17)]
    left_out = [(50 + ago, 30, BY_SCORE[85]) for ago in range(5)] + [(1 + ago, 30, BY_SCORE[80]) for ago in range(5)]
    row = found(*left_out, *newer, *old_and_alike)
    assert row is not None
    assert row["similar_games"] == 20
    assert row["similar_points"] == pytest.approx((3 * 40 * 100 + 17 * 10 * 85) / (3 * 100 + 17 * 85))


def test_a_game_counts_for_a_year() -> None:
    assert found((365, 20, {})) is not None
    assert found((366, 20, {})) is None


def test_one_game_has_no_spread() -> None:
    row = found((1, 20, {}))
    assert row is not None
    assert (row["similar_games"], row["similar_points"]) == (1, 20)
    assert row["similar_points_std"] != row["similar_points_std"]


def test_each_player_and_date_is_compared_with_its_own_evening() -> None:
    tomorrow = TONIGHT + dt.timedelta(days=1)
    evenings = [
        {"game_date": TONIGHT, "player_id": 1, **EVENING},
        {"game_date": tomorrow, "player_id": 1, **EVENING, "opponent_tier": 2},
        {"game_date": TONIGHT, "player_id": 2, **EVENING, "rest_bucket": 0},
    ]
    game = {**EVENING, "event_date": TONIGHT - dt.timedelta(days=9), "points": 12}
    past = [game | {name: evening[name] for name in KEYS} for evening in evenings]
    rows = similar_games(table(past, event_date="date", points="int64"), table(evenings)).execute()
    scores = {(row.game_date.date(), row.player_id): row.similar_score for row in rows.itertuples()}
    assert scores == {(TONIGHT, 1): 100, (tomorrow, 1): 80, (TONIGHT, 2): 85}


@pytest.mark.parametrize(
    ("facts", "part", "wanted"),
    [
        *(({"def_rating_rank": rank}, "opponent_tier", tier) for rank, tier in ((1, 0), (10, 0), (11, 1), (20, 1))),
        *(({"def_rating_rank": rank}, "opponent_tier", tier) for rank, tier in ((21, 2), (30, 2), (None, None))),
        *(({"days_rest": days}, "rest_bucket", days) for days in (0, 1, 2, 3, None)),
        ({"days_rest": 9}, "rest_bucket", 3),
        *(({"points_avg_last_5": five}, "form_tier", form) for five, form in ((23, 1), (22.9, 0), (17.1, 0), (17, -1))),
        ({"points_avg_last_5": None}, "form_tier", None),
        *(({"home_away": venue}, "venue", venue) for venue in (0.0, 0.5, 1.0)),
    ],
)
def test_how_a_game_is_described(facts: dict[str, Any], part: str, wanted: float | None) -> None:
    known = {"def_rating_rank": 15, "days_rest": 1, "points_avg_last_5": 20.0, "points_avg_season": 20.0}
    types = {"def_rating_rank": "int64", "days_rest": "int64", "points_avg_last_5": "float64"}
    types |= {"points_avg_season": "float64", "home_away": "float64"}
    game = ibis.memtable([known | {"home_away": 1.0} | facts], schema=ibis.schema(types))
    (value,) = game.select(**described(game)).to_pyarrow()[part].to_pylist()
    assert value == wanted

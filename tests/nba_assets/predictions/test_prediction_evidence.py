from typing import Any

import pytest

from ..analytics.league import League, Row, day
from ..upstream import NEUTRAL, TONIGHT, context, defence, season

TABLE = "prediction_evidence"
LAST_WEEK = "2024-12-03"
NO_FORECAST = ("similar_points", "similar_score", "similar_points_std", "minutes_last_1", "points_avg_last_60")


@pytest.fixture
def tonight(league: League) -> Row:
    """At home to an average defence, a day of rest, form as ever."""
    season(league)
    game = league.game(TONIGHT, "BOS", "NYK", status="scheduled")
    his = context(league, game)
    features(league, TONIGHT, game_id=his["game_id"], home_away=1.0)
    defence(league, def_rating_rank=15)
    return game


def features(league: League, date: str, **facts: Any) -> None:
    """A row of the feature store as that morning left it."""
    known = {"player_lookup": "player1", "player_id": 1, "team_abbr": "BOS", "opponent_team_abbr": "NYK"}
    known |= {"points_avg_last_5": 20.0, "points_avg_season": 20.0, "minutes_avg_last_10": 30.0}
    league.add("ml_feature_store_v2", game_date=day(date), quality_tier="gold", **known | facts)


def last_week(league: League, rank: int | None = 15, five: float | None = 20.0, **facts: Any) -> None:
    """A game like tonight's; `rank` and `five` are what its own morning said."""
    sides = ("MIA", "BOS") if facts.pop("away", False) else ("BOS", "MIA")
    game = league.game(LAST_WEEK, *sides, neutral_site=facts.pop("neutral_site", False))
    league.line(game, "BOS", 1, points=26, **{"days_rest": 1} | facts)
    if rank is not None:
        defence(league, LAST_WEEK, "MIA", def_rating_rank=rank)
    if five is not None:
        features(league, LAST_WEEK, game_id=game["game_id"], points_avg_last_5=five, opponent_team_abbr="MIA")


def his(league: League) -> Row:
    return league.one(TABLE, TONIGHT, player_lookup="player1")


def test_a_row_of_the_features_has_its_evidence(league: League, tonight: Row) -> None:
    last_week(league)
    row = his(league)
    assert (row["game_id"], row["player_id"], row["player_status"]) == (tonight["game_id"], 1, "available")
    assert (row["similar_games"], row["similar_points"], row["similar_score"]) == (1, 26, 100)
    assert {name: row[name] for name in NEUTRAL} == NEUTRAL


@pytest.mark.parametrize(
    ("facts", "score"),
    [
        ({"rank": 10}, 80),
        ({"rank": 21}, 80),
        ({"five": 23.0}, 90),
        ({"five": 17.0}, 90),
        ({"days_rest": 0}, 85),
        ({"days_rest": 5}, 70),
        ({"away": True}, 85),
        ({"neutral_site": True}, 85),
        ({"rank": None}, 100),  # the rest of what is known is the same
        ({"five": None, "days_rest": 2}, 100 * 70 / 85),
        ({"rank": None, "five": None}, None),  # nobody had looked at either side yet: too little to compare
    ],
)
def test_a_past_game_is_what_its_own_morning_knew(
    league: League, tonight: Row, facts: dict[str, Any], score: float | None
) -> None:
    """Measured by how the game went, every good night would have been a hot one against a weak defence."""
    last_week(league, **facts)
    row = his(league)
    assert row["similar_games"] == (score is not None)
    assert row["similar_score"] == (None if score is None else pytest.approx(score))


def test_the_evening_of_another_team_or_date_does_not_describe_his_game(league: League, tonight: Row) -> None:
    last_week(league, rank=None, five=None)
    defence(league, "2024-12-02", "MIA", def_rating_rank=15)
    defence(league, LAST_WEEK, "NYK", def_rating_rank=15)
    features(league, "2024-12-02", game_id="0022400001")
    assert his(league)["similar_games"] == 0


def test_tonights_game_says_nothing_of_tonight(league: League, tonight: Row) -> None:
    before = his(league)
    league.line(tonight, "BOS", 1, points=50, minutes=48, fga=30, fta=20, starter=True)
    assert his(league) == before
    assert before["similar_games"] == 0
    assert [before[name] for name in NO_FORECAST] == [None] * len(NO_FORECAST)


def test_what_is_unknown_of_the_opponent_stays_unknown(league: League, tonight: Row) -> None:
    league.facts["team_defense_zone_analysis"].clear()
    row = his(league)
    assert [row[name] for name in NEUTRAL] == [None] * 3


def test_every_row_of_the_features_has_one_and_nobody_else(league: League, tonight: Row) -> None:
    context(league, tonight, player=2)
    features(league, TONIGHT, game_id=tonight["game_id"], player_id=3, player_lookup="player3")
    rows = {row["player_id"]: row for row in league.compute(TABLE, TONIGHT)}
    assert set(rows) == {1, 3}
    assert (rows[3]["player_status"], rows[3]["vacated_minutes"]) == (None, None)

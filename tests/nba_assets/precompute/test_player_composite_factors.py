import json
from typing import Any

import pytest

from ..analytics.league import League, Row
from ..upstream import TONIGHT, UNREADY, context, defence, season, team_context, zones

TABLE = "player_composite_factors"
TIRED = {
    "days_rest": 0,
    "back_to_back": True,
    "games_last_7_days": 4,
    "minutes_last_7_days": 138.0,
    "avg_minutes_last_7_days": 34.5,
    "back_to_backs_last_14_days": 1,
    "player_age": 31.0,
}
ONE_STAR_OUT = {"projected_usage_rate": 0.26 * (1 + 0.5 * 0.175 / 0.74), "star_teammates_out": 1}
EXAMPLE = {**TIRED, **ONE_STAR_OUT, "pace_differential": 101.4 - 98.6}
PAINT = {"paint_rate": 0.45, "mid_range_rate": 0.20, "three_rate": 0.35, "primary_zone": "paint"}
BALANCED = {"paint_rate": 0.30, "mid_range_rate": 0.34, "three_rate": 0.36, "primary_zone": "balanced"}


@pytest.fixture
def tonight(league: League) -> Row:
    season(league)
    return league.game(TONIGHT, "BOS", "NYK", status="scheduled")


def factors(
    league: League,
    tonight: Row,
    his: Row | None = None,
    shots: Row | None = None,
    allowed: Row | None = None,
    **which: Any,
) -> Row:
    context(league, tonight, **(his or {}))
    team_context(league, tonight)
    zones(league, **(shots or {}))
    defence(league, **(allowed or {}))
    return league.one(TABLE, TONIGHT, **which)


def test_the_worked_example_of_fatigue(league: League, tonight: Row) -> None:
    """100 - 15 (back-to-back) - 10 (four games) - 5 (an earlier back-to-back) - 5 (his age)."""
    row = factors(league, tonight, TIRED)
    assert row["fatigue_score"] == 65
    assert row["fatigue_adjustment"] == pytest.approx(-1.75)


@pytest.mark.parametrize(
    ("his", "score"),
    [
        ({}, 100),
        ({"days_rest": 0}, 85),
        ({"days_rest": 1, "games_last_7_days": 4}, 90),
        ({"days_rest": 2, "games_last_7_days": 4}, 95),
        ({"games_last_7_days": 3}, 100),
        ({"minutes_last_7_days": 140.0}, 100),
        ({"minutes_last_7_days": 140.1}, 90),
        ({"avg_minutes_last_7_days": 35.0}, 100),
        ({"avg_minutes_last_7_days": 35.1}, 92),
        ({"avg_minutes_last_7_days": None, "games_last_7_days": 0, "minutes_last_7_days": 0.0}, 100),
        ({"back_to_backs_last_14_days": 1}, 95),
        ({"back_to_backs_last_14_days": 2}, 88),
        ({"back_to_backs_last_14_days": 3}, 88),
        ({"player_age": 29.9}, 100),
        ({"player_age": 30.0}, 95),
        ({"player_age": 34.9}, 95),
        ({"player_age": 35.0}, 90),
        ({"player_age": None}, 100),
        ({"days_rest": None}, None),
    ],
)
def test_each_term_of_fatigue(league: League, tonight: Row, his: Row, score: float | None) -> None:
    row = factors(league, tonight, his)
    assert row["fatigue_score"] == score
    assert row["fatigue_adjustment"] == (score and pytest.approx((score - 100) / 20))


def test_everything_that_tires_at_once(league: League, tonight: Row) -> None:
    """100 - 15 - 10 - 10 - 8 - 12 - 10 = 35: the worst there is."""
    worst = {"days_rest": 0, "games_last_7_days": 4, "minutes_last_7_days": 160.0, "avg_minutes_last_7_days": 40.0}
    row = factors(league, tonight, worst | {"back_to_backs_last_14_days": 2, "player_age": 38.0})
    assert (row["fatigue_score"], row["fatigue_adjustment"]) == (35, pytest.approx(-3.25))


@pytest.mark.parametrize("rest", [1, 2, 3, 9])
def test_a_rested_player_is_not_punished(league: League, tonight: Row, rest: int) -> None:
    """Nine days without a game, as after the All-Star break, are worth no more than two."""
    row = factors(league, tonight, {"days_rest": rest})
    assert (row["fatigue_score"], row["fatigue_adjustment"], row["total_composite_adjustment"]) == (
        *(100, 0),
        pytest.approx(0.9429),
    )


def test_the_worked_examples_of_the_mismatch(league: League, tonight: Row) -> None:
    row = factors(league, tonight)
    assert row["shot_zone_mismatch_score"] == pytest.approx(0.9429)
    league.facts["player_shot_zone_analysis"][0].update(PAINT)
    league.facts["team_defense_zone_analysis"][0]["paint_vs_league"] = 0.06
    assert league.one(TABLE, TONIGHT)["shot_zone_mismatch_score"] == pytest.approx(6.48)


@pytest.mark.parametrize(
    ("shots", "allowed", "score"),
    [
        ({"three_rate": 0.90}, {"three_vs_league": 0.04}, 4),  # a share above half counts as half
        ({}, {"three_vs_league": 0.05}, 5),  # 5 is not more than 5
        ({}, {"three_vs_league": 0.0501}, 5.01 * 1.2),
        ({}, {"three_vs_league": -0.0501}, -5.01 * 1.2),
        ({}, {"three_vs_league": 0.09}, 10),
        ({}, {"three_vs_league": -0.09}, -10),
        (BALANCED, {}, 0.30 * 1 + 0.34 * 2 + 0.36 * 0.9429),
        (PAINT | {"primary_zone": "mid_range"}, {}, 2 * 0.4),
        ({}, {"three_vs_league": None}, None),
        ({}, {"paint_vs_league": None}, 0.9429),
        (BALANCED, {"paint_vs_league": None}, None),
        (dict.fromkeys(PAINT), {}, None),
    ],
)
def test_the_mismatch_follows_his_zone_and_its_defence(
    league: League, tonight: Row, shots: Row, allowed: Row, score: float | None
) -> None:
    row = factors(league, tonight, shots=shots, allowed=allowed)
    assert row["shot_zone_mismatch_score"] == (score and pytest.approx(score))


def test_a_weaker_defence_raises_the_score(league: League, tonight: Row) -> None:
    stingy = factors(league, tonight, allowed={"three_vs_league": -0.02})
    league.facts["team_defense_zone_analysis"][0]["three_vs_league"] = 0.02
    generous = league.one(TABLE, TONIGHT)
    assert stingy["shot_zone_mismatch_score"] < 0 < generous["shot_zone_mismatch_score"]
    assert stingy["total_composite_adjustment"] < generous["total_composite_adjustment"]


def test_the_defence_is_that_of_the_schedules_opponent(league: League, tonight: Row) -> None:
    for team in ("BOS", "MIA"):
        defence(league, team=team, three_vs_league=-0.08)
    row = factors(league, tonight)
    assert (row["opponent_team_abbr"], row["shot_zone_mismatch_score"]) == ("NYK", pytest.approx(0.9429))


@pytest.mark.parametrize(
    ("difference", "score"), [(2.8, 1.4), (-2.8, -1.4), (6.0, 3), (9.0, 3), (-9.0, -3), (0.0, 0.0), (None, None)]
)
def test_a_faster_opponent_raises_the_pace_score(
    league: League, tonight: Row, difference: float | None, score: float | None
) -> None:
    row = factors(league, tonight, {"pace_differential": difference})
    assert row["pace_score"] == (score if score is None else pytest.approx(score))


@pytest.mark.parametrize(
    ("his", "score"),
    [
        (ONE_STAR_OUT, 1.061),
        (ONE_STAR_OUT | {"star_teammates_out": 0}, 0.9223),
        (ONE_STAR_OUT | {"star_teammates_out": 2}, 0.9223 * 1.30),
        (ONE_STAR_OUT | {"star_teammates_out": 3}, 0.9223 * 1.30),
        ({"projected_usage_rate": 0.38}, 3),
        ({}, 0.0),
        ({"projected_usage_rate": None, "star_teammates_out": None}, None),
        ({"projected_usage_rate": None, "avg_usage_rate_last_10": None}, None),
    ],
)
def test_the_usage_of_absent_team_mates(league: League, tonight: Row, his: Row, score: float | None) -> None:
    row = factors(league, tonight, his)
    assert row["usage_spike_score"] == (score if score is None else pytest.approx(score, abs=5e-4))


def test_the_worked_example_of_the_sum(league: League, tonight: Row) -> None:
    row = factors(league, tonight, EXAMPLE)
    assert row["total_composite_adjustment"] == pytest.approx(1.6535, abs=5e-5)
    assert row["missing_factors"] == []


@pytest.mark.parametrize(
    ("his", "allowed", "missing", "total"),
    [
        ({"projected_usage_rate": None}, {}, ["usage"], 1.6535 - 1.0606),
        ({}, {"three_vs_league": None}, ["mismatch"], 1.6535 - 0.9429),
        ({"player_age": None}, {}, ["age"], 1.6535 + 0.25),
        ({"projected_usage_rate": None}, {"three_vs_league": None}, ["mismatch", "usage"], -0.35),
        ({"pace_differential": None}, {}, ["pace"], None),
        ({"days_rest": None}, {}, ["fatigue"], None),
    ],
)
def test_what_is_unknown_is_named_and_left_out_if_it_may_be(
    league: League, tonight: Row, his: Row, allowed: Row, missing: list[str], total: float | None
) -> None:
    row = factors(league, tonight, EXAMPLE | his, allowed=allowed)
    assert row["missing_factors"] == missing
    assert row["total_composite_adjustment"] == (total and pytest.approx(total, abs=1e-4))


def test_the_inputs_can_be_read_again(league: League, tonight: Row) -> None:
    context_json = json.loads(factors(league, tonight, EXAMPLE | {"player_age": None})["factor_context"])
    assert context_json["primary_zone"] == "three"
    assert (context_json["days_rest"], context_json["minutes_last_7_days"], context_json["player_age"]) == (
        0,
        138,
        None,
    )
    assert (context_json["three_rate"], context_json["three_vs_league"]) == (0.5, 0.0094)
    assert (
        context_json["pace_differential"],
        context_json["star_teammates_out"],
        context_json["projected_usage_rate"],
    ) == (2.8, 1, 0.2907)


def test_a_player_of_four_games_has_his_factors_but_is_not_ready(league: League, tonight: Row) -> None:
    """He has no zones yet: what remains is three of four rows."""
    context(league, tonight, **EXAMPLE)
    team_context(league, tonight)
    defence(league)
    row = league.one(TABLE, TONIGHT)
    assert (row["expected_count"], row["actual_count"], row["completeness"]) == (4, 3, 0.75)
    assert (row["is_production_ready"], row["readiness_reasons"]) == (False, ["upstream:PSZA missing"])
    assert (row["fatigue_score"], row["pace_score"], row["shot_zone_mismatch_score"]) == (65, pytest.approx(1.4), None)
    assert row["total_composite_adjustment"] == pytest.approx(1.6535 - 0.9429, abs=1e-4)


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("upcoming_player_game_context", "UPGC"),
        ("upcoming_team_game_context", "UTGC"),
        ("player_shot_zone_analysis", "PSZA"),
        ("team_defense_zone_analysis", "TDZA"),
    ],
)
def test_a_row_is_as_ready_as_what_it_is_made_of(league: League, tonight: Row, table: str, name: str) -> None:
    assert factors(league, tonight)["is_production_ready"]
    league.facts[table][0].update(UNREADY)
    row = league.one(TABLE, TONIGHT)
    assert (row["completeness"], row["is_production_ready"]) == (1, False)
    assert row["readiness_reasons"] == [f"upstream:{name}"]


def test_two_of_four_rows_are_too_few_by_themselves(league: League, tonight: Row) -> None:
    context(league, tonight)
    team_context(league, tonight)
    row = league.one(TABLE, TONIGHT)
    assert row["readiness_reasons"] == ["own:0.50", "upstream:PSZA missing", "upstream:TDZA missing"]


@pytest.mark.parametrize(("date", "rows"), [("2024-11-04", 0), ("2024-11-05", 1)])
def test_the_first_fortnight_has_no_rows(league: League, date: str, rows: int) -> None:
    season(league)
    context(league, league.game(date, "BOS", "NYK", status="scheduled"))
    assert len(league.compute(TABLE, date)) == rows

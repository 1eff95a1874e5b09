from typing import Any

import pytest

from models.features import BASE

from ..analytics.league import League, Row, day, moment
from ..upstream import EVEN, READY, TONIGHT, UNREADY, context, days_before, defence, season, team_context, zones

TABLE = "ml_feature_store_v2"
PAST = days_before(TONIGHT, *range(20, 0, -2))
BY_ZONE = {"pct_paint": "paint_rate", "pct_mid_range": "mid_range_rate", "pct_three": "three_rate"}


@pytest.fixture
def tonight(league: League) -> Row:
    """A sound evening: every feature known, all rows it is made of ready."""
    season(league)
    game = league.game(TONIGHT, "BOS", "NYK", status="scheduled")
    context(league, game)
    team_context(league, game)
    zones(league)
    defence(league)
    known = {"fatigue_score": 85.0, "shot_zone_mismatch_score": 0.94, "pace_score": 1.4, "usage_spike_score": 1.06}
    his = {"player_lookup": "player1", "player_id": 1, "game_id": game["game_id"]}
    league.add("player_composite_factors", game_date=day(TONIGHT), opponent_team_abbr="NYK", **his, **known, **READY)
    form = {"points_avg_last_5": 24.2, "points_avg_last_10": 22.8, "points_avg_season": 21.5}
    form |= {"points_std_last_10": 5.1, "minutes_avg_last_10": 34.0, "minutes_avg_season": 33.0}
    form |= {"ppm_avg_last_10": 0.67, "free_throw_points_share_last_10": 0.2, "games_played_season": 20}
    form |= {"team_pace_last_10": 99.0, "team_off_rating_last_10": 113.0, "games_last_7_days": 2, "early_season": False}
    league.add("player_daily_cache", cache_date=day(TONIGHT), player_lookup="player1", player_id=1, **form, **READY)
    numbers = {"line": 19.5, "opening_line": 20.5, "line_move": -1.0, "n_books": 1, "n_books_at_line": 1}
    league.add("player_prop_lines", game_date=day(TONIGHT), **his, **numbers, line_known_at=moment(f"{TONIGHT} 20:00"))
    scores(league, 20, 20, 20, 20, 20)
    return game


def scores(league: League, *points: int, opponent: str = "NYK") -> None:
    """His last games, the oldest first."""
    league.facts["player_game_summary"].clear()
    for date, scored in zip(PAST[-len(points) :], points, strict=True):
        league.line(league.game(date, "BOS", opponent), "BOS", 1, points=scored)


def change(league: League, table: str, **facts: Any) -> None:
    assert set(facts) <= set(league.facts[table][0])
    league.facts[table][0].update(facts)


def his(league: League) -> Row:
    return league.one(TABLE, TONIGHT, player_lookup="player1")


def test_a_sound_row_knows_all_33_features(league: League, tonight: Row) -> None:
    row = his(league)
    assert [name for name in BASE.names if row[name] is None] == []
    assert (row["missing_features"], row["feature_quality_score"], row["quality_tier"]) == ([], 100, "gold")
    assert (row["is_production_ready"], row["readiness_reasons"]) == (True, [])
    assert (row["expected_count"], row["actual_count"], row["completeness"]) == (22, 22, 1)
    assert (row["is_prop_eligible"], row["feature_contract"]) == (True, BASE.stamp)


def test_features_come_from_where_the_contract_says(league: League, tonight: Row) -> None:
    change(league, "team_defense_zone_analysis", defensive_rating=108.0, opponent_pace=97.0)
    defence(league, team="BOS", defensive_rating=120.0, opponent_pace=105.0)
    row = his(league)
    assert (row["points_avg_last_5"], row["points_avg_last_10"], row["points_avg_season"]) == (24.2, 22.8, 21.5)
    assert (row["points_std_last_10"], row["games_in_last_7_days"], row["minutes_avg_last_10"]) == (5.1, 2, 34)
    assert (row["fatigue_score"], row["shot_zone_mismatch_score"]) == (85, 0.94)
    assert (row["pace_score"], row["usage_spike_score"]) == (1.4, 1.06)
    assert (row["opponent_def_rating"], row["opponent_pace"]) == (108, 97)
    assert (row["team_pace"], row["team_off_rating"], row["team_win_pct"]) == (99, 113, 0.6)
    assert {name: row[name] for name in BY_ZONE} == {name: EVEN[rate] for name, rate in BY_ZONE.items()}
    assert (row["pct_free_throw"], row["ppm_avg_last_10"]) == (0.2, 0.67)
    assert (row["vegas_points_line"], row["vegas_opening_line"], row["vegas_line_move"]) == (19.5, 20.5, -1)


@pytest.mark.parametrize(
    ("oldest_first", "trend"),
    [
        ((19, 21, 20, 28, 30), 2),
        ((20, 20, 20, 25, 25), 2),
        ((20, 20, 20, 24, 25), 1),
        ((20, 20, 20, 22, 22), 1),
        ((20, 20, 20, 21, 22), 0),
        ((20, 20, 20, 19, 18), 0),
        ((20, 20, 20, 18, 18), -1),
        ((20, 20, 20, 15, 15), -2),
        ((0, 0, 19, 21, 20, 28, 30), 2),
        ((20, 20, 25, 25), None),
    ],
)
def test_the_trend_is_the_newest_two_games_against_the_three_before(
    league: League, tonight: Row, oldest_first: tuple[int, ...], trend: float | None
) -> None:
    scores(league, *oldest_first)
    row = his(league)
    assert row["recent_trend"] == trend
    assert row["missing_features"] == ([] if trend is not None else ["recent_trend"])


@pytest.mark.parametrize(
    ("lately", "season_long", "step"),
    [
        (24.0, 20.0, 2),
        (23.9, 20.0, 1),
        (22.0, 20.0, 1),
        (21.9, 20.0, 0),
        (20.0, 20.0, 0),
        (18.1, 20.0, 0),
        (18.0, 20.0, -1),
        (16.0, 20.0, -2),
        (None, 20.0, None),
        (0.0, 0.0, None),
    ],
)
def test_minutes_change_in_steps_of_a_tenth_and_a_fifth(
    league: League, tonight: Row, lately: float | None, season_long: float, step: float | None
) -> None:
    change(league, "player_daily_cache", minutes_avg_last_10=lately, minutes_avg_season=season_long)
    assert his(league)["minutes_change"] == step


@pytest.mark.parametrize(
    ("own", "theirs", "advantage"),
    [(1, 1, 0), (1, 0, 1), (0, 1, -1), (8, 1, 2), (0, 3, -2), (None, 1, None), (1, None, None)],
)
def test_more_rest_than_the_opponent_is_an_advantage_of_two_days_at_most(
    league: League, tonight: Row, own: int | None, theirs: int | None, advantage: float | None
) -> None:
    change(league, "upcoming_player_game_context", days_rest=own, opponent_days_rest=theirs)
    assert his(league)["rest_advantage"] == advantage


@pytest.mark.parametrize(
    ("status", "risk", "plays"),
    [
        ("available", 0, True),
        ("probable", 1, True),
        ("questionable", 2, True),
        ("doubtful", 3, False),
        ("out", 3, False),
        (None, None, True),
    ],
)
def test_who_is_out_or_doubtful_is_no_bet(
    league: League, tonight: Row, status: str | None, risk: float | None, plays: bool
) -> None:
    change(league, "upcoming_player_game_context", player_status=status)
    row = his(league)
    assert (row["injury_risk"], row["is_prop_eligible"]) == (risk, plays)


@pytest.mark.parametrize(
    ("at_home", "neutral", "venue"), [(True, False, 1), (False, False, 0), (True, True, 0.5), (True, None, 1)]
)
def test_a_neutral_floor_is_half_a_home(
    league: League, tonight: Row, at_home: bool, neutral: bool | None, venue: float
) -> None:
    change(league, "upcoming_player_game_context", is_home=at_home)
    change(league, "upcoming_team_game_context", neutral_site=neutral)
    assert his(league)["home_away"] == venue


@pytest.mark.parametrize(("kind", "flag"), [("regular", 0), ("nba_cup_final", 0), ("play_in", 1), ("playoffs", 1)])
def test_playoff_games_are_marked(league: League, tonight: Row, kind: str, flag: float) -> None:
    change(league, "upcoming_player_game_context", season_type=kind)
    assert his(league)["playoff_game"] == flag


@pytest.mark.parametrize(("yesterday", "flag"), [(True, 1), (False, 0), (None, None)])
def test_two_games_in_two_days_are_marked(
    league: League, tonight: Row, yesterday: bool | None, flag: float | None
) -> None:
    change(league, "upcoming_player_game_context", back_to_back=yesterday)
    assert his(league)["back_to_back"] == flag


def test_without_a_line_there_is_none_and_the_row_is_sound(league: League, tonight: Row) -> None:
    league.facts["player_prop_lines"].clear()
    row = his(league)
    lines = ["vegas_points_line", "vegas_opening_line", "vegas_line_move"]
    assert [row[name] for name in lines] == [None] * 3
    assert (row["has_vegas_line"], row["missing_features"], row["is_production_ready"]) == (0, lines, True)


def test_a_line_of_another_game_is_not_his(league: League, tonight: Row) -> None:
    """He was listed with the team that traded him this morning."""
    change(league, "player_prop_lines", game_id="0099999999")
    row = his(league)
    assert (row["vegas_points_line"], row["vegas_line_move"], row["has_vegas_line"]) == (None, None, 0)


@pytest.mark.parametrize(
    ("minutes", "line", "ready", "eligible"),
    [(15.0, False, True, True), (14.9, False, True, False), (14.9, True, True, True), (30.0, True, False, False)],
)
def test_a_bet_needs_a_sound_row_and_a_line_or_fifteen_minutes(
    league: League, tonight: Row, minutes: float, line: bool, ready: bool, eligible: bool
) -> None:
    change(league, "player_daily_cache", minutes_avg_last_10=minutes)
    if not line:
        league.facts["player_prop_lines"].clear()
    if not ready:
        change(league, "player_composite_factors", **UNREADY)
    assert his(league)["is_prop_eligible"] is eligible


def test_meetings_of_three_years_count_and_older_ones_do_not(league: League, tonight: Row) -> None:
    """Three games against tonight's opponent, with two teams; one against another, one he watched, one too old."""
    scores(league, 20, 20, 20, 20, 20, opponent="MIA")
    for date, team, points in (("2021-12-10", "BOS", 13), ("2023-02-01", "UTA", 26), (PAST[0], "BOS", 30)):
        league.line(league.game(date, team, "NYK"), team, 1, points=points)
    league.line(league.game("2021-12-08", "BOS", "NYK"), "BOS", 1, points=60)
    league.line(league.game("2024-02-01", "BOS", "NYK"), "BOS", 1, minutes=0, points=0)
    row = his(league)
    assert (row["games_vs_opponent"], row["avg_points_vs_opponent"]) == (3, 23)


def test_who_never_met_the_opponent_has_met_him_nought_times(league: League, tonight: Row) -> None:
    scores(league, 20, 20, 20, 20, 20, opponent="MIA")
    row = his(league)
    assert (row["games_vs_opponent"], row["avg_points_vs_opponent"]) == (0, None)
    assert (row["missing_features"], row["is_production_ready"]) == (["avg_points_vs_opponent"], True)


def test_tonights_own_game_changes_nothing(league: League, tonight: Row) -> None:
    before = his(league)
    league.line(tonight, "BOS", 1, points=60)
    assert his(league) == before


OPTIONAL = {
    "vegas": ("player_prop_lines", {"line": None, "opening_line": None, "line_move": None}),
    "zones": ("player_shot_zone_analysis", dict.fromkeys((*BY_ZONE.values(), "primary_zone"))),
    "mismatch": ("player_composite_factors", {"shot_zone_mismatch_score": None}),
    "usage": ("player_composite_factors", {"usage_spike_score": None}),
    "injuries": ("upcoming_player_game_context", {"player_status": None}),
    "free throws": ("player_daily_cache", {"free_throw_points_share_last_10": None}),
}
REQUIRED = {
    "spread": ("player_daily_cache", {"points_std_last_10": None}),
    "pace": ("player_daily_cache", {"team_pace_last_10": None}),
    "rating": ("player_daily_cache", {"team_off_rating_last_10": None}),
    "wins": ("upcoming_team_game_context", {"win_pct_season": None}),
    "rest": ("upcoming_player_game_context", {"days_rest": None}),
    "factor": ("player_composite_factors", {"pace_score": None}),
}


@pytest.mark.parametrize(
    ("lacking", "missing", "score", "tier"),
    [
        (["usage"], 1, 3200 / 33, "gold"),
        (["usage", "mismatch"], 2, 3100 / 33, "silver"),
        (["usage", "zones"], 4, 2900 / 33, "silver"),
        (["usage", "mismatch", "zones"], 5, 2800 / 33, "bronze"),
        (["vegas", "zones", "mismatch", "usage", "injuries"], 9, 2400 / 33, "bronze"),
        (["vegas", "zones", "mismatch", "usage", "injuries", "free throws"], 10, 2300 / 33, "poor"),
        (["spread"], 1, 69, "poor"),
        (["spread", "pace", "rating", "wins"], 4, 69, "poor"),
        (["spread", "pace", "rating", "wins", "rest"], 5, 49, "critical"),
        (["spread", "vegas", "zones", "mismatch", "usage", "injuries", "free throws"], 11, 2200 / 33, "poor"),
        ([*REQUIRED, *OPTIONAL], 16, 49, "critical"),
    ],
)
def test_the_quality_is_the_share_that_is_known_and_limited_where_a_required_one_lacks(
    league: League, tonight: Row, lacking: list[str], missing: int, score: float, tier: str
) -> None:
    for name in lacking:
        table, facts = (OPTIONAL | REQUIRED)[name]
        if name == "vegas":
            league.facts[table].clear()
        else:
            change(league, table, **facts)
    row = his(league)
    assert len(row["missing_features"]) == missing
    assert (row["feature_quality_score"], row["quality_tier"]) == (pytest.approx(score), tier)
    required = sum(name in REQUIRED for name in lacking)
    assert (row["expected_count"], row["actual_count"]) == (22, 22 - required)
    assert row["is_production_ready"] is (required <= 6)


def test_missing_features_are_named_in_the_order_of_the_contract(league: League, tonight: Row) -> None:
    for name in ("zones", "free throws", "usage", "spread"):
        table, facts = (OPTIONAL | REQUIRED)[name]
        change(league, table, **facts)
    row = his(league)
    assert row["missing_features"] == [name for name in BASE.names if row[name] is None]
    assert len(row["missing_features"]) == 6


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("player_daily_cache", "upstream:PDC"),
        ("player_composite_factors", "upstream:PCF"),
        ("team_defense_zone_analysis", "upstream:TDZA"),
    ],
)
def test_a_row_is_as_ready_as_what_it_is_made_of(league: League, tonight: Row, table: str, reason: str) -> None:
    change(league, table, **UNREADY)
    row = his(league)
    assert (row["is_production_ready"], row["readiness_reasons"]) == (False, [reason])
    assert row["feature_quality_score"] == 100


def test_without_his_averages_a_row_is_not_ready(league: League, tonight: Row) -> None:
    change(league, "player_daily_cache", points_avg_last_5=None)
    row = his(league)
    assert (row["actual_count"], row["completeness"]) == (21, pytest.approx(21 / 22))
    assert row["readiness_reasons"] == ["upstream:averages"]


def test_a_player_of_whom_nothing_is_known_has_a_row_that_says_so(league: League, tonight: Row) -> None:
    for table in ("player_daily_cache", "player_composite_factors", "player_shot_zone_analysis"):
        league.facts[table].clear()
    league.facts["player_game_summary"].clear()
    row = his(league)
    assert (row["early_season"], row["is_prop_eligible"], row["quality_tier"]) == (True, False, "critical")
    assert row["readiness_reasons"][1:] == ["upstream:PDC missing", "upstream:PCF missing", "upstream:averages"]


@pytest.mark.parametrize(("date", "rows"), [("2024-11-04", 0), ("2024-11-05", 1)])
def test_the_first_fortnight_has_no_rows(league: League, date: str, rows: int) -> None:
    season(league)
    context(league, league.game(date, "BOS", "NYK", status="scheduled"))
    assert len(league.compute(TABLE, date)) == rows

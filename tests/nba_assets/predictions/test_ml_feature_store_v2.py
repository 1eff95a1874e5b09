import pytest

from models.features import BASE

from ..analytics.league import League, Row
from ..upstream import EVEN, defence
from .features import BY_ZONE, PAST, change, his, scores, sound_evening


@pytest.fixture
def tonight(league: League) -> Row:
    return sound_evening(league)


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


def test_a_line_on_his_assists_is_none_on_his_points(league: League, tonight: Row) -> None:
    change(league, "player_prop_lines", market="player_assists")
    assert his(league)["has_vegas_line"] == 0


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

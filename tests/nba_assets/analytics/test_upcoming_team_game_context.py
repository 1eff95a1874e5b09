import pytest

from .league import League, Row, day

TONIGHT = "2024-12-10"


def context(league: League, team: str = "BOS", date: str = TONIGHT) -> Row:
    return league.one("upcoming_team_game_context", date, team_abbr=team)


def tonight(league: League, date: str = TONIGHT, **facts: str) -> Row:
    return league.game(date, "BOS", "NYK", **{"status": "scheduled"} | facts)


def played(league: League, *dates: str, team: str = "BOS", won: str = "", other: str = "LAL", **facts: float) -> None:
    """Games of one team, with its results in order: W, L, or ? where no box score was ever published."""
    for place, date in enumerate(dates):
        game = league.game(date, team, other)
        if (outcome := won[place] if won else "W") != "?":
            league.result(game, team, win=outcome == "W", **facts)


DECEMBER = [f"2024-12-{n:02d}" for n in range(1, 10)]
NOVEMBER = [f"2024-11-{n:02d}" for n in range(1, 31)]


def test_the_first_game_of_a_season_has_no_history_but_a_context(league: League) -> None:
    league.game("2024-04-14", "BOS", "NYK")
    league.game("2024-10-15", "BOS", "NYK", season_type="preseason")
    tonight(league, "2024-10-22")
    row = context(league, date="2024-10-22")
    assert (row["team_days_rest"], row["opponent_days_rest"], row["is_back_to_back"]) == (None, None, False)
    assert (row["games_last_7_days"], row["games_last_14_days"], row["game_number_in_season"]) == (0, 0, 1)
    assert (row["win_pct_season"], row["pace_last_10"], row["pace_differential"], row["streak"]) == (
        None,
        None,
        None,
        0,
    )
    assert (row["expected_count"], row["actual_count"], row["completeness"]) == (0, 0, None)
    assert (row["is_production_ready"], row["readiness_reasons"]) == (False, ["own:nothing expected"])


def test_each_game_has_a_row_for_both_teams(league: League) -> None:
    game = tonight(league, season_type="play_in", neutral_site=None)
    rows = {row["team_abbr"]: row for row in league.compute("upcoming_team_game_context", TONIGHT)}
    assert set(rows) == {"BOS", "NYK"}
    assert [rows[team]["is_home"] for team in ("BOS", "NYK")] == [True, False]
    assert [rows[team]["opponent_team_abbr"] for team in ("BOS", "NYK")] == ["NYK", "BOS"]
    assert {row["game_id"] for row in rows.values()} == {game["game_id"]}
    assert {(row["season_type"], row["neutral_site"]) for row in rows.values()} == {("play_in", None)}


@pytest.mark.parametrize(
    "facts",
    [{"status": "postponed"}, {"status": "cancelled"}, {"season_type": "preseason"}, {"season_type": "all_star"}],
)
def test_a_game_that_does_not_count_has_no_context(league: League, facts: dict[str, str]) -> None:
    tonight(league, **facts)
    assert league.compute("upcoming_team_game_context", TONIGHT) == []


def test_the_second_night_of_a_back_to_back_has_no_rest(league: League) -> None:
    played(league, "2024-12-09", team="NYK")
    played(league, "2024-12-07")
    tonight(league)
    row, other = context(league), context(league, "NYK")
    assert (row["team_days_rest"], row["opponent_days_rest"], row["is_back_to_back"]) == (2, 0, False)
    assert (other["team_days_rest"], other["opponent_days_rest"], other["is_back_to_back"]) == (0, 2, True)


def test_the_last_seven_days_begin_with_the_seventh_before(league: League) -> None:
    """In [D-7, D-1]: the 3rd counts and the 2nd does not; in 14 days the 26th does and the 25th does not."""
    played(league, "2024-11-25", "2024-11-26", "2024-12-02", "2024-12-03", "2024-12-08")
    tonight(league)
    row = context(league)
    assert (row["games_last_7_days"], row["games_last_14_days"], row["game_number_in_season"]) == (2, 4, 6)


def test_games_not_played_leave_every_count(league: League) -> None:
    league.game("2024-12-09", "BOS", "LAL", status="postponed")
    league.game("2024-10-15", "BOS", "LAL", season_type="preseason")
    played(league, "2024-12-05")
    tonight(league)
    row = context(league)
    assert (row["team_days_rest"], row["games_last_7_days"], row["game_number_in_season"]) == (4, 1, 2)
    assert row["expected_count"] == 1


def test_cup_final_and_play_in_are_games_like_others(league: League) -> None:
    game = league.game("2024-12-08", "BOS", "LAL", season_type="nba_cup_final")
    league.result(game, "BOS", win=True, pace=None)
    tonight(league)
    row = context(league)
    assert (row["team_days_rest"], row["game_number_in_season"], row["streak"]) == (1, 2, 1)


@pytest.mark.parametrize(("won", "share"), [("WWLW", None), ("WWLWL", 0.6), ("LLLLLL", 0.0)])
def test_a_record_needs_five_games(league: League, won: str, share: float | None) -> None:
    played(league, *DECEMBER[: len(won)], won=won)
    tonight(league)
    assert context(league)["win_pct_season"] == share


def test_the_record_is_of_the_whole_season_and_form_of_the_last_ten(league: League) -> None:
    played(league, *NOVEMBER[:5], won="LLLLL", pace=90.0, offensive_rating=100.0)
    played(league, *NOVEMBER[5:15], won="W" * 10, pace=102.0, offensive_rating=115.0)
    tonight(league)
    row = context(league)
    assert row["win_pct_season"] == pytest.approx(10 / 15)
    assert (row["pace_last_10"], row["off_rating_last_10"], row["streak"]) == (102.0, 115.0, 10)


@pytest.mark.parametrize(("games", "pace"), [(4, None), (5, 98.0)])
def test_pace_needs_five_games(league: League, games: int, pace: float | None) -> None:
    played(league, *DECEMBER[:games], pace=98.0)
    tonight(league)
    assert context(league)["pace_last_10"] == pace


def test_games_whose_pace_is_unknown_do_not_count_towards_the_five(league: League) -> None:
    played(league, *DECEMBER[:4], pace=98.0)
    played(league, *DECEMBER[4:6], pace=None)
    tonight(league)
    row = context(league)
    assert (row["pace_last_10"], row["off_rating_last_10"]) == (None, 110.0)


def test_a_faster_opponent_is_positive(league: League) -> None:
    """Opponent 101.4, own 98.6: +2.8."""
    played(league, *DECEMBER[:5], pace=98.6)
    played(league, *DECEMBER[:5], team="NYK", other="UTA", pace=101.4)
    tonight(league)
    row, other = context(league), context(league, "NYK")
    assert row["opponent_pace_last_10"] == 101.4
    assert row["pace_differential"] == pytest.approx(2.8)
    assert other["pace_differential"] == pytest.approx(-2.8)


@pytest.mark.parametrize(
    ("won", "streak"), [("LWW", 2), ("WWL", -1), ("WLLL", -3), ("WWW", 3), ("LL", -2), ("LWLW", 1), ("?", 0)]
)
def test_a_streak_counts_back_to_the_last_game_that_ended_otherwise(league: League, won: str, streak: int) -> None:
    played(league, *DECEMBER[: len(won)], won=won)
    tonight(league)
    assert context(league)["streak"] == streak


@pytest.mark.parametrize(("won", "streak"), [("LW?W", 2), ("LWW?", 2), ("WL?L", -2), ("L?W", 1), ("W?L?", -1)])
def test_a_game_whose_result_is_unknown_lengthens_no_streak(league: League, won: str, streak: int) -> None:
    played(league, *DECEMBER[: len(won)], won=won)
    tonight(league)
    assert context(league)["streak"] == streak


def test_a_streak_does_not_survive_the_summer(league: League) -> None:
    played(league, "2024-04-10", "2024-04-12", won="WW")
    tonight(league, "2024-10-22")
    assert context(league, date="2024-10-22")["streak"] == 0


def test_nothing_of_the_night_itself_is_read(league: League) -> None:
    game = tonight(league, status="final")
    league.result(game, "BOS", win=True)
    row = context(league)
    assert (row["streak"], row["game_number_in_season"], row["expected_count"], row["team_days_rest"]) == (
        0,
        1,
        0,
        None,
    )


def test_the_spread_is_seen_from_each_side(league: League) -> None:
    """Negative is favoured: the home side gives six and a half points, the visitors get them."""
    game = tonight(league)
    league.odds(game, "alpha", 30, spread_home=-6.5, total=221.0)
    row, other = context(league), context(league, "NYK")
    assert (row["spread"], row["total"]) == (-6.5, 221.0)
    assert (other["spread"], other["total"]) == (6.5, 221.0)


def test_the_market_is_the_median_of_each_books_latest_number(league: League) -> None:
    """Latest: alpha -5, beta -7, gamma -4.5; earlier ones and whatever was shown in play are not heard."""
    game = tonight(league)
    league.odds(game, "alpha", 300, spread_home=-12.0, total=200.0)
    league.odds(game, "alpha", 15, spread_home=-5.0, total=224.0)
    league.odds(game, "alpha", -20, spread_home=9.0, total=240.0)
    league.odds(game, "beta", 60, spread_home=-7.0, total=222.0)
    league.odds(game, "gamma", 1, spread_home=-4.5, total=227.5)
    row = context(league)
    assert (row["spread"], row["total"]) == (-5.0, 224.0)


def test_the_median_of_two_books_lies_between_them(league: League) -> None:
    game = tonight(league)
    league.odds(game, "alpha", 15, spread_home=-5.0, total=224.0)
    league.odds(game, "beta", 60, spread_home=-6.0)
    row = context(league)
    assert (row["spread"], row["total"]) == (-5.5, 224.0)


def test_a_number_shown_at_tip_off_or_later_is_no_forecast(league: League) -> None:
    game = tonight(league)
    league.odds(game, "alpha", 0, spread_home=-5.0, total=224.0)
    league.odds(game, "beta", -5, spread_home=-5.0, total=224.0)
    row = context(league)
    assert (row["spread"], row["total"]) == (None, None)


def test_where_only_open_and_close_are_published_the_close_is_the_latest(league: League) -> None:
    game = tonight(league)
    league.odds(game, "unknown", None, kind="open", spread_home=-3.0, total=220.0)
    league.odds(game, "unknown", None, kind="close", spread_home=-4.0, total=218.5)
    row = context(league)
    assert (row["spread"], row["total"]) == (-4.0, 218.5)


def test_another_games_odds_stay_there(league: League) -> None:
    tonight(league)
    league.odds(league.game(TONIGHT, "LAL", "UTA", status="scheduled"), "alpha", 30, spread_home=-6.5, total=221.0)
    assert (context(league)["spread"], context(league)["total"]) == (None, None)


def test_six_of_ten_games_known_is_not_ready(league: League) -> None:
    played(league, *NOVEMBER[:12], won="WW" + "?" * 4 + "W" * 6)
    tonight(league)
    row = context(league)
    assert (row["expected_count"], row["actual_count"], row["completeness"]) == (10, 6, 0.6)
    assert (row["is_production_ready"], row["readiness_reasons"]) == (False, ["own:0.60"])


def test_seven_of_ten_games_known_is_ready(league: League) -> None:
    played(league, *NOVEMBER[:10], won="???" + "W" * 7)
    tonight(league)
    row = context(league)
    assert (row["completeness"], row["is_production_ready"], row["readiness_reasons"]) == (0.7, True, [])


def test_only_finished_games_are_expected(league: League) -> None:
    """Tomorrow's context, made before tonight's games: they are in the schedule but nobody owes their box score."""
    played(league, *DECEMBER[:6])
    league.game("2024-12-09", "BOS", "LAL", status="scheduled")
    tonight(league)
    row = context(league)
    assert (row["expected_count"], row["actual_count"], row["is_production_ready"]) == (6, 6, True)
    assert (row["game_number_in_season"], row["team_days_rest"]) == (8, 0)


def test_a_box_score_ahead_of_its_schedule_is_not_more_than_all(league: League) -> None:
    """The box scores came in before the schedule said final: eleven tenths of a window would break the contract."""
    played(league, *DECEMBER[:6])
    league.facts["schedule"][-1]["status"] = "live"
    tonight(league)
    row = context(league)
    assert (row["expected_count"], row["actual_count"], row["completeness"]) == (5, 5, 1.0)


def test_a_moved_game_counts_on_its_new_date(league: League) -> None:
    """The result is still filed under the old date until its box score is refreshed: it is not read there."""
    played(league, "2024-12-05")
    league.facts["schedule"][-1]["game_date"] = day("2024-12-08")
    tonight(league)
    row = context(league)
    assert (row["team_days_rest"], row["expected_count"], row["actual_count"]) == (1, 1, 0)

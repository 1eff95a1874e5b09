import pytest

from .league import League, Row

TODAY = "2024-12-10"
BOX = {"fga": 88, "fta": 22, "tov": 14, "oreb": 10}


def game(league: League, date: str = TODAY, **facts: str) -> Row:
    played = league.game(date, "BOS", "NYK", **facts)
    league.team_box(played, "BOS", pts=112, opp_pts=104, **BOX)
    league.team_box(played, "NYK", pts=104, opp_pts=112, **BOX | {"fga": 91})
    return played


def minutes(league: League, played: Row, total: float, team: str = "BOS") -> None:
    """Five players share the minutes of the team."""
    for place in range(5):
        league.line(played, team, 10 + place + 100 * (team == "NYK"), total / 5)


def offense(league: League, team: str = "BOS", date: str = TODAY) -> Row:
    return league.one("team_offense_game_summary", date, team_abbr=team)


def defense(league: League, team: str = "BOS", date: str = TODAY) -> Row:
    league.compute("team_offense_game_summary", date)
    return league.one("team_defense_game_summary", date, defending_team_abbr=team)


def test_possessions_are_estimated_from_the_box_score(league: League) -> None:
    """88 + 0.44 x 22 + 14 - 10 = 101.68."""
    game(league)
    row = offense(league)
    assert row["possessions"] == pytest.approx(101.68)
    assert row["offensive_rating"] == pytest.approx(100 * 112 / 101.68)
    assert row["ts_pct"] == pytest.approx(112 / (2 * (88 + 0.44 * 22)))


def test_one_overtime_slows_the_pace_to_48_minutes(league: League) -> None:
    """101.68 x 48 / 53 = 92.09."""
    minutes(league, game(league), 265)
    row = offense(league)
    assert row["overtime_periods"] == 1
    assert row["pace"] == pytest.approx(92.09, abs=5e-3)


@pytest.mark.parametrize(
    ("total", "periods"),
    [
        (240, 0),
        (236, 0),
        (244, 0),
        (228, 0),
        (252, 0),
        (253, 1),
        (265, 1),
        (262, 1),
        (277, 1),
        (290, 2),
        (293, 2),
        (340, 4),
    ],
)
def test_overtime_is_read_from_rounded_minutes(league: League, total: int, periods: int) -> None:
    """Ten players rounded to whole minutes are off by a few; only every 25 of them are an overtime."""
    minutes(league, game(league), total)
    assert offense(league)["overtime_periods"] == periods


def test_a_game_without_player_rows_has_a_result_but_no_pace(league: League) -> None:
    """Play-in games and cup finals: the score is known, how long it took is not."""
    game(league, season_type="nba_cup_final")
    row = offense(league)
    assert (row["overtime_periods"], row["pace"]) == (None, None)
    assert (row["win"], row["margin"], row["season_type"]) == (True, 8, "nba_cup_final")
    assert row["possessions"] == pytest.approx(101.68)
    other = defense(league, "NYK")
    assert (other["overtime_periods"], other["opponent_pace"], other["points_allowed"]) == (None, None, 112)


def test_each_team_has_its_own_pace_and_the_defence_sees_the_attackers(league: League) -> None:
    played = game(league)
    minutes(league, played, 240, "BOS")
    minutes(league, played, 240, "NYK")
    assert offense(league, "NYK")["pace"] == pytest.approx(104.68)
    row = defense(league, "BOS")
    assert row["opponent_pace"] == row["opp_possessions"] == pytest.approx(104.68)
    assert row["defensive_rating"] == pytest.approx(100 * 104 / 104.68)


def test_the_defence_is_the_same_game_from_the_other_side(league: League) -> None:
    played = game(league)
    league.facts["team_boxscores"].clear()
    league.team_box(played, "BOS", pts=112, opp_pts=104, fgm=40, fg3m=12, stl=7, blk=5, oreb=10, pf=18, **{"fga": 88})
    league.team_box(played, "NYK", pts=104, opp_pts=112, fgm=37, fg3m=9, stl=8, blk=2, oreb=6, pf=22, **{"fga": 91})
    row = defense(league, "BOS")
    assert (row["opponent_team_abbr"], row["is_home"]) == ("NYK", True)
    assert (row["points_allowed"], row["win"], row["margin"]) == (104, True, 8)
    assert (row["opp_fgm"], row["opp_fg3m"], row["opp_oreb"], row["opp_pf"]) == (37, 9, 6, 22)
    assert (row["steals"], row["blocks"]) == (7, 5)
    assert row["opp_ts_pct"] == pytest.approx(104 / (2 * 91))
    other = defense(league, "NYK")
    assert (other["is_home"], other["win"], other["margin"], other["steals"]) == (False, False, -8, 8)


def test_there_are_two_rows_a_game_on_each_side(league: League) -> None:
    minutes(league, game(league), 240)
    assert len(league.compute("team_offense_game_summary", TODAY)) == 2
    assert len(league.compute("team_defense_game_summary", TODAY)) == 2


@pytest.mark.parametrize(("off", "trusted"), [(0, True), (2, True), (-2, True), (3, False), (-3, False)])
def test_a_teams_shots_may_be_two_off_its_box_score(league: League, off: int, trusted: bool) -> None:
    played = game(league)
    zones = {"mid_range_attempts": 20, "mid_range_makes": 9, "three_attempts": 28, "three_makes": 11}
    league.line(played, "BOS", 1, 30, paint_attempts=30, paint_makes=18, **dict.fromkeys(zones, 0))
    league.line(played, "BOS", 2, 30, paint_attempts=10 + off, paint_makes=5, **zones)
    row = offense(league)
    assert (row["paint_attempts"], row["paint_makes"], row["three_makes"]) == (40 + off, 23, 11)
    assert row["has_shot_zones"] is trusted
    other = defense(league, "NYK")
    assert (other["opp_paint_attempts"], other["opp_mid_range_makes"]) == (40 + off, 9)
    assert other["has_shot_zones"] is trusted


def test_a_game_without_shots_has_no_zones_on_either_side(league: League) -> None:
    minutes(league, game(league), 240)
    row, other = offense(league), defense(league, "NYK")
    for zone in ("paint", "mid_range", "three"):
        assert (row[f"{zone}_attempts"], row[f"{zone}_makes"]) == (None, None)
        assert (other[f"opp_{zone}_attempts"], other[f"opp_{zone}_makes"]) == (None, None)
    assert (row["has_shot_zones"], other["has_shot_zones"]) == (False, False)


def test_a_teams_rest_comes_from_the_schedule_and_skips_what_was_not_played(league: League) -> None:
    """The postponed game of the 8th was no game, and the preseason is no season."""
    league.game("2024-10-10", "BOS", "LAL", season_type="preseason")
    league.game("2024-12-05", "UTA", "BOS")
    league.game("2024-12-08", "BOS", "LAL", status="postponed")
    game(league)
    assert offense(league)["team_days_rest"] == 4
    assert offense(league, "NYK")["team_days_rest"] is None
    assert defense(league)["team_days_rest"] == 4
    assert defense(league, "NYK")["team_days_rest"] is None


def test_a_teams_rest_is_zero_on_the_second_night(league: League) -> None:
    league.game("2024-12-09", "NYK", "UTA")
    game(league)
    assert offense(league, "NYK")["team_days_rest"] == 0


def test_a_teams_rest_begins_anew_each_season(league: League) -> None:
    league.game("2025-06-12", "BOS", "NYK", season_type="playoffs")
    game(league, "2025-10-21")
    assert offense(league, date="2025-10-21")["team_days_rest"] is None


@pytest.mark.parametrize("facts", [{"season_type": "preseason"}, {"status": "postponed"}])
def test_team_summaries_leave_out_what_does_not_count(league: League, facts: dict[str, str]) -> None:
    minutes(league, game(league, **facts), 240)
    assert league.compute("team_offense_game_summary", TODAY) == []
    assert league.compute("team_defense_game_summary", TODAY) == []


def test_the_loser_has_lost(league: League) -> None:
    game(league)
    row = offense(league, "NYK")
    assert (row["win"], row["margin"], row["is_home"], row["opponent_team_abbr"]) == (False, -8, False, "BOS")

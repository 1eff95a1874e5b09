import pytest

from .league import League, Row

TODAY = "2024-12-10"


def summary(league: League, player: int = 1, date: str = TODAY) -> Row:
    return league.one("player_game_summary", date, player_id=player)


def example(league: League, minutes: float = 34, others: float = 206, **his: int) -> Row:
    """The team of the worked example: 88 shots, 22 free throws and its players' 14 turnovers, 100 points."""
    game = league.game(TODAY, "BOS", "NYK")
    mine = {"pts": 25, "fgm": 8, "fg3m": 3, "fga": 18, "fta": 6, "tov": 3} | his
    league.box(game, "BOS", 1, minutes, **mine)
    rest = {"pts": 100 - mine["pts"], "fga": 88 - mine["fga"], "fta": 22 - mine["fta"], "tov": 14 - mine["tov"]}
    share_minutes(league, game, others, **rest)
    league.team_box(game, "BOS", pts=100, fga=88, fta=22, tov=15)
    return game


def share_minutes(league: League, game: Row, minutes: float, **counts: int) -> None:
    """The rest of the team: five players share its minutes and counts."""
    for place in range(5):
        share = {name: count // 5 + (place < count % 5) for name, count in counts.items()}
        league.box(game, "BOS", 2 + place, minutes / 5, **share)


@pytest.mark.parametrize(
    ("minutes", "counts", "played"),
    [
        (12, {}, True),
        (0.4, {}, True),
        (0, {"reb": 1}, True),
        (0, {"fga": 1}, True),
        (0, {"pf": 1}, True),
        (0, {"plus_minus": -3}, False),
        (0, {"fga": 0, "reb": 0}, False),
        (0, {}, False),
    ],
)
def test_a_minute_or_any_counting_stat_shows_that_he_played(
    league: League, minutes: float, counts: dict[str, int], played: bool
) -> None:
    """71 real rows show 0 minutes with a rebound or a shot."""
    game = league.game(TODAY, "BOS", "NYK")
    league.box(game, "BOS", 1, minutes, **counts)
    league.team_box(game, "BOS")
    assert summary(league)["played"] is played


def test_who_did_not_play_keeps_his_row_without_a_rate(league: League) -> None:
    game = league.game(TODAY, "BOS", "NYK")
    league.box(game, "BOS", 1, 0)
    league.team_box(game, "BOS", pts=0)
    row = summary(league)
    assert (row["points"], row["minutes"], row["played"]) == (0, 0.0, False)
    assert (row["usage_rate"], row["ts_pct"], row["efg_pct"]) == (None, None, None)


def test_usage_is_the_share_of_the_players_possessions_while_on_court(league: League) -> None:
    """(18 + 0.44 x 6 + 3) x 48 / (34 x (88 + 0.44 x 22 + 14)) = 0.2988: the team's own turnovers are not in it."""
    example(league, others=206)  # 240 minutes: no overtime
    assert summary(league)["usage_rate"] == pytest.approx(0.2988, abs=5e-5)


def test_usage_in_overtime_counts_the_longer_game(league: League) -> None:
    """23.64 x 53 / (34 x 111.68), one overtime being 265 player minutes."""
    example(league, others=231)
    assert summary(league)["usage_rate"] == pytest.approx(23.64 * 53 / (34 * 111.68))


def test_true_shooting_and_effective_field_goals(league: League) -> None:
    """25 / (2 x (18 + 0.44 x 6)) and (8 + 0.5 x 3) / 18."""
    example(league)
    row = summary(league)
    assert row["ts_pct"] == pytest.approx(25 / 41.28)
    assert row["efg_pct"] == pytest.approx(9.5 / 18)


def test_free_throws_alone_are_true_shooting_but_no_field_goal_share(league: League) -> None:
    example(league, pts=2, fgm=0, fg3m=0, fga=0, fta=2)
    row = summary(league)
    assert row["ts_pct"] == pytest.approx(2 / 1.76)
    assert row["efg_pct"] is None


@pytest.mark.parametrize(("minutes", "usage"), [(1.0, 48 / 111.68), (0.99, None), (0.0, None)])
def test_usage_of_less_than_a_minute_is_not_known(league: League, minutes: float, usage: float | None) -> None:
    example(league, minutes, 240 - minutes, pts=3, fgm=1, fg3m=1, fga=1, fta=0, tov=0)
    assert summary(league)["usage_rate"] == (usage and pytest.approx(usage))


@pytest.mark.parametrize(("turnovers", "usage"), [(5, 0.60), (6, None)])
def test_usage_above_sixty_percent_is_not_believed(league: League, turnovers: int, usage: float | None) -> None:
    """In all 48 minutes usage is his share of the team's 100: 60 is at the limit and 61 above it."""
    game = league.game(TODAY, "BOS", "NYK")
    league.box(game, "BOS", 1, 48, fga=55, fta=0, tov=turnovers, pts=50)
    share_minutes(league, game, 192, fga=45 - turnovers, fta=0, tov=0, pts=50)
    league.team_box(game, "BOS", pts=100)
    assert summary(league)["usage_rate"] == (usage and pytest.approx(usage))


def test_usage_is_unknown_where_a_player_of_the_team_is_missing(league: League) -> None:
    """The players' points are not the team's: somebody's row was never published."""
    example(league)
    league.facts["player_boxscores"][1]["pts"] -= 2
    assert summary(league)["usage_rate"] is None


def test_usage_is_unknown_where_a_team_mate_has_no_shooting_splits(league: League) -> None:
    example(league)
    league.facts["player_boxscores"][1]["fta"] = None
    assert [summary(league, player)["usage_rate"] for player in (1, 2)] == [None, None]


def test_who_did_not_play_hides_nobody_elses_usage(league: League) -> None:
    """Some sources list the bench with 0 minutes and empty counts: nothing of the team's possessions is missing."""
    game = example(league)
    league.box(game, "BOS", 9, 0)
    assert summary(league)["usage_rate"] == pytest.approx(0.2988, abs=5e-5)


def test_usage_without_the_teams_own_box_is_unknown(league: League) -> None:
    example(league)
    league.facts["team_boxscores"].clear()
    assert summary(league)["usage_rate"] is None


def test_the_other_teams_players_do_not_enter_usage(league: League) -> None:
    game = example(league)
    league.box(game, "NYK", 9, 48, fga=60, fta=10, tov=12, pts=90)
    assert summary(league)["usage_rate"] == pytest.approx(0.2988, abs=5e-5)


def with_shots(league: League, fga: int, taken: int, zone: str = "paint") -> Row:
    game = league.game(TODAY, "BOS", "NYK")
    league.box(game, "BOS", 1, 30, fga=fga)
    league.box(game, "BOS", 2, 30, fga=1)
    league.team_box(game, "BOS")
    league.shot(game, "BOS", 2, "paint")
    if taken:
        league.shot(game, "BOS", 1, zone, times=taken)
    return game


def zones(row: Row) -> list[int | None]:
    return [row[f"{zone}_{what}"] for zone in ("paint", "mid_range", "three") for what in ("attempts", "makes")]


def test_zones_count_attempts_and_makes_of_the_players_own_shots(league: League) -> None:
    game = league.game(TODAY, "BOS", "NYK")
    league.box(game, "BOS", 1, 30, fga=9)
    for zone, made, missed in [("paint", 3, 1), ("mid_range", 1, 2), ("three", 0, 2)]:
        league.shot(game, "BOS", 1, zone, made=True, times=made)
        league.shot(game, "BOS", 1, zone, made=False, times=missed)
    league.shot(game, "BOS", 2, "paint")
    row = summary(league)
    assert zones(row) == [4, 3, 3, 1, 2, 0]
    assert row["has_shot_zones"] is True


def test_zones_of_a_game_without_shots_are_all_unknown(league: League) -> None:
    game = league.game(TODAY, "BOS", "NYK")
    league.box(game, "BOS", 1, 30, fga=0)
    elsewhere = league.game(TODAY, "LAL", "UTA")
    league.shot(elsewhere, "LAL", 1, "paint")
    row = summary(league)
    assert zones(row) == [None] * 6
    assert row["has_shot_zones"] is False


def test_who_took_no_shot_in_a_game_with_shots_has_zeros(league: League) -> None:
    with_shots(league, fga=0, taken=0)
    row = summary(league)
    assert zones(row) == [0] * 6
    assert row["has_shot_zones"] is True


@pytest.mark.parametrize(
    ("fga", "taken", "trusted"), [(8, 8, True), (8, 7, True), (8, 9, True), (8, 6, False), (8, 10, False)]
)
def test_shots_may_be_one_off_the_box_score(league: League, fga: int, taken: int, trusted: bool) -> None:
    with_shots(league, fga, taken)
    row = summary(league)
    assert row["paint_attempts"] == taken
    assert row["has_shot_zones"] is trusted


def test_shots_beside_unknown_attempts_are_not_trusted(league: League) -> None:
    with_shots(league, 0, 2)
    league.facts["player_boxscores"][0]["fga"] = None
    assert summary(league)["has_shot_zones"] is False


def test_days_rest_is_zero_the_day_after(league: League) -> None:
    """Played on the 3rd, next on the 4th: 0. Rules written for calendar differences were shifted by one."""
    for date in ("2024-12-03", "2024-12-04", "2024-12-07"):
        league.box(league.game(date, "BOS", "NYK"), "BOS", 1, 30)
    rows = league.compute("player_game_summary", "2024-12-03", "2024-12-07")
    assert {row["game_date"].day: row["days_rest"] for row in rows} == {3: None, 4: 0, 7: 2}


def test_days_rest_counts_from_the_last_game_he_played_in_for_any_team(league: League) -> None:
    league.box(league.game("2024-12-03", "NYK", "UTA"), "NYK", 1, 30)
    league.box(league.game("2024-12-05", "BOS", "NYK"), "BOS", 1, 0)
    league.box(league.game(TODAY, "BOS", "LAL"), "BOS", 1, 30)
    assert summary(league)["days_rest"] == 6


def test_days_rest_begins_anew_each_season(league: League) -> None:
    league.box(league.game("2025-04-13", "BOS", "NYK"), "BOS", 1, 30)
    league.box(league.game("2025-10-08", "BOS", "NYK", season_type="preseason"), "BOS", 1, 30)
    league.box(league.game("2025-10-21", "BOS", "NYK"), "BOS", 1, 30)
    assert summary(league, date="2025-10-21")["days_rest"] is None


def test_playoffs_continue_the_season(league: League) -> None:
    league.box(league.game("2025-04-13", "BOS", "NYK"), "BOS", 1, 30)
    league.box(league.game("2025-04-20", "BOS", "NYK", season_type="playoffs"), "BOS", 1, 30)
    assert summary(league, date="2025-04-20")["days_rest"] == 6


@pytest.mark.parametrize(
    "facts",
    [{"season_type": "preseason"}, {"season_type": "all_star"}, {"status": "postponed"}, {"status": "cancelled"}],
)
def test_games_that_do_not_count_have_no_summary(league: League, facts: dict[str, str]) -> None:
    league.box(league.game(TODAY, "BOS", "NYK", **facts), "BOS", 1, 30)
    assert league.compute("player_game_summary", TODAY) == []


def test_the_season_and_its_stage_come_from_the_schedule(league: League) -> None:
    game = league.game(TODAY, "BOS", "NYK", season_type="nba_cup_final")
    league.box(game, "NYK", 1, 30, pts=21, starter=True, plus_minus=-4)
    row = summary(league)
    assert (row["season"], row["season_type"], row["game_code"]) == ("2024-25", "nba_cup_final", "20241210_NYK_BOS")
    assert (row["team_abbr"], row["opponent_team_abbr"], row["is_home"]) == ("NYK", "BOS", False)
    assert (row["points"], row["starter"], row["plus_minus"], row["player_lookup"]) == (21, True, -4, "player1")

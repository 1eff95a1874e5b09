import pytest

from .league import League, Row, day

TONIGHT = "2024-12-10"  # tip-off at 23:30 UTC
PAST = [f"2024-11-{n:02d}" for n in range(7, 31, 2)]


@pytest.fixture
def team(league: League) -> list[Row]:
    """Twelve games of Boston, in all of which players 1 and 2 took part, and tonight's against New York."""
    played = [league.game(date, "BOS", "LAL") for date in PAST]
    for game in played:
        league.line(game, "BOS", 1)
        league.line(game, "BOS", 2)
    league.game(TONIGHT, "BOS", "NYK", status="scheduled")
    return played


def contexts(league: League) -> dict[int, Row]:
    return {row["player_id"]: row for row in league.compute("upcoming_player_game_context", TONIGHT)}


def status(league: League, player: int = 1) -> str | None:
    return contexts(league)[player]["player_status"]


@pytest.mark.usefixtures("team")
def test_where_no_source_has_spoken_nobody_is_called_fit(league: League) -> None:
    row = contexts(league)[1]
    assert row["injury_info_available"] is False
    known = ("player_status", "projected_usage_rate", "star_teammates_out", "teammates_out")
    assert [row[name] for name in known] == [None] * 4


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize(("date", "known"), [("2024-12-03", True), ("2024-12-09", True), ("2024-12-02", False)])
def test_a_source_speaks_for_a_week(league: League, date: str, known: bool) -> None:
    """News of anybody, even of someone unknown, shows that somebody was listening: from the 3rd on, not the 2nd."""
    league.move(date, 99, "placed", team="UTA")
    row = contexts(league)[1]
    assert (row["injury_info_available"], row["player_status"]) == (known, "available" if known else None)


@pytest.mark.usefixtures("team")
def test_news_that_has_only_tonights_date_is_not_known_tonight(league: League) -> None:
    league.move(TONIGHT, 1, "placed")
    assert contexts(league)[1]["injury_info_available"] is False
    league.move("2024-12-09", 2, "placed")
    rows = contexts(league)
    assert (rows[1]["player_status"], rows[2]["player_status"]) == ("available", "out")


@pytest.mark.usefixtures("team")
def test_a_move_onto_the_list_holds_for_weeks(league: League) -> None:
    """He was placed right after his last game; that others were mentioned since shows the source is alive."""
    league.move(PAST[-1], 1, "placed")
    league.move("2024-12-08", 99, "activated", team="UTA")
    assert status(league) == "out"


@pytest.mark.usefixtures("team")
def test_being_activated_ends_it(league: League) -> None:
    league.move("2024-12-05", 1, "placed")
    league.move("2024-12-08", 1, "activated")
    assert status(league) == "available"


@pytest.mark.usefixtures("team")
def test_being_placed_again_begins_anew(league: League) -> None:
    for date, event in [("2024-12-02", "placed"), ("2024-12-04", "activated"), ("2024-12-09", "placed")]:
        league.move(date, 1, event)
    assert status(league) == "out"


def test_a_game_he_played_after_it_ends_it_too(league: League, team: list[Row]) -> None:
    """The transactions are not complete: nobody who plays is on the list."""
    league.move("2024-12-05", 1, "placed")
    league.line(league.game("2024-12-07", "BOS", "UTA"), "BOS", 1)
    league.line(league.game("2024-12-08", "BOS", "UTA"), "BOS", 2)
    assert status(league) == "available"


def test_sitting_on_the_bench_does_not_end_it(league: League, team: list[Row]) -> None:
    league.move("2024-12-05", 1, "placed")
    league.line(league.game("2024-12-07", "BOS", "UTA"), "BOS", 1, minutes=0, points=0)
    assert status(league) == "out"


@pytest.mark.usefixtures("team")
def test_the_list_is_empty_when_a_season_begins(league: League) -> None:
    league.move("2024-05-30", 1, "placed")
    league.move("2024-12-08", 99, "placed", team="UTA")
    assert status(league) == "available"


def test_a_game_on_the_day_it_was_filed_ends_news_of_the_summer(league: League, team: list[Row]) -> None:
    """Placed in July, activated a week later, both filed under opening night, on which he played: he is on no list."""
    league.move("2024-09-10", 1, "placed", filed="2024-12-07")
    league.move("2024-09-16", 1, "activated", filed="2024-12-07")
    league.move("2024-09-10", 2, "placed", filed="2024-12-07")
    game = league.game("2024-12-07", "BOS", "UTA")
    league.line(game, "BOS", 1)
    league.line(game, "BOS", 2)
    rows = contexts(league)
    assert (rows[1]["player_status"], rows[2]["player_status"]) == ("available", "available")


def test_a_move_on_the_day_of_his_game_came_after_it(league: League, team: list[Row]) -> None:
    league.line(league.game("2024-12-07", "BOS", "UTA"), "BOS", 1)
    league.move("2024-12-07", 1, "placed")
    assert status(league) == "out"


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("reported", ["out", "doubtful", "questionable", "probable", "available"])
def test_a_status_before_tip_off_is_told_as_it_is(league: League, reported: str) -> None:
    league.report("2024-12-10 20:00", 1, reported)
    assert status(league) == reported


@pytest.mark.usefixtures("team")
def test_a_status_at_tip_off_or_later_is_not_known(league: League) -> None:
    league.report("2024-12-10 23:30", 1, "out")
    league.report("2024-12-10 23:45", 2, "out")
    assert contexts(league)[1]["injury_info_available"] is False
    league.report("2024-12-10 23:29", 1, "questionable")
    rows = contexts(league)
    assert (rows[1]["player_status"], rows[2]["player_status"]) == ("questionable", "available")


@pytest.mark.usefixtures("team")
def test_the_latest_status_before_tip_off_counts(league: League) -> None:
    league.report("2024-12-09 22:00", 1, "questionable")
    league.report("2024-12-10 18:00", 1, "out")
    league.report("2024-12-10 22:30", 1, "available")
    league.report("2024-12-10 23:40", 1, "out")
    assert status(league) == "available"


@pytest.mark.usefixtures("team")
def test_a_status_of_two_days_ago_was_about_another_game(league: League) -> None:
    league.report("2024-12-08 20:00", 1, "out")
    league.report("2024-12-09 20:00", 2, "out")
    rows = contexts(league)
    assert (rows[1]["player_status"], rows[2]["player_status"]) == ("available", "out")


@pytest.mark.usefixtures("team")
def test_a_status_of_the_day_outweighs_the_list(league: League) -> None:
    league.move("2024-12-08", 1, "placed")
    league.report("2024-12-10 20:00", 1, "questionable")
    assert status(league) == "questionable"


@pytest.mark.usefixtures("team")
def test_of_a_game_without_a_tip_off_time_only_yesterday_is_known(league: League) -> None:
    league.facts["schedule"][-1]["start_time_utc"] = None
    league.report("2024-12-10 15:00", 1, "out")
    league.report("2024-12-09 20:00", 2, "out")
    rows = contexts(league)
    assert (rows[1]["player_status"], rows[2]["player_status"]) == ("available", "out")


@pytest.mark.usefixtures("team")
def test_each_game_of_a_night_knows_what_was_known_before_its_own_tip_off(league: League) -> None:
    """Reported at 23:45: too late for the game at 23:30, in time for the one at 03:00."""
    for date in PAST:
        league.line(league.game(date, "DEN", "UTA"), "DEN", 3)
    later = league.game(TONIGHT, "DEN", "UTA", status="scheduled")
    later["start_time_utc"] = later["start_time_utc"].replace(day=11, hour=3, minute=0)
    league.report("2024-12-10 23:45", 1, "out")
    league.report("2024-12-10 23:45", 3, "out", team="DEN")
    rows = contexts(league)
    assert (rows[1]["injury_info_available"], rows[1]["player_status"]) == (False, None)
    assert (rows[3]["injury_info_available"], rows[3]["player_status"]) == (True, "out")


def test_an_injured_player_is_found_under_the_team_that_reports_him(league: League, team: list[Row]) -> None:
    """Traded while hurt: Utah reports him, and he has played for nobody but Boston."""
    league.move("2024-12-08", 1, "placed", team="UTA")
    league.line(league.game("2024-12-09", "BOS", "UTA"), "BOS", 2)
    assert status(league) == "out"


@pytest.mark.usefixtures("team")
def test_news_of_someone_nobody_knows_says_nothing_of_others(league: League) -> None:
    league.move("2024-12-08", 77, "placed")
    assert set(contexts(league)) == {1, 2}
    assert status(league) == "available"


def test_only_games_before_the_night_are_read_when_he_may_have_played(league: League, team: list[Row]) -> None:
    league.move("2024-12-08", 1, "placed")
    game = league.facts["schedule"][len(PAST)]
    assert game["game_date"] == day(TONIGHT)
    league.line(game, "BOS", 1)
    assert status(league) == "out"

import pytest

from ..analytics.league import League, Row
from ..upstream import OPENING, TONIGHT, conceded, days_before, season

TABLE = "team_defense_zone_analysis"
EVERY_OTHER_DAY = days_before(TONIGHT, *range(29, 0, -2))  # fifteen games in thirty days
ORDINARY = {"paint": (17, 29), "mid_range": (5, 12), "three": (13, 35)}
ODD = {"paint": (14, 14), "mid_range": (8, 12), "three": (13, 35)}
THEIRS = {"paint": (338, 580), "mid_range": (138, 320), "three": (167, 475)}


@pytest.fixture(autouse=True)
def opened(league: League) -> None:
    season(league)
    league.game(TONIGHT, "LAL", "UTA", status="scheduled")


def example(league: League, theirs: bool = True) -> list[Row]:
    """Boston's fifteen: paint 252 of 420, mid 78 of 180, three 195 of 525; with the other side's 15 the league's."""
    games = [league.game(date, "BOS", "NYK") for date in EVERY_OTHER_DAY]
    for place, game in enumerate(games):
        conceded(league, game, "BOS", ODD if place == 7 else ORDINARY)
        conceded(league, game, "NYK", THEIRS if place == 3 else {"paint": (0, 0)} if theirs or place else None)
    return games


def boston(league: League) -> Row:
    return league.one(TABLE, TONIGHT, team_abbr="BOS")


def test_the_worked_example_zones_are_ratios_of_sums(league: League) -> None:
    """The odd game, 14 of 14 in the paint, would lift a mean of ratios to 0.614."""
    example(league)
    row = boston(league)
    assert row["paint_pct_allowed"] == pytest.approx(0.6000)
    assert row["mid_range_pct_allowed"] == pytest.approx(0.4333, abs=5e-5)
    assert row["three_pct_allowed"] == pytest.approx(0.3714, abs=5e-5)
    assert [row[f"{zone}_league_pct"] for zone in ("paint", "mid_range", "three")] == pytest.approx(
        [0.590, 0.432, 0.362]
    )
    assert row["paint_vs_league"] == pytest.approx(0.0100)
    assert row["mid_range_vs_league"] == pytest.approx(0.0013, abs=5e-5)
    assert row["three_vs_league"] == pytest.approx(0.0094, abs=5e-5)
    assert (row["weakest_zone"], row["strongest_zone"]) == ("paint", "mid_range")
    assert (row["quality_tier"], row["games_in_sample"], row["shot_games_in_sample"]) == ("high", 15, 15)
    assert row["paint_attempts_allowed_per_game"] == pytest.approx(28)
    assert row["three_attempts_allowed_per_game"] == pytest.approx(35)


def test_a_defence_that_allows_less_than_the_league_is_negative_and_strongest_there(league: League) -> None:
    games = example(league)
    for row in league.facts["team_defense_game_summary"]:
        if row["defending_team_abbr"] == "BOS" and row["game_id"] in {game["game_id"] for game in games[:8]}:
            row["opp_three_makes"] = 4
    row = boston(league)
    assert row["three_vs_league"] < 0
    assert row["strongest_zone"] == "three"


def test_twenty_nine_team_games_make_no_league(league: League) -> None:
    example(league, theirs=False)
    row = boston(league)
    assert row["paint_pct_allowed"] == pytest.approx(0.6)
    assert [row["paint_league_pct"], row["paint_vs_league"], row["weakest_zone"], row["strongest_zone"]] == [None] * 4
    assert row["is_production_ready"]


@pytest.mark.parametrize(("days", "known"), [(30, True), (31, False)])
def test_the_league_is_thirty_days(league: League, days: int, known: bool) -> None:
    example(league, theirs=False)
    old = league.game(days_before(TONIGHT, days)[0], "MIA", "UTA")
    conceded(league, old, "MIA", ORDINARY)
    assert (boston(league)["paint_league_pct"] is not None) is known


@pytest.mark.parametrize(
    ("games", "tier"), [(4, None), (5, "low"), (9, "low"), (10, "medium"), (14, "medium"), (15, "high"), (16, "high")]
)
def test_five_games_make_a_row_and_fifteen_the_best(league: League, games: int, tier: str | None) -> None:
    """The sixteenth, oldest game allowed 200 points and is not looked at."""
    dates = days_before(TONIGHT, *range(31, 0, -2))[-games:]
    for place, date in enumerate(dates):
        conceded(league, league.game(date, "BOS", "NYK"), "BOS", points_allowed=200 if len(dates) - place > 15 else 110)
    found = [row for row in league.compute(TABLE, TONIGHT) if row["team_abbr"] == "BOS"]
    assert [row["quality_tier"] for row in found] == ([tier] if tier else [])
    assert [row["points_allowed_per_game"] for row in found] == ([110] if tier else [])


def test_the_best_defence_is_first_and_equals_stand_in_the_order_of_the_alphabet(league: League) -> None:
    ratings = {"BOS": 112.0, "NYK": 105.0, "MIA": 112.0, "UTA": 120.0}
    for date in EVERY_OTHER_DAY[-5:]:
        for home, away in (("BOS", "NYK"), ("MIA", "UTA")):
            game = league.game(date, home, away)
            for team in (home, away):
                conceded(league, game, team, defensive_rating=ratings[team])
    ranks = {row["team_abbr"]: row["def_rating_rank"] for row in league.compute(TABLE, TONIGHT)}
    assert ranks == {"NYK": 1, "BOS": 2, "MIA": 3, "UTA": 4}


@pytest.mark.parametrize(("with_shots", "known"), [(0, False), (4, False), (5, True)])
def test_zones_need_five_games_with_shots_and_everything_else_does_not(
    league: League, with_shots: int, known: bool
) -> None:
    for place, date in enumerate(EVERY_OTHER_DAY):
        conceded(league, league.game(date, "BOS", "NYK"), "BOS", ORDINARY if place < with_shots else None)
    row = boston(league)
    assert (row["paint_pct_allowed"], row["shot_games_in_sample"]) == (17 / 29 if known else None, with_shots)
    assert (row["three_attempts_allowed_per_game"], row["games_in_sample"]) == (35 if known else None, 15)
    assert (row["defensive_rating"], row["opponent_pace"], row["is_production_ready"]) == (110, 100, True)


def test_the_first_fortnight_has_no_rows_however_many_games_were_played(league: League) -> None:
    last, first = "2024-11-04", "2024-11-05"
    for date in days_before(last, 13, 11, 9, 7, 5):
        conceded(league, league.game(date, "BOS", "NYK"), "BOS")
    for date in (last, first):
        league.game(date, "LAL", "UTA")
    assert days_before(last, 13) == [OPENING]
    assert {str(row["analysis_date"]) for row in league.compute(TABLE, last, first)} == {first}


def test_a_team_that_does_not_play_has_a_row_too(league: League) -> None:
    example(league)
    assert {row["team_abbr"] for row in league.compute(TABLE, TONIGHT)} == {"BOS", "NYK"}


@pytest.mark.parametrize(("missing", "ready", "reasons"), [(4, True, []), (5, False, ["own:0.66"])])
def test_finished_games_that_are_not_there_are_missed(
    league: League, missing: int, ready: bool, reasons: list[str]
) -> None:
    for place, date in enumerate(EVERY_OTHER_DAY):
        game = league.game(date, "BOS", "NYK")
        if place >= missing:
            conceded(league, game, "BOS")
    row = boston(league)
    assert (row["expected_count"], row["actual_count"]) == (15, 15 - missing)
    assert (row["is_production_ready"], row["readiness_reasons"]) == (ready, reasons)


def test_neither_tonight_nor_last_season_nor_the_pre_season_is_looked_at(league: League) -> None:
    """Four games that count, and four that would make a fifth."""
    for date in EVERY_OTHER_DAY[-4:]:
        conceded(league, league.game(date, "BOS", "NYK"), "BOS")
    season(league, "2023-10-24")
    conceded(league, league.game(TONIGHT, "BOS", "NYK"), "BOS")
    conceded(league, league.game("2024-04-10", "BOS", "NYK"), "BOS")
    conceded(league, league.game("2024-10-15", "BOS", "NYK", season_type="preseason"), "BOS", season_type="preseason")
    conceded(league, league.game("2024-11-20", "BOS", "NYK", status="postponed"), "BOS")
    assert league.compute(TABLE, TONIGHT) == []

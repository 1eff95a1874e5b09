from typing import Any

import pytest

from ..analytics.league import League, Row
from ..upstream import TONIGHT, UNREADY, context, days_before, season, shot

TABLE = "player_shot_zone_analysis"
PAST = days_before(TONIGHT, *range(44, 0, -2))  # twenty-two games
ZONES = ("paint", "mid_range", "three")


@pytest.fixture
def tonight(league: League) -> Row:
    season(league)
    return league.game(TONIGHT, "BOS", "NYK", status="scheduled")


def plays(league: League, games: int, team: str = "BOS", **counts: Any) -> None:
    """His last games, each with the same shots."""
    for date in PAST[-games:]:
        league.line(league.game(date, team, "LAL"), team, 1, **counts)


def his(league: League) -> Row:
    return league.one(TABLE, TONIGHT, player_lookup="player1")


def test_the_worked_example(league: League, tonight: Row) -> None:
    """Ten games: paint 30 of 48, mid 14 of 32, three 29 of 80; an eleventh with other shots is too old."""
    context(league, tonight)
    makes = {"paint_makes": 3, "mid_range_makes": 1, "three_makes": 3}
    shots = [shot(paint=50, paint_makes=50)]
    shots += [shot(paint=5, mid_range=3, three=8, **makes) for _ in range(8)]
    shots += [shot(paint=4, mid_range=4, three=8, paint_makes=3, mid_range_makes=3, three_makes=3)]
    shots += [shot(paint=4, mid_range=4, three=8, paint_makes=3, mid_range_makes=3, three_makes=2)]
    for date, counts in zip(PAST[-11:], shots, strict=True):
        league.line(league.game(date, "BOS", "LAL"), "BOS", 1, **counts)
    row = his(league)
    assert [row[f"{zone}_rate"] for zone in ZONES] == pytest.approx([0.30, 0.20, 0.50])
    assert [row[f"{zone}_pct"] for zone in ZONES] == pytest.approx([0.625, 0.4375, 0.3625])
    assert [row[f"{zone}_attempts_per_game"] for zone in ZONES] == pytest.approx([4.8, 3.2, 8.0])
    assert (row["primary_zone"], row["total_attempts"], row["sample_quality"]) == ("three", 160, "excellent")


@pytest.mark.parametrize(
    ("attempts", "zone"),
    [
        ((40, 0, 60), "paint"),
        ((39, 21, 40), "three"),
        ((39, 35, 26), "mid_range"),
        ((33, 34, 33), "balanced"),
        ((0, 100, 0), "mid_range"),
    ],
)
def test_the_paint_comes_first_then_the_three(
    league: League, tonight: Row, attempts: tuple[int, int, int], zone: str
) -> None:
    context(league, tonight)
    plays(league, 4, **shot())
    all_of_them = shot(**dict(zip(ZONES, attempts, strict=True)))
    league.line(league.game(PAST[-5], "BOS", "LAL"), "BOS", 1, **all_of_them)
    assert his(league)["primary_zone"] == zone


@pytest.mark.parametrize(
    ("games", "quality"),
    [(5, "limited"), (6, "limited"), (7, "good"), (9, "good"), (10, "excellent"), (22, "excellent")],
)
def test_the_quality_is_the_number_of_games(league: League, tonight: Row, games: int, quality: str) -> None:
    context(league, tonight)
    plays(league, games, **shot(paint=1))
    row = his(league)
    assert (row["sample_quality"], row["games_in_sample"]) == (quality, min(games, 10))


def test_four_games_make_no_row(league: League, tonight: Row) -> None:
    """Neither do games he sat out, last season's, or tonight's own."""
    context(league, tonight)
    plays(league, 4, **shot(paint=1))
    league.line(league.game(PAST[-6], "BOS", "LAL"), "BOS", 1, minutes=0, points=0, **shot())
    league.line(league.game("2024-04-10", "BOS", "LAL"), "BOS", 1, **shot(paint=1))
    league.line(tonight, "BOS", 1, **shot(paint=1))
    assert league.compute(TABLE, TONIGHT) == []


@pytest.mark.parametrize("with_shots", [0, 4, 5])
def test_without_shots_the_row_is_there_and_its_zones_are_not(league: League, tonight: Row, with_shots: int) -> None:
    context(league, tonight)
    for place, date in enumerate(PAST[-10:]):
        league.line(league.game(date, "BOS", "LAL"), "BOS", 1, **(shot(three=6) if place < with_shots else {}))
    row, known = his(league), with_shots == 5
    assert (row["shot_zone_data_available"], row["shot_games_in_sample"]) == (known, with_shots)
    assert (row["total_attempts"], row["three_rate"], row["primary_zone"]) == (
        (30, 1.0, "three") if known else (None,) * 3
    )
    assert (row["is_production_ready"], row["readiness_reasons"]) == (True, [])


def test_games_without_an_attempt_tell_nothing_of_where_he_shoots(league: League, tonight: Row) -> None:
    context(league, tonight)
    plays(league, 10, **shot())
    row = his(league)
    assert (row["shot_games_in_sample"], row["shot_zone_data_available"]) == (10, False)
    assert (row["total_attempts"], row["paint_rate"], row["paint_attempts_per_game"]) == (None, None, None)


def test_a_zone_he_never_shoots_from_has_a_rate_of_nought_and_no_percentage(league: League, tonight: Row) -> None:
    context(league, tonight)
    plays(league, 10, **shot(paint=4, paint_makes=2, three=4))
    row = his(league)
    assert (row["mid_range_rate"], row["mid_range_pct"], row["mid_range_attempts_per_game"]) == (0, None, 0)
    assert (row["paint_pct"], row["three_pct"]) == (0.5, 0)


@pytest.mark.parametrize(("games", "long"), [(14, None), (15, 10 / 15), (20, 15 / 20), (22, 15 / 20)])
def test_the_long_view_needs_fifteen_games_with_shots_and_takes_twenty(
    league: League, tonight: Row, games: int, long: float | None
) -> None:
    """The newest five games are all threes, everything before is in the paint."""
    context(league, tonight)
    for date in PAST[-games:]:
        league.line(
            league.game(date, "BOS", "LAL"), "BOS", 1, **(shot(three=3) if date in PAST[-5:] else shot(paint=3))
        )
    row = his(league)
    assert row["paint_rate_last_20"] == (long and pytest.approx(long))
    assert row["three_rate_last_20"] == (long and pytest.approx(1 - long))
    assert row["paint_rate"] == 0.5


def test_a_traded_player_takes_his_shots_along(league: League, tonight: Row) -> None:
    context(league, tonight)
    for date in PAST[-10:]:
        team = "BOS" if date in PAST[-3:] else "UTA"
        league.line(league.game(date, team, "LAL"), team, 1, **(shot(three=4) if team == "BOS" else shot(paint=4)))
    row = his(league)
    assert (row["team_abbr"], row["paint_rate"], row["games_in_sample"]) == ("BOS", 0.7, 10)


def test_completeness_is_his_teams(league: League, tonight: Row) -> None:
    context(league, tonight, **UNREADY)
    plays(league, 10, **shot(paint=1))
    row = his(league)
    assert (row["expected_count"], row["actual_count"]) == (10, 6)
    assert (row["is_production_ready"], row["readiness_reasons"]) == (False, ["own:0.60"])


@pytest.mark.parametrize(("date", "rows"), [("2024-11-04", 0), ("2024-11-05", 1)])
def test_the_first_fortnight_has_no_rows(league: League, date: str, rows: int) -> None:
    season(league)
    context(league, league.game(date, "BOS", "NYK", status="scheduled"))
    for earlier in days_before(date, *range(12, 0, -2)):
        league.line(league.game(earlier, "BOS", "LAL"), "BOS", 1, **shot(paint=1))
    assert len(league.compute(TABLE, date)) == rows

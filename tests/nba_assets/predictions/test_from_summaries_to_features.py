"""The whole second half of the chain on seasons a hand can follow: each table computed from those before it."""

from typing import Any

import pytest

from ..analytics.league import TABLES, League, Row, day
from ..upstream import conceded, days_before, season, shot

CHAIN = (
    *("upcoming_team_game_context", "upcoming_player_game_context", "team_defense_zone_analysis"),
    *("player_shot_zone_analysis", "player_composite_factors", "player_daily_cache", "ml_feature_store_v2"),
)
ZONES = {"paint": (17, 29), "mid_range": (5, 12), "three": (13, 35)}
TONIGHT = "2025-02-20"
SEASON = ("2024-10-22", "2025-05-10")  # every date at once: one statement a table for all tests
STAR, MATE, ROOKIE, TRADED = 1, 2, 3, 4


def night(league: League, date: str, shots: bool, kind: str = "regular") -> Row:
    """Boston against New York: both defences, both attacks, and two of Boston's players."""
    game = league.game(date, "BOS", "NYK", season_type=kind)
    for team in ("BOS", "NYK"):
        league.result(game, team, win=team == "BOS")
        conceded(league, game, team, ZONES if shots else None)
    his: Any = shot(paint=6, mid_range=2, three=8) if shots else {}
    for player in (STAR, MATE):
        league.line(game, "BOS", player, minutes=34, points=20, ftm=4, **his)
    return game


def features(league: League, date: str) -> dict[int, Row]:
    season(league)
    league.game(date, "BOS", "NYK", status="scheduled", season_type="playoffs" if "-05-" in date else "regular")
    for name in CHAIN:
        league.compute(name, *SEASON)
    return {row["player_id"]: row for row in of(league, "ml_feature_store_v2", date)}


def of(league: League, table: str, date: str) -> list[Row]:
    return [row for row in league.facts[table] if row[TABLES[table].contract.partition or ""] == day(date)]


@pytest.mark.parametrize("shots", [True, False])
def test_a_season_without_shots_lacks_its_zones_and_nothing_else(league: League, shots: bool) -> None:
    for date in days_before(TONIGHT, *range(32, 1, -2)):
        night(league, date, shots)
    row = features(league, TONIGHT)[STAR]
    zones = ["shot_zone_mismatch_score", "pct_paint", "pct_mid_range", "pct_three"]
    unknown = ["usage_spike_score", "injury_risk", "vegas_points_line", "vegas_opening_line", "vegas_line_move"]
    assert set(row["missing_features"]) == set(unknown if shots else [*zones, *unknown])
    assert row["shot_zone_mismatch_score"] == (pytest.approx(0) if shots else None)
    assert (row["is_production_ready"], row["is_prop_eligible"]) == (True, True)
    assert (row["quality_tier"], row["back_to_back"]) == ("bronze", 0)
    assert (row["points_avg_last_5"], row["pct_free_throw"], row["games_vs_opponent"]) == (20, 0.2, 16)


def test_the_first_game_after_the_first_fortnight_has_features(league: League) -> None:
    for date in ("2024-10-22", "2024-10-25", "2024-10-27", "2024-10-30", "2024-11-02", "2024-11-04"):
        night(league, date, shots=True)
    row = features(league, "2024-11-06")[STAR]
    assert (row["early_season"], row["points_avg_season"], row["is_production_ready"]) == (True, 20, True)
    assert [zone["quality_tier"] for zone in of(league, "team_defense_zone_analysis", "2024-11-06")] == ["low", "low"]


def test_two_games_in_two_days_tire_and_the_all_star_break_does_not(league: League) -> None:
    for date in days_before(TONIGHT, 24, 22, 20, 18, 16, 14, 12, 10, 8):
        night(league, date, shots=True)
    rested = features(league, TONIGHT)[STAR]
    assert (rested["back_to_back"], rested["fatigue_score"], rested["games_in_last_7_days"]) == (0, 100, 0)
    league.facts["schedule"].pop()
    night(league, days_before(TONIGHT, 1)[0], shots=True)
    tired = features(league, TONIGHT)[STAR]
    assert (tired["back_to_back"], tired["fatigue_score"], tired["games_in_last_7_days"]) == (1, 85, 1)


def test_the_playoffs_go_on_with_the_seasons_form(league: League) -> None:
    for date in days_before("2025-05-10", 30, 28, 26, 24, 22, 20):
        night(league, date, shots=True)
    for date in days_before("2025-05-10", 4, 2):
        night(league, date, shots=False, kind="playoffs")
    row = features(league, "2025-05-10")[STAR]
    assert (row["playoff_game"], row["games_vs_opponent"], row["pct_three"]) == (1, 8, 0.5)


def test_a_rookie_of_four_games_has_a_row_that_is_not_ready_and_a_traded_player_one_that_is(league: League) -> None:
    games = [night(league, date, shots=True) for date in days_before(TONIGHT, *range(32, 1, -2))]
    for game in games[-4:]:
        league.line(game, "BOS", ROOKIE, minutes=20, points=8)
    for place, date in enumerate(days_before(TONIGHT, *range(33, 6, -2))):
        before = league.game(date, "UTA", "MIA")
        league.line(before, "UTA", TRADED, minutes=30, points=10 + place % 2, **shot(paint=8))
    league.line(games[-1], "BOS", TRADED, minutes=30, points=40, **shot(paint=8))
    rows = features(league, TONIGHT)
    zones = {row["player_id"] for row in of(league, "player_shot_zone_analysis", TONIGHT)}
    assert zones == {STAR, MATE, TRADED}
    assert rows[ROOKIE]["readiness_reasons"] == ["upstream:PDC", "upstream:PCF"]
    assert (rows[ROOKIE]["points_avg_last_5"], rows[ROOKIE]["points_std_last_10"]) == (8, None)
    traded = rows[TRADED]
    assert (traded["team_abbr"], traded["is_production_ready"], traded["pct_paint"]) == ("BOS", True, 1)
    assert (traded["points_avg_last_5"], traded["games_vs_opponent"]) == ((40 + 11 + 10 + 11 + 10) / 5, 1)

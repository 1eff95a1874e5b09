import pytest

from models.features import BASE

from ..analytics.league import League, Row
from ..upstream import UNREADY, context, season
from .features import BY_ZONE, TABLE, change, his, sound_evening

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


@pytest.fixture
def tonight(league: League) -> Row:
    return sound_evening(league)


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

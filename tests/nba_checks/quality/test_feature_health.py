"""Features that stopped saying something are named, and those that may rest are left alone."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.features import BASE
from nba_checks.quality.feature_health import feature_health
from nba_resources.dates import DateRange

from ...nba_platform.rows import TABLES, store
from ...shared import warehouse_at

FIRST = dt.date(2024, 11, 6)
DAYS = [FIRST + dt.timedelta(days=n) for n in range(15)]
PLAYERS = 20


def varied(day: int, player: int) -> dict[str, float]:
    """Every feature known, and another value for each player."""
    return {f.name: f.low + (f.high - f.low) * ((day + player) % PLAYERS) / PLAYERS for f in BASE}


def messages(
    tmp_path: Path, change: Callable[[int, int], dict[str, Any]], games: int = 5, days: list[dt.date] = DAYS
) -> dict[dt.date, str]:
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    rows = [
        {"game_date": date, "player_lookup": f"p{player}", "early_season": False}
        | varied(day, player)
        | {"playoff_game": 0.0}
        | change(day, player)
        for day, date in enumerate(days)
        for player in range(PLAYERS)
    ]
    played = [
        {"game_id": f"{day}-{n}", "game_date": date, "season_type": "regular", "status": "final"}
        for day, date in enumerate(days)
        for n in range(games)
    ]
    store(warehouse, ml_feature_store_v2=rows, schedule=played)
    results = feature_health(warehouse, TABLES, DateRange(days[0], days[-1]), days[-1])
    assert list(results) == list(DateRange(days[0], days[-1]))
    failed = {date: result.message.rpartition("; ") for date, result in results.items() if not result.passed}
    for date, (_, _, step) in failed.items():
        command = f"`nba backfill {date} --select +ml_feature_store_v2`"
        assert step == f"correct the table that a feature comes from, then run {command}"
    return {date: problems for date, (problems, _, _) in failed.items()}


def test_sound_features_raise_nothing(tmp_path: Path):
    assert messages(tmp_path, lambda day, player: {}) == {}


def test_the_first_date_that_is_stored_is_compared_with_no_earlier_season(tmp_path: Path):
    """Features without earlier rows once ended the check, and with it the run of the daemon, in an error."""
    assert messages(tmp_path, lambda day, player: {}, days=DAYS[:1]) == {}


def test_a_date_without_any_features_raises_nothing(tmp_path: Path):
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    earlier = {"game_date": FIRST - dt.timedelta(days=366), "player_lookup": "p", "early_season": False} | varied(0, 1)
    played = {"game_id": "1", "game_date": FIRST, "season_type": "regular", "status": "final"}
    store(warehouse, ml_feature_store_v2=[earlier], schedule=[played])
    (result,) = feature_health(warehouse, TABLES, DateRange(FIRST, FIRST), FIRST).values()
    assert result.passed


def test_a_required_feature_may_be_unknown_for_three_of_twenty_players(tmp_path: Path):
    assert messages(tmp_path, lambda day, player: {"team_pace": None} if player < 3 else {}) == {}


def test_for_four_it_is_named(tmp_path: Path):
    found = messages(tmp_path, lambda day, player: {"team_pace": None} if day == 2 and player < 4 else {})
    assert found == {DAYS[2]: "team_pace is NULL on 20% of 20 players with ten games, at most 15% expected"}


def test_newcomers_may_be_unknown(tmp_path: Path):
    new = {"points_std_last_10": None, "early_season": True}
    assert messages(tmp_path, lambda day, player: new if player < 9 else {}) == {}


def test_an_optional_feature_nobody_has_lacks_its_source_and_is_no_fault(tmp_path: Path):
    assert messages(tmp_path, lambda day, player: {"usage_spike_score": None}) == {}


def test_an_optional_feature_some_have_is_owed_to_most(tmp_path: Path):
    found = messages(tmp_path, lambda day, player: {"pct_paint": None} if day == 0 and player < 13 else {})
    assert found == {DAYS[0]: "pct_paint is NULL on 65% of 20 players with ten games, at most 60% expected"}


def test_shots_are_not_owed_in_the_play_offs(tmp_path: Path):
    late = {"pct_paint": None}
    assert messages(tmp_path, lambda day, p: {"playoff_game": 1.0} | (late if p < 13 else {})) == {}


def test_a_feature_that_stands_still_for_fourteen_dates_is_named_on_the_fourteenth(tmp_path: Path):
    found = messages(tmp_path, lambda day, player: {"pace_score": 0.0})
    assert found == dict.fromkeys(DAYS[13:], "pace_score has been 0 for 14 dates")


def test_dates_of_four_games_are_too_few_to_say_so(tmp_path: Path):
    assert messages(tmp_path, lambda day, player: {"pace_score": 0.0}, games=4) == {}


@pytest.mark.parametrize(
    "name",
    [
        *("home_away", "back_to_back", "playoff_game", "has_vegas_line"),
        *("vegas_points_line", "vegas_opening_line", "vegas_line_move"),
    ],
)
def test_some_features_may_stand_still(tmp_path: Path, name: str):
    assert messages(tmp_path, lambda day, player: {name: 1.0}) == {}


def test_a_month_unlike_the_same_month_of_two_seasons_is_named(tmp_path: Path):
    """Fifty to sixty, then ten: 500 rows of this month are enough to say so, 480 are not."""
    years = [dt.date(year, 11, day) for year in (2022, 2023, 2024) for day in range(1, 29)]
    found = messages(tmp_path, lambda day, p: {"fatigue_score": 10.0 + p % 2 if day >= 56 else 50.0 + p % 10}, 1, years)
    assert list(found) == [dt.date(2024, 11, day) for day in range(25, 29)]
    assert "fatigue_score averages 10.5 this month, 54.5 in the same month of 2 earlier seasons" in found[years[-1]]

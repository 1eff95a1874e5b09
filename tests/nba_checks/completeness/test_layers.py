"""Layers are judged by the games they can serve, not by rows."""

import datetime as dt
from pathlib import Path

import pytest

from nba_checks.completeness.layers import LayerCounts, layers_of_the_date, layers_of_the_last_seven_days
from nba_resources.dates import DateRange

from ...nba_platform.rows import TABLES, store
from ...shared import warehouse_at

NIGHT = dt.date(2024, 12, 10)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> dict[dt.date, LayerCounts]:
    by_date: dict[dt.date, LayerCounts] = {}
    monkeypatch.setattr("nba_checks.completeness.layers._layer_counts", lambda warehouse, tables, dates: by_date)
    return by_date


def of_the_date(counts: dict[dt.date, LayerCounts], of_night: LayerCounts):
    counts[NIGHT] = of_night
    return layers_of_the_date(None, {}, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]


def test_nine_games_in_ten_are_enough_for_layer_3_and_eight_for_layer_4(counts):
    assert of_the_date(counts, LayerCounts(10, 9, 8)).passed
    assert of_the_date(counts, LayerCounts(10, 8, 8)).message.startswith(
        "L3 GAP: 8 of 10 games have summaries of players and teams, expected 90%; run "
    )
    assert of_the_date(counts, LayerCounts(10, 9, 7)).message.startswith("L4 GAP: 7 of 10 games")


def test_a_gap_names_the_command_to_run(counts):
    assert of_the_date(counts, LayerCounts(10, 10, 0)).message.endswith(
        "run `nba backfill 2024-12-10 --select upcoming_player_game_context+`"
    )


def test_bootstrap_and_dates_without_games_pass_with_different_messages(counts):
    assert of_the_date(counts, LayerCounts(10, 10, 0, bootstrap=True)).message == "bootstrap: not checked"
    assert of_the_date(counts, LayerCounts()).message == "no finished game"


def test_the_week_reaches_back_six_days_and_leaves_bootstrap_out(counts):
    """Eight of the ten games in [12-04, 12-10] are served; the empty date 12-03 and bootstrap do not count."""
    counts[NIGHT] = LayerCounts(5, 5, 3)
    counts[NIGHT - dt.timedelta(days=6)] = LayerCounts(5, 5, 5)
    counts[NIGHT - dt.timedelta(days=7)] = LayerCounts(9, 9, 0)
    counts[NIGHT - dt.timedelta(days=3)] = LayerCounts(9, 9, 0, bootstrap=True)

    week = layers_of_the_last_seven_days(None, {}, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]

    assert (week.passed, week.metadata) == (True, {"games": 10, "layer_4_games": 8})


def test_a_week_that_falls_below_alerts_with_the_range_to_run(counts):
    counts[NIGHT] = LayerCounts(10, 10, 7)

    week = layers_of_the_last_seven_days(None, {}, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]

    assert not week.passed
    assert week.message.startswith("7 of 10 games of the last 7 days")
    assert "nba backfill 2024-12-04 2024-12-10" in week.message


def test_a_game_is_served_where_each_table_holds_both_of_its_sides(tmp_path: Path):
    """MIA has no zones and UTA no player's summary; the game that is not over is not counted."""
    games = {"1": ("BOS", "NYK"), "2": ("LAL", "MIA"), "3": ("DEN", "UTA"), "4": ("PHX", "SAS")}
    of = {game: {"game_id": game, "game_date": NIGHT} for game in games}
    sides = [(of[game], team, other) for game, pair in games.items() for team, other in (pair, pair[::-1])]
    rows_of = {
        "seasons": [{"season": "2024-25", "season_year": 2024, "start_date": dt.date(2024, 10, 22)}],
        "schedule": [
            {**of[game], "season": "2024-25", "season_type": "regular", "home_team": home, "away_team": away}
            | {"status": "scheduled" if game == "4" else "final"}
            for game, (home, away) in games.items()
        ],
        "player_game_summary": [
            {**game, "team_abbr": team, "player_lookup": team} for game, team, _ in sides if team != "UTA"
        ],
        "team_offense_game_summary": [{**game, "team_abbr": team} for game, team, _ in sides],
        "team_defense_game_summary": [{**game, "defending_team_abbr": team} for game, team, _ in sides],
        "team_defense_zone_analysis": [
            {"analysis_date": NIGHT, "team_abbr": team} for _, team, _ in sides if team != "MIA"
        ],
        "player_composite_factors": [
            {**game, "opponent_team_abbr": other, "player_lookup": team} for game, team, other in sides
        ],
        "ml_feature_store_v2": [{**game, "team_abbr": team, "player_lookup": team} for game, team, _ in sides],
    }
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    store(warehouse, **rows_of)

    result = layers_of_the_date(warehouse, TABLES, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]

    assert result.metadata == {"games": 3, "layer_3_games": 2, "layer_4_games": 2}
    assert result.message.startswith("L3 GAP: 2 of 3 games")

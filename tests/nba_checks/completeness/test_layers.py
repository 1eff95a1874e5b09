"""Games counted through the layers: an evening is judged by what can be served, not by rows."""

import datetime as dt
from pathlib import Path

import pytest

from nba_checks.completeness.layers import Evening, layers_of_the_date, layers_of_the_last_seven_days
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb import DuckDBWarehouse

from ..stored import TABLES, store

NIGHT = dt.date(2024, 12, 10)


@pytest.fixture
def evenings(monkeypatch: pytest.MonkeyPatch) -> dict[dt.date, Evening]:
    counted: dict[dt.date, Evening] = {}
    monkeypatch.setattr("nba_checks.completeness.layers._evenings", lambda warehouse, tables, dates: counted)
    return counted


def of_the_date(evenings: dict[dt.date, Evening], evening: Evening):
    evenings[NIGHT] = evening
    return layers_of_the_date(None, {}, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]


def test_nine_games_in_ten_are_enough_for_layer_3_and_eight_for_layer_4(evenings):
    assert of_the_date(evenings, Evening(10, 9, 8)).passed
    assert of_the_date(evenings, Evening(10, 8, 8)).message.startswith("L3 GAP: 8 of 10 games")
    assert of_the_date(evenings, Evening(10, 9, 7)).message.startswith("L4 GAP: 7 of 10 games")


def test_a_gap_says_what_to_run(evenings):
    assert of_the_date(evenings, Evening(10, 10, 0)).message.endswith(
        "run `nba backfill 2024-12-10 --select upcoming_player_game_context+`"
    )


def test_bootstrap_and_dates_without_games_are_told_apart_and_pass(evenings):
    assert of_the_date(evenings, Evening(10, 10, 0, bootstrap=True)).message == "bootstrap: not judged"
    assert of_the_date(evenings, Evening()).message == "no finished game"


def test_the_week_reaches_back_six_days_and_leaves_bootstrap_out(evenings):
    """Of the ten games in [12-04, 12-10] eight are served; the empty evening of 12-03 and bootstrap do not count."""
    evenings[NIGHT] = Evening(5, 5, 3)
    evenings[NIGHT - dt.timedelta(days=6)] = Evening(5, 5, 5)
    evenings[NIGHT - dt.timedelta(days=7)] = Evening(9, 9, 0)
    evenings[NIGHT - dt.timedelta(days=3)] = Evening(9, 9, 0, bootstrap=True)

    week = layers_of_the_last_seven_days(None, {}, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]

    assert (week.passed, week.metadata) == (True, {"games": 10, "layer_4_games": 8})


def test_a_week_that_falls_below_alerts_with_the_range_to_run(evenings):
    evenings[NIGHT] = Evening(10, 10, 7)

    week = layers_of_the_last_seven_days(None, {}, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]

    assert not week.passed
    assert week.message.startswith("7 of 10 games of the last 7 days")
    assert "nba backfill 2024-12-04 2024-12-10" in week.message


def test_a_game_is_served_where_each_table_holds_both_of_its_sides(tmp_path: Path):
    """MIA has no zones and UTA no player's summary; the game that is not over is not counted."""
    games = {"1": ("BOS", "NYK"), "2": ("LAL", "MIA"), "3": ("DEN", "UTA"), "4": ("PHX", "SAS")}
    of = {game: {"game_id": game, "game_date": NIGHT} for game in games}
    sides = [(of[game], team, other) for game, pair in games.items() for team, other in (pair, pair[::-1])]
    told = {
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
    warehouse = DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
    for name, rows in told.items():
        store(warehouse, name, *rows)

    verdict = layers_of_the_date(warehouse, TABLES, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]

    assert verdict.metadata == {"games": 3, "layer_3_games": 2, "layer_4_games": 2}
    assert verdict.message.startswith("L3 GAP: 2 of 3 games")

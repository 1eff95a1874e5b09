"""Real evenings against an independent computation of every column of phase 4 and of the feature store."""

import datetime as dt
import json
from typing import Any

import pandas as pd
import pytest

from models.features import BASE

from ..analytics.brute_force import Row
from ..compared import assert_same, rows, sample
from ..predictions.brute_force_features import BruteForceFeatures
from .brute_force_history import BruteForceHistory

TABLES = {
    "player_shot_zone_analysis": "analysis_date",
    "player_composite_factors": "game_date",
    "player_daily_cache": "cache_date",
    "ml_feature_store_v2": "game_date",
}
CUP_FINAL = ("LAL", dt.date(2023, 12, 9))


@pytest.fixture(scope="module")
def evenings(archive: BruteForceHistory) -> list[tuple[str, dt.date]]:
    """Teams and dates after the first fortnight of a season, the cup final among them."""
    dates = {(team, game["game_date"]) for team, games in archive.schedule.items() for game in games}
    return [*sample([one for one in dates if archive.processed(one[1])], 34), CUP_FINAL]


@pytest.fixture(scope="module")
def by_player(stored: dict[str, pd.DataFrame], evenings: list[tuple[str, dt.date]]) -> dict[str, dict[Any, Row]]:
    dates = {date for _, date in evenings}
    return {
        table: {(row["player_lookup"], row[day]): row for date in dates for row in rows(stored, table, **{day: date})}
        for table, day in TABLES.items()
    }


@pytest.fixture(scope="module")
def contexts(archive: BruteForceHistory, evenings: list[tuple[str, dt.date]]) -> list[Row]:
    found = [row for evening in evenings for row in archive.upcoming_player_game_context(*evening).values()]
    assert len(found) > 400
    return found


def test_every_column_of_team_defense_zone_analysis(
    stored: dict[str, pd.DataFrame], archive: BruteForceHistory
) -> None:
    dates = [day for day in {game["game_date"] for game in archive.games.values()} if archive.processed(day)]
    for date in sample(dates, 12):
        season = next(game["season"] for game in archive.games.values() if game["game_date"] == date)
        found = {row["team_abbr"]: row for row in rows(stored, "team_defense_zone_analysis", analysis_date=date)}
        assert set(found) == set(archive.ranks(date, season))
        for team in sample(found, 9):
            assert_same(
                "team_defense_zone_analysis", found[team], archive.team_defense_zone_analysis(team, date, season)
            )


def test_every_column_of_player_shot_zone_analysis(
    by_player: dict[str, dict[Any, Row]], archive: BruteForceHistory, contexts: list[Row]
) -> None:
    for context in contexts:
        found = by_player["player_shot_zone_analysis"].get((context["player_lookup"], context["game_date"]))
        expected = archive.player_shot_zone_analysis(context)
        assert (found is None) is (expected is None), context
        if found and expected:
            assert_same("player_shot_zone_analysis", found, expected)


def test_every_column_of_player_composite_factors(
    by_player: dict[str, dict[Any, Row]], archive: BruteForceHistory, contexts: list[Row]
) -> None:
    for context in contexts:
        found = by_player["player_composite_factors"][context["player_lookup"], context["game_date"]]
        expected = archive.player_composite_factors(context)
        context_json = {"factor_context": json.loads(found["factor_context"])}
        inputs = {name: pytest.approx(value, abs=5.1e-5) for name, value in expected["factor_context"].items()}
        assert_same("player_composite_factors", found | context_json, expected | {"factor_context": inputs})


def test_every_column_of_player_daily_cache(
    by_player: dict[str, dict[Any, Row]], archive: BruteForceHistory, contexts: list[Row]
) -> None:
    for context in contexts:
        found = by_player["player_daily_cache"][context["player_lookup"], context["game_date"]]
        assert_same("player_daily_cache", found, archive.player_daily_cache(context))


def test_every_column_of_ml_feature_store_v2(
    stored: dict[str, pd.DataFrame],
    by_player: dict[str, dict[Any, Row]],
    archive: BruteForceFeatures,
    contexts: list[Row],
) -> None:
    """The line is the stored one of the same game: how it is found has a comparison of its own."""
    with_line = 0
    for context in contexts:
        found = by_player["ml_feature_store_v2"][context["player_lookup"], context["game_date"]]
        mine = {"game_id": context["game_id"], "player_lookup": context["player_lookup"], "market": "player_points"}
        offered = next(iter(rows(stored, "player_prop_lines", **mine)), {})
        sources = {"vegas_points_line": "line", "vegas_opening_line": "opening_line", "vegas_line_move": "line_move"}
        lines = {name: offered.get(source) for name, source in sources.items()}
        expected = archive.ml_feature_store_v2(context, lines, BASE.names) | {"feature_contract": BASE.stamp}
        assert_same("ml_feature_store_v2", found, expected)
        with_line += bool(offered)
    assert with_line > 20


def test_the_whole_universe_of_a_date_has_its_row(stored: dict[str, pd.DataFrame], archive: BruteForceHistory) -> None:
    """Nobody is missing, nobody is listed in excess, and the first fortnight has nothing."""
    known = stored["upcoming_player_game_context"]
    known = known[[archive.processed(day.date()) for day in known.game_date]]
    universe = set(zip(known.player_lookup, known.game_date, strict=True))
    assert len(universe) > 15_000
    for table, day in TABLES.items():
        if table != "player_shot_zone_analysis":
            assert set(zip(stored[table].player_lookup, stored[table][day], strict=True)) == universe, table
    veterans = known[known.games_played_season >= 5]
    zones = stored["player_shot_zone_analysis"]
    assert set(zip(zones.player_lookup, zones.analysis_date, strict=True)) == set(
        zip(veterans.player_lookup, veterans.game_date, strict=True)
    )

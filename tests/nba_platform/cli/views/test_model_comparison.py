import datetime as dt
import json

import pytest

from models.systems.base import SystemId
from nba_platform.cli.render import to_json
from nba_platform.cli.views.model_comparison import ModelComparison, compare_models, comparison_page
from nba_platform.errors import NothingToDo
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ....shared import warehouse_at
from ...printed import printed
from ...rows import TABLES, store

NIGHT = dt.date(2024, 12, 4)
CHAMPION, CHALLENGER, SEASON = SystemId.CATBOOST, SystemId.CATBOOST_EXTENDED, SystemId.SEASON_AVERAGE
POINTS = {CHAMPION: 24.0, CHALLENGER: 22.0, SEASON: 18.0}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Two players who scored 20; the challenger was silent about the second."""
    forecasts, features = [], []
    for player in (1, 2):
        who = {"game_date": NIGHT, "player_lookup": f"player{player}", "player_id": player, "game_id": "0022400001"}
        features.append(who | {"points_avg_season": 18.0, "early_season": False})
        for system, points in POINTS.items():
            silent = system is CHALLENGER and player == 2
            said = {
                "edition": "at_tip",
                "system_id": system,
                "predicted_value": None if silent else points,
                "recommendation": "NO_LINE",
            }
            forecasts.append(who | said | {"outcome_state": "PLAYED", "actual_value": 20, "is_pick": False})
    return store(
        warehouse_at(tmp_path_factory.mktemp("graded") / "nba.duckdb"),
        prediction_accuracy=forecasts,
        player_prop_predictions=forecasts,
        ml_feature_store_v2=features,
        player_prop_lines=[],
    )


def of(warehouse: DuckDBWarehouse, *systems: SystemId) -> ModelComparison:
    return compare_models(warehouse, TABLES, systems, DateRange(NIGHT, NIGHT))


def test_a_challenger_is_compared_with_its_champion_on_the_rows_both_have(warehouse):
    """2 points off and 4 points off, on the one player of whom both spoke."""
    (told,) = of(warehouse, CHAMPION, CHALLENGER).duels

    assert (told.challenger, told.champion) == (CHALLENGER, CHAMPION)
    assert (told.errors.n, told.errors.mean) == (1, -2.0)
    assert told.sentence == (
        "points at_tip: catboost_v9 stays a challenger to catboost_v8: 1 shared rows, 1,000 are needed."
    )


def test_the_champion_need_not_be_named(warehouse):
    (told,) = of(warehouse, CHALLENGER, SEASON).duels

    assert told.champion == CHAMPION


def test_references_and_champions_are_compared_without_a_verdict(warehouse):
    found = of(warehouse, CHAMPION, SEASON)

    assert found.duels == ()
    assert "No challenger is among them" in printed(comparison_page(found))


def test_one_system_alone_is_no_comparison(warehouse):
    with pytest.raises(NothingToDo, match="two different systems"):
        of(warehouse, CHAMPION, CHAMPION)


def test_programs_get_comparisons_and_verdicts(warehouse):
    told = json.loads(json.dumps(to_json(of(warehouse, CHAMPION, CHALLENGER))))

    assert (told["market"], told["edition"]) == ("player_points", "at_tip")
    assert told["duels"][0]["verdict"] == "stays a challenger"
    assert told["comparisons"][0]["shared"] == 1

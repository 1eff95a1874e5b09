"""How far a table is behind, counted in game days."""

import datetime as dt
from pathlib import Path

from nba_assets.predictions.ml_feature_store_v2 import ml_feature_store_v2
from nba_checks.completeness.freshness import Freshness, freshness

from ...nba_platform.rows import TABLES, store
from ...shared import warehouse_at

NEWEST, NEXT, LATER = dt.date(2025, 2, 13), dt.date(2025, 2, 19), dt.date(2025, 2, 20)


def test_tonight_alone_may_be_lacking_however_many_days_the_league_rested():
    """The All-Star break is six days long, and no game day."""
    assert Freshness(NEWEST, (NEXT,)).fresh
    assert not Freshness(NEWEST, (NEXT, LATER)).fresh


def test_a_table_behind_says_how_far_and_what_to_run():
    assert Freshness(NEWEST, (NEXT, LATER)).sentence(ml_feature_store_v2) == (
        "ml_feature_store_v2 holds rows up to 2025-02-13, 2 game days behind; "
        "run `nba backfill 2025-02-19 2025-02-20 --select +ml_feature_store_v2`"
    )


def test_an_empty_table_is_not_fresh():
    assert not Freshness(None, ()).fresh


def test_the_first_two_weeks_of_a_season_are_no_days_that_a_table_of_history_is_behind(tmp_path: Path):
    """Every autumn ten game days without rows by design raised the alarm for a fortnight."""
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    opening, fifteenth = dt.date(2024, 10, 22), dt.date(2024, 11, 5)
    spring, nights = dt.date(2024, 6, 17), [opening, dt.date(2024, 10, 23), dt.date(2024, 11, 4), fifteenth]
    season = {"season": "2024-25", "season_year": 2024, "start_date": opening}
    final = {"season_type": "regular", "status": "final"}
    games = [{"game_id": str(night), "game_date": night, **final} for night in nights]
    features = [{"game_date": spring, "player_lookup": "someone"}]
    store(warehouse, seasons=[season], schedule=games, ml_feature_store_v2=features)

    of_history, of_facts = (
        freshness(warehouse, TABLES[name], TABLES, fifteenth) for name in ("ml_feature_store_v2", "schedule")
    )

    assert of_history.behind == (fifteenth,)
    assert of_history.fresh
    assert of_facts.behind == ()

"""How far a table is behind, counted in game days."""

import datetime as dt

from nba_assets.predictions.ml_feature_store_v2 import ml_feature_store_v2
from nba_checks.freshness import Freshness

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

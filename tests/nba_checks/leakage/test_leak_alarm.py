"""The correlation of what was known with what came, counted over a season and no further."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nba_checks.framework.season_to_date import season_to_date
from nba_checks.leakage.leak_alarm import correlation, recent_points_do_not_know_tonight
from nba_resources.dates import DateRange

from ...nba_platform.rows import TABLES, store
from ...shared import warehouse_at

FIRST, SECOND = dt.date(2024, 11, 6), dt.date(2024, 11, 7)


def test_the_correlation_counts_the_season_so_far():
    """(1, 2), (2, 4), (3, 5) on one date, (4, 1) on the next: 0.982 and then -0.141."""
    sums = pd.DataFrame(
        [(FIRST, 3, 6, 11, 14, 45, 25), (SECOND, 1, 4, 1, 16, 1, 4)],
        columns=["game_date", "n", "x", "y", "xx", "yy", "xy"],
    )
    found = season_to_date(sums, DateRange(FIRST, SECOND))
    assert found.n.to_list() == [3, 4]
    assert correlation(found).to_list() == pytest.approx([0.98198, -0.14142], abs=1e-5)


def test_a_season_starts_anew_and_a_date_without_rows_keeps_the_sum_before():
    spring, autumn = dt.date(2024, 6, 1), dt.date(2024, 10, 30)
    sums = pd.DataFrame({"game_date": [spring, autumn], "n": [5, 2]})
    found = season_to_date(sums, DateRange(spring, autumn))
    assert found.n[dt.date(2024, 6, 30)] == 5
    assert found.n[dt.date(2024, 10, 29)] == 0
    assert found.n[autumn] == 2


def test_systems_are_added_up_apart_and_one_without_rows_on_a_date_keeps_its_sum():
    sums = pd.DataFrame({"game_date": [FIRST, FIRST, SECOND], "system_id": ["a", "b", "b"], "n": [1, 2, 3]})
    found = season_to_date(sums, DateRange(FIRST, SECOND), per="system_id")
    assert found.n.to_dict() == {(FIRST, "a"): 1, (FIRST, "b"): 2, (SECOND, "a"): 1, (SECOND, "b"): 5}


@pytest.mark.parametrize(
    ("players", "noise", "passed", "told"),
    [
        (1000, 3.0, False, "LEAK: correlation"),
        (999, 3.0, True, "999 rows of the season are too few, expected 1,000"),
        (1000, 9.0, True, "correlation 0.5"),
    ],
)
def test_an_average_that_holds_tonight_is_called_a_leak(
    tmp_path: Path, players: int, noise: float, passed: bool, told: str
):
    """Points spread by 6 and an average made of them with a little noise; with more noise it is clean."""
    draw = np.random.default_rng(3)
    points = draw.normal(20, 6, players).round().clip(0, 60)
    known = (points + draw.normal(0, noise, players)).clip(0, 60)
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    who = [{"game_date": FIRST, "game_id": "g", "player_lookup": f"p{n}", "player_id": n + 1} for n in range(players)]
    averages = [w | {"points_avg_last_5": x} for w, x in zip(who, known, strict=True)]
    games = [w | {"points": int(y), "played": True} for w, y in zip(who, points, strict=True)]
    store(warehouse, ml_feature_store_v2=averages, player_game_summary=games)
    result = recent_points_do_not_know_tonight(warehouse, TABLES, DateRange(FIRST, SECOND), SECOND)[SECOND]
    assert result.passed is passed
    assert result.message.startswith(told)

"""Presence of real players against an independent computation."""

import json

import pandas as pd
import pytest

from ..analytics.brute_force import Row
from ..compared import rows, sample
from ..predictions.brute_force_features import BruteForceFeatures
from .brute_force_presence import STATISTICS, BruteForcePresence


@pytest.fixture(scope="module")
def by_hand(stored: dict[str, pd.DataFrame], archive: BruteForceFeatures) -> BruteForcePresence:
    editions = rows(stored, "game_editions")
    cuts = stored["game_editions"].cut_at.dt.tz_convert("UTC")
    editions = [row | {"cut_at": cut.to_pydatetime()} for row, cut in zip(editions, cuts, strict=True)]
    return BruteForcePresence(archive, editions, rows(stored, "upcoming_player_game_context"))


@pytest.fixture(scope="module")
def sampled(stored: dict[str, pd.DataFrame]) -> list[Row]:
    found = stored["player_presence"]
    keys = found[["game_date", "player_lookup"]].itertuples(index=False, name=None)
    chosen = pd.DataFrame(sample(keys, 200), columns=["game_date", "player_lookup"])
    return rows({"sample": found.merge(chosen)}, "sample")


def test_presence_of_two_hundred_players_and_dates(by_hand: BruteForcePresence, sampled: list[Row]) -> None:
    assert len(sampled) == 400  # both editions
    for row in sampled:
        key = (row["player_id"], row["team_abbr"], row["opponent_team_abbr"], row["game_date"], row["edition"])
        expected = by_hand.player_presence(*key)
        found = {name: row[name] for name in expected}
        assert found == {
            name: pytest.approx(value, abs=1e-7) if isinstance(value, float) else value
            for name, value in expected.items()
        }, key
    assert {row["status"] for row in sampled} >= {None, "out", "questionable", "available"}
    assert sum(abs(row["mates_minutes"]) > 10 for row in sampled) > 100


def test_absences_add_up_to_nearly_all_of_what_the_mates_change(sampled: list[Row]) -> None:
    for row in sampled:
        absences = json.loads(row["absences"])
        if len(absences) < 10:  # all that change at least two minutes are named
            for name in STATISTICS:
                told = sum(one[name] * (one["chance"] - one["share"]) for one in absences if one[name] is not None)
                assert abs(told - row[f"mates_{name}"]) < 25
            assert all(abs(one["minutes"] * (one["chance"] - one["share"])) > 1.99 for one in absences)

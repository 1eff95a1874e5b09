import re
from dataclasses import replace

import pytest

from models import features
from models.features import BASE, Feature, FeatureContract


def test_the_contract_is_33_features_in_this_order():
    """The names are written out, so that a change of the contract is made twice, on purpose."""
    assert BASE.names == (
        *("points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10"),
        *("games_in_last_7_days", "fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score"),
        *("rest_advantage", "injury_risk", "recent_trend", "minutes_change", "opponent_def_rating", "opponent_pace"),
        *("home_away", "back_to_back", "playoff_game", "pct_paint", "pct_mid_range", "pct_three", "pct_free_throw"),
        *("team_pace", "team_off_rating", "team_win_pct", "vegas_points_line", "vegas_opening_line"),
        *("vegas_line_move", "has_vegas_line", "avg_points_vs_opponent", "games_vs_opponent"),
        *("minutes_avg_last_10", "ppm_avg_last_10"),
    )
    assert len(BASE) == len(set(BASE.names)) == 33


def test_22_are_required_and_eleven_may_be_unknown():
    assert len(BASE.required) == 22
    assert set(BASE.names) - set(BASE.required) == {
        *("shot_zone_mismatch_score", "usage_spike_score", "injury_risk"),
        *("pct_paint", "pct_mid_range", "pct_three", "pct_free_throw"),
        *("vegas_points_line", "vegas_opening_line", "vegas_line_move", "avg_points_vs_opponent"),
    }


def test_every_feature_has_a_meaning_and_a_range():
    for feature in BASE:
        assert feature.meaning, feature.name
        assert feature.low < feature.high, feature.name


@pytest.mark.parametrize(
    "change", [{"name": "other"}, {"low": -1.0}, {"high": 61.0}, {"required": False}, {"unit": "x"}], ids=str
)
def test_the_hash_changes_with_name_range_null_policy_and_unit(change: dict[str, object]):
    first, *others = BASE.features
    assert FeatureContract(BASE.name, (replace(first, **change), *others)).hash != BASE.hash


def test_the_hash_changes_with_the_type(monkeypatch: pytest.MonkeyPatch):
    before = BASE.hash
    monkeypatch.setattr(features, "TYPE", "float32")
    assert BASE.hash != before


def test_the_hash_ignores_what_a_feature_means():
    """A full stop in a description once made five seasons stale and every model refused."""
    reworded = tuple(replace(feature, meaning=f"{feature.meaning}.") for feature in BASE)
    assert FeatureContract(BASE.name, reworded).hash == BASE.hash


def test_the_hash_changes_with_the_order_and_not_with_the_name_of_the_contract():
    assert FeatureContract(BASE.name, BASE.features[::-1]).hash != BASE.hash
    assert FeatureContract("another", BASE.features).hash == BASE.hash


def test_the_stamp_contains_name_and_hash():
    assert re.fullmatch(r"ml_feature_store_v2:[0-9a-f]{12}", BASE.stamp)


def test_the_catalogue_has_one_line_a_feature_numbered_from_zero():
    contract = FeatureContract(
        "tiny", (Feature("points", 0, 60, "points", "Scored"), Feature("risk", -0.5, 3, "", "Out", required=False))
    )
    assert contract.markdown().splitlines()[2:] == [
        "| 0 | `points` | 0 to 60 | points | required: a NULL lowers the row's quality | Scored |",
        "| 1 | `risk` | -0.5 to 3 |  | optional: NULL where not known | Out |",
    ]

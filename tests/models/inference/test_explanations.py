import json

import pytest

from models.features import EXTENDED
from models.inference.explanations import NICKNAMES, SILENCE, reason, short_reason, why_pass, why_silent
from models.inference.forecast import forecast
from models.inference.recommendation import LOW_CONFIDENCE, NO_MAJORITY, REFERENCE, SMALL_EDGE
from models.systems import SYSTEMS
from models.systems.base import Abstained, SystemId

from ..forecast_inputs import evenings

RULES = json.dumps(
    [
        {"term": "form", "points": 23.24},
        {"term": "fatigue", "points": -1.0},
        {"term": "shot_zones", "points": 0.0943},
        {"term": "pace", "points": 0.42},
        {"term": "venue", "points": -0.5},
        {"term": "usage", "points": 0.04},
    ]
)
TREES = json.dumps(
    [
        {"feature": "points_avg_last_10", "value": 22.8, "points": 4.21},
        {"feature": "minutes_avg_last_5", "value": 34.0, "points": -1.5},
        {"feature": "injury_risk", "value": None, "points": 0.3},
    ]
)
ENSEMBLE = json.dumps(
    [
        {"system": SystemId.MOVING_AVERAGE, "prediction": 22.18, "weight": 0.2},
        {"system": SystemId.ZONE_MATCHUP, "prediction": 19.5, "weight": 0.2},
        {"system": SystemId.CATBOOST, "prediction": 25.66, "weight": 0.6},
    ]
)


def test_a_rule_is_told_from_its_base_and_then_by_what_moved_it_most():
    told = "recent form 23.2, tired legs -1.0, venue -0.5, pace +0.4, shot zones +0.1"
    assert reason(RULES) == told


def test_in_a_column_only_the_strongest_terms_are_told():
    assert short_reason(RULES) == "recent form 23.2, tired legs -1.0, venue -0.5, pace +0.4"


def test_a_feature_is_told_with_its_value_its_meaning_and_its_points():
    first, second, third = reason(TREES).split("; ")

    assert first == "points avg last 10 22.8 points (Mean of his last 10 played games this season) +4.2"
    assert second == "minutes avg last 5 34 minutes (Mean of his last 5 played games this season) -1.5"
    assert third.startswith("injury risk not known (available 0")


def test_in_a_column_only_the_two_strongest_features_are_told():
    assert short_reason(TREES) == "points avg last 10 +4.2, minutes avg last 5 -1.5"


def test_a_model_that_starts_from_the_line_tells_the_line_and_only_what_moved_it_visibly():
    """Its line is no feature of the contract: looking it up as one ended the card of all systems with a KeyError."""
    parts = [
        {"feature": "line", "value": 18.5, "points": 18.5},
        {"feature": "fatigue_score", "value": 78.0, "points": 0.31},
        {"feature": "vegas_line_move", "value": 1.0, "points": -0.0433},
    ]
    told = "the market's line 18.5; fatigue score 78 points (100 = fresh) +0.3"

    assert reason(json.dumps(parts)) == told
    assert short_reason(json.dumps(parts)) == "the market's line 18.5, fatigue score +0.3"


def test_an_ensemble_names_its_members():
    assert reason(ENSEMBLE) == "averages 22.2, zones 19.5, catboost 25.7"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (19.5, "2 of 3 systems over, 19.5 to 25.7"),  # the one on the line is on neither side
        (22.5, "2 of 3 systems under, 19.5 to 25.7"),
        (None, "3 systems, 19.5 to 25.7"),
    ],
)
def test_in_a_column_an_ensemble_counts_who_stands_on_which_side(line, told):
    assert short_reason(ENSEMBLE, line) == told


def test_who_abstains_has_no_reason_but_says_why_it_is_silent():
    assert reason("[]") == short_reason("[]") == ""
    assert why_silent("NO_MODEL") == "no model of this month"


def test_what_speaks_against_a_pick_is_told_with_the_systems_own_limit():
    """The ensemble needs a confidence of 65 and an edge of 1.5."""
    assert why_pass(SystemId.ENSEMBLE, SMALL_EDGE, -0.84, 70) == "edge -0.8 is under 1.5"
    assert why_pass(SystemId.ENSEMBLE, LOW_CONFIDENCE, 3, 52.4) == "confidence 52 is under 65"
    assert why_pass(SystemId.ENSEMBLE, NO_MAJORITY, 3, 70) == "its systems are divided"
    assert why_pass(SystemId.MARKET_LINE, REFERENCE, 0, 50) == "a reference, never a pick"
    assert why_pass(SystemId.CATBOOST, Abstained.MISSING_INPUT, 0, 0) == "a number it cannot do without is not known"


def test_there_are_words_for_every_system_and_every_silence():
    assert set(NICKNAMES) == set(SystemId)
    assert set(SILENCE) == set(Abstained)


def test_there_are_words_for_every_feature():
    for feature in EXTENDED:
        assert feature.meaning in reason(json.dumps([{"feature": feature.name, "value": 1.0, "points": 1.0}]))


def test_there_are_words_for_every_term_that_a_system_uses():
    """One that nobody put into words would end the card with a KeyError. A mean over 60 is limited, which is a term."""
    told = forecast(
        evenings({}, {"points_avg_season": 59.9, "points_avg_last_5": 60.0, "points_avg_last_10": 60.0}), {}, {}
    )

    for components in told.components:
        assert isinstance(reason(components), str)
    assert set(told.system_id) == {system.id.value for system in SYSTEMS}

import json

import pytest

from models.features import EXTENDED
from models.inference.explanations import (
    ABSTENTION_TEXTS,
    SHORT_NAMES,
    explain,
    explain_abstention,
    explain_briefly,
    explain_pass,
)
from models.inference.forecast import forecast
from models.picks import FORECAST_ONLY, LOW_CONFIDENCE, NO_MAJORITY, REFERENCE, SMALL_EDGE, SMALL_VALUE
from models.systems import SYSTEMS
from models.systems.base import AbstainReason, SystemId

from ..forecast_inputs import example_rows

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


def test_a_rule_is_explained_by_its_base_and_then_the_largest_terms():
    text = "recent form 23.2, fatigue -1.0, venue -0.5, pace +0.4, shot zones +0.1"
    assert explain(RULES) == text


def test_a_brief_explanation_has_only_the_strongest_terms():
    assert explain_briefly(RULES) == "recent form 23.2, fatigue -1.0, venue -0.5, pace +0.4"


def test_a_feature_is_explained_with_its_value_its_meaning_and_its_points():
    first, second, third = explain(TREES).split("; ")

    assert first == "points avg last 10 22.8 points (Mean of his last 10 played games this season) +4.2"
    assert second == "minutes avg last 5 34 minutes (Mean of his last 5 played games this season) -1.5"
    assert third.startswith("injury risk not known (available 0")


def test_a_brief_explanation_has_only_the_two_strongest_features():
    assert explain_briefly(TREES) == "points avg last 10 +4.2, minutes avg last 5 -1.5"


def test_a_model_that_starts_from_the_line_is_explained_by_the_line_and_visible_changes():
    """Its line is no feature of the contract: looking it up as one ended the card of all systems with a KeyError."""
    parts = [
        {"feature": "line", "value": 18.5, "points": 18.5},
        {"feature": "fatigue_score", "value": 78.0, "points": 0.31},
        {"feature": "vegas_line_move", "value": 1.0, "points": -0.0433},
    ]
    text = "the market's line 18.5; fatigue score 78 points (100 = fresh) +0.3"

    assert explain(json.dumps(parts)) == text
    assert explain_briefly(json.dumps(parts)) == "the market's line 18.5, fatigue score +0.3"


def test_an_ensemble_is_explained_by_its_members():
    assert explain(ENSEMBLE) == "averages 22.2, zones 19.5, catboost 25.7"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (19.5, "2 of 3 systems over, 19.5 to 25.7"),  # the one on the line is on neither side
        (22.5, "2 of 3 systems under, 19.5 to 25.7"),
        (None, "3 systems, 19.5 to 25.7"),
    ],
)
def test_a_brief_explanation_of_an_ensemble_counts_the_systems_on_each_side(line, text):
    assert explain_briefly(ENSEMBLE, line) == text


RATES = json.dumps(
    [
        {"reason": "usual", "amount": 7.21},
        {"reason": "minutes", "amount": 0.52},
        {"reason": "team-mates tonight", "amount": 1.44, "player": "bamadebayo", "is_out": True},
        {"reason": "opponent", "amount": -0.34},
        {"reason": "venue", "amount": 0.049},
        {"reason": "odds", "amount": 0.11},
    ]
)


def test_a_model_of_rates_is_explained_in_the_statistics_unit_with_the_absent_mate_by_name():
    """Names are known where players are; elsewhere the lookup has to do."""
    with_name = "usual 7.2, +1.4 rebounds: Bam Adebayo out, minutes +0.5, opponent -0.3"

    assert explain(RATES, 3, "player_rebounds", {"bamadebayo": "Bam Adebayo"}) == with_name
    assert explain(RATES, market="player_rebounds") == with_name.replace("Bam Adebayo", "Bamadebayo") + ", odds +0.1"
    assert explain_briefly(RATES, 7.5, "player_points") == (
        "usual 7.2, +1.4 points: Bamadebayo out, minutes +0.5, opponent -0.3"
    )


def test_a_team_mate_who_is_back_is_not_told_to_be_out():
    back = [{"reason": "usual", "amount": 7.0}, {"reason": "team-mates tonight", "amount": -1.2}]
    back[1] |= {"player": "bamadebayo", "is_out": False}
    assert explain(json.dumps(back), market="player_rebounds") == "usual 7.0, -1.2 rebounds: Bamadebayo back"


def test_a_blend_is_explained_by_the_line_and_how_far_the_model_moved_it():
    parts = json.dumps([{"reason": "line", "amount": 22.5}, {"reason": "model", "amount": -0.4}])
    assert explain(parts) == "the market's line 22.5, model -0.4"


def test_an_abstention_has_no_components_but_an_explanation():
    assert explain("[]") == explain_briefly("[]") == ""
    assert explain_abstention("NO_MODEL") == "no model of this month"


def test_a_pass_is_explained_with_the_systems_own_limit():
    """The ensemble needs a confidence of 65 and an edge of 1.5."""
    assert explain_pass(SystemId.ENSEMBLE, SMALL_EDGE, -0.84, 70) == "edge -0.8 is under 1.5"
    assert explain_pass(SystemId.ENSEMBLE, LOW_CONFIDENCE, 3, 52.4) == "confidence 52 is under 65"
    assert explain_pass(SystemId.ENSEMBLE, NO_MAJORITY, 3, 70) == "its systems disagree"
    assert explain_pass(SystemId.MARKET_LINE, REFERENCE, 0, 50) == "a reference, never a pick"
    assert explain_pass(SystemId.CATBOOST, AbstainReason.MISSING_INPUT, 0, 0) == "a required input is not known"


def test_systems_without_limits_of_edge_and_confidence_explain_their_passes_too():
    assert explain_pass(SystemId.RATES, FORECAST_ONLY, -0.4, None) == "a forecast only: it reads no price"
    assert explain_pass(SystemId.MARKET_BLEND, SMALL_VALUE, 0.1, None, 0.0134) == "value +1.3 % is under 2 %"
    assert explain_pass(SystemId.MARKET_BLEND, SMALL_VALUE, 0.1, None, float("nan")) == "value is under 2 %"


def test_there_is_a_text_for_every_system_and_every_abstention():
    assert set(SHORT_NAMES) == set(SystemId)
    assert set(ABSTENTION_TEXTS) == set(AbstainReason)


def test_there_is_a_text_for_every_feature():
    for feature in EXTENDED:
        assert feature.meaning in explain(json.dumps([{"feature": feature.name, "value": 1.0, "points": 1.0}]))


def test_there_is_a_text_for_every_term_that_a_system_uses():
    """A term without a text would end the card with a KeyError. A mean over 60 is limited, which is a term."""
    forecasts = forecast(
        example_rows({}, {"points_avg_season": 59.9, "points_avg_last_5": 60.0, "points_avg_last_10": 60.0}), {}, {}
    )

    for components in forecasts.components:
        assert isinstance(explain(components), str)
    assert set(forecasts.system_id) == {system.id.value for system in SYSTEMS}

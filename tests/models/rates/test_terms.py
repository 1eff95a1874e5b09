import numpy as np
import pandas as pd
import pytest

from models.markets import BASES
from models.rates.terms import REASONS, own_statistic, terms

NULL = float("nan")
EXAMPLE = {
    "reb_half_life_15": 6.0,
    "reb_half_life_4": 7.0,
    "reb_half_life_50": 5.5,
    "reb_season_average": 6.5,
    "reb_rate_15": 0.2,
    "reb_rate_50": 0.18,
    "reb_allowed": 44.0,
    "reb_league_level": 40.0,
    "minutes_half_life_15": 28.0,
    "mates_reb": -5.0,
    "mates_minutes": -25.0,
    "mates_fga": -10.0,
    "opponents_minutes": -12.0,
    "spread_home": 8.0,
    "total": 235.0,
    "is_home": 0.0,
    "opponent_possessions": 102.0,
    "league_possessions": 100.0,
    "minutes_rank": 4.0,
    "start_share": 0.75,
    "is_playoff": 1.0,
}


def terms_of(**changes: float) -> pd.Series:
    return terms(pd.DataFrame([EXAMPLE | changes]), "reb", np.array([30.0])).iloc[0]


def test_the_terms_of_an_example():
    """0.19 rebounds a minute over 30 minutes: 5.7 expected; half the usual absence, a tenth more allowed."""
    assert terms_of().to_dict() == pytest.approx(
        {
            "expected": 5.7,
            "form_15": 6.0,
            "form_4": 1.0,
            "form_50": -0.5,
            "season": 0.5,
            "rate": 0.19,
            "minutes": 6.0,
            "minutes_change": 2.0,
            "mates": -5.0,
            "mates_minutes": -25.0,
            "mates_attempts": -10.0,
            "expected_x_mates": 5.7 * -0.5,
            "expected_x_mates_minutes": 5.7 * -0.5,
            "allowed": 0.1,
            "expected_x_allowed": 0.57,
            "opponents_minutes": -12.0,
            "spread": -8.0,
            "total": 1.0,
            "expected_x_total": 5.7,
            "expected_x_spread_size": 5.7 * 0.8,
            "home": -0.5,
            "pace": 0.02,
            "expected_x_pace": 0.114,
            "rank": -2.0,
            "starter": 0.25,
            "playoff": 1.0,
            "expected_x_playoff": 5.7,
        }
    )


def test_what_is_not_known_is_unknown_in_its_terms_only():
    unknown = terms_of(total=NULL, reb_season_average=NULL)
    assert unknown[unknown.isna()].index.tolist() == ["season", "total", "expected_x_total"]


@pytest.mark.parametrize("name", ["reb_rate_15", "reb_rate_50", "reb_half_life_15"])
def test_without_a_form_nothing_is_known(name: str):
    assert terms_of(**{name: NULL}).isna().all()


def test_an_absence_beyond_all_others_moves_the_rate_no_further():
    assert terms_of(mates_reb=-80.0)["expected_x_mates"] == pytest.approx(-2 * 5.7)


def test_a_term_of_a_row_does_not_depend_on_other_rows():
    both = terms(pd.DataFrame([EXAMPLE, EXAMPLE | {"total": 180.0, "reb_allowed": 20.0}]), "reb", np.array([30.0, 2.0]))
    pd.testing.assert_series_equal(both.iloc[0], terms_of())


def test_every_term_has_a_reason_and_every_count_a_statistic_of_absence():
    assert list(terms_of().index) == list(REASONS)
    absences = {base: own_statistic(base) for base in BASES}
    expected = {"fg3m": "fg3a", "stl": "minutes", "tov": "ast", "points": "points", "reb": "reb", "ast": "ast"}
    assert absences == expected | {"blk": "blk"}
    assert own_statistic("oreb") == "minutes"

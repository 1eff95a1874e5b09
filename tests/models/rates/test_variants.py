import pandas as pd

from models.rates.variants import Variant, training_rows, variant_of

from .frames import rates_rows


def test_a_game_without_a_report_belongs_to_the_model_made_for_it():
    """Each player-game teaches a variant once, also if it has a row in both editions."""
    tip = rates_rows(days=1, players=6).assign(is_reported=[True, True, True, True, False, None])
    line = tip.assign(edition="at_line", is_reported=[True, True, False, False, False, False])
    both = pd.concat([tip, line], ignore_index=True)
    assert variant_of(both).tolist() == [*["at_tip"] * 4, *["no_report"] * 2, *["at_line"] * 2, *["no_report"] * 4]
    assert {variant: len(training_rows(both, variant)) for variant in Variant} == {
        "at_tip": 4,
        "at_line": 2,
        "no_report": 4,
    }

"""Variants of a month's rates model: which one forecasts a row, and which rows it learns from."""

import pandas as pd

from models.forecast_keys import Variant as Variant

ORDER = ["game_date", "player_lookup", "edition"]


def variant_of(rows: pd.DataFrame) -> pd.Series:
    """Return the variant that forecasts each row.

    Without a report, presence means something else: a model trained with reports was off by +0.27 points without.
    """
    return rows.edition.where(rows.is_reported.eq(True), Variant.NO_REPORT.value)


def training_rows(rows: pd.DataFrame, variant: Variant) -> pd.DataFrame:
    """Return the rows that a variant learns from: one for each player-game."""
    own = rows[variant_of(rows) == variant].sort_values(ORDER)
    return own.drop_duplicates(["game_date", "player_lookup"])

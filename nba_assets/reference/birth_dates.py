"""The table of birth dates listed on rosters."""

import ibis
import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.expressions.joins import without
from nba_assets.kit.table import ExpectedRows, table
from nba_resources.warehouse.contract import day, integer


def _disagreements(delivered: pd.DataFrame) -> pd.DataFrame:
    """Return the players for whom rosters list more than one date, and how many."""
    dates = delivered.groupby("player_id", as_index=False).agg(birth_dates=("birth_date", "nunique"))
    return dates[dates["birth_dates"] > 1]


@table(
    dataset="nba_reference",
    grain=["player_id"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    partition=None,
    feed="rosters",
    disagreements=_disagreements,
    columns={
        "player_id": integer("NBA id"),
        "birth_date": day("From the newest roster that lists it"),
        "listed_on": day("Date of that roster"),
    },
)
def birth_dates(delivered: ir.Table) -> ir.Table:
    """One row per player with a known birth date.

    Where rosters disagree the newest decides, and the load reports it. A birth date never changes, so it may also be
    used for dates before the roster's.
    """
    known = delivered.filter(delivered.birth_date.notnull())
    newest = ibis.row_number().over(group_by=known.player_id, order_by=[known.listed_on.desc(), known.birth_date])
    ranked = known.mutate(newest=newest)
    return without(ranked.filter(ranked.newest == 0), "newest")

"""When people were born, as rosters say: what an age is counted from."""

import ibis
import ibis.expr.types as ir

from nba_assets.kit.expressions.joins import without
from nba_assets.kit.table import Owed, table
from nba_resources.warehouse.contract import day, integer


def _disagreements(published: ir.Table) -> ir.Table:
    """Everyone of whom rosters tell more than one date, and how many."""
    told = published.group_by("player_id").aggregate(birth_dates=published.birth_date.nunique())
    return told.filter(told.birth_dates > 1).order_by("player_id")


@table(
    dataset="nba_reference",
    grain=["player_id"],
    owed=Owed.WHAT_IS_PUBLISHED,
    partition=None,
    feed="rosters",
    disagreements=_disagreements,
    columns={
        "player_id": integer("NBA id"),
        "birth_date": day("As the newest roster that knows it says"),
        "listed_on": day("Date of that roster"),
    },
)
def birth_dates(published: ir.Table) -> ir.Table:
    """Known to whoever looks back, since it never changes. Where rosters disagree the newest decides, and is told."""
    known = published.filter(published.birth_date.notnull())
    newest = ibis.row_number().over(group_by=known.player_id, order_by=[known.listed_on.desc(), known.birth_date])
    ranked = known.mutate(newest=newest)
    return without(ranked.filter(ranked.newest == 0), "newest")

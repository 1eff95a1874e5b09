"""Populations: groups of players whose forecasts are graded together, as bench players would distort an error."""

import ibis
import ibis.expr.types as ir

from models.evaluation.graded_predictions import TIER_NAMES, TIER_STARTS
from nba_assets.analytics.slate import certain

*_LOWER, HIGHEST_TIER = TIER_NAMES
TIERS = dict(zip(_LOWER, TIER_STARTS[1:], strict=True))  # below so many points a game
POPULATIONS = ("all", "with_line", *TIERS, HIGHEST_TIER)
MEANING = (
    "`all`: players with ten earlier games or more this season; the tiers divide these by season average; "
    "`with_line`: every player with a line"
)


def in_populations(rows: ir.Table) -> ir.Table:
    """Repeat each row for every population it belongs to; a player with unknown games is in `with_line` only."""
    seasoned = certain(~rows.early_season)
    tier = ibis.cases(
        *((rows.points_avg_season < below, name) for name, below in TIERS.items()),
        (rows.points_avg_season.notnull(), HIGHEST_TIER),
        else_=None,
    )
    populations = [
        seasoned.ifelse("all", None),
        rows.line.notnull().ifelse("with_line", None),
        seasoned.ifelse(tier, None),
    ]
    return rows.mutate(population=ibis.array(populations).filter(lambda name: name.notnull()).unnest())

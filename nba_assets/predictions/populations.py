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


CLASSES = ("is_seasoned", "tier", "has_line")


def with_classes(rows: ir.Table) -> ir.Table:
    """Add what decides which populations a row belongs to; a player with unknown games can only have a line."""
    seasoned = certain(~rows.early_season)
    tier = ibis.cases(
        *((rows.points_avg_season < below, name) for name, below in TIERS.items()),
        (rows.points_avg_season.notnull(), HIGHEST_TIER),
        else_=None,
    )
    return rows.mutate(is_seasoned=seasoned, tier=seasoned.ifelse(tier, None), has_line=rows.line.notnull())


def in_populations(rows: ir.Table) -> ir.Table:
    """Repeat each row for every population it belongs to."""
    populations = [rows.is_seasoned.ifelse("all", None), rows.has_line.ifelse("with_line", None), rows.tier]
    return rows.mutate(population=ibis.array(populations).filter(lambda name: name.notnull()).unnest())

"""Projects a player's usage when team-mates are missing."""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.availability import is_out
from nba_assets.kit.as_of import RECENCY
from nba_assets.kit.expressions.joins import with_columns_of

WINDOW = 10
ROTATION_GAMES, ROTATION_MINUTES = 5, 10
USAGE_CEILING = 0.45
SHARE_AS_USAGE = 0.5  # the other half of a vacated load is taken as minutes
MOSTLY_TOGETHER = 0.5


def vacated_usage(rows: ir.Table, so_far: ir.Table) -> ir.Table:
    """Add `projected_usage_rate`, `star_teammates_out` and `teammates_out`; NULL where injuries are unknown.

    A missing team-mate's load is weighted by the share of the player's recent games he took part in, so that an absence
    that already shaped these games does not count twice.
    """
    rotation = rows.filter(rows.games_played_season >= ROTATION_GAMES, rows.minutes_avg_last_10 >= ROTATION_MINUTES)
    rotation = rotation.filter(rotation.load.notnull())
    out = rotation.filter(is_out(rotation))
    pairs = _pairs(rows, out, so_far)
    lost = pairs.group_by("game_date", "player_id").aggregate(
        vacated=(pairs.mate_load * pairs.share).sum(),
        star_teammates_out=pairs.mate.count(where=pairs.mate_is_star & (pairs.share >= MOSTLY_TOGETHER)),
        teammates_out=pairs.mate_lookup.collect(order_by=pairs.mate_lookup),
    )
    staying = rotation.filter(~is_out(rotation))
    remaining = staying.group_by("game_date", "team_abbr").aggregate(team_load=staying.load.sum())
    himself = staying.select("game_date", "player_id", counted=True)
    rows = with_columns_of(rows, lost, ["game_date", "player_id"])
    rows = with_columns_of(rows, remaining, ["game_date", "team_abbr"])
    rows = with_columns_of(rows, himself, ["game_date", "player_id"])
    usage: Any = rows.avg_usage_rate_last_10
    carrying = rows.counted.notnull().ifelse(
        rows.team_load, rows.team_load.isnull().ifelse(rows.load, rows.team_load + rows.load)
    )
    raised = (usage * (1 + SHARE_AS_USAGE * rows.vacated / carrying.nullif(0))).clip(upper=USAGE_CEILING)
    nobody_out = rows.vacated.isnull()
    projected = nobody_out.ifelse(usage, (raised > usage).ifelse(raised, usage))
    nobody = ibis.array([""]).filter(lambda name: name != "")
    return rows.mutate(
        projected_usage_rate=rows.injury_info_available.ifelse(projected, None),
        star_teammates_out=rows.injury_info_available.ifelse(nobody_out.ifelse(0, rows.star_teammates_out), None),
        teammates_out=rows.injury_info_available.ifelse(nobody_out.ifelse(nobody, rows.teammates_out), None),
    )


def _pairs(rows: ir.Table, out: ir.Table, so_far: ir.Table) -> ir.Table:
    """Pair each player with each missing team-mate, with the share of his last games that the team-mate played in."""
    of_mate = {"mate_lookup": "player_lookup", "mate_load": "load", "mate_is_star": "is_star"}
    mates = out.select("game_date", "team_abbr", mate="player_id", **of_mate)
    pairs = rows.select("game_date", "team_abbr", "player_id").join(mates, ["game_date", "team_abbr"])
    pairs = pairs.filter(pairs.player_id != pairs.mate)
    his = so_far.filter(so_far[RECENCY] <= WINDOW).select("game_date", "player_id", "game_id")
    theirs = so_far.select("game_date", "game_id", mate="player_id", together=True)
    games = pairs.join(his, ["game_date", "player_id"]).left_join(theirs, ["game_date", "mate", "game_id"])
    return games.group_by("game_date", "player_id", "mate", *of_mate).aggregate(
        share=games.together.count() / games.count()
    )

"""The shot zones of each player before his game."""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.slate import certain
from nba_assets.kit.as_of import RECENCY, History, as_of
from nba_assets.kit.calendar import Scope
from nba_assets.kit.expressions.readiness import READINESS, readiness
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.player_boxscores import MOST
from nba_assets.raw.shots import ZONES
from nba_resources.warehouse.contract import day, flag, integer, number, text

GAMES, ENOUGH = 10, 5
LONG, LONG_ENOUGH = 20, 15


@table(
    dataset="nba_precompute",
    grain=["analysis_date", "player_lookup"],
    expected_rows=ExpectedRows.PLAYERS_WITH_FIVE_GAMES,
    scope=Scope.AFTER_BOOTSTRAP,
    partition="analysis_date",
    columns={
        "analysis_date": day("US Eastern date"),
        "player_lookup": text("The player's key"),
        "player_id": integer("NBA id"),
        "team_abbr": text("Tricode"),
        "games_in_sample": integer("Games in the sample: his last ten played", ENOUGH, GAMES),
        "shot_games_in_sample": integer("Games in the sample with shot zones", 0, GAMES),
        "shot_zone_data_available": flag("Five games with shot zones or more, and at least one attempt"),
        "total_attempts": integer("All zones; NULL without data", 0, GAMES * MOST["fga"], null=True),
        **{f"{zone}_rate": number("Share of his attempts; the three sum to 1", 0, 1, null=True) for zone in ZONES},
        **{f"{zone}_pct": number("Makes / attempts; NULL without attempts there", 0, 1, null=True) for zone in ZONES},
        **{f"{zone}_attempts_per_game": number("Per game with shots", 0, MOST["fga"], null=True) for zone in ZONES},
        "paint_rate_last_20": number("Needs 15 games with shots", 0, 1, null=True),
        "three_rate_last_20": number("Needs 15 games with shots", 0, 1, null=True),
        "primary_zone": text("The zone of most of his shots", *ZONES, "balanced", null=True),
        "sample_quality": text("10 games, 7 to 9, 5 to 6", "excellent", "good", "limited"),
        **READINESS,
    },
)
def player_shot_zone_analysis(
    upcoming_player_game_context: ir.Table, schedule: ir.Table, player_game_summary: History
) -> ir.Table:
    """One row per player and game: where he has taken and made his shots in his last ten played games.

    Covers players on the two rosters with five played games this season. Zones come from the shots of these games.
    """
    roster = upcoming_player_game_context.join(schedule.select("game_id", "season"), "game_id")
    played = player_game_summary.map(lambda rows: rows.filter("played"))
    sample = _sample(as_of(played, roster, ["player_id"], last=LONG))
    rows = roster.select("game_date", "player_id", "player_lookup", "team_abbr", "expected_count", "actual_count")
    rows = rows.join(sample.filter(sample.games_in_sample >= ENOUGH), ["game_date", "player_id"])
    return rows.mutate(
        analysis_date=rows.game_date,
        primary_zone=ibis.cases(
            (rows.paint_rate >= 0.40, "paint"),
            (rows.three_rate >= 0.40, "three"),
            (rows.mid_range_rate >= 0.35, "mid_range"),
            (rows.paint_rate.notnull(), "balanced"),
            else_=ibis.null("string"),
        ),
        sample_quality=ibis.cases(
            (rows.games_in_sample >= 10, "excellent"), (rows.games_in_sample >= 7, "good"), else_="limited"
        ),
        **readiness(rows.expected_count, rows.actual_count),
    ).select(*player_shot_zone_analysis.computed_columns)


def _sample(past: ir.Table) -> ir.Table:
    recent: Any = past[RECENCY] <= GAMES
    sums: dict[str, Any] = {}
    for zone in ZONES:
        for what in ("makes", "attempts"):
            sums[f"{zone}_{what}"] = past[f"{zone}_{what}"].sum(where=recent & past.has_shot_zones)
        sums[f"{zone}_long"] = past[f"{zone}_attempts"].sum(where=past.has_shot_zones)
    sample = past.group_by("game_date", "player_id").aggregate(
        games_in_sample=past[RECENCY].count(where=recent),
        shot_games_in_sample=(recent & past.has_shot_zones).ifelse(1, 0).sum(),
        long_games=past.has_shot_zones.ifelse(1, 0).sum(),
        **sums,
    )
    total = sample.paint_attempts + sample.mid_range_attempts + sample.three_attempts
    available = certain((sample.shot_games_in_sample >= ENOUGH) & (total > 0))
    long = sample.paint_long + sample.mid_range_long + sample.three_long
    long_known = sample.long_games >= LONG_ENOUGH
    return sample.mutate(
        shot_zone_data_available=available,
        total_attempts=available.ifelse(total, None),
        **{f"{z}_rate": available.ifelse(sample[f"{z}_attempts"] / total.nullif(0), None) for z in ZONES},
        **{f"{z}_pct": available.ifelse(sample[f"{z}_makes"] / sample[f"{z}_attempts"].nullif(0), None) for z in ZONES},
        **{
            f"{z}_attempts_per_game": available.ifelse(sample[f"{z}_attempts"] / sample.shot_games_in_sample, None)
            for z in ZONES
        },
        **{
            f"{z}_rate_last_20": long_known.ifelse(sample[f"{z}_long"] / long.nullif(0), None)
            for z in ("paint", "three")
        },
    )

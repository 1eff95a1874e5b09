"""The composite factors of each player and game."""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.slate import PLAYER_GAME
from nba_assets.kit.calendar import Scope
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.json_text import json_number, json_object
from nba_assets.kit.expressions.known import sum_known
from nba_assets.kit.expressions.readiness import READINESS, readiness
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.shots import ZONES
from nba_resources.warehouse.contract import number, text, texts

FULL_SHARE = 0.5  # a zone with half of his shots counts fully
STRONG_MISMATCH, STRONGER = 5, 1.2
STARS_RAISE = {1: 1.15, 2: 1.30}
INPUTS = (
    *("days_rest", "games_last_7_days", "minutes_last_7_days", "avg_minutes_last_7_days", "back_to_backs_last_14_days"),
    *("player_age", "pace_differential", "avg_usage_rate_last_10", "projected_usage_rate", "star_teammates_out"),
    *(f"{zone}_rate" for zone in ZONES),
    *(f"{zone}_vs_league" for zone in ZONES),
)


@table(
    dataset="nba_precompute",
    grain=["game_date", "player_lookup"],
    expected_rows=ExpectedRows.ROSTER_PLAYERS,
    scope=Scope.AFTER_BOOTSTRAP,
    columns={
        **PLAYER_GAME,
        "opponent_team_abbr": text("Tricode, from the schedule"),
        "fatigue_score": number("100 = rested", 0, 100, unit="points", null=True),
        "fatigue_adjustment": number("(score - 100) / 20", -5, 0, unit="points", null=True),
        "shot_zone_mismatch_score": number("Positive: his zones are the opponent's weak ones", -10, 10, null=True),
        "pace_score": number("Positive: a faster game than his team is used to", -3, 3, null=True),
        "usage_spike_score": number("From absent team-mates; NULL when injuries are unknown", -3, 3, null=True),
        "total_composite_adjustment": number("Sum of factors; NULL without fatigue or pace", -21, 16, null=True),
        "missing_factors": texts("Factors and inputs that were unknown"),
        "factor_context": text("JSON: the inputs of each factor"),
        **READINESS,
    },
)
def player_composite_factors(
    upcoming_player_game_context: ir.Table,
    upcoming_team_game_context: ir.Table,
    player_shot_zone_analysis: ir.Table,
    team_defense_zone_analysis: ir.Table,
) -> ir.Table:
    """One row per player and game: four reasons why tonight may differ from his average.

    The factors are fatigue, shot zones against the opponent, pace, and absent team-mates; a positive one raises the
    forecast. An unknown optional factor is left out of the sum and listed in `missing_factors`.
    """
    rows = _inputs(
        upcoming_player_game_context, upcoming_team_game_context, player_shot_zone_analysis, team_defense_zone_analysis
    )
    rows = rows.mutate(
        fatigue_score=_fatigue(rows),
        shot_zone_mismatch_score=_mismatch(rows),
        pace_score=(rows.pace_differential / 2).clip(-3, 3),
        usage_spike_score=_usage_spike(rows),
    )
    rows = rows.mutate(fatigue_adjustment=(rows.fatigue_score - 100) / 20)
    optional, left_out = sum_known({"mismatch": rows.shot_zone_mismatch_score, "usage": rows.usage_spike_score})
    _, unknown = sum_known({"fatigue": rows.fatigue_score, "pace": rows.pace_score, "age": rows.player_age})
    ready: dict[str, Any] = {
        "UPGC": rows.is_production_ready,
        "UTGC": rows.team_ready,
        "PSZA": rows.zones_ready,
        "TDZA": rows.defence_ready,
    }
    present: Any = sum(is_ready.notnull().ifelse(1, 0) for is_ready in ready.values())
    zone = rows.primary_zone
    context = {"primary_zone": zone.isnull().ifelse("null", '"' + zone + '"')}
    return rows.select(
        *(*PLAYER_GAME, "opponent_team_abbr", "fatigue_score", "fatigue_adjustment"),
        *("shot_zone_mismatch_score", "pace_score", "usage_spike_score"),
        total_composite_adjustment=rows.fatigue_adjustment + rows.pace_score + optional,
        missing_factors=left_out.concat(unknown),
        factor_context=json_object(context | {name: json_number(rows[name]) for name in INPUTS}),
        **readiness(ibis.literal(len(ready)), present, ready),
    )


def _inputs(players: ir.Table, teams: ir.Table, zones: ir.Table, defences: ir.Table) -> ir.Table:
    """Join each player with his team's context, his zones and his opponent's defence."""
    team = teams.select("game_date", "team_abbr", team_ready="is_production_ready")
    rates, vs_league = ([f"{zone}_{what}" for zone in ZONES] for what in ("rate", "vs_league"))
    own = {"game_date": "analysis_date", "zones_ready": "is_production_ready"}
    shots = zones.select("player_lookup", "primary_zone", *rates, **own)
    opponent = {"game_date": "analysis_date", "opponent_team_abbr": "team_abbr", "defence_ready": "is_production_ready"}
    defence = defences.select(*vs_league, **opponent)
    rows = with_columns_of(players, team, ["game_date", "team_abbr"])
    rows = with_columns_of(rows, shots, ["game_date", "player_lookup"])
    return with_columns_of(rows, defence, ["game_date", "opponent_team_abbr"])


def _fatigue(rows: ir.Table) -> Any:
    """Return 100 minus penalties for load and age, plus a bonus for rest; NULL without a game this season."""
    rest = ibis.cases((rows.days_rest == 0, -15), (rows.days_rest >= 2, 5), else_=0)
    games = (rows.games_last_7_days >= 4).ifelse(-10, 0)
    minutes = (rows.minutes_last_7_days > 140).ifelse(-10, 0)
    heavy = (rows.avg_minutes_last_7_days > 35).ifelse(-8, 0)
    pairs = ibis.cases((rows.back_to_backs_last_14_days >= 2, -12), (rows.back_to_backs_last_14_days == 1, -5), else_=0)
    age = ibis.cases((rows.player_age >= 35, -10), (rows.player_age >= 30, -5), else_=0)
    score = (100 + rest + games + minutes + heavy + pairs + age).cast("float64").clip(0, 100)
    return rows.days_rest.notnull().ifelse(score, None)


def _mismatch(rows: ir.Table) -> Any:
    """Compare his zones with what the opponent allows there; NULL when either side has no zones."""
    met = {zone: 100 * rows[f"{zone}_vs_league"] * (rows[f"{zone}_rate"] / FULL_SHARE).clip(upper=1) for zone in ZONES}
    spread: Any = sum(100 * rows[f"{zone}_rate"] * rows[f"{zone}_vs_league"] for zone in ZONES)
    zone = rows.primary_zone
    raw = ibis.cases(*((zone == name, value) for name, value in met.items()), (zone == "balanced", spread), else_=None)
    return (raw.abs() > STRONG_MISMATCH).ifelse(raw * STRONGER, raw).clip(-10, 10)


def _usage_spike(rows: ir.Table) -> Any:
    raise_ = ibis.cases(
        (rows.star_teammates_out >= 2, STARS_RAISE[2]), (rows.star_teammates_out == 1, STARS_RAISE[1]), else_=1.0
    )
    return (30 * (rows.projected_usage_rate - rows.avg_usage_rate_last_10) * raise_).clip(-3, 3)

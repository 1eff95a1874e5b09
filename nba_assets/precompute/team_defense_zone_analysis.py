"""The defence of each team by shot zone."""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.slate import team_games
from nba_assets.analytics.team_offense_game_summary import PACE, RATING
from nba_assets.kit.as_of import History, as_of
from nba_assets.kit.calendar import Scope, counted
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.readiness import READINESS, readiness
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.shots import ZONES
from nba_assets.raw.team_boxscores import MOST, POINTS
from nba_resources.warehouse.contract import Column, day, integer, number, text

GAMES = 15  # about a month: enough attempts in each zone, recent enough to notice a trade
ENOUGH = 5
LEAGUE_DAYS, LEAGUE_ENOUGH = 30, 30


def _zone_columns(zone: str) -> dict[str, Column]:
    return {
        f"{zone}_pct_allowed": number("Makes / attempts; NULL with fewer than 5 games with shots", 0, 1, null=True),
        f"{zone}_attempts_allowed_per_game": number("Over games with shots", 0, MOST["fga"], null=True),
        f"{zone}_vs_league": number("pct_allowed minus league; positive = weak defence", -1, 1, null=True),
        f"{zone}_league_pct": number("All teams over 30 days; NULL below 30 team-games with shots", 0, 1, null=True),
    }


@table(
    dataset="nba_precompute",
    grain=["analysis_date", "team_abbr"],
    expected_rows=ExpectedRows.TEAMS_WITH_FIVE_GAMES,
    scope=Scope.AFTER_BOOTSTRAP,
    partition="analysis_date",
    columns={
        "analysis_date": day("US Eastern date"),
        "team_abbr": text("Tricode of the defending team"),
        "games_in_sample": integer("Games in the sample: the last 15", ENOUGH, GAMES),
        "shot_games_in_sample": integer("Games in the sample with shot zones", 0, GAMES),
        **{name: column for zone in ZONES for name, column in _zone_columns(zone).items()},
        "defensive_rating": number("Mean of the sample", *RATING, unit="points per 100 possessions"),
        "def_rating_rank": integer("1 = lowest rating = best defence", 1, 30),
        "points_allowed_per_game": number("Mean of the sample", *POINTS, unit="points"),
        "opponent_pace": number("Mean of the sample", *PACE, unit="possessions per 48 minutes", null=True),
        "strongest_zone": text("Lowest against the league", *ZONES, null=True),
        "weakest_zone": text("Highest against the league", *ZONES, null=True),
        "quality_tier": text("15 games, 10 to 14, 5 to 9", "high", "medium", "low"),
        **READINESS,
    },
)
def team_defense_zone_analysis(schedule: History, team_defense_game_summary: History) -> ir.Table:
    """One row per team and date: how it has defended each zone over its last 15 games.

    Covers teams with five games or more, whether or not they play. Shares are ratios of sums, not means of ratios: a
    game with four paint shots must not weigh as much as one with forty.
    """
    dates = counted(schedule.on()).select("game_date", "season").distinct()
    games = schedule.map(lambda rows: team_games(rows).select("game_id", "game_date", "season", "team_abbr", "status"))
    teams = as_of(games, dates, []).select("game_date", "season", "team_abbr").distinct()
    facts = ("game_id", "game_date", "points_allowed", "defensive_rating", "opponent_pace", "has_shot_zones")
    shots = [f"opp_{zone}_{what}" for zone in ZONES for what in ("makes", "attempts")]
    defence = team_defense_game_summary.map(lambda rows: rows.select(*facts, *shots, team_abbr="defending_team_abbr"))
    defended = games.joined(defence, ["game_id", "game_date", "team_abbr"], how="left")
    past = as_of(defended, teams, ["team_abbr"], last=GAMES)
    league = _league(as_of(team_defense_game_summary, dates, [], days=LEAGUE_DAYS))
    rows = with_columns_of(_sample(past), league, ["game_date"])
    rows = rows.filter(rows.games_in_sample >= ENOUGH)
    gaps = {f"{zone}_vs_league": rows[f"{zone}_pct_allowed"] - rows[f"{zone}_league_pct"] for zone in ZONES}
    rows = rows.mutate(**gaps)
    rank = ibis.row_number().over(group_by=[rows.game_date], order_by=[rows.defensive_rating, rows.team_abbr]) + 1
    return rows.mutate(
        analysis_date=rows.game_date,
        def_rating_rank=rank,
        strongest_zone=_first_zone(rows, lambda one, other: one <= other),
        weakest_zone=_first_zone(rows, lambda one, other: one >= other),
        quality_tier=ibis.cases(
            (rows.games_in_sample >= GAMES, "high"), (rows.games_in_sample >= 10, "medium"), else_="low"
        ),
        **readiness(rows.final_games, rows.games_in_sample),
    ).select(*team_defense_zone_analysis.computed_columns)


def _sample(past: ir.Table) -> ir.Table:
    """Return one row per team and date; zones need five games with shots."""
    sums: dict[str, Any] = {}
    for zone in ZONES:
        for what in ("makes", "attempts"):
            sums[f"{zone}_{what}"] = past[f"opp_{zone}_{what}"].sum(where=past.has_shot_zones)
    sample = past.group_by("game_date", "team_abbr").aggregate(
        final_games=past.status.count(where=past.status == "final"),
        games_in_sample=past.points_allowed.count(),
        shot_games_in_sample=past.has_shot_zones.ifelse(1, 0).sum(),
        defensive_rating=past.defensive_rating.mean(),
        points_allowed_per_game=past.points_allowed.mean(),
        opponent_pace=past.opponent_pace.mean(),
        **sums,
    )
    shots: Any = sample.shot_games_in_sample >= ENOUGH
    return sample.mutate(
        **{
            f"{z}_pct_allowed": shots.ifelse(sample[f"{z}_makes"] / sample[f"{z}_attempts"].nullif(0), None)
            for z in ZONES
        },
        **{
            f"{z}_attempts_allowed_per_game": shots.ifelse(sample[f"{z}_attempts"] / sample.shot_games_in_sample, None)
            for z in ZONES
        },
    )


def _league(past: ir.Table) -> ir.Table:
    """Return each date's league averages over every team's games of the last thirty days."""
    shot = past.filter(past.has_shot_zones)
    sums = {
        f"{zone}_league_pct": shot[f"opp_{zone}_makes"].sum() / shot[f"opp_{zone}_attempts"].sum().nullif(0)
        for zone in ZONES
    }
    league = shot.group_by("game_date").aggregate(team_games=shot.count(), **sums)
    return league.filter(league.team_games >= LEAGUE_ENOUGH)


def _first_zone(rows: ir.Table, before: Any) -> Any:
    """Return the zone that comes first by the comparison; NULL unless all three are known."""
    paint, mid, three = (rows[f"{zone}_vs_league"] for zone in ZONES)
    known = (paint + mid + three).notnull()
    return ibis.cases(
        (known & before(paint, mid) & before(paint, three), "paint"),
        (known & before(mid, three), "mid_range"),
        (known, "three"),
        else_=ibis.null("string"),
    )

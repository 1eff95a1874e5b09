"""Count how many finished games of a date each layer can serve.

A table may be complete by its own count and still useless for a game: without the defence of one team no player of the
other can be predicted. So a game counts only if all that is needed for it is stored.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import dagster as dg
import ibis.expr.types as ir
import pandas as pd

from nba_assets.analytics.slate import team_games
from nba_assets.kit.calendar import counted, is_bootstrap
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Tables
from nba_checks.completeness.source_gaps import games_the_source_lacks, reason_of
from nba_checks.framework.by_date import DateResult, DateResults
from nba_checks.framework.stored_rows import rows_between
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

LAYER_3, LAYER_4 = 0.90, 0.80
DAYS = 7
BOTH_TEAMS = 2
SUMMARIES = "summaries of players and teams"
NEEDED = "zones, factors and features of both teams"
CONTEXTS = "upcoming_player_game_context+"
L3_GAP = "L3 GAP"


@dataclass(frozen=True)
class LayerCounts:
    """The finished games of one date, and how many of them each layer can serve."""

    games: int = 0
    layer_3: int = 0
    layer_4: int = 0
    bootstrap: bool = False


def layers_of_the_date(
    warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date, instance: dg.DagsterInstance | None = None
) -> DateResults:
    """90 % of the finished games have summaries, and 80 % have zones, factors and features of both teams."""
    counts = _layer_counts(warehouse, tables, dates)
    results = {date: _of_one_date(date, counts.get(date, LayerCounts())) for date in dates}
    gaps = [date for date, result in results.items() if not result.passed and result.message.startswith(L3_GAP)]
    if instance and gaps:
        for date, reason in _gaps_of_the_source(instance, warehouse, tables, gaps, counts).items():
            results[date] = replace(results[date], message=f"{results[date].message.split('; run')[0]}: {reason}")
    return results


def layers_of_the_last_seven_days(
    warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date
) -> DateResults:
    """80 % of the finished games of seven days have zones, factors and features: a slow loss is small on one date."""
    before = dt.timedelta(days=DAYS - 1)
    counts = _layer_counts(warehouse, tables, DateRange(dates.start - before, dates.end))
    return {
        date: _of_a_week(date, [counts.get(day, LayerCounts()) for day in DateRange(date - before, date)])
        for date in dates
    }


def _of_one_date(date: dt.date, counts: LayerCounts) -> DateResult:
    games, selection = counts.games, None
    if not games or counts.bootstrap:
        message = "bootstrap: not checked" if counts.bootstrap else "no finished game"
    elif counts.layer_3 < LAYER_3 * games:
        message = f"{L3_GAP}: {counts.layer_3} of {games} games have {SUMMARIES}, expected {LAYER_3:.0%}"
        selection = "player_boxscores+,team_boxscores+"
    elif counts.layer_4 < LAYER_4 * games:
        message = f"L4 GAP: {counts.layer_4} of {games} games have {NEEDED}, expected {LAYER_4:.0%}"
        selection = CONTEXTS
    else:
        message = f"{counts.layer_3} and {counts.layer_4} of {games} games in layers 3 and 4"
    step = f"; run `nba backfill {date} --select {selection}`" if selection else ""
    numbers = {"games": games, "layer_3_games": counts.layer_3, "layer_4_games": counts.layer_4}
    return DateResult(not selection, message + step, numbers)


def _gaps_of_the_source(
    instance: dg.DagsterInstance,
    warehouse: Warehouse,
    tables: Tables,
    dates: Collection[dt.date],
    counts: Mapping[dt.date, LayerCounts],
) -> dict[dt.date, str]:
    """Return the reason for each date on which all games without summaries have no rows at the source."""
    lacking = games_the_source_lacks(instance, warehouse, tables, dates)
    reasons = {}
    for date in dates:
        games = {name: of[date] for name, of in lacking.items() if date in of}
        if len(frozenset().union(*games.values())) == counts[date].games - counts[date].layer_3:
            reasons[date] = reason_of(games)
    return reasons


def _of_a_week(date: dt.date, week: list[LayerCounts]) -> DateResult:
    due = [counts for counts in week if not counts.bootstrap]
    games, served = sum(counts.games for counts in due), sum(counts.layer_4 for counts in due)
    numbers = {"games": games, "layer_4_games": served}
    message = f"{served} of {games} games of the last {DAYS} days have {NEEDED}"
    if served >= LAYER_4 * games:
        return DateResult(True, message, numbers)
    first = date - dt.timedelta(days=DAYS - 1)
    command = f"nba backfill {first} {date} --select {CONTEXTS}"
    return DateResult(False, f"{message}, expected {LAYER_4:.0%}; run `{command}`", numbers)


def _layer_counts(warehouse: Warehouse, tables: Tables, dates: DateRange) -> dict[dt.date, LayerCounts]:
    counts = warehouse.read(_served_by_date(tables, dates))
    return {
        pd.Timestamp(day).date(): LayerCounts(int(games), int(layer_3), int(layer_4), bool(bootstrap))
        for day, games, layer_3, layer_4, bootstrap in counts.itertuples(index=False, name=None)
    }


@stored_query
def _served_by_date(tables: Tables, dates: DateRange) -> ir.Table:
    games = _served_games(tables, dates)
    per_date = games.group_by("game_date", "start").aggregate(
        games=games.count(), layer_3=games.layer_3.sum(), layer_4=games.layer_4.sum()
    )
    early = is_bootstrap(per_date.game_date, per_date.start)
    return per_date.select("game_date", "games", "layer_3", "layer_4", bootstrap=early)


def _served_games(tables: Tables, dates: DateRange) -> ir.Table:
    """Return every finished game with 1 or 0 for each layer: whether its tables hold both teams."""
    rows = {name: rows_between(table, dates) for name, table in tables.items() if table.contract.partition}
    final: Any = counted(rows["schedule"]).filter(lambda game: game.status == "final")
    defences = rows["team_defense_zone_analysis"].select("team_abbr", game_date="analysis_date")
    sides = {
        "summaries": rows["player_game_summary"].select("game_id", "game_date", side="team_abbr"),
        "offences": rows["team_offense_game_summary"].select("game_id", "game_date", side="team_abbr"),
        "defences": rows["team_defense_game_summary"].select("game_id", "game_date", side="defending_team_abbr"),
        "zones": team_games(rows["schedule"])
        .join(defences, ["game_date", "team_abbr"])
        .select("game_id", "game_date", side="team_abbr"),
        "factors": rows["player_composite_factors"].select("game_id", "game_date", side="opponent_team_abbr"),
        "features": rows["ml_feature_store_v2"].select("game_id", "game_date", side="team_abbr"),
    }
    starts = tables["seasons"].contract.table().select("season", start="start_date")
    games = final.select("game_id", "game_date", "season").left_join(starts, "season")
    games = games.select("game_id", "game_date", "start")
    for name, teams in sides.items():
        per_game = teams.group_by("game_id", "game_date").aggregate(**{name: teams.side.nunique()})
        games = games.left_join(per_game, ["game_id", "game_date"]).select(*games.columns, name)
        games = games.mutate(**{name: (games[name] == BOTH_TEAMS).ifelse(1, 0)})
    return games.select(
        *("game_date", "start"),
        layer_3=games.summaries * games.offences * games.defences,
        layer_4=games.zones * games.factors * games.features,
    )

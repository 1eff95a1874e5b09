"""How much of each evening made it from the schedule through the layers: counted in games, judged by date.

A table may be complete by its own count and still be of no use for a game: one team's defence is missing, and no
player of the other side can be predicted. So a game only counts where all that is needed for it is there.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from nba_assets.analytics.slate import team_games
from nba_assets.kit.calendar import counted, is_bootstrap
from nba_assets.kit.table import Table
from nba_checks.framework.by_date import DateResult
from nba_checks.framework.expected_counts import rows_between
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

LAYER_3, LAYER_4 = 0.90, 0.80
DAYS = 7
BOTH_TEAMS = 2


@dataclass(frozen=True)
class LayerCounts:
    """The finished games of one date, and how many of them each layer can serve."""

    games: int = 0
    layer_3: int = 0
    layer_4: int = 0
    bootstrap: bool = False


def layers_of_the_date(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
) -> dict[dt.date, DateResult]:
    """Of the finished games, 90 % need summaries, and 80 % zones, factors and features of both teams."""
    evenings = _evenings(warehouse, tables, dates)
    return {date: _of_one_date(date, evenings.get(date, LayerCounts())) for date in dates}


def layers_of_the_last_seven_days(
    warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date
) -> dict[dt.date, DateResult]:
    """Of all finished games of a date and the six days before, 80 % need everything: a slow leak hides in one date."""
    before = dt.timedelta(days=DAYS - 1)
    evenings = _evenings(warehouse, tables, DateRange(dates.start - before, dates.end))
    return {
        date: _of_a_week(date, [evenings.get(day, LayerCounts()) for day in DateRange(date - before, date)])
        for date in dates
    }


def _of_one_date(date: dt.date, evening: LayerCounts) -> DateResult:
    numbers = {"games": evening.games, "layer_3_games": evening.layer_3, "layer_4_games": evening.layer_4}
    if not evening.games or evening.bootstrap:
        return DateResult(True, "bootstrap: not judged" if evening.bootstrap else "no finished game", numbers)
    if evening.layer_3 < LAYER_3 * evening.games:
        found = f"L3 GAP: {evening.layer_3} of {evening.games} games have summaries of players and teams"
        return DateResult(
            False, f"{found}; run `nba backfill {date} --select player_boxscores+,team_boxscores+`", numbers
        )
    if evening.layer_4 < LAYER_4 * evening.games:
        found = f"L4 GAP: {evening.layer_4} of {evening.games} games have zones, factors and features of both teams"
        return DateResult(False, f"{found}; run `nba backfill {date} --select upcoming_player_game_context+`", numbers)
    return DateResult(
        True, f"{evening.layer_3} and {evening.layer_4} of {evening.games} games in layers 3 and 4", numbers
    )


def _of_a_week(date: dt.date, week: list[LayerCounts]) -> DateResult:
    due = [evening for evening in week if evening.games and not evening.bootstrap]
    games, served = sum(evening.games for evening in due), sum(evening.layer_4 for evening in due)
    numbers = {"games": games, "layer_4_games": served}
    found = f"{served} of {games} games of the last {DAYS} days have zones, factors and features of both teams"
    if served >= LAYER_4 * games:
        return DateResult(True, found, numbers)
    first = date - dt.timedelta(days=DAYS - 1)
    return DateResult(
        False, f"{found}; run `nba backfill {first} {date} --select upcoming_player_game_context+`", numbers
    )


def _evenings(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange) -> dict[dt.date, LayerCounts]:
    games = _served_games(tables, dates)
    per_date = games.group_by("game_date", "start").aggregate(
        games=games.count(), layer_3=games.layer_3.sum(), layer_4=games.layer_4.sum()
    )
    early = is_bootstrap(per_date.game_date, per_date.start)
    found = warehouse.read(per_date.select("game_date", "games", "layer_3", "layer_4", bootstrap=early))
    days = pd.to_datetime(found.pop("game_date")).dt.date
    return {
        day: LayerCounts(int(row["games"]), int(row["layer_3"]), int(row["layer_4"]), bool(row["bootstrap"]))
        for day, row in zip(days, found.to_dict("records"), strict=True)
    }


def _served_games(tables: Mapping[str, Table], dates: DateRange) -> ir.Table:
    """Every finished game: 1 or 0 for each layer, from the sides of it that each table holds."""
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
    games = _with_start(final.select("game_id", "game_date", "season"), tables)
    for name, held in sides.items():
        per_game = held.group_by("game_id", "game_date").aggregate(**{name: held.side.nunique()})
        games = games.left_join(per_game, ["game_id", "game_date"]).select(*games.columns, name)
        games = games.mutate(**{name: (games[name] == BOTH_TEAMS).ifelse(1, 0)})
    return games.select(
        *("game_date", "start"),
        layer_3=games.summaries * games.offences * games.defences,
        layer_4=games.zones * games.factors * games.features,
    )


def _with_start(games: ir.Table, tables: Mapping[str, Table]) -> ir.Table:
    starts = tables["seasons"].contract.table().select("season", start="start_date")
    return games.left_join(starts, "season").select("game_id", "game_date", "start")

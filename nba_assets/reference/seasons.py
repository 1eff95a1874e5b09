"""The table of seasons."""

import ibis.expr.types as ir

from nba_assets.kit.calendar import counted
from nba_assets.kit.table import ExpectedRows, table
from nba_resources.warehouse.contract import day, integer, text


@table(
    dataset="nba_reference",
    grain=["season_year"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    partition=None,
    feed="schedule",
    columns={
        "season_year": integer("First year of the season", 1996, 2100),
        "season": text("For instance 2024-25"),
        "start_date": day("First regular-season game"),
        "regular_end_date": day("Last regular-season game"),
        "end_date": day("Last game known"),
        "games": integer("Regular season, play-in, playoffs and cup final", 1),
    },
)
def seasons(delivered: ir.Table) -> ir.Table:
    """One row per season: its first and last dates.

    Read from the source's whole schedule, whichever dates are loaded.
    """
    games = counted(delivered)
    regular = games.season_type == "regular"
    return (
        games.group_by("season")
        .aggregate(
            start_date=games.game_date.min(where=regular),
            regular_end_date=games.game_date.max(where=regular),
            end_date=games.game_date.max(),
            games=games.count(),
        )
        .filter(lambda season: season.start_date.notnull())
        .mutate(season_year=lambda season: season.season.substr(0, 4).cast("int64"))
    )

"""Find what a run of the daemon keeps as it is stored: dates that are up to date, and forecasts of begun games.

In one run of the daemon everything below a requested table counts as behind, as nobody knows yet which rows will
change. Once the tables above are stored, the event log shows it: most dates turn out to be up to date.

A live forecast is a record: news about a game of the evening makes its forecasts again, and not those of games that
have begun.
"""

import datetime as dt
from collections.abc import Mapping
from itertools import compress

import dagster as dg

from nba_assets.kit.table import Table
from nba_platform.orchestration.event_log_reader import EventLogReader
from nba_platform.orchestration.tip_off_times import begun_games
from nba_resources.dates import DateRange

ONLY_BEHIND = "nba/only_behind"  # tag of a run: stored rows of dates that are not behind stay


def up_to_date(context: dg.AssetExecutionContext) -> frozenset[dt.date]:
    """Return the dates of the run whose rows the present code stored, and of whose inputs no row changed since.

    A run without the tag computes all its dates: someone asked for them.
    """
    if ONLY_BEHIND not in context.run.tags:
        return frozenset()
    reader = EventLogReader(context.instance, context.job_def.asset_layer.asset_graph)
    table = context.asset_key
    current = reader.stored_by_current_code(table) & (reader.newest_input(table, {}) <= reader.stored(table))
    unchanged = {*compress(reader.keys(table), current)}
    return frozenset(dt.date.fromisoformat(key) for key in context.partition_keys if key in unchanged)


def games_to_keep(
    context: dg.AssetExecutionContext, dates: DateRange, tables: Mapping[str, Table]
) -> dict[str, dt.datetime]:
    """Return the start of each begun game of an evening that is not over; none for a run without the tag."""
    return begun_games(context.resources.warehouse, tables, dates) if ONLY_BEHIND in context.run.tags else {}

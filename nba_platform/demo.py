"""A first look without accounts or keys: the whole graph over a simulated season, up to its tonight."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import DAILY
from nba_platform.backfill import keys_within, refuse_mixing
from nba_platform.definitions import TABLES
from nba_platform.environments import home
from nba_platform.instance import open_instance
from nba_platform.outcome import Outcome
from nba_platform.session import Session
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS


def demo(session: Session) -> Outcome:
    """Fill what is not there yet; a second time there is nothing to do and it says so in seconds."""
    began = time.monotonic()
    refuse_mixing(session.warehouse, TABLES, session.source)
    dates = season_until_tonight(session)
    with session.progress.status("comparing what is stored with the code"):
        current = is_current(session, dates)
    if current:
        already = "Everything is there already, computed by the code as it is now."
        done = Outcome(session.summary(dates), notes=(already,))
    else:
        done = session.backfill(dates)
    notes = done.notes if done.error else (*done.notes, *where_to_look())
    return replace(done, notes=notes, seconds=round(time.monotonic() - began, 1))


def season_until_tonight(session: Session) -> DateRange:
    """The season that tonight's games belong to, pre-season too: who played in it has a name on opening night."""
    games = session.source.fetch("schedule", ALWAYS).rows.to_pandas()
    season = games.season.isin(games[games.game_date == session.today].season)
    return DateRange(min(games[season].game_date), session.today)


def is_current(session: Session, dates: DateRange) -> bool:
    """Whether every date of every table was computed by the present code, and the warehouse still holds them.

    Not whether every date is complete: a cup final without player rows stays a gap, however often it is loaded.
    """
    keys = {name: asset_key(table.contract) for name, table in TABLES.items()}
    if not all(session.warehouse.holds(table.contract) for table in TABLES.values()):
        return False
    graph = session.definitions.resolve_asset_graph()
    with open_instance() as instance:
        computed_by = instance.get_latest_materialization_code_versions(list(keys.values()))
        wanted = set(keys_within(DAILY, dates))
        return all(
            computed_by.get(keys[name]) == graph.get(keys[name]).code_version
            and (table.contract.partition is None or instance.get_materialized_partitions(keys[name]) >= wanted)
            for name, table in TABLES.items()
        )


def where_to_look() -> tuple[str, ...]:
    """Three ways on from here, as they can be typed from the present folder."""
    programs = os.path.relpath(Path(sys.executable).parent)
    query = "FROM nba_analytics.player_game_summary SELECT player_name, SUM(points) GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
    shell = f"import duckdb; print(duckdb.connect('{home() / 'nba.duckdb'}', read_only=True).sql('{query}'))"
    return (
        "",
        "Where to look next:",
        f"  {programs}/nba ui         the graph, every table's page and every run, on http://127.0.0.1:3000",
        f"  {programs}/nba coverage   what is stored and what is missing, date by date",
        f'  {programs}/python -c "{shell}"',
    )

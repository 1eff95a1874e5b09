"""Coverage counted from stored rows, by templates that an earlier command or run of the same code has compiled.

The rows are counted each time: a stored state would still say "complete" after rows were lost. If a template is
missing, or a gap may be the source's, which only Dagster's log can tell, all tables are imported.
"""

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING

from nba_checks.completeness.states import FINAL, states_of
from nba_checks.framework.counts import (
    CountedTables,
    CountQueries,
    NotCompiled,
    StoredQueries,
    read_tables,
    write_tables,
)
from nba_platform.cli.views.summary import Summary, season_so_far, summarise
from nba_platform.config.environments import dialect, reader, templates, warehouse
from nba_resources.dates import DateRange

if TYPE_CHECKING:
    from nba_assets.kit.table import Tables

COUNTED = "counted_tables.json"


def read_coverage(dates: DateRange | None, today: dt.date) -> Summary:
    """Return what is stored on the dates, by default on those of the current season."""
    folder = templates()
    if tables := read_tables(folder.path / COUNTED):
        store = reader()
        with suppress(NotCompiled), store.session():
            return _summary(StoredQueries(store, folder, dialect()), tables, dates, today)
    from nba_checks.framework.count_queries import WarehouseQueries
    from nba_platform.definitions import TABLES

    return _summary(WarehouseQueries(warehouse(), TABLES), keep_tables(TABLES), dates, today)


def keep_tables(tables: "Tables") -> CountedTables:
    """Store what counting needs to know about the tables for the commands that follow."""
    from nba_checks.framework.count_queries import counted_tables

    folder, counted = templates(), counted_tables(tables)
    if folder.path.exists():
        with suppress(OSError):  # costs only time
            write_tables(folder.path / COUNTED, counted)
    return counted


def _summary(queries: CountQueries, tables: CountedTables, dates: DateRange | None, today: dt.date) -> Summary:
    dates = dates or season_so_far(queries, today)
    states = states_of(queries, tables, tables.values(), dates, today)
    of_games = {table.key for table in tables.values() if table.expected_rows in FINAL}
    if any(state.needs_work and state.table in of_games for state in states):
        from nba_checks.completeness.source_gaps import with_source_gaps
        from nba_platform.definitions import TABLES
        from nba_platform.orchestration.instance import open_instance

        with open_instance() as instance:
            states = with_source_gaps(states, instance, warehouse(), TABLES)
    return summarise(queries, tables, dates, today, states)

"""Find partitions to compute again because the stored rows disagree with the event log, or the source with them.

A date that lacks rows, or whose games are not over, is left alone if computing it again could change nothing: the table
holds what was stored then, and the source has nothing new. A date of which the source has other facts is loaded again.
Otherwise one cup final without player rows would make every backfill compute five seasons again.
"""

import datetime as dt
from collections.abc import Collection

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import State, counted
from nba_assets.kit.table import Table
from nba_checks.completeness.coverage import DateState, coverage, is_checked_by_date
from nba_checks.framework.stored_rows import rows_between
from nba_platform.orchestration.backfill.source_changes import PlanInputs, changed_dates, dates_with_other_facts
from nba_platform.orchestration.backfill.stale_partitions import Partitions
from nba_platform.orchestration.event_log_reader import EventLogReader
from nba_resources.dates import DateRange


def storage_conflicts(inputs: PlanInputs, reader: EventLogReader, requested: Partitions) -> Partitions:
    """Return the requested partitions that are in the event log, but whose stored rows contradict it."""
    keys = {asset_key(table.contract): table for table in inputs.tables.values()}
    tables = {key: table for key, table in keys.items() if key in requested}
    stored_keys = inputs.warehouse.stored_keys(table.contract for table in keys.values())
    lost = {key: requested[key] for key, table in tables.items() if table.contract.key not in stored_keys}
    stored = {
        key: table
        for key, table in tables.items()
        if key not in lost and is_checked_by_date(table) and reader.stored(key).any()
    }
    calendar = {inputs.tables[name].contract.key for name in ("schedule", "seasons")}
    if not stored or not calendar <= stored_keys:
        return {**lost, **{key: requested[key] for key in stored}}
    days = sorted(dt.date.fromisoformat(day) for key in stored for day in requested[key])
    dates = DateRange(days[0], days[-1])
    games = counted(rows_between(inputs.tables["schedule"], dates))
    pending = games.filter((games.status != "final") | (games.game_date >= inputs.today))
    unfinished = set(inputs.warehouse.read(pending.select("game_date").distinct())["game_date"].dt.date)
    open_dates: dict[str, list[DateState]] = {table.contract.key: [] for table in stored.values()}
    for state in coverage(inputs.warehouse, inputs.tables, dates, inputs.today, of=[*stored.values()]):
        if state.needs_work or state.state is State.NOT_DUE or state.date in unfinished:
            open_dates[state.table].append(state)
    conflicts = {key: _of_table(inputs, reader, table, open_dates[table.contract.key]) for key, table in stored.items()}
    return {**lost, **conflicts}


def _of_table(inputs: PlanInputs, reader: EventLogReader, table: Table, states: Collection[DateState]) -> set[str]:
    if table.feed:
        changed = changed_dates(inputs, table, {state.date for state in states})
        return {str(day) for day in changed | dates_with_other_facts(inputs, table)}
    recorded = reader.rows(asset_key(table.contract), {str(state.date) for state in states})
    return {str(state.date) for state in states if recorded.get(str(state.date)) != state.rows}

"""The coverage of tables as states of dates (`states.py`), counted in the warehouse, and the check of it."""

import datetime as dt
from collections.abc import Collection

import dagster as dg

from nba_assets.kit.table import Table, Tables
from nba_checks.completeness.date_state import DateState as DateState
from nba_checks.completeness.source_gaps import with_source_gaps
from nba_checks.completeness.states import states_of
from nba_checks.framework.by_date import DateCheck, DateResult, DateResults
from nba_checks.framework.count_queries import WarehouseQueries, counted_table, counted_tables
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse


def coverage(
    warehouse: Warehouse,
    tables: Tables,
    dates: DateRange,
    today: dt.date,
    of: Collection[Table] | None = None,
) -> list[DateState]:
    """Return the state of all tables partitioned by date, or of some, on every partition date as of `today`."""
    queries, known = WarehouseQueries(warehouse, tables), counted_tables(tables)
    chosen = [counted_table(table) for table in (tables.values() if of is None else of)]
    with warehouse.session():
        return states_of(queries, known, chosen, dates, today)


def is_checked_by_date(table: Table) -> bool:
    """Return whether rows are expected on single dates: not for tables stored whole or by month, nor for reports."""
    return counted_table(table).by_date


def coverage_check(table: Table) -> DateCheck:
    """Return the coverage check of one table."""

    def check(
        warehouse: Warehouse, tables: Tables, dates: DateRange, today: dt.date, instance: dg.DagsterInstance
    ) -> DateResults:
        """Compare the table with what the schedule says it should hold; dates left out by design must be empty."""
        states = coverage(warehouse, tables, dates, today, of=[table])
        return {state.date: _result(state) for state in with_source_gaps(states, instance, warehouse, tables)}

    return check


def _result(state: DateState) -> DateResult:
    message = f"{state.state}: {state.reason or f'{state.rows} rows'}"
    numbers = {"state": state.state.value, "expected": state.expected, "actual": state.actual, "rows": state.rows}
    step = f"; run `{state.command}`" if state.command else ""
    return DateResult(not state.needs_work, message + step, numbers)
